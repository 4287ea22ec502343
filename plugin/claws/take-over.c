/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/take-over.h"

#include <errno.h>
#include <string.h>

#include "base/durable-file.h"
#include "base/paths.h"
#include "claws/spool.h"
#include "engine/account-store.h"

/* A spool is one Maildir: mail of all folders goes into it. */
static const char *const keys[] = { "deliver", "layout" };
#define N_KEYS G_N_ELEMENTS (keys)

/* In the spool: a key file with what was there before, as far as it was there. */
#define NOTE "before"
#define GROUP "account"
#define KEY_NAME "name"
#define KEY_ID "for"

typedef struct
{
  gboolean takes_over; /* else gives back */
  char *account; /* owned */
  int id; /* of the host */
} Work;

static void
free_work (Work *self)
{
  g_free (self->account);
  g_free (self);
}

/* Returns: (transfer full) */
static char *
make_note_path (const char *account)
{
  g_autofree char *spool = postseal_claws_spool_path (account);

  return g_build_filename (spool, NOTE, NULL);
}

/* What is written in the file. Returns: (transfer full) (nullable) */
static char *
read_value (const char *path, const char *account, const char *key)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *group = g_strconcat ("account ", account, NULL);

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return NULL;
  return g_key_file_get_value (file, group, key, NULL);
}

static gboolean
write_values (const char *path, const char *account, char *const *values, GError **error)
{
  return postseal_account_store_edit (path, account, keys, (const char *const *)values, N_KEYS,
                                      error);
}

static char *
make_deliver (const char *account)
{
  g_autofree char *path = postseal_claws_spool_path (account);

  return g_strconcat ("maildir:", path, NULL);
}

/* Before anything is changed. What is ours is nothing to be put back. */
static gboolean
write_note (const Work *work, char *const *before, const char *ours, GError **error)
{
  g_autoptr (GKeyFile) note = g_key_file_new ();
  g_autofree char *path = make_note_path (work->account);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = NULL;
  gsize length;

  g_key_file_load_from_file (note, path, G_KEY_FILE_NONE, NULL);
  g_key_file_set_string (note, GROUP, KEY_NAME, work->account);
  g_key_file_set_integer (note, GROUP, KEY_ID, work->id);
  for (guint i = 0; i < N_KEYS && g_strcmp0 (before[0], ours) != 0; i++)
    if (before[i] != NULL)
      g_key_file_set_value (note, GROUP, keys[i], before[i]);
    else
      g_key_file_remove_key (note, GROUP, keys[i], NULL);
  text = g_key_file_to_data (note, &length, NULL);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", folder,
                   g_strerror (code));
      return FALSE;
    }
  return postseal_durable_write (path, text, length, 0600, error);
}

static void
take_over (GTask *task, Work *work)
{
  g_autofree char *path = postseal_paths_config_file ();
  g_autofree char *deliver = make_deliver (work->account);
  char *const wanted[N_KEYS] = { deliver, (char *)"single" };
  g_auto (GStrv) before = g_new0 (char *, N_KEYS + 1);
  gboolean is_so = TRUE;
  GError *error = NULL;

  /* The first one is always there: an account without it would not be one. */
  for (guint i = 0; i < N_KEYS; i++)
    {
      before[i] = read_value (path, work->account, keys[i]);
      is_so = is_so && g_strcmp0 (before[i], wanted[i]) == 0;
    }
  if (write_note (work, before, deliver, &error)
      && (is_so || write_values (path, work->account, wanted, &error)))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
give_back (GTask *task, Work *work)
{
  g_autofree char *path = postseal_paths_config_file ();
  g_autofree char *note_path = make_note_path (work->account);
  g_autofree char *ours = make_deliver (work->account);
  g_autofree char *now = read_value (path, work->account, "deliver");
  g_autofree char *usual = g_strconcat ("maildir:~/Mail/", work->account, NULL);
  g_autoptr (GKeyFile) note = g_key_file_new ();
  g_autofree char *deliver = NULL;
  g_autofree char *layout = NULL;
  GError *error = NULL;

  if (g_key_file_load_from_file (note, note_path, G_KEY_FILE_NONE, NULL))
    {
      deliver = g_key_file_get_value (note, GROUP, "deliver", NULL);
      layout = g_key_file_get_value (note, GROUP, "layout", NULL);
    }
  char *const values[N_KEYS] = { deliver != NULL ? deliver : usual, layout };

  if (g_strcmp0 (now, ours) != 0 || write_values (path, work->account, values, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
work_in_thread (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);

  if (work->takes_over)
    take_over (task, work);
  else
    give_back (task, work);
}

/* One after the other, in the order in which they were asked for: the last word counts.
   @task: (transfer full) */
static void
run (GTask *task)
{
  static GThreadPool *pool; /* for ever */

  if (pool == NULL)
    pool = g_thread_pool_new (work_in_thread, NULL, 1, FALSE, NULL);
  g_thread_pool_push (pool, task, NULL);
}

void
postseal_claws_take_over_delivery_async (const char *account,
                                         int id,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  g_task_set_source_tag (task, postseal_claws_take_over_delivery_async);
  work->takes_over = TRUE;
  work->account = g_strdup (account);
  work->id = id;
  g_task_set_task_data (task, work, (GDestroyNotify)free_work);
  run (task);
}

gboolean
postseal_claws_take_over_delivery_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
postseal_claws_give_back_delivery_async (const char *account,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Work *work = g_new0 (Work, 1);

  g_task_set_source_tag (task, postseal_claws_give_back_delivery_async);
  work->account = g_strdup (account);
  g_task_set_task_data (task, work, (GDestroyNotify)free_work);
  run (task);
}

gboolean
postseal_claws_give_back_delivery_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- all of them --- */

void
postseal_claws_taken_over_free (PostsealClawsTakenOver *self)
{
  if (self == NULL)
    return;
  g_free (self->account);
  g_free (self);
}

GPtrArray *
postseal_claws_taken_over_list (void)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_claws_taken_over_free);
  g_autofree char *any = postseal_claws_spool_path ("any");
  g_autofree char *folder = g_path_get_dirname (any);
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NOTE, NULL);
      g_autoptr (GKeyFile) note = g_key_file_new ();
      PostsealClawsTakenOver *one;

      if (!g_key_file_load_from_file (note, path, G_KEY_FILE_NONE, NULL)
          || !g_key_file_has_key (note, GROUP, KEY_NAME, NULL))
        continue;
      one = g_new0 (PostsealClawsTakenOver, 1);
      one->account = g_key_file_get_string (note, GROUP, KEY_NAME, NULL);
      one->id = g_key_file_get_integer (note, GROUP, KEY_ID, NULL);
      g_ptr_array_add (all, one);
    }
  return all;
}

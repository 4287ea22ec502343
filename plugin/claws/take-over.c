/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/take-over.h"

#include <string.h>

#include "base/paths.h"
#include "claws/spool.h"
#include "engine/account-store.h"

/* A spool is one Maildir: mail of all folders goes into it. */
static const char *const keys[] = { "deliver", "layout" };
#define N_KEYS G_N_ELEMENTS (keys)
#define SEPARATOR "\n"

typedef struct
{
  gboolean takes_over; /* else gives back */
  char *account; /* owned */
  char *before; /* owned, nullable: "KEY=VALUE" lines, only of keys that were there */
} Work;

static void
free_work (Work *self)
{
  g_free (self->account);
  g_free (self->before);
  g_free (self);
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

static void
take_over (GTask *task, Work *work)
{
  g_autofree char *path = postseal_paths_config_file ();
  g_autofree char *deliver = make_deliver (work->account);
  char *const wanted[N_KEYS] = { deliver, (char *)"single" };
  g_autoptr (GString) before = g_string_new (NULL);
  gboolean is_so = TRUE;
  GError *error = NULL;

  for (guint i = 0; i < N_KEYS; i++)
    {
      g_autofree char *value = read_value (path, work->account, keys[i]);

      is_so = is_so && g_strcmp0 (value, wanted[i]) == 0;
      if (value != NULL)
        g_string_append_printf (before, "%s=%s" SEPARATOR, keys[i], value);
    }
  if (!is_so && !write_values (path, work->account, wanted, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (!is_so)
    work->before = g_string_free (g_steal_pointer (&before), FALSE);
  g_task_return_boolean (task, TRUE);
}

/* Returns: (transfer full) (nullable): the value of @key among "KEY=VALUE" lines */
static char *
find_value (const char *lines, const char *key)
{
  g_auto (GStrv) all = g_strsplit (lines, SEPARATOR, -1);
  g_autofree char *prefix = g_strconcat (key, "=", NULL);

  for (guint i = 0; all[i] != NULL; i++)
    if (g_str_has_prefix (all[i], prefix))
      return g_strdup (all[i] + strlen (prefix));
  return NULL;
}

static void
give_back (GTask *task, Work *work)
{
  g_autofree char *path = postseal_paths_config_file ();
  g_autofree char *ours = make_deliver (work->account);
  g_autofree char *now = read_value (path, work->account, "deliver");
  g_autofree char *usual = g_strconcat ("maildir:~/Mail/", work->account, NULL);
  g_autofree char *deliver = work->before != NULL ? find_value (work->before, "deliver") : NULL;
  g_autofree char *layout = work->before != NULL ? find_value (work->before, "layout") : NULL;
  char *const values[N_KEYS] = { deliver != NULL ? deliver : usual, layout };
  GError *error = NULL;

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
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  g_task_set_source_tag (task, postseal_claws_take_over_delivery_async);
  work->takes_over = TRUE;
  work->account = g_strdup (account);
  g_task_set_task_data (task, work, (GDestroyNotify)free_work);
  run (task);
}

gboolean
postseal_claws_take_over_delivery_finish (GAsyncResult *result, char **ret_before, GError **error)
{
  Work *work = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (ret_before != NULL)
    *ret_before = g_strdup (work->before);
  return TRUE;
}

void
postseal_claws_give_back_delivery_async (const char *account,
                                         const char *before,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  g_task_set_source_tag (task, postseal_claws_give_back_delivery_async);
  work->account = g_strdup (account);
  work->before = g_strdup (before);
  g_task_set_task_data (task, work, (GDestroyNotify)free_work);
  run (task);
}

gboolean
postseal_claws_give_back_delivery_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

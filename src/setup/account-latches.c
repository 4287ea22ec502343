/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-latches.h"

#include <glib/gi18n-lib.h>

#include "base/lock-file.h"
#include "base/paths.h"
#include "net/latches.h"

static char *
find_file (const char *name)
{
  g_autofree char *directory = postseal_paths_account_state_dir (name);

  return g_build_filename (directory, POSTSEAL_PATHS_LATCHES, NULL);
}

static void
describe_endpoint (PostsealLatches *latches, const PostsealEndpoint *endpoint, GPtrArray *sentences)
{
  g_autofree char *place = endpoint != NULL ? postseal_endpoint_to_string (endpoint) : NULL;
  const char *mechanism = NULL;

  if (place == NULL)
    return;
  mechanism = postseal_latches_get (latches, place, "mechanism");
  if (postseal_latches_get (latches, place, "tls") != NULL)
    g_ptr_array_add (sentences, g_strdup_printf (_ ("%s was encrypted before: Postseal never "
                                                    "connects without any more"),
                                                 place));
  if (postseal_latches_get (latches, place, "voucher") != NULL)
    g_ptr_array_add (sentences, g_strdup_printf (_ ("%s has proven who it is before: it must do so "
                                                    "each time"),
                                                 place));
  if (mechanism != NULL)
    g_ptr_array_add (sentences, g_strdup_printf (_ ("%s let you sign in by %s: nothing weaker is "
                                                    "used"),
                                                 place, mechanism));
}

char **
postseal_account_latches_describe (PostsealAccount *account)
{
  g_autofree char *path = find_file (account->name);
  g_autoptr (PostsealLatches) latches = postseal_latches_load (path, NULL);
  GPtrArray *sentences = g_ptr_array_new ();

  if (latches != NULL)
    {
      describe_endpoint (latches, account->receive, sentences);
      describe_endpoint (latches, account->send, sentences);
    }
  g_ptr_array_add (sentences, NULL);
  return (char **)g_ptr_array_free (sentences, FALSE);
}

gboolean
postseal_account_latches_forget (const char *name, const char *program, GError **error)
{
  g_autofree char *directory = postseal_paths_account_state_dir (name);
  g_autofree char *lock_path = g_build_filename (directory, POSTSEAL_PATHS_LOCK, NULL);
  g_autofree char *path = find_file (name);
  g_autoptr (PostsealLockFile) lock = NULL;
  g_autoptr (PostsealLatches) none = postseal_latches_new ();

  g_return_val_if_fail (name != NULL, FALSE);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  lock = postseal_lock_file_acquire (lock_path, program, error);
  return lock != NULL && postseal_latches_save (none, path, error);
}

/* --- without blocking --- */

typedef struct
{
  char *name; /* owned */
  char *program; /* owned */
} Wish;

static void
free_wish (Wish *self)
{
  g_free (self->name);
  g_free (self->program);
  g_free (self);
}

static void
forget_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Wish *wish = task_data;
  GError *error = NULL;

  if (postseal_account_latches_forget (wish->name, wish->program, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
postseal_account_latches_forget_async (const char *name,
                                       const char *program,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Wish *wish = NULL;

  g_return_if_fail (name != NULL && program != NULL);

  wish = g_new0 (Wish, 1);
  wish->name = g_strdup (name);
  wish->program = g_strdup (program);
  g_task_set_source_tag (task, postseal_account_latches_forget_async);
  g_task_set_task_data (task, wish, (GDestroyNotify)free_wish);
  g_task_run_in_thread (task, forget_in_thread);
}

gboolean
postseal_account_latches_forget_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

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

  return g_build_filename (directory, "latches", NULL);
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
  g_autofree char *lock_path = g_build_filename (directory, "lock", NULL);
  g_autofree char *path = find_file (name);
  g_autoptr (PostsealLockFile) lock = NULL;
  g_autoptr (PostsealLatches) none = postseal_latches_new ();

  g_return_val_if_fail (name != NULL, FALSE);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  lock = postseal_lock_file_acquire (lock_path, program, error);
  return lock != NULL && postseal_latches_save (none, path, error);
}

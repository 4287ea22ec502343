/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/last-run.h"

#define GROUP "run"

gboolean
postseal_last_run_save (const PostsealLastRun *run, const char *state_dir, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  gsize length;

  g_return_val_if_fail (run != NULL, FALSE);
  g_return_val_if_fail (state_dir != NULL, FALSE);

  g_key_file_set_int64 (file, GROUP, "time", run->time);
  g_key_file_set_integer (file, GROUP, "status", run->status);
  g_key_file_set_uint64 (file, GROUP, "delivered", run->delivered);
  g_key_file_set_uint64 (file, GROUP, "deleted", run->deleted);
  g_key_file_set_uint64 (file, GROUP, "failed", run->failed);
  g_key_file_set_uint64 (file, GROUP, "bytes", run->bytes);
  if (run->error != NULL)
    g_key_file_set_string (file, GROUP, "error", run->error);
  if (run->seal != NULL)
    g_key_file_set_string (file, GROUP, "seal", run->seal);

  path = g_build_filename (state_dir, "last-run", NULL);
  text = g_key_file_to_data (file, &length, NULL);
  return g_file_set_contents_full (path, text, length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

gboolean
postseal_last_run_load (const char *state_dir, PostsealLastRun *ret_run)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = NULL;

  g_return_val_if_fail (state_dir != NULL, FALSE);
  g_return_val_if_fail (ret_run != NULL, FALSE);

  path = g_build_filename (state_dir, "last-run", NULL);
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL)
      || !g_key_file_has_key (file, GROUP, "time", NULL))
    return FALSE;

  *ret_run = (PostsealLastRun){
    .time = g_key_file_get_int64 (file, GROUP, "time", NULL),
    .status = g_key_file_get_integer (file, GROUP, "status", NULL),
    .error = g_key_file_get_string (file, GROUP, "error", NULL),
    .delivered = g_key_file_get_uint64 (file, GROUP, "delivered", NULL),
    .deleted = g_key_file_get_uint64 (file, GROUP, "deleted", NULL),
    .failed = g_key_file_get_uint64 (file, GROUP, "failed", NULL),
    .bytes = g_key_file_get_uint64 (file, GROUP, "bytes", NULL),
    .seal = g_key_file_get_string (file, GROUP, "seal", NULL),
  };
  return TRUE;
}

void
postseal_last_run_clear (PostsealLastRun *run)
{
  g_return_if_fail (run != NULL);

  g_clear_pointer (&run->error, g_free);
  g_clear_pointer (&run->seal, g_free);
}

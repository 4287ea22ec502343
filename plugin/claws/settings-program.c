/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/settings-program.h"

#include <glib/gi18n-lib.h>

#define PROGRAM "postseal-settings"

/* Returns: (transfer full) */
static char *
find_program (void)
{
  const char *named = g_getenv ("POSTSEAL_SETTINGS");

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  if (g_file_test (POSTSEAL_BIN_DIR "/" PROGRAM, G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup (POSTSEAL_BIN_DIR "/" PROGRAM);
  return g_strdup (PROGRAM);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
postseal_claws_settings_program_run_async (const char *account,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *program = find_program ();
  const char *argv[] = { program, account != NULL ? "--account" : NULL, account, NULL };
  g_autoptr (GSubprocess) process = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, postseal_claws_settings_program_run_async);
  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, &error);
  if (process != NULL)
    {
      g_subprocess_wait_async (process, cancellable, on_ended, g_steal_pointer (&task));
      return;
    }
  g_prefix_error (&error,
                  _ ("“%s” cannot be started; install it, or set the account up with "
                     "“postseal account add”: "),
                  program);
  g_task_return_error (task, error);
}

gboolean
postseal_claws_settings_program_run_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sendmail/postseal-program.h"

#include <sys/wait.h>

#include "outbox/wake.h"

#define STATUS_LATER 75

gboolean
postseal_program_run (const char *config,
                      const char *const *arguments,
                      int *ret_status,
                      GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *program = postseal_wake_find_program ();
  int status = 0;

  g_ptr_array_add (argv, program != NULL ? program : (gpointer) "postseal");
  if (config != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "--config");
      g_ptr_array_add (argv, (gpointer)config);
    }
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)arguments[i]);
  g_ptr_array_add (argv, NULL);
  if (!g_spawn_sync (NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                     &status, error))
    return FALSE;
  *ret_status = WIFEXITED (status) ? WEXITSTATUS (status) : STATUS_LATER;
  return TRUE;
}

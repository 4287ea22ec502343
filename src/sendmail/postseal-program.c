/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sendmail/postseal-program.h"

#include <sys/wait.h>

#define STATUS_LATER 75

static char *
find (void)
{
  const char *named = g_getenv ("POSTSEAL");
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *directory = own != NULL ? g_path_get_dirname (own) : NULL;
  g_autofree char *beside = NULL;

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  if (directory != NULL)
    beside = g_build_filename (directory, "postseal", NULL);
  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_strdup ("postseal");
}

gboolean
postseal_program_run (const char *config,
                      const char *const *arguments,
                      int *ret_status,
                      GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *program = find ();
  int status = 0;

  g_ptr_array_add (argv, program);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/paths.h"

#include <string.h>
#include <unistd.h>

/* XDG Base Directory Specification 0.8: unset, empty and relative values mean the default. */
static char *
find_base (const char *variable, const char *fallback)
{
  const char *value = g_getenv (variable);

  if (value != NULL && g_path_is_absolute (value))
    return g_build_filename (value, "postseal", NULL);
  return g_build_filename (g_get_home_dir (), fallback, "postseal", NULL);
}

char *
postseal_paths_config_file (void)
{
  g_autofree char *base = find_base ("XDG_CONFIG_HOME", ".config");

  return g_build_filename (base, "accounts.conf", NULL);
}

char *
postseal_paths_state_dir (void)
{
  return find_base ("XDG_STATE_HOME", ".local/state");
}

char *
postseal_paths_account_state_dir (const char *account)
{
  g_autofree char *base = postseal_paths_state_dir ();
  g_autofree char *name = NULL;

  g_return_val_if_fail (account != NULL, NULL);

  /* "." stays as it is in a URI, but must not name this or the parent directory. */
  name = g_uri_escape_string (account, " @+", TRUE);
  if (*name == '.')
    {
      char *escaped = g_strconcat ("%2E", name + 1, NULL);

      g_free (name);
      name = escaped;
    }
  return g_build_filename (base, "accounts", name, NULL);
}

char *
postseal_paths_outbox_dir (void)
{
  g_autofree char *base = postseal_paths_state_dir ();

  return g_build_filename (base, "outbox", NULL);
}

char *
postseal_paths_daemon_lock (void)
{
  g_autofree char *base = postseal_paths_state_dir ();

  return g_build_filename (base, "daemon.lock", NULL);
}

char *
postseal_paths_data_dir (void)
{
  const char *named = g_getenv ("POSTSEAL_DATA_DIR");

  return g_strdup (named != NULL && *named != '\0' ? named : POSTSEAL_DATA_DIR);
}

char *
postseal_paths_find_program (const char *name, const char *variable)
{
  const char *named = g_getenv (variable);
  g_autofree char *self = NULL;
  g_autofree char *installed = g_build_filename (POSTSEAL_LIBEXEC_DIR, name, NULL);

  if (named != NULL && g_path_is_absolute (named))
    return g_strdup (named);
  self = g_file_read_link ("/proc/self/exe", NULL);
  if (self != NULL)
    {
      g_autofree char *directory = g_path_get_dirname (self);
      g_autofree char *beside = g_build_filename (directory, name, NULL);

      if (access (beside, X_OK) == 0)
        return g_steal_pointer (&beside);
    }
  return access (installed, X_OK) == 0 ? g_steal_pointer (&installed) : NULL;
}

char *
postseal_paths_expand_home (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);

  if (strcmp (path, "~") == 0)
    return g_strdup (g_get_home_dir ());
  if (g_str_has_prefix (path, "~/"))
    return g_build_filename (g_get_home_dir (), path + 2, NULL);
  return g_strdup (path);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A plugin for Claws Mail that has of Postseal what keeps passwords, so that a test can have them
   moved: for the probe's "do move N" and "do back N", where N is an account. What came of it is
   written to $POSTSEAL_MOVED: "N moved", or what is wrong. */

#include <gio/gio.h>

#include <common/hooks.h>
#include <common/plugin.h>
#include <common/utils.h>

#include "claws/passwords.h"

static PostsealClawsBindings *bindings; /* owned */
static PostsealClawsPasswords *passwords; /* owned */
static gulong hook;

static void
tell (const char *text)
{
  g_file_set_contents (g_getenv ("POSTSEAL_MOVED"), text, -1, NULL);
}

static void
on_moved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint n = 0;
  gboolean is_done = user_data != NULL
                         ? postseal_claws_passwords_move_finish (result, &n, &error)
                         : postseal_claws_passwords_take_back_finish (result, &n, &error);

  text = is_done ? g_strdup_printf ("%u moved", n) : g_strdup (error->message);
  tell (text);
}

static gboolean
on_told (gpointer source, gpointer user_data)
{
  const char *line = source;
  int id = atoi (line + 5);

  if (g_str_has_prefix (line, "move "))
    postseal_claws_passwords_move_async (passwords, id, NULL, on_moved, passwords);
  else
    postseal_claws_passwords_take_back_async (passwords, id, NULL, on_moved, NULL);
  return TRUE;
}

int
plugin_init (char **error)
{
  g_autofree char *path = g_build_filename (get_rc_dir (), "postsealrc", NULL);

  bindings = postseal_claws_bindings_new (path);
  passwords = postseal_claws_passwords_new (bindings);
  hook = hooks_register_hook ("postseal-test", on_told, NULL);
  return 0;
}

gboolean
plugin_done (void)
{
  hooks_unregister_hook ("postseal-test", hook);
  g_clear_pointer (&passwords, postseal_claws_passwords_free);
  g_clear_object (&bindings);
  return TRUE;
}

const char *
plugin_name (void)
{
  return "Mover";
}

const char *
plugin_desc (void)
{
  return "Lets a test move passwords.";
}

const char *
plugin_type (void)
{
  return "GTK3";
}

const char *
plugin_licence (void)
{
  return "GPL3+";
}

const char *
plugin_version (void)
{
  return "1";
}

struct PluginFeature *
plugin_provides (void)
{
  static struct PluginFeature features[]
      = { { PLUGIN_UTILITY, "Postseal mover" }, { PLUGIN_NOTHING, NULL } };

  return features;
}

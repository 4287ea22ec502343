/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/application.h"

#include <glib/gi18n.h>

#include "base/paths.h"
#include "settings/window.h"

struct _PostsealApplication
{
  AdwApplication parent;
};

G_DEFINE_FINAL_TYPE (PostsealApplication, postseal_application, ADW_TYPE_APPLICATION)

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  adw_show_about_window (window, "application-name", _ ("Postseal"), "application-icon",
                         POSTSEAL_APPLICATION_ID, "version", POSTSEAL_VERSION, "comments",
                         _ ("Mail between your providers and this computer, never unsealed"),
                         "license-type", GTK_LICENSE_LGPL_2_1, "developer-name",
                         _ ("The Postseal developers"), "translator-credits",
                         _ ("translator-credits"), NULL);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  if (window != NULL)
    gtk_window_close (window);
}

static gboolean
shows_config (GtkWindow *window, const char *config)
{
  return POSTSEAL_IS_WINDOW (window)
         && g_str_equal (
             postseal_session_get_config (postseal_window_get_session (POSTSEAL_WINDOW (window))),
             config);
}

/* The window for this file. @config: (nullable): the usual one */
static PostsealWindow *
find_window (PostsealApplication *self, const char *config)
{
  g_autoptr (PostsealSession) session = NULL;
  g_autofree char *usual = postseal_paths_config_file ();

  for (GList *item = gtk_application_get_windows (GTK_APPLICATION (self)); item != NULL;
       item = item->next)
    if (shows_config (item->data, config != NULL ? config : usual))
      return item->data;
  session = postseal_session_new (config);
  return postseal_window_new (GTK_APPLICATION (self), session);
}

/* Of the desktop entry, which the bus has carry out. */
static void
on_add (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PostsealWindow *window = find_window (POSTSEAL_APPLICATION (user_data), NULL);

  gtk_window_present (GTK_WINDOW (window));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.add", NULL);
}

static int
postseal_application_command_line (GApplication *application, GApplicationCommandLine *line)
{
  GVariantDict *options = g_application_command_line_get_options_dict (line);
  const char *name = NULL;
  g_autoptr (GFile) file = NULL;
  g_autofree char *config = NULL;
  const char *account = NULL;
  PostsealWindow *window;

  /* From the folder of whoever calls, which need not be ours. */
  if (g_variant_dict_lookup (options, "config", "^&ay", &name))
    {
      file = g_application_command_line_create_file_for_arg (line, name);
      config = g_file_get_path (file);
    }
  window = find_window (POSTSEAL_APPLICATION (application), config);
  gtk_window_present (GTK_WINDOW (window));
  if (g_variant_dict_lookup (options, "account", "&s", &account))
    gtk_widget_activate_action (GTK_WIDGET (window), "win.edit", "s", account);
  else if (g_variant_dict_contains (options, "add"))
    gtk_widget_activate_action (GTK_WIDGET (window), "win.add", NULL);
  return 0;
}

/* By the bus. */
static void
postseal_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (find_window (POSTSEAL_APPLICATION (application), NULL)));
}

static void
postseal_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = { { .name = "about", .activate = on_about },
                                          { .name = "add", .activate = on_add },
                                          { .name = "quit", .activate = on_quit } };
  static const char *const quit_keys[] = { "<Control>q", "<Control>w", NULL };
  static const char *const add_keys[] = { "<Control>n", NULL };

  G_APPLICATION_CLASS (postseal_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (POSTSEAL_APPLICATION_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  gtk_application_set_accels_for_action (GTK_APPLICATION (application), "app.quit", quit_keys);
  gtk_application_set_accels_for_action (GTK_APPLICATION (application), "win.add", add_keys);
}

PostsealApplication *
postseal_application_new (void)
{
  return g_object_new (POSTSEAL_TYPE_APPLICATION, "application-id", POSTSEAL_APPLICATION_ID,
                       "flags", G_APPLICATION_HANDLES_COMMAND_LINE, "resource-base-path",
                       "/org/postseal/Settings", NULL);
}

static void
postseal_application_class_init (PostsealApplicationClass *class)
{
  G_APPLICATION_CLASS (class)->startup = postseal_application_startup;
  G_APPLICATION_CLASS (class)->activate = postseal_application_activate;
  G_APPLICATION_CLASS (class)->command_line = postseal_application_command_line;
}

static void
postseal_application_init (PostsealApplication *self)
{
  static const GOptionEntry entries[] = {
    { "account", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Open the settings of this account"),
      N_ ("NAME") },
    { "add", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Begin a new account"), NULL },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Another accounts.conf"), N_ ("FILE") },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
}

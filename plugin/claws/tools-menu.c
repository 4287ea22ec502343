/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/tools-menu.h"

#include <account.h>
#include <common/hooks.h>
#include <common/log.h>
#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>
#include <main.h>
#include <mainwindow.h>
#include <menu.h>
#include <prefs_toolbar.h>
#include <statusbar.h>
#include <toolbar.h>

#include "claws/settings-program.h"
#include "claws/status-window.h"

#define PLACE "/Menu/Tools"
#define GET_MAIL "Tools/PostsealGetMail"
#define STATUS "Tools/PostsealStatus"
#define ACCOUNTS "Tools/PostsealAccounts"
#define TOOLBAR_PLUGIN "Postseal"

struct _PostsealClawsToolsMenu
{
  PostsealClawsFront *front; /* owned */
  PostsealClawsReceiving *receiving; /* borrowed */
  PostsealClawsBindings *bindings; /* owned */
  GtkActionGroup *group; /* borrowed: the host's window keeps it */
  guint merged; /* menu items */
  gulong hook;
  GtkWidget *window; /* weak: GTK's */
  GCancellable *cancellable; /* owned */
};

static const char *
explain_nothing_to_get (void)
{
  return _ ("Postseal gets mail for no account yet. Switch it on in an account's preferences, on "
            "the page "
            "“Postseal”.");
}

/* --- what is chosen --- */

static gboolean
has_mail_to_get (PostsealClawsToolsMenu *self)
{
  g_autoptr (GArray) ids = postseal_claws_bindings_list (self->bindings, POSTSEAL_CLAWS_RECEIVE);

  for (guint i = 0; i < ids->len; i++)
    if (account_find_from_id (g_array_index (ids, int, i)) != NULL)
      return TRUE;
  return FALSE;
}

static void
on_get_mail (GtkAction *action, gpointer user_data)
{
  PostsealClawsToolsMenu *self = user_data;

  postseal_claws_receiving_fetch (self->receiving, 0);
}

/* The host's toolbar has nothing insensitive of plugins. */
static void
on_toolbar_item (gpointer parent, const char *item, gpointer user_data)
{
  PostsealClawsToolsMenu *self = user_data;

  if (has_mail_to_get (self))
    on_get_mail (NULL, self);
  else
    statusbar_print_all ("%s", explain_nothing_to_get ());
}

static void
on_status (GtkAction *action, gpointer user_data)
{
  PostsealClawsToolsMenu *self = user_data;

  if (self->window == NULL)
    {
      self->window
          = postseal_claws_status_window_new (self->front, self->receiving, self->bindings);
      g_object_add_weak_pointer (G_OBJECT (self->window), (gpointer *)&self->window);
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
on_settings_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (postseal_claws_settings_program_run_finish (result, &error)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  statusbar_print_all ("Postseal: %s", error->message);
  log_error (LOG_PROTOCOL, "Postseal: %s\n", error->message);
}

static void
on_accounts (GtkAction *action, gpointer user_data)
{
  PostsealClawsToolsMenu *self = user_data;

  postseal_claws_settings_program_run_async (NULL, self->cancellable, on_settings_ended, NULL);
}

/* --- items --- */

static void
update (PostsealClawsToolsMenu *self)
{
  GtkAction *action = gtk_action_group_get_action (self->group, GET_MAIL);
  gboolean can_get = has_mail_to_get (self);

  gtk_action_set_sensitive (action, can_get);
  gtk_action_set_tooltip (action, can_get ? NULL : explain_nothing_to_get ());
}

static gboolean
on_host_accounts_changed (gpointer source, gpointer user_data)
{
  update (user_data);
  return FALSE;
}

/* A menu item does not show the words of its action by itself. */
static void
on_connect_proxy (GtkActionGroup *group, GtkAction *action, GtkWidget *proxy, gpointer user_data)
{
  g_object_bind_property (action, "tooltip", proxy, "tooltip-text", G_BINDING_SYNC_CREATE);
}

static void
add_items (PostsealClawsToolsMenu *self, GtkUIManager *manager)
{
  GtkActionEntry entries[] = {
    { GET_MAIL, NULL, N_ ("Get mail with Post_seal"), NULL, NULL, G_CALLBACK (on_get_mail) },
    { STATUS, NULL, N_ ("_Postseal status…"), NULL, NULL, G_CALLBACK (on_status) },
    { ACCOUNTS, NULL, N_ ("P_ostseal accounts…"), NULL, NULL, G_CALLBACK (on_accounts) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    entries[i].label = _ (entries[i].label);
  self->group = cm_menu_create_action_group_full (manager, "Postseal", entries,
                                                  G_N_ELEMENTS (entries), self);
  g_signal_connect (self->group, "connect-proxy", G_CALLBACK (on_connect_proxy), NULL);
  self->merged = gtk_ui_manager_new_merge_id (manager);
  gtk_ui_manager_add_ui (manager, self->merged, PLACE, "PostsealSeparator", NULL,
                         GTK_UI_MANAGER_SEPARATOR, FALSE);
  gtk_ui_manager_add_ui (manager, self->merged, PLACE, "PostsealGetMail", GET_MAIL,
                         GTK_UI_MANAGER_MENUITEM, FALSE);
  gtk_ui_manager_add_ui (manager, self->merged, PLACE, "PostsealStatus", STATUS,
                         GTK_UI_MANAGER_MENUITEM, FALSE);
  gtk_ui_manager_add_ui (manager, self->merged, PLACE, "PostsealAccounts", ACCOUNTS,
                         GTK_UI_MANAGER_MENUITEM, FALSE);
  update (self);
}

static void
remove_items (PostsealClawsToolsMenu *self, GtkUIManager *manager)
{
  gtk_ui_manager_remove_ui (manager, self->merged);
  gtk_ui_manager_remove_action_group (manager, self->group);
  gtk_ui_manager_ensure_update (manager);
}

/* --- public --- */

PostsealClawsToolsMenu *
postseal_claws_tools_menu_new (PostsealClawsFront *front,
                               PostsealClawsReceiving *receiving,
                               PostsealClawsBindings *bindings)
{
  PostsealClawsToolsMenu *self = g_new0 (PostsealClawsToolsMenu, 1);

  self->front = g_object_ref (front);
  self->receiving = receiving;
  self->bindings = g_object_ref (bindings);
  self->cancellable = g_cancellable_new ();
  add_items (self, mainwindow_get_mainwindow ()->ui_manager);
  g_signal_connect_swapped (bindings, "changed", G_CALLBACK (update), self);
  self->hook = hooks_register_hook (ACCOUNT_LIST_CHANGED_HOOKLIST, on_host_accounts_changed, self);
  prefs_toolbar_register_plugin_item (TOOLBAR_MAIN, TOOLBAR_PLUGIN, _ ("Get mail with Postseal"),
                                      on_toolbar_item, self);
  return self;
}

void
postseal_claws_tools_menu_free (PostsealClawsToolsMenu *self)
{
  MainWindow *window = mainwindow_get_mainwindow ();

  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  prefs_toolbar_unregister_plugin_item (TOOLBAR_MAIN, TOOLBAR_PLUGIN, _ ("Get mail with Postseal"));
  hooks_unregister_hook (ACCOUNT_LIST_CHANGED_HOOKLIST, self->hook);
  g_signal_handlers_disconnect_by_data (self->bindings, self);
  if (self->window != NULL)
    gtk_widget_destroy (self->window);
  if (window != NULL && !claws_is_exiting ())
    remove_items (self, window->ui_manager);
  g_object_unref (self->front);
  g_object_unref (self->bindings);
  g_object_unref (self->cancellable);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/get-mail.h"

#include <account.h>
#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>
#include <inc.h>
#include <main.h>
#include <mainwindow.h>
#include <menu.h>
#include <prefs_common.h>
#include <prefs_toolbar.h>
#include <toolbar.h>

#define ACTION "Tools/PostsealGetMail"
#define TOOLBAR_PLUGIN "Postseal"

struct _PostsealClawsGetMail
{
  PostsealClawsReceiving *receiving; /* borrowed */
  PostsealClawsBindings *bindings; /* borrowed */
  GtkActionGroup *group; /* borrowed: the host's window keeps it */
  guint merged; /* menu item */
  gulong clicks; /* emission hook on the host's buttons */
};

/* --- ours --- */

static void
on_activate (GtkAction *action, gpointer user_data)
{
  PostsealClawsGetMail *self = user_data;

  postseal_claws_receiving_fetch (self->receiving, 0);
}

static void
on_toolbar_item (gpointer parent, const char *item, gpointer user_data)
{
  on_activate (NULL, user_data);
}

static void
add_item (PostsealClawsGetMail *self, GtkUIManager *manager)
{
  GtkActionEntry entries[]
      = { { ACTION, NULL, N_ ("Get mail with Post_seal"), NULL, NULL, G_CALLBACK (on_activate) } };

  entries[0].label = _ (entries[0].label);
  self->group = cm_menu_create_action_group_full (manager, "Postseal", entries,
                                                  G_N_ELEMENTS (entries), self);
  self->merged = gtk_ui_manager_new_merge_id (manager);
  gtk_ui_manager_add_ui (manager, self->merged, "/Menu/Tools", "PostsealGetMail", ACTION,
                         GTK_UI_MANAGER_MENUITEM, FALSE);
}

static void
remove_item (PostsealClawsGetMail *self, GtkUIManager *manager)
{
  gtk_ui_manager_remove_ui (manager, self->merged);
  gtk_ui_manager_remove_action_group (manager, self->group);
  gtk_ui_manager_ensure_update (manager);
}

/* --- the host's --- */

/* The action's own handler is held while we are here. */
static void
on_current_account (GtkAction *action, gpointer user_data)
{
  PostsealClawsGetMail *self = user_data;

  if (cur_account != NULL
      && postseal_claws_bindings_does (self->bindings, cur_account->account_id,
                                       POSTSEAL_CLAWS_RECEIVE))
    postseal_claws_receiving_fetch (self->receiving, cur_account->account_id);
  else
    inc_mail (mainwindow_get_mainwindow (), prefs_common_get_prefs ()->newmail_notify_manu);
}

/* Any button: the host makes its toolbar anew when it is changed. */
static gboolean
on_click (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  PostsealClawsGetMail *self = user_data;
  MainWindow *window = mainwindow_get_mainwindow ();

  if (window != NULL && window->toolbar != NULL
      && g_value_get_object (values) == (gpointer)window->toolbar->getall_btn)
    on_activate (NULL, self);
  return TRUE;
}

static GtkAction *
find_action (GtkUIManager *manager, const char *name)
{
  g_autofree char *path = g_strconcat ("/Menu/Message/Receive/", name, NULL);

  return gtk_ui_manager_get_action (manager, path);
}

static void
join_host (PostsealClawsGetMail *self, GtkUIManager *manager)
{
  GtkAction *all = find_action (manager, "AllAccounts");
  GtkAction *current = find_action (manager, "CurrentAccount");

  if (all != NULL)
    g_signal_connect (all, "activate", G_CALLBACK (on_activate), self);
  if (current != NULL)
    {
      g_signal_handlers_block_matched (current, G_SIGNAL_MATCH_ID,
                                       g_signal_lookup ("activate", GTK_TYPE_ACTION), 0, NULL, NULL,
                                       NULL);
      g_signal_connect (current, "activate", G_CALLBACK (on_current_account), self);
    }
  self->clicks = g_signal_add_emission_hook (g_signal_lookup ("clicked", GTK_TYPE_TOOL_BUTTON), 0,
                                             on_click, self, NULL);
}

static void
leave_host (PostsealClawsGetMail *self, GtkUIManager *manager)
{
  GtkAction *all = find_action (manager, "AllAccounts");
  GtkAction *current = find_action (manager, "CurrentAccount");

  g_signal_remove_emission_hook (g_signal_lookup ("clicked", GTK_TYPE_TOOL_BUTTON), self->clicks);
  if (all != NULL)
    g_signal_handlers_disconnect_by_data (all, self);
  if (current != NULL)
    {
      g_signal_handlers_disconnect_by_data (current, self);
      g_signal_handlers_unblock_matched (current, G_SIGNAL_MATCH_ID,
                                         g_signal_lookup ("activate", GTK_TYPE_ACTION), 0, NULL,
                                         NULL, NULL);
    }
}

/* --- public --- */

PostsealClawsGetMail *
postseal_claws_get_mail_new (PostsealClawsReceiving *receiving, PostsealClawsBindings *bindings)
{
  MainWindow *window = mainwindow_get_mainwindow ();
  PostsealClawsGetMail *self = g_new0 (PostsealClawsGetMail, 1);

  self->receiving = receiving;
  self->bindings = bindings;
  add_item (self, window->ui_manager);
  join_host (self, window->ui_manager);
  prefs_toolbar_register_plugin_item (TOOLBAR_MAIN, TOOLBAR_PLUGIN, _ ("Get mail with Postseal"),
                                      on_toolbar_item, self);
  return self;
}

void
postseal_claws_get_mail_free (PostsealClawsGetMail *self)
{
  MainWindow *window = mainwindow_get_mainwindow ();

  if (self == NULL)
    return;
  prefs_toolbar_unregister_plugin_item (TOOLBAR_MAIN, TOOLBAR_PLUGIN, _ ("Get mail with Postseal"));
  if (window != NULL && !claws_is_exiting ())
    {
      leave_host (self, window->ui_manager);
      remove_item (self, window->ui_manager);
    }
  g_free (self);
}

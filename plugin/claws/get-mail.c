/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/get-mail.h"

#include <account.h>
#include <gtk/gtk.h>
#include <inc.h>
#include <main.h>
#include <mainwindow.h>
#include <prefs_common.h>
#include <toolbar.h>

struct _PostsealClawsGetMail
{
  PostsealClawsReceiving *receiving; /* borrowed */
  PostsealClawsBindings *bindings; /* borrowed */
  gulong clicks; /* emission hook on the host's buttons */
};

static void
on_all_accounts (GtkAction *action, gpointer user_data)
{
  PostsealClawsGetMail *self = user_data;

  postseal_claws_receiving_fetch (self->receiving, 0);
}

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
    on_all_accounts (NULL, self);
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
    g_signal_connect (all, "activate", G_CALLBACK (on_all_accounts), self);
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
  join_host (self, window->ui_manager);
  return self;
}

void
postseal_claws_get_mail_free (PostsealClawsGetMail *self)
{
  MainWindow *window = mainwindow_get_mainwindow ();

  if (self == NULL)
    return;
  if (window != NULL && !claws_is_exiting ())
    leave_host (self, window->ui_manager);
  g_free (self);
}

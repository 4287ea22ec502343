/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/get-mail.h"

#include <account.h>
#include <gtk/gtk.h>
#include <inc.h>
#include <main.h>
#include <mainwindow.h>
#include <prefs_common.h>
#include <toolbar.h>

#include "claws/host-polling.h"

struct _PostsealClawsGetMail
{
  PostsealClawsReceiving *receiving; /* borrowed */
  PostsealClawsBindings *bindings; /* borrowed */
  gulong clicks; /* emission hook on the host's buttons */
  gulong entries; /* and on the entries of its menus */
  PostsealClawsHostPolling *polling; /* owned */
  int meant; /* account of the host whose mail is asked for, while something is done about it */
  guint forgetting; /* source: of "meant" */
};

#define NOBODY_KNOWS 0
#define ASKED_FOR -1 /* already */

static gboolean
is_received (PostsealClawsGetMail *self, const PrefsAccount *account)
{
  return account != NULL
         && postseal_claws_bindings_does (self->bindings, account->account_id,
                                          POSTSEAL_CLAWS_RECEIVE);
}

static gboolean
on_done (gpointer user_data)
{
  PostsealClawsGetMail *self = user_data;

  self->forgetting = 0;
  self->meant = NOBODY_KNOWS;
  return G_SOURCE_REMOVE;
}

/* The host is about to do what was asked for, or nothing. */
static void
mean (PostsealClawsGetMail *self, int id)
{
  self->meant = id;
  if (self->forgetting == 0)
    self->forgetting = g_idle_add_full (G_PRIORITY_HIGH, on_done, self, NULL);
}

/* Where nobody has asked, but a timer or a command from outside: what the host would get. */
static void
on_host_begins (gpointer user_data)
{
  PostsealClawsGetMail *self = user_data;

  if (self->meant > 0)
    postseal_claws_receiving_fetch (self->receiving, self->meant);
  if (self->meant != NOBODY_KNOWS)
    return;
  for (GList *each = account_get_list (); each != NULL; each = each->next)
    {
      const PrefsAccount *account = each->data;

      if (is_received (self, account) && (account->recv_at_getall || account == cur_account))
        postseal_claws_receiving_fetch (self->receiving, account->account_id);
    }
}

static void
get_current (PostsealClawsGetMail *self)
{
  mean (self, ASKED_FOR);
  if (is_received (self, cur_account))
    postseal_claws_receiving_fetch (self->receiving, cur_account->account_id);
}

static void
get_all (PostsealClawsGetMail *self)
{
  mean (self, ASKED_FOR);
  postseal_claws_receiving_fetch (self->receiving, 0);
}

/* The actions' own handlers are held while we are here. */
static void
on_current_account (GtkAction *action, gpointer user_data)
{
  get_current (user_data);
  inc_mail (mainwindow_get_mainwindow (), prefs_common_get_prefs ()->newmail_notify_manu);
}

static void
on_all_accounts (GtkAction *action, gpointer user_data)
{
  get_all (user_data);
  inc_all_account_mail (mainwindow_get_mainwindow (), FALSE, FALSE,
                        prefs_common_get_prefs ()->newmail_notify_manu);
}

/* Any button: the host makes its toolbar anew when it is changed. */
static gboolean
on_click (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  PostsealClawsGetMail *self = user_data;
  const MainWindow *window = mainwindow_get_mainwindow ();
  gpointer button = g_value_get_object (values);

  if (window == NULL || window->toolbar == NULL)
    return TRUE;
  if (button == (gpointer)window->toolbar->getall_btn)
    get_all (self);
  else if (button == (gpointer)window->toolbar->get_btn)
    get_current (self);
  return TRUE;
}

/* Any entry of a menu: those of accounts are made anew, too. If this one is not for getting mail,
   the host does nothing that would ask for whom. */
static gboolean
on_entry (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  PostsealClawsGetMail *self = user_data;

  for (GList *each = account_get_list (); each != NULL; each = each->next)
    if (g_signal_handler_find (g_value_get_object (values), G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_DATA,
                               hint->signal_id, 0, NULL, NULL, each->data)
        != 0)
      mean (self, ((PrefsAccount *)each->data)->account_id);
  return TRUE;
}

static GtkAction *
find_action (GtkUIManager *manager, const char *name)
{
  g_autofree char *path = g_strconcat ("/Menu/Message/Receive/", name, NULL);

  return gtk_ui_manager_get_action (manager, path);
}

/* All of a kind. Returns: the emission hook */
static gulong
watch (GType type, const char *signal, GSignalEmissionHook hook, PostsealClawsGetMail *self)
{
  /* A type that nobody has used yet has no signals. The host keeps it loaded. */
  g_type_class_unref (g_type_class_ref (type));
  return g_signal_add_emission_hook (g_signal_lookup (signal, type), 0, hook, self, NULL);
}

/* @func: (nullable): instead of the host's handler; NULL: the host's again */
static void
replace_handler (PostsealClawsGetMail *self, GtkAction *action, GCallback func)
{
  guint signal = g_signal_lookup ("activate", GTK_TYPE_ACTION);

  if (action == NULL)
    return;
  g_signal_handlers_disconnect_by_data (action, self);
  if (func == NULL)
    {
      g_signal_handlers_unblock_matched (action, G_SIGNAL_MATCH_ID, signal, 0, NULL, NULL, NULL);
      return;
    }
  g_signal_handlers_block_matched (action, G_SIGNAL_MATCH_ID, signal, 0, NULL, NULL, NULL);
  g_signal_connect (action, "activate", func, self);
}

static void
join_host (PostsealClawsGetMail *self, GtkUIManager *manager)
{
  replace_handler (self, find_action (manager, "AllAccounts"), G_CALLBACK (on_all_accounts));
  replace_handler (self, find_action (manager, "CurrentAccount"), G_CALLBACK (on_current_account));
  self->clicks = watch (GTK_TYPE_TOOL_BUTTON, "clicked", on_click, self);
  self->entries = watch (GTK_TYPE_MENU_ITEM, "activate", on_entry, self);
}

static void
leave_host (PostsealClawsGetMail *self, GtkUIManager *manager)
{
  replace_handler (self, find_action (manager, "AllAccounts"), NULL);
  replace_handler (self, find_action (manager, "CurrentAccount"), NULL);
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
  self->polling = postseal_claws_host_polling_new (bindings, on_host_begins, self);
  return self;
}

void
postseal_claws_get_mail_free (PostsealClawsGetMail *self)
{
  MainWindow *window = mainwindow_get_mainwindow ();

  if (self == NULL)
    return;
  postseal_claws_host_polling_free (self->polling);
  g_clear_handle_id (&self->forgetting, g_source_remove);
  g_signal_remove_emission_hook (g_signal_lookup ("clicked", GTK_TYPE_TOOL_BUTTON), self->clicks);
  g_signal_remove_emission_hook (g_signal_lookup ("activate", GTK_TYPE_MENU_ITEM), self->entries);
  if (window != NULL && !claws_is_exiting ())
    leave_host (self, window->ui_manager);
  g_free (self);
}

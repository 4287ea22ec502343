/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/account-tab.h"

#include <account.h>
#include <common/hooks.h>
#include <glib/gi18n-lib.h>
#include <libintl.h>
#include <mainwindow.h>
#include <prefs_account.h>

#include "claws/account-view.h"

#define HOST_DOMAIN "claws-mail"
#define WEIGHT 500 /* less than the host's own pages have: behind them */

struct _PostsealClawsAccountTab
{
  PostsealClawsFront *front; /* owned */
  PostsealClawsBindings *bindings; /* owned */
  gulong hook;
  PostsealClawsAccountView *view; /* owned, nullable: while the dialog is open */
  int id; /* of its account */
  guint source; /* after the dialog was closed */
};

/* The host keeps its address for as long as its dialog is open, maybe longer than the plugin. */
static PrefsPage page;
static char *path[3];
static PostsealClawsAccountTab *current; /* owned by its maker, NULL while there is none */

/* --- accounts that are gone --- */

static void
forget_lost (PostsealClawsAccountTab *self)
{
  for (int duty = POSTSEAL_CLAWS_RECEIVE; duty <= POSTSEAL_CLAWS_PASSWORDS; duty++)
    {
      g_autoptr (GArray) ids = postseal_claws_bindings_list (self->bindings, duty);

      for (guint i = 0; i < ids->len; i++)
        if (account_find_from_id (g_array_index (ids, int, i)) == NULL)
          postseal_claws_bindings_forget (self->bindings, g_array_index (ids, int, i));
    }
}

static gboolean
on_host_accounts_changed (gpointer source, gpointer user_data)
{
  forget_lost (user_data);
  return FALSE;
}

/* --- what the host asks of a page --- */

static void
on_create (PrefsPage *self, GtkWindow *window, gpointer data)
{
  PrefsAccount *account = data;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *widget;

  self->widget = box;
  gtk_widget_show (box);
  if (current == NULL)
    return;
  widget = postseal_claws_account_view_new (current->front, current->bindings, account->account_id,
                                            account->address);
  gtk_container_add (GTK_CONTAINER (box), widget);
  current->id = account->account_id;
  g_set_object (&current->view, POSTSEAL_CLAWS_ACCOUNT_VIEW (widget));
}

static void
on_save (PrefsPage *self)
{
  if (current != NULL && current->view != NULL)
    postseal_claws_account_view_apply (current->view);
}

/* A new account that was given up never was. */
static gboolean
on_closed (gpointer user_data)
{
  PostsealClawsAccountTab *self = user_data;

  self->source = 0;
  if (account_find_from_id (self->id) != NULL)
    postseal_claws_account_view_save (self->view);
  g_clear_object (&self->view);
  return G_SOURCE_REMOVE;
}

/* What has been applied counts from now on: until then, the host's account has strings that the
   host has freed, and nobody may look at it. */
static void
on_destroy (PrefsPage *self)
{
  if (current != NULL && current->view != NULL && current->source == 0)
    current->source = g_idle_add_full (G_PRIORITY_DEFAULT, on_closed, current, NULL);
}

/* --- public --- */

PostsealClawsAccountTab *
postseal_claws_account_tab_new (PostsealClawsFront *front, PostsealClawsBindings *bindings)
{
  PostsealClawsAccountTab *self;

  g_return_val_if_fail (current == NULL, NULL);

  self = g_new0 (PostsealClawsAccountTab, 1);
  self->front = g_object_ref (front);
  self->bindings = g_object_ref (bindings);
  self->hook = hooks_register_hook (ACCOUNT_LIST_CHANGED_HOOKLIST, on_host_accounts_changed, self);
  current = self;
  path[0] = dgettext (HOST_DOMAIN, "Account");
  path[1] = (char *)"Postseal";
  page.path = path;
  page.weight = WEIGHT;
  page.create_widget = on_create;
  page.destroy_widget = on_destroy;
  page.save_page = on_save;
  prefs_account_register_page (&page);
  return self;
}

void
postseal_claws_account_tab_free (PostsealClawsAccountTab *self)
{
  if (self == NULL)
    return;
  prefs_account_unregister_page (&page);
  hooks_unregister_hook (ACCOUNT_LIST_CHANGED_HOOKLIST, self->hook);
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->view != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->view));
  g_clear_object (&self->view);
  current = NULL;
  g_object_unref (self->front);
  g_object_unref (self->bindings);
  g_free (self);
}

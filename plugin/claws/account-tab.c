/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/account-tab.h"

#include <account.h>
#include <common/hooks.h>
#include <glib/gi18n-lib.h>
#include <libintl.h>
#include <mainwindow.h>
#include <prefs_account.h>

#include "claws/account-view.h"
#include "claws/import-dialog.h"
#include "claws/password-view.h"

#define HOST_DOMAIN "claws-mail"
#define BORDER 8 /* as the host's pages have it */
#define SPACING 12
#define WEIGHT 500 /* less than the host's own pages have: behind them */

struct _PostsealClawsAccountTab
{
  PostsealClawsFront *front; /* owned */
  PostsealClawsBindings *bindings; /* owned */
  PostsealClawsPasswords *passwords; /* borrowed */
  gulong hook;
  PostsealClawsAccountView *view; /* owned, nullable: while the dialog is open */
  PostsealClawsPasswordView *password_view; /* owned, nullable: likewise */
  GtkWidget *importing; /* weak */
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

/* --- taking over --- */

static void
on_reloaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_claws_front_request_finish (POSTSEAL_CLAWS_FRONT (source), result, &error);

  if (answer == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_message ("%s", error->message);
}

static void
on_imported (PostsealClawsImportDialog *dialog, const char *name, gpointer user_data)
{
  if (current == NULL || current->view == NULL)
    return;
  postseal_claws_front_request_async (current->front, POSTSEAL_SERVICE_RELOAD, NULL, NULL, NULL,
                                      on_reloaded, NULL);
  postseal_claws_account_view_choose (current->view, name);
}

static void
on_import (PostsealClawsAccountView *view, PostsealClawsAccountTab *self)
{
  GtkWindow *parent = GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (view)));
  GtkWidget *dialog = postseal_claws_import_dialog_new (parent, self->id);

  g_set_weak_pointer (&self->importing, dialog);
  g_signal_connect (dialog, "imported", G_CALLBACK (on_imported), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- what the host asks of a page --- */

static void
fill (PostsealClawsAccountTab *self, GtkContainer *box, const PrefsAccount *account)
{
  GtkWidget *passwords
      = postseal_claws_password_view_new (self->passwords, self->bindings, account->account_id);
  GtkWidget *view = postseal_claws_account_view_new (self->front, self->bindings,
                                                     account->account_id, account->address);

  self->id = account->account_id;
  gtk_container_add (box, passwords);
  gtk_container_add (box, view);
  g_set_object (&self->password_view, POSTSEAL_CLAWS_PASSWORD_VIEW (passwords));
  g_set_object (&self->view, POSTSEAL_CLAWS_ACCOUNT_VIEW (view));
  if (account_find_from_id (self->id) == NULL)
    postseal_claws_account_view_set_import (self->view,
                                            _ ("Claws Mail has to save this account first"));
  g_signal_connect (view, "import", G_CALLBACK (on_import), self);
}

static void
on_create (PrefsPage *self, GtkWindow *window, gpointer data)
{
  self->widget = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING);
  gtk_container_set_border_width (GTK_CONTAINER (self->widget), BORDER);
  gtk_widget_show (self->widget);
  if (current != NULL)
    fill (current, GTK_CONTAINER (self->widget), data);
}

static void
on_save (PrefsPage *self)
{
  if (current == NULL || current->view == NULL)
    return;
  postseal_claws_password_view_apply (current->password_view);
  postseal_claws_account_view_apply (current->view);
}

static void
close_views (PostsealClawsAccountTab *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->password_view);
  g_clear_object (&self->view);
}

/* A new account that was given up never was. */
static gboolean
on_closed (gpointer user_data)
{
  PostsealClawsAccountTab *self = user_data;

  self->source = 0;
  if (account_find_from_id (self->id) != NULL)
    {
      postseal_claws_password_view_save (self->password_view);
      postseal_claws_account_view_save (self->view);
    }
  close_views (self);
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
postseal_claws_account_tab_new (PostsealClawsFront *front,
                                PostsealClawsBindings *bindings,
                                PostsealClawsPasswords *passwords)
{
  PostsealClawsAccountTab *self;

  g_return_val_if_fail (current == NULL, NULL);

  self = g_new0 (PostsealClawsAccountTab, 1);
  self->front = g_object_ref (front);
  self->bindings = g_object_ref (bindings);
  self->passwords = passwords;
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
  if (self->importing != NULL)
    gtk_widget_destroy (self->importing);
  g_clear_weak_pointer (&self->importing);
  if (self->view != NULL)
    {
      gtk_widget_destroy (GTK_WIDGET (self->password_view));
      gtk_widget_destroy (GTK_WIDGET (self->view));
    }
  close_views (self);
  current = NULL;
  g_object_unref (self->front);
  g_object_unref (self->bindings);
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/password-page.h"

#include <glib/gi18n.h>

#include "auth/keyring.h"
#include "auth/vault.h"
#include "settings/accessible-entry.h"
#include "settings/password-entry.h"
#include "settings/test-view.h"
#include "settings/trouble-panel.h"

struct _PostsealPasswordPage
{
  GtkBox parent;

  AdwWindowTitle *title; /* template children */
  PostsealTroublePanel *panel;
  GtkWidget *locked_group;
  GtkEditable *entry;
  GtkWidget *store_button;
  GtkWidget *anyway_button;
  GtkLabel *status_label;
  PostsealTestView *view;
  PostsealAccount *account; /* owned */
  PostsealCredential *secret; /* owned, nullable: as typed when the test began */
  gboolean wants_test;
  gboolean is_refused; /* this very password: it is not tried again */
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealPasswordPage, postseal_password_page, GTK_TYPE_BOX)

static guint stored_signal;

static void
tell (PostsealPasswordPage *self, const char *text)
{
  gtk_label_set_label (self->status_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->status_label), text != NULL);
}

static gboolean
has_text (PostsealPasswordPage *self)
{
  return *gtk_editable_get_text (self->entry) != '\0';
}

static void
set_busy (PostsealPasswordPage *self, gboolean is_busy)
{
  gtk_editable_set_editable (self->entry, !is_busy); /* it keeps the focus */
  gtk_widget_set_sensitive (self->store_button, !is_busy && has_text (self) && !self->is_refused);
  gtk_widget_set_sensitive (self->anyway_button, !is_busy && has_text (self));
}

static void
on_edited (PostsealPasswordPage *self)
{
  self->is_refused = FALSE;
  gtk_widget_set_sensitive (self->store_button, has_text (self));
  gtk_widget_set_sensitive (self->anyway_button, has_text (self));
  tell (self, NULL);
}

/* --- the keyring --- */

static void
on_keyring_state (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealPasswordPage) self = user_data;
  PostsealKeyringState state = postseal_keyring_get_state_finish (result);

  if (!g_cancellable_is_cancelled (self->cancellable))
    gtk_widget_set_visible (self->locked_group, state == POSTSEAL_KEYRING_LOCKED);
}

static void
look_at_keyring (PostsealPasswordPage *self)
{
  postseal_keyring_get_state_async (self->cancellable, on_keyring_state, g_object_ref (self));
}

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealPasswordPage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (postseal_keyring_unlock_finish (result, &error))
    postseal_trouble_panel_show (self->panel, NULL);
  else
    postseal_trouble_panel_tell (self->panel, _ ("The keyring is still locked"), error->message);
  look_at_keyring (self);
}

static void
on_unlock (PostsealPasswordPage *self)
{
  postseal_keyring_unlock_async (self->cancellable, on_unlocked, g_object_ref (self));
}

/* --- to its place --- */

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealPasswordPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_stored = postseal_vault_store_finish (POSTSEAL_VAULT (source), result, &error);

  if (is_stored)
    g_signal_emit (self, stored_signal, 0);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  g_clear_pointer (&self->secret, postseal_credential_unref);
  if (is_stored)
    {
      gtk_editable_set_text (self->entry, "");
      gtk_widget_set_visible (self->anyway_button, FALSE);
      tell (self, _ ("The new password is stored."));
    }
  else
    {
      postseal_trouble_panel_tell (self->panel, _ ("The password could not be stored"),
                                   error->message);
      gtk_widget_set_visible (self->anyway_button, TRUE);
      look_at_keyring (self);
    }
  set_busy (self, FALSE);
}

static void
store (PostsealPasswordPage *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealVault) vault = postseal_vault_new (self->account->password, &error);

  if (vault == NULL)
    {
      postseal_trouble_panel_tell (self->panel, _ ("The password could not be stored"),
                                   error->message);
      set_busy (self, FALSE);
      return;
    }
  postseal_vault_store_async (vault, self->account->name, self->secret, NULL, on_stored,
                              g_object_ref (self));
}

/* --- the test --- */

static void
run_test (PostsealPasswordPage *self)
{
  g_autoptr (PostsealLiveTest) test = postseal_live_test_new (self->account, self->secret);

  gtk_widget_set_visible (GTK_WIDGET (self->view), TRUE);
  postseal_test_view_run (self->view, test);
}

/* --- the keyring is open, or not --- */

static void
on_keyring_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealPasswordPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_open = postseal_keyring_unlock_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  look_at_keyring (self);
  if (is_open && self->wants_test)
    run_test (self);
  else if (is_open)
    store (self);
  else
    {
      postseal_trouble_panel_tell (self->panel, _ ("The password could not be stored"),
                                   error->message);
      g_clear_pointer (&self->secret, postseal_credential_unref);
      set_busy (self, FALSE);
    }
}

/* It must take the password before a server has seen it. An open one asks nobody anything. */
static void
begin (PostsealPasswordPage *self, gboolean wants_test)
{
  g_clear_pointer (&self->secret, postseal_credential_unref);
  self->secret = postseal_credential_new (gtk_editable_get_text (self->entry), -1);
  self->wants_test = wants_test;
  postseal_trouble_panel_show (self->panel, NULL);
  tell (self, NULL);
  set_busy (self, TRUE);
  postseal_keyring_unlock_async (self->cancellable, on_keyring_open, g_object_ref (self));
}

static void
on_store_anyway (PostsealPasswordPage *self)
{
  begin (self, FALSE);
}

static void
on_test (PostsealPasswordPage *self)
{
  begin (self, TRUE);
}

static void
on_enter (PostsealPasswordPage *self)
{
  if (gtk_widget_get_sensitive (self->store_button))
    on_test (self);
}

static gboolean
is_about_password (const PostsealTrouble *trouble)
{
  return trouble != NULL
         && (trouble->kind == POSTSEAL_TROUBLE_PASSWORD
             || trouble->kind == POSTSEAL_TROUBLE_APP_PASSWORD);
}

static void
on_ended (PostsealPasswordPage *self, gboolean passed)
{
  PostsealLiveTest *test = postseal_test_view_get_test (self->view);

  if (passed)
    {
      store (self);
      return;
    }
  g_clear_pointer (&self->secret, postseal_credential_unref);
  self->is_refused = is_about_password (postseal_live_test_get_trouble (test, FALSE))
                     || is_about_password (postseal_live_test_get_trouble (test, TRUE));
  set_busy (self, FALSE);
  gtk_widget_set_visible (self->anyway_button, TRUE);
  postseal_accessible_entry_select (ADW_ENTRY_ROW (self->entry));
}

static void
on_remedy (PostsealPasswordPage *self, int remedy)
{
  if (remedy == POSTSEAL_REMEDY_RETRY)
    on_enter (self);
  else if (remedy == POSTSEAL_REMEDY_UNLOCK)
    on_unlock (self);
  else if (remedy == POSTSEAL_REMEDY_PASSWORD)
    postseal_accessible_entry_select (ADW_ENTRY_ROW (self->entry));
}

/* --- GObject --- */

GtkWidget *
postseal_password_page_new (PostsealAccount *account)
{
  PostsealPasswordPage *self;

  g_return_val_if_fail (account != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_PASSWORD_PAGE, NULL);
  self->account = postseal_account_ref (account);
  adw_window_title_set_subtitle (self->title, account->name);
  look_at_keyring (self);
  return GTK_WIDGET (self);
}

static void
postseal_password_page_dispose (GObject *object)
{
  g_clear_pointer (&POSTSEAL_PASSWORD_PAGE (object)->account, postseal_account_unref);
  G_OBJECT_CLASS (postseal_password_page_parent_class)->dispose (object);
}

static void
postseal_password_page_finalize (GObject *object)
{
  g_object_unref (POSTSEAL_PASSWORD_PAGE (object)->cancellable);
  G_OBJECT_CLASS (postseal_password_page_parent_class)->finalize (object);
}

/* The page is left. What is under way holds a reference, so that dispose() would come too late. */
static void
postseal_password_page_unroot (GtkWidget *widget)
{
  PostsealPasswordPage *self = POSTSEAL_PASSWORD_PAGE (widget);

  g_cancellable_cancel (self->cancellable);
  gtk_editable_set_text (self->entry, "");
  g_clear_pointer (&self->secret, postseal_credential_unref);
  GTK_WIDGET_CLASS (postseal_password_page_parent_class)->unroot (widget);
}

static void
postseal_password_page_class_init (PostsealPasswordPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_password_page_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_password_page_finalize;
  widget_class->unroot = postseal_password_page_unroot;
  stored_signal = g_signal_new ("stored", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (POSTSEAL_TYPE_TEST_VIEW);
  g_type_ensure (POSTSEAL_TYPE_TROUBLE_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/password-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealPasswordPage, title);
  gtk_widget_class_bind_template_child (widget_class, PostsealPasswordPage, panel);
  gtk_widget_class_bind_template_child (widget_class, PostsealPasswordPage, locked_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealPasswordPage, entry);
  gtk_widget_class_bind_template_child (widget_class, PostsealPasswordPage, store_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealPasswordPage, anyway_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealPasswordPage, status_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealPasswordPage, view);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
  gtk_widget_class_bind_template_callback (widget_class, on_enter);
  gtk_widget_class_bind_template_callback (widget_class, on_unlock);
  gtk_widget_class_bind_template_callback (widget_class, on_test);
  gtk_widget_class_bind_template_callback (widget_class, on_store_anyway);
  gtk_widget_class_bind_template_callback (widget_class, on_ended);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy);
}

static void
postseal_password_page_init (PostsealPasswordPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  postseal_accessible_entry_name (ADW_ENTRY_ROW (self->entry));
  postseal_password_entry_keep_no_history (ADW_ENTRY_ROW (self->entry));
}

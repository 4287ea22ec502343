/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/consent-page.h"

#include <glib/gi18n.h>

#include "auth/keyring.h"
#include "auth/vault.h"
#include "settings/consent-view.h"
#include "settings/consent-ways.h"
#include "settings/trouble-panel.h"

struct _PostsealConsentPage
{
  GtkBox parent;

  AdwWindowTitle *title; /* template children */
  PostsealTroublePanel *panel;
  GtkLabel *text_label;
  GtkWidget *browser_button;
  GtkWidget *device_button;
  PostsealConsentView *view;
  PostsealAccount *account; /* owned */
  PostsealConsentWay way;
  GCancellable *cancellable; /* owned: of the unlocking */
};

G_DEFINE_FINAL_TYPE (PostsealConsentPage, postseal_consent_page, GTK_TYPE_BOX)

static guint stored_signal;

/* --- which ways there are --- */

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealConsentPage) self = user_data;
  gboolean has_browser = FALSE;
  gboolean has_device = FALSE;

  (void)postseal_consent_ways_find_finish (result, &has_browser, &has_device, NULL);
  gtk_widget_set_visible (self->browser_button, has_browser);
  gtk_widget_set_visible (self->device_button, has_device);
  if (!has_browser && !has_device)
    gtk_label_set_label (self->text_label,
                         _ ("This provider is not known here, or wants an identification of this "
                            "program that is not set: see oauth-providers.conf."));
}

/* --- signing in --- */

static const char *
get_user (const PostsealAccount *account)
{
  if (account->receive_user != NULL)
    return account->receive_user;
  return account->send_user != NULL ? account->send_user : account->address;
}

static void
set_busy (PostsealConsentPage *self, gboolean is_busy)
{
  gtk_widget_set_sensitive (self->browser_button, !is_busy);
  gtk_widget_set_sensitive (self->device_button, !is_busy);
  gtk_widget_set_visible (GTK_WIDGET (self->view), is_busy);
}

static void
run (PostsealConsentPage *self)
{
  g_autoptr (PostsealConsent) consent = postseal_consent_new (
      self->account->password, self->account->name, get_user (self->account), self->way);

  set_busy (self, TRUE);
  postseal_consent_view_run (self->view, consent, self->way);
}

static void
on_keyring_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealConsentPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_open = postseal_keyring_unlock_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  /* Where there is none, oauth-providers.conf may name another place. */
  if (is_open || g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE))
    {
      run (self);
      return;
    }
  set_busy (self, FALSE);
  postseal_trouble_panel_tell (self->panel, _ ("You are not signed in"), error->message);
}

/* The keyring must be ready for what comes of it. */
static void
begin (PostsealConsentPage *self, PostsealConsentWay way)
{
  self->way = way;
  postseal_trouble_panel_show (self->panel, NULL);
  gtk_widget_set_sensitive (self->browser_button, FALSE);
  gtk_widget_set_sensitive (self->device_button, FALSE);
  postseal_keyring_unlock_async (self->cancellable, on_keyring_open, g_object_ref (self));
}

static void
on_browser (PostsealConsentPage *self)
{
  begin (self, POSTSEAL_CONSENT_BROWSER);
}

static void
on_device (PostsealConsentPage *self)
{
  begin (self, POSTSEAL_CONSENT_DEVICE);
}

static void
on_ended (PostsealConsentPage *self, gboolean is_stored, const char *message)
{
  set_busy (self, FALSE);
  if (is_stored)
    {
      gtk_label_set_label (self->text_label, _ ("You are signed in again."));
      g_signal_emit (self, stored_signal, 0);
    }
  else
    postseal_trouble_panel_tell (self->panel, _ ("You are not signed in"), message);
}

/* --- GObject --- */

GtkWidget *
postseal_consent_page_new (PostsealAccount *account)
{
  PostsealConsentPage *self;
  g_autofree char *text = NULL;

  g_return_val_if_fail (account != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_CONSENT_PAGE, NULL);
  self->account = postseal_account_ref (account);
  adw_window_title_set_subtitle (self->title, account->name);
  text
      = g_strdup_printf (_ ("Sign in as “%s” on your provider’s own page: Postseal never sees your "
                            "password."),
                         get_user (account));
  gtk_label_set_label (self->text_label, text);
  postseal_consent_ways_find_async (account->password, NULL, on_looked, g_object_ref (self));
  return GTK_WIDGET (self);
}

static void
postseal_consent_page_dispose (GObject *object)
{
  PostsealConsentPage *self = POSTSEAL_CONSENT_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->account, postseal_account_unref);
  G_OBJECT_CLASS (postseal_consent_page_parent_class)->dispose (object);
}

static void
postseal_consent_page_finalize (GObject *object)
{
  g_object_unref (POSTSEAL_CONSENT_PAGE (object)->cancellable);
  G_OBJECT_CLASS (postseal_consent_page_parent_class)->finalize (object);
}

static void
postseal_consent_page_class_init (PostsealConsentPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_consent_page_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_consent_page_finalize;
  stored_signal = g_signal_new ("stored", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (POSTSEAL_TYPE_CONSENT_VIEW);
  g_type_ensure (POSTSEAL_TYPE_TROUBLE_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/consent-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentPage, title);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentPage, panel);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentPage, text_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentPage, browser_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentPage, device_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentPage, view);
  gtk_widget_class_bind_template_callback (widget_class, on_browser);
  gtk_widget_class_bind_template_callback (widget_class, on_device);
  gtk_widget_class_bind_template_callback (widget_class, on_ended);
}

static void
postseal_consent_page_init (PostsealConsentPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

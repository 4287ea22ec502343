/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/consent-view.h"

#include <glib/gi18n.h>

struct _PostsealConsentView
{
  GtkBox parent;

  GtkSpinner *spinner; /* template children */
  GtkLabel *text_label;
  AdwActionRow *uri_row;
  GtkListBoxRow *code_row;
  GtkLabel *code_label;
  PostsealConsent *consent; /* owned, nullable */
  PostsealConsentWay way;
  char *uri; /* owned, nullable */
  GCancellable *cancellable; /* owned, nullable: while it is waited for */
};

G_DEFINE_FINAL_TYPE (PostsealConsentView, postseal_consent_view, GTK_TYPE_BOX)

static guint ended_signal;

static void
on_open_again (PostsealConsentView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->uri != NULL && g_str_has_prefix (self->uri, "https://"))
    gtk_show_uri (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, self->uri, GDK_CURRENT_TIME);
}

static void
on_copy (PostsealConsentView *self)
{
  if (self->uri != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->uri);
}

/* The address of a consent in the browser is long and says nothing to anybody but its host. */
static char *
shorten (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);

  if (parsed == NULL || g_uri_get_host (parsed) == NULL)
    return g_strdup (uri);
  return g_strdup (g_uri_get_host (parsed));
}

static void
on_open (PostsealConsentView *self, const char *uri, const char *code)
{
  gboolean is_device = self->way == POSTSEAL_CONSENT_DEVICE;
  g_autofree char *shown = is_device ? g_strdup (uri) : shorten (uri);

  g_free (self->uri);
  self->uri = g_strdup (uri);
  adw_action_row_set_subtitle (self->uri_row, shown);
  gtk_label_set_label (self->code_label, code);
  gtk_widget_set_visible (GTK_WIDGET (self->code_row), *code != '\0');
  gtk_label_set_label (
      self->text_label,
      is_device ? _ ("Open this page on any device, type the code there, and allow Postseal to "
                     "read and send your mail.")
                : _ ("Your browser shows your provider’s page. Sign in there, and allow Postseal "
                     "to read and send your mail. Then come back here."));
  if (!is_device)
    on_open_again (self);
}

static void
stop (PostsealConsentView *self)
{
  if (self->consent != NULL)
    g_signal_handlers_disconnect_by_data (self->consent, self);
  g_clear_object (&self->consent);
  g_clear_object (&self->cancellable);
  gtk_spinner_set_spinning (self->spinner, FALSE);
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealConsentView) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_stored = postseal_consent_run_finish (POSTSEAL_CONSENT (source), result, &error);

  if (POSTSEAL_CONSENT (source) != self->consent)
    return;
  stop (self);
  g_signal_emit (self, ended_signal, 0, is_stored, error != NULL ? error->message : "");
}

void
postseal_consent_view_run (PostsealConsentView *self,
                           PostsealConsent *consent,
                           PostsealConsentWay way)
{
  g_return_if_fail (POSTSEAL_IS_CONSENT_VIEW (self));
  g_return_if_fail (POSTSEAL_IS_CONSENT (consent));

  postseal_consent_view_cancel (self);
  self->consent = g_object_ref (consent);
  self->way = way;
  self->cancellable = g_cancellable_new ();
  adw_action_row_set_subtitle (self->uri_row, "");
  gtk_widget_set_visible (GTK_WIDGET (self->code_row), FALSE);
  gtk_label_set_label (self->text_label, _ ("Asking your provider…"));
  gtk_spinner_set_spinning (self->spinner, TRUE);
  g_signal_connect_swapped (consent, "open", G_CALLBACK (on_open), self);
  postseal_consent_run_async (consent, self->cancellable, on_run, g_object_ref (self));
}

void
postseal_consent_view_cancel (PostsealConsentView *self)
{
  g_return_if_fail (POSTSEAL_IS_CONSENT_VIEW (self));

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  stop (self);
}

static void
postseal_consent_view_finalize (GObject *object)
{
  g_free (POSTSEAL_CONSENT_VIEW (object)->uri);
  G_OBJECT_CLASS (postseal_consent_view_parent_class)->finalize (object);
}

/* The page is left. What is under way holds a reference, so that dispose() would come too late. */
static void
postseal_consent_view_unroot (GtkWidget *widget)
{
  postseal_consent_view_cancel (POSTSEAL_CONSENT_VIEW (widget));
  GTK_WIDGET_CLASS (postseal_consent_view_parent_class)->unroot (widget);
}

static void
postseal_consent_view_class_init (PostsealConsentViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_consent_view_finalize;
  widget_class->unroot = postseal_consent_view_unroot;
  ended_signal = g_signal_new ("ended", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 2, G_TYPE_BOOLEAN, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/consent-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentView, spinner);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentView, text_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentView, uri_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentView, code_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealConsentView, code_label);
  gtk_widget_class_bind_template_callback (widget_class, on_open_again);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}

static void
postseal_consent_view_init (PostsealConsentView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

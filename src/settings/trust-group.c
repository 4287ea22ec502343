/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/trust-group.h"

#include <glib/gi18n.h>

struct _PostsealTrustGroup
{
  AdwPreferencesGroup parent;

  AdwExpanderRow *known_row; /* template children */
  AdwActionRow *fingerprint_row;
  GtkCheckButton *compared_check;
  GtkButton *file_button;
  GtkFileChooserNative *chooser; /* owned, nullable: while it is open */
};

G_DEFINE_FINAL_TYPE (PostsealTrustGroup, postseal_trust_group, ADW_TYPE_PREFERENCES_GROUP)

static guint trusted_signal;

static void
on_compared (PostsealTrustGroup *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->file_button),
                            gtk_check_button_get_active (self->compared_check));
}

static void
on_copy (PostsealTrustGroup *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          adw_action_row_get_subtitle (self->fingerprint_row));
}

static void
on_response (PostsealTrustGroup *self, int response)
{
  g_autoptr (GtkFileChooserNative) chooser = g_steal_pointer (&self->chooser);
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (chooser == NULL || response != GTK_RESPONSE_ACCEPT)
    return;
  file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL)
    g_signal_emit (self, trusted_signal, 0, path);
}

static void
on_choose (PostsealTrustGroup *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (
      _ ("The Certificate of the Authority"), GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
      GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Trust It"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_response), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

void
postseal_trust_group_show (PostsealTrustGroup *self, const PostsealTrouble *trouble)
{
  gboolean is_shown = trouble != NULL && trouble->kind == POSTSEAL_TROUBLE_UNKNOWN_ISSUER
                      && trouble->fingerprint != NULL;

  g_return_if_fail (POSTSEAL_IS_TRUST_GROUP (self));

  gtk_widget_set_visible (GTK_WIDGET (self), is_shown);
  adw_expander_row_set_expanded (self->known_row, FALSE);
  gtk_check_button_set_active (self->compared_check, FALSE);
  adw_action_row_set_subtitle (self->fingerprint_row, is_shown ? trouble->fingerprint : "");
}

static void
postseal_trust_group_dispose (GObject *object)
{
  PostsealTrustGroup *self = POSTSEAL_TRUST_GROUP (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (postseal_trust_group_parent_class)->dispose (object);
}

static void
postseal_trust_group_class_init (PostsealTrustGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_trust_group_dispose;
  trusted_signal = g_signal_new ("trusted", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/trust-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealTrustGroup, known_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealTrustGroup, fingerprint_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealTrustGroup, compared_check);
  gtk_widget_class_bind_template_child (widget_class, PostsealTrustGroup, file_button);
  gtk_widget_class_bind_template_callback (widget_class, on_compared);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
}

static void
postseal_trust_group_init (PostsealTrustGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/trouble-panel.h"

#include <glib/gi18n.h>

#include "settings/sentence.h"

struct _PostsealTroublePanel
{
  GtkBox parent;

  GtkLabel *title_label; /* template children */
  GtkLabel *text_label;
  GtkLabel *said_label;
  GtkLabel *advice_label;
  GtkButton *remedy_button;
  GtkLabel *remedy_label;
  PostsealTrouble *trouble; /* owned, nullable */
};

G_DEFINE_FINAL_TYPE (PostsealTroublePanel, postseal_trouble_panel, GTK_TYPE_BOX)

static guint remedy_signal;

static void
open_uri (PostsealTroublePanel *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->trouble->uri != NULL && g_str_has_prefix (self->trouble->uri, "https://"))
    gtk_show_uri (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, self->trouble->uri,
                  GDK_CURRENT_TIME);
}

static void
on_remedy (PostsealTroublePanel *self)
{
  if (self->trouble == NULL)
    return;
  if (self->trouble->remedy == POSTSEAL_REMEDY_URI)
    open_uri (self);
  g_signal_emit (self, remedy_signal, 0, (int)self->trouble->remedy);
}

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

/* What a screen reader says when the alert appears. */
static void
set_accessible_words (PostsealTroublePanel *self, const char *title, const char *text)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
set_words (PostsealTroublePanel *self, const char *title, const char *text, const char *advice)
{
  set_text (self->title_label, title);
  set_text (self->text_label, text);
  set_text (self->advice_label, advice);
  set_accessible_words (self, title, text);
}

static void
set_remedy (PostsealTroublePanel *self, const PostsealTrouble *trouble)
{
  g_autofree char *label = trouble != NULL ? postseal_trouble_get_remedy_label (trouble) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->remedy_button), label != NULL);
  gtk_label_set_label (self->remedy_label, label != NULL ? label : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->remedy_button),
                               trouble != NULL ? trouble->uri : NULL);
}

void
postseal_trouble_panel_show (PostsealTroublePanel *self, const PostsealTrouble *trouble)
{
  PostsealTrouble *copy = NULL;
  g_autofree char *said = NULL;

  g_return_if_fail (POSTSEAL_IS_TROUBLE_PANEL (self));

  if (trouble != NULL)
    copy = postseal_trouble_copy (trouble);
  g_clear_pointer (&self->trouble, postseal_trouble_free);
  self->trouble = copy;
  gtk_widget_set_visible (GTK_WIDGET (self), copy != NULL);
  if (copy == NULL)
    return;
  if (copy->said != NULL && *copy->said != '\0')
    said = g_strdup_printf (_ ("The server said: “%s”"), copy->said);
  set_words (self, copy->title, copy->text, copy->advice);
  set_text (self->said_label, said);
  set_remedy (self, copy);
}

void
postseal_trouble_panel_tell (PostsealTroublePanel *self, const char *title, const char *text)
{
  g_autofree char *sentence = NULL;

  g_return_if_fail (POSTSEAL_IS_TROUBLE_PANEL (self));
  g_return_if_fail (title != NULL && text != NULL);

  sentence = postseal_sentence_begin (text);
  g_clear_pointer (&self->trouble, postseal_trouble_free);
  set_words (self, title, sentence, NULL);
  set_text (self->said_label, NULL);
  set_remedy (self, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}

const PostsealTrouble *
postseal_trouble_panel_get_trouble (PostsealTroublePanel *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TROUBLE_PANEL (self), NULL);

  return self->trouble;
}

static void
postseal_trouble_panel_finalize (GObject *object)
{
  g_clear_pointer (&POSTSEAL_TROUBLE_PANEL (object)->trouble, postseal_trouble_free);
  G_OBJECT_CLASS (postseal_trouble_panel_parent_class)->finalize (object);
}

static void
postseal_trouble_panel_class_init (PostsealTroublePanelClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_trouble_panel_finalize;
  remedy_signal = g_signal_new ("remedy", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/trouble-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealTroublePanel, title_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealTroublePanel, text_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealTroublePanel, said_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealTroublePanel, advice_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealTroublePanel, remedy_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealTroublePanel, remedy_label);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy);
}

static void
postseal_trouble_panel_init (PostsealTroublePanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

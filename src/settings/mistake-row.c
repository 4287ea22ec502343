/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/mistake-row.h"

#include "settings/sentence.h"

struct _PostsealMistakeRow
{
  GtkListBoxRow parent;

  GtkLabel *label; /* template child */
};

G_DEFINE_FINAL_TYPE (PostsealMistakeRow, postseal_mistake_row, GTK_TYPE_LIST_BOX_ROW)

GtkWidget *
postseal_mistake_row_new (void)
{
  return g_object_new (POSTSEAL_TYPE_MISTAKE_ROW, NULL);
}

void
postseal_mistake_row_set_text (PostsealMistakeRow *self, const char *text)
{
  g_autofree char *sentence = NULL;

  g_return_if_fail (POSTSEAL_IS_MISTAKE_ROW (self));

  if (text != NULL && *text != '\0')
    sentence = postseal_sentence_begin (text);
  gtk_label_set_label (self->label, sentence != NULL ? sentence : "");
  gtk_widget_set_visible (GTK_WIDGET (self), sentence != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  sentence != NULL ? sentence : "", -1);
}

static void
postseal_mistake_row_class_init (PostsealMistakeRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/mistake-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealMistakeRow, label);
}

static void
postseal_mistake_row_init (PostsealMistakeRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

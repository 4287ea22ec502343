/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/fact-row.h"

struct _PostsealFactRow
{
  AdwPreferencesRow parent;

  GtkImage *sign; /* template children */
  GtkLabel *name_label;
  GtkLabel *value_label;
};

G_DEFINE_FINAL_TYPE (PostsealFactRow, postseal_fact_row, ADW_TYPE_PREFERENCES_ROW)

GtkWidget *
postseal_fact_row_new (const char *icon, const char *name, const char *value)
{
  PostsealFactRow *self;

  g_return_val_if_fail (value != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_FACT_ROW, NULL);
  gtk_image_set_from_icon_name (self->sign, icon);
  gtk_widget_set_visible (GTK_WIDGET (self->sign), icon != NULL);
  gtk_label_set_label (self->name_label, name != NULL ? name : "");
  gtk_widget_set_visible (GTK_WIDGET (self->name_label), name != NULL);
  gtk_label_set_label (self->value_label, value);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name != NULL ? name : value);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name != NULL ? name : value, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  value, -1);
  return GTK_WIDGET (self);
}

static void
postseal_fact_row_class_init (PostsealFactRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/fact-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealFactRow, sign);
  gtk_widget_class_bind_template_child (widget_class, PostsealFactRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealFactRow, value_label);
}

static void
postseal_fact_row_init (PostsealFactRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

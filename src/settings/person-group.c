/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/person-group.h"

#include "settings/entry-field.h"

struct _PostsealPersonGroup
{
  AdwPreferencesGroup parent;

  PostsealEntryField *send_as_field; /* template child */
};

G_DEFINE_FINAL_TYPE (PostsealPersonGroup, postseal_person_group, ADW_TYPE_PREFERENCES_GROUP)

void
postseal_person_group_set_sends (PostsealPersonGroup *self, gboolean sends)
{
  g_return_if_fail (POSTSEAL_IS_PERSON_GROUP (self));

  gtk_widget_set_visible (GTK_WIDGET (self->send_as_field), sends);
}

static void
postseal_person_group_class_init (PostsealPersonGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (POSTSEAL_TYPE_ENTRY_FIELD);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/person-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealPersonGroup, send_as_field);
}

static void
postseal_person_group_init (PostsealPersonGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

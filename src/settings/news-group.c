/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/news-group.h"

#include "settings/choice-field.h"
#include "settings/entry-field.h"
#include "settings/switch-field.h"

struct _PostsealNewsGroup
{
  AdwPreferencesGroup parent;
};

G_DEFINE_FINAL_TYPE (PostsealNewsGroup, postseal_news_group, ADW_TYPE_PREFERENCES_GROUP)

static void
postseal_news_group_class_init (PostsealNewsGroupClass *class)
{
  g_type_ensure (POSTSEAL_TYPE_CHOICE_FIELD);
  g_type_ensure (POSTSEAL_TYPE_ENTRY_FIELD);
  g_type_ensure (POSTSEAL_TYPE_SWITCH_FIELD);
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (class),
                                               "/org/postseal/Settings/news-group.ui");
}

static void
postseal_news_group_init (PostsealNewsGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

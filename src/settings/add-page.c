/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/add-page.h"

struct _PostsealAddPage
{
  GtkBox parent;

  PostsealSession *session; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealAddPage, postseal_add_page, GTK_TYPE_BOX)

GtkWidget *
postseal_add_page_new (PostsealSession *session)
{
  PostsealAddPage *self = g_object_new (POSTSEAL_TYPE_ADD_PAGE, NULL);

  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}

static void
postseal_add_page_finalize (GObject *object)
{
  g_clear_object (&POSTSEAL_ADD_PAGE (object)->session);
  G_OBJECT_CLASS (postseal_add_page_parent_class)->finalize (object);
}

static void
postseal_add_page_class_init (PostsealAddPageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = postseal_add_page_finalize;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (class),
                                               "/org/postseal/Settings/add-page.ui");
}

static void
postseal_add_page_init (PostsealAddPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

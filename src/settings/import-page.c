/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/import-page.h"

struct _PostsealImportPage
{
  GtkBox parent;

  PostsealSession *session; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealImportPage, postseal_import_page, GTK_TYPE_BOX)

GtkWidget *
postseal_import_page_new (PostsealSession *session)
{
  PostsealImportPage *self = g_object_new (POSTSEAL_TYPE_IMPORT_PAGE, NULL);

  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}

static void
postseal_import_page_finalize (GObject *object)
{
  g_clear_object (&POSTSEAL_IMPORT_PAGE (object)->session);
  G_OBJECT_CLASS (postseal_import_page_parent_class)->finalize (object);
}

static void
postseal_import_page_class_init (PostsealImportPageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = postseal_import_page_finalize;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (class),
                                               "/org/postseal/Settings/import-page.ui");
}

static void
postseal_import_page_init (PostsealImportPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

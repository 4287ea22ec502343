/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/account-page.h"

struct _PostsealAccountPage
{
  GtkBox parent;

  PostsealSession *session; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealAccountPage, postseal_account_page, GTK_TYPE_BOX)

GtkWidget *
postseal_account_page_new (PostsealSession *session, const char *name)
{
  PostsealAccountPage *self = g_object_new (POSTSEAL_TYPE_ACCOUNT_PAGE, NULL);

  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}

static void
postseal_account_page_finalize (GObject *object)
{
  g_clear_object (&POSTSEAL_ACCOUNT_PAGE (object)->session);
  G_OBJECT_CLASS (postseal_account_page_parent_class)->finalize (object);
}

static void
postseal_account_page_class_init (PostsealAccountPageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = postseal_account_page_finalize;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (class),
                                               "/org/postseal/Settings/account-page.ui");
}

static void
postseal_account_page_init (PostsealAccountPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

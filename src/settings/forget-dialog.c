/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/forget-dialog.h"

#include "settings/accessible-button.h"

struct _PostsealForgetDialog
{
  AdwMessageDialog parent;
};

G_DEFINE_FINAL_TYPE (PostsealForgetDialog, postseal_forget_dialog, ADW_TYPE_MESSAGE_DIALOG)

GtkWindow *
postseal_forget_dialog_new (GtkWindow *parent)
{
  return g_object_new (POSTSEAL_TYPE_FORGET_DIALOG, "transient-for", parent, NULL);
}

static void
postseal_forget_dialog_class_init (PostsealForgetDialogClass *class)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (class),
                                               "/org/postseal/Settings/forget-dialog.ui");
}

static void
postseal_forget_dialog_init (PostsealForgetDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  postseal_accessible_button_name (GTK_WIDGET (self));
}

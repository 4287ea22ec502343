/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/discard-dialog.h"

#include "settings/accessible-button.h"

struct _PostsealDiscardDialog
{
  AdwMessageDialog parent;
};

G_DEFINE_FINAL_TYPE (PostsealDiscardDialog, postseal_discard_dialog, ADW_TYPE_MESSAGE_DIALOG)

GtkWindow *
postseal_discard_dialog_new (GtkWindow *parent)
{
  return g_object_new (POSTSEAL_TYPE_DISCARD_DIALOG, "transient-for", parent, NULL);
}

static void
postseal_discard_dialog_class_init (PostsealDiscardDialogClass *class)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (class),
                                               "/org/postseal/Settings/discard-dialog.ui");
}

static void
postseal_discard_dialog_init (PostsealDiscardDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  postseal_accessible_button_name (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Whether what is known of the servers is to be forgotten. Responses: "cancel", "forget". */
#define POSTSEAL_TYPE_FORGET_DIALOG (postseal_forget_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealForgetDialog, postseal_forget_dialog, POSTSEAL, FORGET_DIALOG, AdwMessageDialog)

/* @parent: (nullable). Returns: (transfer none): it destroys itself */
GtkWindow *postseal_forget_dialog_new (GtkWindow *parent);

G_END_DECLS

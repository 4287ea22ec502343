/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What to do with changes that are not saved. Responses: "keep", "discard", "save". */
#define POSTSEAL_TYPE_DISCARD_DIALOG (postseal_discard_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealDiscardDialog, postseal_discard_dialog, POSTSEAL, DISCARD_DIALOG, AdwMessageDialog)

/* @parent: (nullable). Returns: (transfer none): it destroys itself */
GtkWindow *postseal_discard_dialog_new (GtkWindow *parent);

G_END_DECLS

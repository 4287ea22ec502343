/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Takes one account of the host over into accounts.conf: tells first what becomes of each of its
   settings, writes only when the user says so, and its password only when that is said, too.
   Destroys itself.

   Signal "imported" (name s): the account of Postseal that was made. */
#define POSTSEAL_TYPE_CLAWS_IMPORT_DIALOG (postseal_claws_import_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PostsealClawsImportDialog,
                      postseal_claws_import_dialog,
                      POSTSEAL,
                      CLAWS_IMPORT_DIALOG,
                      GtkDialog)

/* @id: of the host's account, as its file has it. Returns: (transfer none): owned by GTK */
GtkWidget *postseal_claws_import_dialog_new (GtkWindow *parent, int id);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "import/import.h"

G_BEGIN_DECLS

/* What becomes of one setting of another program. */
#define POSTSEAL_TYPE_IMPORT_NOTE_ROW (postseal_import_note_row_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealImportNoteRow, postseal_import_note_row, POSTSEAL, IMPORT_NOTE_ROW, AdwActionRow)

GtkWidget *postseal_import_note_row_new (const PostsealImportNote *note);

G_END_DECLS

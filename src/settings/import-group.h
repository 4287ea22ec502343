/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "import/import.h"
#include "settings/session.h"

G_BEGIN_DECLS

/* One file of another program: its accounts, or why it cannot be read. */
#define POSTSEAL_TYPE_IMPORT_GROUP (postseal_import_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealImportGroup, postseal_import_group, POSTSEAL, IMPORT_GROUP, AdwPreferencesGroup)

/* Begins to read at once. */
GtkWidget *postseal_import_group_new (PostsealSession *session,
                                      PostsealImportProgram program,
                                      const char *path);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "import/import.h"
#include "settings/session.h"

G_BEGIN_DECLS

/* One account of another program: opened, it tells what becomes of each setting, and takes it over.
 */
#define POSTSEAL_TYPE_IMPORT_ACCOUNT_ROW (postseal_import_account_row_get_type ())
G_DECLARE_FINAL_TYPE (PostsealImportAccountRow,
                      postseal_import_account_row,
                      POSTSEAL,
                      IMPORT_ACCOUNT_ROW,
                      AdwExpanderRow)

/* @index: of the account in @import */
GtkWidget *
postseal_import_account_row_new (PostsealSession *session, PostsealImport *import, guint index);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "settings/session.h"

G_BEGIN_DECLS

/* Accounts of other programs that are here: what becomes of each setting, and taking them over. */
#define POSTSEAL_TYPE_IMPORT_PAGE (postseal_import_page_get_type ())
G_DECLARE_FINAL_TYPE (PostsealImportPage, postseal_import_page, POSTSEAL, IMPORT_PAGE, GtkBox)

GtkWidget *postseal_import_page_new (PostsealSession *session);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/folder.h"

G_BEGIN_DECLS

/* One entry of a choice of folders: whether it is fetched, and why, and what it is for. */
#define POSTSEAL_TYPE_FOLDER_ROW (postseal_folder_row_get_type ())
G_DECLARE_FINAL_TYPE (PostsealFolderRow, postseal_folder_row, POSTSEAL, FOLDER_ROW, GtkBox)

/* Property, from the template of the list: "folder", a PostsealFolder or NULL. */

G_END_DECLS

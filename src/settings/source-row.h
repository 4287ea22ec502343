/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "discover/discovery.h"

G_BEGIN_DECLS

/* One source of settings that is asked during a search, and what it has said. */
#define POSTSEAL_TYPE_SOURCE_ROW (postseal_source_row_get_type ())
G_DECLARE_FINAL_TYPE (PostsealSourceRow, postseal_source_row, POSTSEAL, SOURCE_ROW, GtkListBoxRow)

GtkWidget *postseal_source_row_new (PostsealSource source);

/* @text: (nullable): a sentence that says more than the state does */
void
postseal_source_row_show (PostsealSourceRow *self, PostsealSourceState state, const char *text);

G_END_DECLS

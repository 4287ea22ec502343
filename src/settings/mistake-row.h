/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What is wrong with the field above it, selectable, an alert for screen readers. */
#define POSTSEAL_TYPE_MISTAKE_ROW (postseal_mistake_row_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealMistakeRow, postseal_mistake_row, POSTSEAL, MISTAKE_ROW, GtkListBoxRow)

/* Hidden. */
GtkWidget *postseal_mistake_row_new (void);
/* @text: (nullable): NULL hides it */
void postseal_mistake_row_set_text (PostsealMistakeRow *self, const char *text);

G_END_DECLS

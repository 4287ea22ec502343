/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lines at the end of a terminal that are drawn over themselves. On anything else nothing is ever
   drawn. */
typedef struct _PostsealScreen PostsealScreen;

/* @fd: where to draw */
PostsealScreen *postseal_screen_new (int fd);
/* What is drawn stays. */
void postseal_screen_free (PostsealScreen *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealScreen, postseal_screen_free)

/* A terminal that understands being drawn on. */
gboolean postseal_screen_is_active (PostsealScreen *self);

/* As large as it is now: at least two each. What is drawn must have fewer lines than @ret_rows, and
   no line more columns than @ret_columns - 1. */
void postseal_screen_get_size (PostsealScreen *self, guint *ret_rows, guint *ret_columns);

/* Columns of the terminal @fd, at most @most of them; 0 when it is none. */
guint postseal_screen_measure (int fd, guint most);

/* Replaces what is drawn by @text, whole lines. Without flicker: what stays is not wiped. */
void postseal_screen_draw (PostsealScreen *self, const char *text);

/* Takes what is drawn away, so that something else can be printed. */
void postseal_screen_hide (PostsealScreen *self);

/* Another size: nothing is where it was. The next drawing begins at the top of an empty screen. */
void postseal_screen_resized (PostsealScreen *self);

G_END_DECLS

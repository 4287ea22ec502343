/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An answer that a command waits for. */
typedef struct
{
  GMainLoop *loop; /* owned */
  GAsyncResult *result; /* owned, NULL until it has come */
} PostsealPending;

PostsealPending postseal_pending_new (void);
void postseal_pending_clear (PostsealPending *self); /* frees what it holds */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealPending, postseal_pending_clear)

/* The callback of what was begun, with a PostsealPending as its user data. */
void postseal_pending_on_ready (GObject *source, GAsyncResult *result, gpointer user_data);
/* Returns: (transfer none): for the finish function */
GAsyncResult *postseal_pending_wait (PostsealPending *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes on their way out, first in, first out. They may hold secrets: every byte is wiped when it
   leaves, also when the queue moves in memory. Initialise with { 0 }. */
typedef struct
{
  guint8 *data; /* owned */
  gsize start;
  gsize end;
  gsize capacity;
} PostsealWriteQueue;

/* Returns: where @length bytes can be written now; nothing counts until it is committed. */
guint8 *_postseal_write_queue_reserve (PostsealWriteQueue *self, gsize length);
void _postseal_write_queue_commit (PostsealWriteQueue *self, gsize length);

/* Copies @length bytes to the end. */
void _postseal_write_queue_append (PostsealWriteQueue *self, const void *data, gsize length);

/* The waiting bytes. Returns: (transfer none): valid until the next call that changes the queue */
const guint8 *_postseal_write_queue_peek (const PostsealWriteQueue *self, gsize *ret_length);

/* Wipes the first @length bytes. */
void _postseal_write_queue_consume (PostsealWriteQueue *self, gsize length);

/* Wipes and frees everything; the queue is then empty and usable. */
void _postseal_write_queue_clear (PostsealWriteQueue *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What was read and not yet used: memory only while there is something in it, or about to be. */
typedef struct
{
  guint8 *data; /* owned, nullable */
  gsize start;
  gsize end;
} PostsealReadBuffer;

/* @size: the same each time */
void _postseal_read_buffer_hold (PostsealReadBuffer *self, gsize size);
/* Unless something is in it. */
void _postseal_read_buffer_release (PostsealReadBuffer *self);
/* Moves what is in it to the front, when less than @room is left behind. */
void _postseal_read_buffer_make_room (PostsealReadBuffer *self, gsize size, gsize room);
/* @n_used bytes from the front are done with. */
void _postseal_read_buffer_use (PostsealReadBuffer *self, gsize n_used);
/* Hands everything in it to @other, which is empty and held. */
void _postseal_read_buffer_move (PostsealReadBuffer *self, PostsealReadBuffer *other);

G_END_DECLS

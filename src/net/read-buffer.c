/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/read-buffer-private.h"

#include <string.h>

void
_postseal_read_buffer_hold (PostsealReadBuffer *self, gsize size)
{
  if (self->data == NULL)
    self->data = g_malloc (size);
}

void
_postseal_read_buffer_release (PostsealReadBuffer *self)
{
  if (self->start == self->end)
    g_clear_pointer (&self->data, g_free);
}

void
_postseal_read_buffer_make_room (PostsealReadBuffer *self, gsize size, gsize room)
{
  if (size - self->end >= room)
    return;
  memmove (self->data, self->data + self->start, self->end - self->start);
  self->end -= self->start;
  self->start = 0;
}

void
_postseal_read_buffer_use (PostsealReadBuffer *self, gsize n_used)
{
  self->start += n_used;
  if (self->start == self->end)
    self->start = self->end = 0;
}

void
_postseal_read_buffer_move (PostsealReadBuffer *self, PostsealReadBuffer *other)
{
  gsize length = self->end - self->start;

  if (length > 0)
    memcpy (other->data, self->data + self->start, length);
  other->start = 0;
  other->end = length;
  self->start = self->end = 0;
}

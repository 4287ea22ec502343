/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/write-queue-private.h"

#include <string.h>

#define SMALLEST_CAPACITY 1024

/* Moves what is waiting to the front of @to and wipes where it was. */
static void
move_to (PostsealWriteQueue *self, guint8 *to)
{
  gsize length = self->end - self->start;

  if (length > 0)
    memmove (to, self->data + self->start, length);
  if (to == self->data)
    explicit_bzero (self->data + length, self->end - length);
  else if (self->data != NULL)
    explicit_bzero (self->data, self->end);
  self->start = 0;
  self->end = length;
}

guint8 *
_postseal_write_queue_reserve (PostsealWriteQueue *self, gsize length)
{
  gsize waiting = self->end - self->start;

  if (self->data != NULL && self->capacity - self->end >= length)
    return self->data + self->end;

  if (self->data != NULL && self->capacity - waiting >= length && self->start >= waiting)
    move_to (self, self->data);
  else
    {
      /* Not g_realloc(), which may leave a copy behind. */
      gsize capacity = MAX (SMALLEST_CAPACITY, 2 * (waiting + length));
      guint8 *data = g_malloc (capacity);

      move_to (self, data);
      g_free (self->data);
      self->data = data;
      self->capacity = capacity;
    }
  return self->data + self->end;
}

void
_postseal_write_queue_commit (PostsealWriteQueue *self, gsize length)
{
  g_assert (length <= self->capacity - self->end);
  self->end += length;
}

void
_postseal_write_queue_append (PostsealWriteQueue *self, const void *data, gsize length)
{
  if (length == 0)
    return;
  memcpy (_postseal_write_queue_reserve (self, length), data, length);
  _postseal_write_queue_commit (self, length);
}

const guint8 *
_postseal_write_queue_peek (const PostsealWriteQueue *self, gsize *ret_length)
{
  *ret_length = self->end - self->start;
  return self->data + self->start;
}

void
_postseal_write_queue_consume (PostsealWriteQueue *self, gsize length)
{
  g_assert (length <= self->end - self->start);

  explicit_bzero (self->data + self->start, length);
  self->start += length;
  if (self->start == self->end)
    self->start = self->end = 0;
}

void
_postseal_write_queue_clear (PostsealWriteQueue *self)
{
  if (self->data != NULL)
    explicit_bzero (self->data, self->end);
  g_free (self->data);
  *self = (PostsealWriteQueue){ 0 };
}

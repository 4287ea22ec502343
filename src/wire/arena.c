/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/arena-private.h"

#include <string.h>

#define FIRST_BLOCK_BYTES 2048 /* kept: most responses need no more */
#define BLOCK_BYTES 16384
#define ALIGNMENT (2 * sizeof (gpointer))

struct _PostsealArenaBlock
{
  PostsealArenaBlock *next; /* owned */
  gsize size;
  gsize used;
  char *data; /* borrowed: inside this block's own memory */
};

static PostsealArenaBlock *
make_block (gsize size)
{
  gsize head = (sizeof (PostsealArenaBlock) + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  PostsealArenaBlock *block = g_malloc (head + size);

  block->next = NULL;
  block->size = size;
  block->used = 0;
  block->data = (char *)block + head;
  return block;
}

static void
free_chain (PostsealArenaBlock *block)
{
  while (block != NULL)
    {
      PostsealArenaBlock *next = block->next;

      g_free (block);
      block = next;
    }
}

gpointer
_postseal_arena_alloc (PostsealArena *self, gsize size)
{
  gsize rounded = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  char *bytes;

  if (self->first == NULL)
    self->first = self->current = make_block (FIRST_BLOCK_BYTES);

  if (self->current->size - self->current->used < rounded)
    {
      self->current->next = make_block (MAX (BLOCK_BYTES, rounded));
      self->current = self->current->next;
    }

  bytes = self->current->data + self->current->used;
  self->current->used += rounded;
  return bytes;
}

char *
_postseal_arena_copy (PostsealArena *self, const char *bytes, gsize length)
{
  char *copy = _postseal_arena_alloc (self, length + 1);

  memcpy (copy, bytes, length);
  copy[length] = '\0';
  return copy;
}

void
_postseal_arena_reset (PostsealArena *self)
{
  if (self->first == NULL)
    return;

  free_chain (self->first->next);
  self->first->next = NULL;
  self->first->used = 0;
  self->current = self->first;
}

void
_postseal_arena_clear (PostsealArena *self)
{
  free_chain (self->first);
  self->first = NULL;
  self->current = NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Memory for what is parsed and dropped together. Pointers stay valid until the reset, which keeps
   the first block, so that a steady stream of small responses allocates nothing. */
typedef struct _PostsealArenaBlock PostsealArenaBlock;

typedef struct
{
  PostsealArenaBlock *first; /* owned */
  PostsealArenaBlock *current; /* borrowed: the last one of the chain */
} PostsealArena;

/* Initialise with { 0 }. Returns: (transfer none): @size bytes, aligned for any object, not cleared
 */
gpointer _postseal_arena_alloc (PostsealArena *self, gsize size);

/* Returns: (transfer none): a copy of @length bytes with a NUL behind it */
char *_postseal_arena_copy (PostsealArena *self, const char *bytes, gsize length);

/* Everything handed out so far is gone. */
void _postseal_arena_reset (PostsealArena *self);

/* Frees all memory; the arena is as new. */
void _postseal_arena_clear (PostsealArena *self);

G_END_DECLS

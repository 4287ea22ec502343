/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/fact-board.h"

typedef struct
{
  PostsealFactKind kind;
  char *name; /* owned: as it was asked for first */
} Wish;

struct _PostsealFactBoard
{
  GHashTable *facts; /* owned (element-type utf8 PostsealFact): NULL while it is wished for */
  GQueue wishes; /* owned (element-type Wish): not taken */
};

static void
free_host (gpointer data)
{
  PostsealFactHost *self = data;

  g_free (self->target);
  g_free (self);
}

PostsealFact *
postseal_fact_new (void)
{
  PostsealFact *self = g_new0 (PostsealFact, 1);

  self->texts = g_ptr_array_new_with_free_func (g_free);
  self->hosts = g_ptr_array_new_with_free_func (free_host);
  return self;
}

void
postseal_fact_free (PostsealFact *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->texts);
  g_ptr_array_unref (self->hosts);
  g_clear_pointer (&self->tlsa, postseal_tlsa_answer_free);
  g_clear_pointer (&self->port, postseal_port_facts_free);
  g_free (self->reason);
  g_free (self);
}

void
postseal_fact_add_host (PostsealFact *self, guint priority, guint port, const char *target)
{
  PostsealFactHost *host = g_new0 (PostsealFactHost, 1);

  host->priority = priority;
  host->port = port;
  host->target = g_ascii_strdown (target, -1);
  g_ptr_array_add (self->hosts, host);
}

static void
free_wish (gpointer data)
{
  Wish *self = data;

  g_free (self->name);
  g_free (self);
}

PostsealFactBoard *
postseal_fact_board_new (void)
{
  PostsealFactBoard *self = g_new0 (PostsealFactBoard, 1);

  self->facts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)postseal_fact_free);
  g_queue_init (&self->wishes);
  return self;
}

void
postseal_fact_board_free (PostsealFactBoard *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->facts);
  g_queue_clear_full (&self->wishes, free_wish);
  g_free (self);
}

/* Returns: (transfer full) */
static char *
make_key (PostsealFactKind kind, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_strdup_printf ("%d %s", (int)kind, lower);
}

const PostsealFact *
postseal_fact_board_get (PostsealFactBoard *self, PostsealFactKind kind, const char *name)
{
  g_autofree char *key = make_key (kind, name);
  gpointer fact = NULL;
  Wish *wish;

  if (g_hash_table_lookup_extended (self->facts, key, NULL, &fact))
    return fact;
  wish = g_new0 (Wish, 1);
  wish->kind = kind;
  wish->name = g_strdup (name);
  g_queue_push_tail (&self->wishes, wish);
  g_hash_table_insert (self->facts, g_steal_pointer (&key), NULL);
  return NULL;
}

void
postseal_fact_board_put (PostsealFactBoard *self,
                         PostsealFactKind kind,
                         const char *name,
                         PostsealFact *fact)
{
  g_hash_table_replace (self->facts, make_key (kind, name), fact);
}

gboolean
postseal_fact_board_take_wish (PostsealFactBoard *self, PostsealFactKind *ret_kind, char **ret_name)
{
  Wish *wish = g_queue_pop_head (&self->wishes);

  if (wish == NULL)
    return FALSE;
  *ret_kind = wish->kind;
  *ret_name = g_steal_pointer (&wish->name);
  free_wish (wish);
  return TRUE;
}

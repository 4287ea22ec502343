/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/pending.h"

PostsealPending
postseal_pending_new (void)
{
  return (PostsealPending){ g_main_loop_new (NULL, FALSE), NULL };
}

void
postseal_pending_clear (PostsealPending *self)
{
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_object (&self->result);
}

void
postseal_pending_on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealPending *self = user_data;

  self->result = g_object_ref (result);
  g_main_loop_quit (self->loop);
}

GAsyncResult *
postseal_pending_wait (PostsealPending *self)
{
  /* It may have come while another one was waited for. */
  if (self->result == NULL)
    g_main_loop_run (self->loop);
  return self->result;
}

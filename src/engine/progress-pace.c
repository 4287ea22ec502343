/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/progress-pace-private.h"

#include "base/loop.h"

#define INTERVAL_MS 100

static gboolean
on_due (gpointer user_data)
{
  PostsealProgressPace *self = user_data;

  g_clear_pointer (&self->source, g_source_unref);
  g_signal_emit (self->owner, self->signal, 0);
  return G_SOURCE_REMOVE;
}

void
_postseal_progress_pace_change (PostsealProgressPace *self)
{
  if (self->source != NULL)
    return;
  self->source = postseal_loop_add_timeout (INTERVAL_MS, on_due, self);
}

void
_postseal_progress_pace_flush (PostsealProgressPace *self)
{
  if (self->source == NULL)
    return;
  g_source_destroy (self->source);
  on_due (self);
}

void
_postseal_progress_pace_clear (PostsealProgressPace *self)
{
  postseal_loop_clear (&self->source);
}

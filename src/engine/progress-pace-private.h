/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Tells of changes by a signal without arguments, at most ten times a second. */
typedef struct
{
  gpointer owner; /* borrowed: the object that has the signal, and this */
  guint signal;
  GSource *source; /* owned while it is due */
} PostsealProgressPace;

/* Something has changed: the signal follows. */
void _postseal_progress_pace_change (PostsealProgressPace *self);
/* What is due, if anything, is told now; the handlers may do away with the owner. */
void _postseal_progress_pace_flush (PostsealProgressPace *self);
/* Nothing is due any more. */
void _postseal_progress_pace_clear (PostsealProgressPace *self);

G_END_DECLS

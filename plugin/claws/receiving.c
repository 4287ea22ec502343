/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/receiving.h"

struct _PostsealClawsReceiving
{
  PostsealClawsFront *front; /* owned */
  PostsealClawsBindings *bindings; /* owned */
};

PostsealClawsReceiving *
postseal_claws_receiving_new (PostsealClawsFront *front, PostsealClawsBindings *bindings)
{
  PostsealClawsReceiving *self = g_new0 (PostsealClawsReceiving, 1);

  self->front = g_object_ref (front);
  self->bindings = g_object_ref (bindings);
  return self;
}

void
postseal_claws_receiving_free (PostsealClawsReceiving *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->front);
  g_object_unref (self->bindings);
  g_free (self);
}

void
postseal_claws_receiving_fetch (PostsealClawsReceiving *self, int id)
{
  g_return_if_fail (self != NULL);
}

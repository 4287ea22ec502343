/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/backoff.h"

guint
postseal_backoff_next (PostsealBackoff *self)
{
  guint64 whole;

  g_return_val_if_fail (self != NULL, 0);

  /* 32 doublings take the smallest beyond the longest. */
  whole = (guint64)self->first_ms << MIN (self->failures, 32);
  whole = MIN (whole, self->longest_ms);
  if (self->failures < G_MAXUINT)
    self->failures++;
  return (guint)whole - (guint)(g_random_double () * (double)(whole / 2 + 1));
}

void
postseal_backoff_reset (PostsealBackoff *self)
{
  g_return_if_fail (self != NULL);

  self->failures = 0;
}

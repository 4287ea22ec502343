/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long to wait before something that failed is tried again: doubles from @first_ms to
   @longest_ms, each time with jitter (between half and the whole), so that many who fail together
   do not come back together. A value: copy, embed, zero with postseal_backoff_reset(). */
typedef struct
{
  guint first_ms;
  guint longest_ms;
  guint failures; /* in a row */
} PostsealBackoff;

#define POSTSEAL_BACKOFF_INIT(first, longest)                                                      \
  {                                                                                                \
    .first_ms = (first), .longest_ms = (longest), .failures = 0                                    \
  }

/* One more failure. Returns: milliseconds to wait */
guint postseal_backoff_next (PostsealBackoff *self);
void postseal_backoff_reset (PostsealBackoff *self);

G_END_DECLS

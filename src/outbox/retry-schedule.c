/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/retry-schedule.h"

static const gint64 waits_s[] = { 5 * 60, 15 * 60, 30 * 60, 3600, 2 * 3600, 4 * 3600 };

gint64
postseal_retry_schedule_next (guint attempts, gint64 now, double random)
{
  gsize step = MIN (MAX (attempts, 1), G_N_ELEMENTS (waits_s)) - 1;

  return now + (gint64)((double)waits_s[step] * (0.9 + 0.2 * CLAMP (random, 0.0, 1.0)));
}

gboolean
postseal_retry_schedule_is_too_far (gint64 next, gint64 now)
{
  return next > postseal_retry_schedule_next (G_MAXUINT, now, 1.0);
}

gboolean
postseal_retry_schedule_is_over (gint64 arrived, gint64 lifetime_s, gint64 now)
{
  return now > arrived && now - arrived > lifetime_s;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When to try again (RFC 5321 section 4.5.4.1): soon at first, then less and less often, never at
   the same moment as everybody else. */

/**
 * postseal_retry_schedule_next:
 * @attempts: so far, at least 1
 * @now: Unix seconds
 * @random: 0 to 1: where in the jitter of one fifth around the middle
 *
 * 5, 15, 30 minutes, 1, 2 hours, then every 4 hours. Returns: Unix seconds
 */
gint64 postseal_retry_schedule_next (guint attempts, gint64 now, double random);

/* TRUE when a message that arrived (or is to be held until) @arrived has been tried for longer than
   @lifetime_s. */
gboolean postseal_retry_schedule_is_over (gint64 arrived, gint64 lifetime_s, gint64 now);

/* TRUE when @next is farther away than the schedule ever waits: the clock was set back since. */
gboolean postseal_retry_schedule_is_too_far (gint64 next, gint64 now);

G_END_DECLS

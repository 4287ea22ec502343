/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Times as people say them, translated. @now: Unix seconds. All returned strings are newly
   allocated. */

/* "40 s", "3 minutes", "2 hours", "5 days"; of anything below a second "0 s". */
char *postseal_time_words_span (gint64 seconds);

/* "for 3 minutes"; NULL when nobody knows since when (0). */
char *postseal_time_words_since (gint64 time, gint64 now);

/* "3 minutes ago", "just now"; "never" for 0. */
char *postseal_time_words_ago (gint64 time, gint64 now);

/* "in 40 s", "at once" */
char *postseal_time_words_until (gint64 time, gint64 now);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/time-words.h"

#include <glib/gi18n.h>

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

char *
postseal_time_words_span (gint64 seconds)
{
  gulong n;

  if (seconds < MINUTE)
    return g_strdup_printf (_ ("%d s"), (int)MAX (seconds, 0));
  if (seconds < 2 * HOUR)
    {
      n = seconds / MINUTE;
      return g_strdup_printf (ngettext ("%lu minute", "%lu minutes", n), n);
    }
  if (seconds < 2 * DAY)
    {
      n = seconds / HOUR;
      return g_strdup_printf (ngettext ("%lu hour", "%lu hours", n), n);
    }
  n = seconds / DAY;
  return g_strdup_printf (ngettext ("%lu day", "%lu days", n), n);
}

char *
postseal_time_words_since (gint64 time, gint64 now)
{
  g_autofree char *span = postseal_time_words_span (now - time);

  return time != 0 ? g_strdup_printf (_ ("for %s"), span) : NULL;
}

char *
postseal_time_words_ago (gint64 time, gint64 now)
{
  g_autofree char *span = postseal_time_words_span (now - time);

  if (time == 0)
    return g_strdup (_ ("never"));
  /* Translators: when something happened, as in "3 minutes ago" */
  return now - time < 1 ? g_strdup (_ ("just now")) : g_strdup_printf (_ ("%s ago"), span);
}

char *
postseal_time_words_until (gint64 time, gint64 now)
{
  g_autofree char *span = postseal_time_words_span (time - now);

  return time <= now ? g_strdup (_ ("at once")) : g_strdup_printf (_ ("in %s"), span);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/trace-header.h"

#include <string.h>

/* RFC 5322 section 3.2.2: what may not stand in a comment as it is. The text is printable already.
 */
static char *
quote_comment (const char *text)
{
  GString *quoted = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '(' || *at == ')' || *at == '\\')
        g_string_append_c (quoted, '\\');
      g_string_append_c (quoted, *at);
    }
  return g_string_free (quoted, FALSE);
}

/* RFC 5322 section 3.3, whatever the locale. */
static char *
format_date (gint64 now_us)
{
  static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
  static const char *const months[]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (now_us / G_USEC_PER_SEC);

  return g_strdup_printf (
      "%s, %d %s %d %02d:%02d:%02d +0000", days[g_date_time_get_day_of_week (now) - 1],
      g_date_time_get_day_of_month (now), months[g_date_time_get_month (now) - 1],
      g_date_time_get_year (now), g_date_time_get_hour (now), g_date_time_get_minute (now),
      g_date_time_get_second (now));
}

char *
postseal_trace_header_new (const PostsealSeal *seal, const char *address, gint64 now_us)
{
  g_autofree char *summary = NULL;
  g_autofree char *comment = NULL;
  g_autofree char *date = format_date (now_us);
  const char *port;

  g_return_val_if_fail (seal != NULL, NULL);
  g_return_val_if_fail (address != NULL, NULL);

  summary = postseal_seal_to_string (seal, now_us / G_USEC_PER_SEC);
  comment = quote_comment (summary);
  port = strrchr (seal->endpoint, ':');
  return g_strdup_printf (
      "Received: from %.*s by localhost with %s\n"
      "\t(%s)\n"
      "\tfor <%s>; %s\n",
      (int)(port != NULL ? port - seal->endpoint : (gssize)strlen (seal->endpoint)), seal->endpoint,
      postseal_protocol_name (seal->protocol), comment, address, date);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/send-values.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "base/suggest.h"
#include "outbox/outbox-error.h"

#define LONGEST_S 999999999 /* RFC 2852 section 4, RFC 4865 section 6: nine digits */
#define LONGEST_ENVELOPE_ID 100

static gboolean
fail_choice (const char *option, const char *text, const char *const *choices, GError **error)
{
  g_autofree char *shown = postseal_printable (text, -1);
  g_autofree char *all = g_strjoinv ("”, “", (char **)choices);
  const char *nearest = postseal_suggest (text, choices);

  if (nearest != NULL)
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE,
                 _ ("--%s cannot be “%s”; did you mean “%s”?"), option, shown, nearest);
  else
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE,
                 _ ("--%s cannot be “%s”; it takes “%s”"), option, shown, all);
  return FALSE;
}

static gboolean
fail_value (const char *option, const char *text, const char *form, GError **error)
{
  g_autofree char *shown = postseal_printable (text, -1);

  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE,
               _ ("--%s cannot be “%s”: %s"), option, shown, form);
  return FALSE;
}

/* The index of @text in @choices, or -1. */
static int
find_choice (const char *text, const char *const *choices)
{
  for (int i = 0; choices[i] != NULL; i++)
    if (g_ascii_strcasecmp (text, choices[i]) == 0)
      return i;
  return -1;
}

gboolean
postseal_send_value_notify (const char *text, guint *ret_notify, GError **error)
{
  static const char *const choices[] = { "never", "success", "failure", "delay", NULL };
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  guint notify = 0;

  for (gsize i = 0; words[i] != NULL; i++)
    {
      int choice = find_choice (g_strstrip (words[i]), choices);

      if (choice < 0)
        return fail_choice ("notify", words[i], choices, error);
      notify |= 1u << choice;
    }
  if (notify == 0)
    return fail_choice ("notify", text, choices, error);
  *ret_notify = notify;
  return TRUE;
}

gboolean
postseal_send_value_return (const char *text, PostsealSmtpReturn *ret_ret, GError **error)
{
  static const char *const choices[] = { "full", "headers", "hdrs", NULL };
  int choice = find_choice (text, choices);

  if (choice < 0)
    return fail_choice ("return", text, choices, error);
  *ret_ret = choice == 0 ? POSTSEAL_SMTP_RETURN_FULL : POSTSEAL_SMTP_RETURN_HEADERS;
  return TRUE;
}

gboolean
postseal_send_value_body (const char *text, gboolean *ret_is_binary, GError **error)
{
  static const char *const choices[] = { "7bit", "8bitmime", "binarymime", NULL };
  int choice = find_choice (text, choices);

  if (choice < 0)
    return fail_choice ("body", text, choices, error);
  *ret_is_binary = choice == 2;
  return TRUE;
}

gboolean
postseal_send_value_envelope_id (const char *text, GError **error)
{
  gsize length = strlen (text);
  gboolean is_plain = length > 0 && length <= LONGEST_ENVELOPE_ID;

  for (gsize i = 0; is_plain && i < length; i++)
    is_plain = text[i] >= ' ' && text[i] <= '~';
  return is_plain
         || fail_value ("envelope-id", text, _ ("it takes 1 to 100 ASCII characters"), error);
}

/* "90s", "1h30m", up to @end. Returns: seconds, -1 when it is none */
static gint64
parse_duration (const char *text, const char *end)
{
  static const struct
  {
    char unit;
    gint64 seconds;
  } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
  gint64 total = 0;

  if (text == end)
    return -1;
  while (text < end)
    {
      gint64 number = 0;
      gint64 unit = 0;
      const char *digits = text;

      for (; text < end && g_ascii_isdigit (*text) && number <= LONGEST_S; text++)
        number = number * 10 + (*text - '0');
      if (text == digits || text == end)
        return -1;
      for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
        if (g_ascii_tolower (*text) == units[i].unit)
          unit = units[i].seconds;
      total += number * unit;
      if (unit == 0 || total > LONGEST_S)
        return -1;
      text++;
    }
  return total > 0 ? total : -1;
}

/* "18:00" and "18:00:30" are the next time the clock shows it. Returns: (nullable) */
static GDateTime *
parse_clock (const char *text, GDateTime *now)
{
  int hour, minute, second = 0, length = 0;
  g_autoptr (GDateTime) today = NULL;

  if ((sscanf (text, "%2d:%2d%n", &hour, &minute, &length) != 2 || text[length] != '\0')
      && (sscanf (text, "%2d:%2d:%2d%n", &hour, &minute, &second, &length) != 3
          || text[length] != '\0'))
    return NULL;
  today = g_date_time_new_local (g_date_time_get_year (now), g_date_time_get_month (now),
                                 g_date_time_get_day_of_month (now), hour, minute, second);
  if (today == NULL || g_date_time_compare (today, now) > 0)
    return g_steal_pointer (&today);
  return g_date_time_add_days (today, 1);
}

/* ISO 8601 as people write it: a space for the "T", no seconds, no time at all. Returns: (nullable)
 */
static GDateTime *
parse_date (const char *text)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GString) full = g_string_new (text);
  gsize date_length = strlen ("2026-11-24");
  gsize minute_length = strlen ("2026-11-24T08:00");

  if (full->len == date_length)
    g_string_append (full, "T00:00:00");
  if (full->len > date_length && full->str[date_length] == ' ')
    full->str[date_length] = 'T';
  if (full->len >= minute_length && full->str[minute_length - 3] == ':'
      && full->str[minute_length] != ':')
    g_string_insert (full, minute_length, ":00");
  return g_date_time_new_from_iso8601 (full->str, zone);
}

gboolean
postseal_send_value_hold_until (const char *text,
                                gint64 now,
                                gint64 *ret_hold_until,
                                GError **error)
{
  g_autoptr (GDateTime) present = g_date_time_new_from_unix_local (now);
  g_autoptr (GDateTime) time = NULL;
  gint64 duration = text[0] == '+' ? parse_duration (text + 1, text + strlen (text)) : -1;

  if (duration > 0)
    {
      *ret_hold_until = now + duration;
      return TRUE;
    }
  time = parse_clock (text, present);
  if (time == NULL)
    time = parse_date (text);
  if (time == NULL)
    return fail_value ("hold-until", text,
                       _ ("it takes a time like “2026-11-24 08:00” or “18:00”, or a duration like "
                          "“+2h30m”"),
                       error);
  if (g_date_time_to_unix (time) <= now)
    return fail_value ("hold-until", text, _ ("that is over"), error);
  if (g_date_time_to_unix (time) - now > LONGEST_S)
    return fail_value ("hold-until", text, _ ("that is too far away"), error);
  *ret_hold_until = g_date_time_to_unix (time);
  return TRUE;
}

gboolean
postseal_send_value_deliver_by (const char *text, PostsealDeliverBy *ret_by, GError **error)
{
  static const char *const choices[] = { "notify", "return", "trace", NULL };
  g_auto (GStrv) words = g_strsplit (text, ":", -1);
  PostsealDeliverBy by = { .seconds = -1, .mode = 'N' };

  if (words[0] != NULL)
    by.seconds = parse_duration (words[0], words[0] + strlen (words[0]));
  if (by.seconds < 0)
    return fail_value ("deliver-by", text, _ ("it takes a duration like “2h” or “1d12h”"), error);
  for (gsize i = 1; words[i] != NULL; i++)
    switch (find_choice (words[i], choices))
      {
      case 0:
        by.mode = 'N';
        break;
      case 1:
        by.mode = 'R';
        break;
      case 2:
        by.has_trace = TRUE;
        break;
      default:
        return fail_choice ("deliver-by", words[i], choices, error);
      }
  *ret_by = by;
  return TRUE;
}

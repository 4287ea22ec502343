/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/submission-fields-private.h"

#include <string.h>
#include <sys/random.h>

#include "wire/smtp-path.h"

#define LONGEST_WORD                                                                               \
  45 /* octets in one encoded word: 75 characters in all (RFC 2047 section 2)                      \
      */
#define LONGEST_PLAIN 60

char *
_postseal_submission_format_date (GDateTime *time)
{
  /* Never in the user's language. */
  static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
  static const char *const months[]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  int minutes = (int)(g_date_time_get_utc_offset (time) / G_TIME_SPAN_MINUTE);

  return g_strdup_printf (
      "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", days[g_date_time_get_day_of_week (time) - 1],
      g_date_time_get_day_of_month (time), months[g_date_time_get_month (time) - 1],
      g_date_time_get_year (time), g_date_time_get_hour (time), g_date_time_get_minute (time),
      g_date_time_get_second (time), minutes < 0 ? '-' : '+', ABS (minutes) / 60,
      ABS (minutes) % 60);
}

char *
_postseal_submission_make_message_id (const char *address)
{
  g_autofree char *ascii = postseal_smtp_path_to_ascii (address);
  const char *at = ascii != NULL ? strrchr (ascii, '@') : NULL;
  GString *id = g_string_new ("<");
  guint32 random[5];

  if (getrandom (random, sizeof random, 0) != (gssize)sizeof random)
    for (gsize i = 0; i < G_N_ELEMENTS (random); i++)
      random[i] = g_random_int ();
  for (gsize i = 0; i < G_N_ELEMENTS (random); i++)
    g_string_append_printf (id, "%08x", random[i]);
  g_string_append_printf (id, "@%s>", at != NULL ? at + 1 : "localhost.invalid");
  return g_string_free (id, FALSE);
}

/* Words of atoms (RFC 5322 section 3.2.3). */
static gboolean
is_plain (const char *name)
{
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum (*name) && strchr (" !#$%&'*+-/=?^_`{|}~", *name) == NULL)
      return FALSE;
  return TRUE;
}

static void
append_quoted (GString *out, const char *name)
{
  g_string_append_c (out, '"');
  for (; *name != '\0'; name++)
    {
      if (*name == '"' || *name == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *name);
    }
  g_string_append_c (out, '"');
}

/* Each word holds whole characters (RFC 2047 section 5). */
static void
append_encoded (GString *out, const char *name)
{
  while (*name != '\0')
    {
      const char *end = name;
      g_autofree char *word = NULL;

      while (*end != '\0' && g_utf8_next_char (end) - name <= LONGEST_WORD)
        end = g_utf8_next_char (end);
      word = g_base64_encode ((const guchar *)name, (gsize)(end - name));
      g_string_append_printf (out, "=?UTF-8?B?%s?=%s", word, *end != '\0' ? "\r\n " : "");
      name = end;
    }
}

char *
_postseal_submission_format_author (const char *full_name, const char *address)
{
  g_autofree char *name = full_name != NULL ? g_utf8_make_valid (full_name, -1) : g_strdup ("");
  GString *out = g_string_new (NULL);

  for (char *p = name; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  g_strstrip (name);
  if (*name == '\0')
    g_string_append (out, address);
  else
    {
      if (!g_str_is_ascii (name) || strlen (name) > LONGEST_PLAIN)
        append_encoded (out, name);
      else if (is_plain (name) && strstr (name, "=?") == NULL)
        g_string_append (out, name);
      else
        append_quoted (out, name);
      g_string_append_printf (out, "%s<%s>", out->len > LONGEST_PLAIN ? "\r\n " : " ", address);
    }
  return g_string_free (out, FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/mail-date.h"

#include <string.h>

#include "wire/field-lexer-private.h"

#define MOST_WORDS 8

/* RFC 5322 section 4.3; the others cannot be relied on. */
static const struct
{
  const char *name;
  int hours;
} zones[] = {
  { "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
  { "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 },
};

/* All of @text is digits, at most @most of them. */
static gboolean
parse_digits (const char *text, gsize most, int *ret_number)
{
  gsize length = strspn (text, "0123456789");

  if (length == 0 || length > most || text[length] != '\0')
    return FALSE;
  *ret_number = (int)g_ascii_strtoll (text, NULL, 10);
  return TRUE;
}

static gboolean
parse_month (const char *text, int *ret_month)
{
  static const char *const names[]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

  for (int i = 0; i < 12; i++)
    if (g_ascii_strncasecmp (text, names[i], 3) == 0)
      {
        *ret_month = i + 1;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_year (const char *text, int *ret_year)
{
  int year = 0;

  if (!parse_digits (text, 4, &year))
    return FALSE;
  if (strlen (text) == 2)
    year += year < 50 ? 2000 : 1900;
  else if (strlen (text) == 3)
    year += 1900;
  *ret_year = year;
  return year >= 1900;
}

static gboolean
parse_time (const char *text, int *ret_seconds)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 4);
  int hour = 0, minute = 0, second = 0;
  guint n_parts = g_strv_length (parts);

  if (n_parts < 2 || n_parts > 3 || !parse_digits (parts[0], 2, &hour)
      || !parse_digits (parts[1], 2, &minute)
      || (n_parts == 3 && !parse_digits (parts[2], 2, &second)))
    return FALSE;
  *ret_seconds = hour * 3600 + minute * 60 + second;
  return hour < 24 && minute < 60 && second <= 60; /* a leap second */
}

static int
parse_zone (const char *text)
{
  int number = 0;

  if ((*text == '+' || *text == '-') && strlen (text) == 5 && parse_digits (text + 1, 4, &number))
    return (*text == '-' ? -1 : 1) * (number / 100 * 3600 + number % 100 * 60);
  for (gsize i = 0; i < G_N_ELEMENTS (zones); i++)
    if (g_ascii_strcasecmp (zones[i].name, text) == 0)
      return zones[i].hours * 3600;
  return 0;
}

/* Words without comments and commas. */
static GPtrArray *
split (const char *value, gsize length)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_auto (PostsealFieldLexer) lexer = { 0 };
  PostsealFieldToken token;

  _postseal_field_lexer_init (&lexer, value, length, ",");
  while (words->len < MOST_WORDS
         && (token = _postseal_field_lexer_next (&lexer)) != POSTSEAL_FIELD_END)
    if (token == POSTSEAL_FIELD_WORD)
      g_ptr_array_add (words, g_strdup (lexer.text->str));
  return g_steal_pointer (&words);
}

gboolean
postseal_mail_date_parse (const char *value, gsize length, gint64 *ret_time)
{
  g_autoptr (GPtrArray) words = split (value, length);
  const char *const *word = (const char *const *)words->pdata;
  guint n_words = words->len;
  int day = 0, month = 0, year = 0, seconds = 0, ignored = 0;
  g_autoptr (GDateTime) midnight = NULL;

  if (n_words > 0 && !parse_digits (word[0], 2, &ignored))
    {
      word++;
      n_words--;
    }
  if (n_words < 4 || !parse_digits (word[0], 2, &day) || !parse_month (word[1], &month)
      || !parse_year (word[2], &year) || !parse_time (word[3], &seconds))
    return FALSE;
  midnight = g_date_time_new_utc (year, month, day, 0, 0, 0);
  if (midnight == NULL)
    return FALSE;
  *ret_time = g_date_time_to_unix (midnight) + seconds - (n_words > 4 ? parse_zone (word[4]) : 0);
  return TRUE;
}

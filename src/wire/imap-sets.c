/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/imap-sets.h"

#include <string.h>

#define RANGE_LENGTH 21 /* "4294967295:4294967295" */

/* Returns: how many of the numbers are one unbroken range */
static gsize
count_range (const guint32 *numbers, gsize n_numbers)
{
  gsize n = 1;

  while (n < n_numbers && numbers[n] - numbers[n - 1] <= 1)
    n++;
  return n;
}

gsize
postseal_imap_sets_append (GString *out, const guint32 *numbers, gsize n_numbers, gsize max_length)
{
  gsize used = 0;
  gsize length = 0;

  g_return_val_if_fail (max_length >= RANGE_LENGTH, 0);

  while (used < n_numbers)
    {
      gsize n = count_range (numbers + used, n_numbers - used);
      guint32 first = numbers[used];
      guint32 last = numbers[used + n - 1];
      char range[RANGE_LENGTH + 2];
      int written;

      if (first == last)
        written = g_snprintf (range, sizeof range, "%s%u", used > 0 ? "," : "", first);
      else
        written = g_snprintf (range, sizeof range, "%s%u:%u", used > 0 ? "," : "", first, last);
      if (length + (gsize)written > max_length)
        break;

      g_string_append_len (out, range, written);
      length += (gsize)written;
      used += n;
    }
  return used;
}

/* A number of 1 to G_MAXUINT32 at @cursor, which moves behind it. */
static gboolean
take_number (const char **cursor, guint32 *ret_number)
{
  guint64 number = 0;

  for (; g_ascii_isdigit (**cursor); (*cursor)++)
    {
      number = number * 10 + (guint64)(**cursor - '0');
      if (number > G_MAXUINT32)
        return FALSE;
    }
  if (number == 0)
    return FALSE;

  *ret_number = (guint32)number;
  return TRUE;
}

gboolean
postseal_imap_sets_parse (const char *text, PostsealImapSetsFunc func, gpointer user_data)
{
  for (;;)
    {
      guint32 first;
      guint32 last;

      if (!take_number (&text, &first))
        return FALSE;
      last = first;
      if (*text == ':')
        {
          text++;
          if (!take_number (&text, &last))
            return FALSE;
        }
      if (*text != ',' && *text != '\0')
        return FALSE;
      if (!func (MIN (first, last), MAX (first, last), user_data))
        return FALSE;
      if (*text == '\0')
        return TRUE;
      text++;
    }
}

typedef struct
{
  GArray *out; /* borrowed */
  gsize remaining; /* numbers that may still come */
} Collection;

static gboolean
collect_range (guint32 first, guint32 last, gpointer user_data)
{
  Collection *collection = user_data;

  if (last - first >= collection->remaining)
    return FALSE;

  collection->remaining -= (gsize)(last - first) + 1;
  for (guint64 number = first; number <= last; number++)
    {
      guint32 value = (guint32)number;

      g_array_append_val (collection->out, value);
    }
  return TRUE;
}

gboolean
postseal_imap_sets_to_array (const char *text, gsize max_numbers, GArray *out)
{
  Collection collection = { out, max_numbers };
  guint length = out->len;

  if (postseal_imap_sets_parse (text, collect_range, &collection))
    return TRUE;

  g_array_set_size (out, length);
  return FALSE;
}

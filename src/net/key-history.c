/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/key-history.h"

#include <string.h>

#define MOST_ENTRIES 16
#define LONGEST_ISSUER 512

/* Indexed by the enumeration; part of the format of the latches' file. */
static const char *const news_words[] = { "first", "renewed", "reissued", "spare", "stranger" };

static void
free_entry (gpointer data)
{
  PostsealKeyEntry *self = data;

  g_free (self->spki);
  g_free (self->issuer);
  g_free (self);
}

const char *
postseal_key_news_name (PostsealKeyNews news)
{
  return news_words[news];
}

/* --- the file --- */

static gboolean
parse_news (const char *word, PostsealKeyNews *ret_news)
{
  for (guint i = 0; i < G_N_ELEMENTS (news_words); i++)
    if (strcmp (news_words[i], word) == 0)
      {
        *ret_news = i;
        return TRUE;
      }
  return FALSE;
}

/* "SINCE NEWS KEY ISSUER" */
static void
parse_line (GPtrArray *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  PostsealKeyNews news;
  gint64 since;

  if (g_strv_length (words) == 4 && *words[2] != '\0'
      && g_ascii_string_to_signed (words[0], 10, 0, G_MAXINT64, &since, NULL)
      && parse_news (words[1], &news))
    postseal_key_history_add (self, since, news, words[2], words[3]);
}

GPtrArray *
postseal_key_history_parse (const char *text)
{
  GPtrArray *self = g_ptr_array_new_with_free_func (free_entry);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    parse_line (self, *line);
  return self;
}

char *
postseal_key_history_format (const GPtrArray *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->len; i++)
    {
      const PostsealKeyEntry *entry = g_ptr_array_index (self, i);

      g_string_append_printf (text, "%s%" G_GINT64_FORMAT " %s %s %s", i > 0 ? "\n" : "",
                              entry->since, news_words[entry->news], entry->spki, entry->issuer);
    }
  return g_string_free (text, FALSE);
}

/* --- who is who --- */

/* The value of the first attribute "O" of a distinguished name (RFC 4514), still escaped. Returns:
   (transfer full) (nullable) */
static char *
find_organisation (const char *name)
{
  gboolean is_start = TRUE;

  for (const char *at = name; *at != '\0'; at++)
    {
      if (is_start && g_ascii_strncasecmp (at, "O=", 2) == 0)
        {
          const char *end = at + 2;

          while (*end != '\0' && *end != ',' && *end != '+')
            end += *end == '\\' && end[1] != '\0' ? 2 : 1;
          return end > at + 2 ? g_strndup (at + 2, end - at - 2) : NULL;
        }
      is_start = *at == ',' || *at == '+';
      if (*at == '\\' && at[1] != '\0')
        at++;
    }
  return NULL;
}

/* Authorities have several intermediate certificates and change between them at will. */
static gboolean
is_same_issuer (const char *a, const char *b)
{
  g_autofree char *mine = find_organisation (a);
  g_autofree char *other = find_organisation (b);

  return strcmp (a, b) == 0 || (mine != NULL && g_strcmp0 (mine, other) == 0);
}

const PostsealKeyEntry *
postseal_key_history_find (const GPtrArray *self, const char *spki, const char *issuer)
{
  for (guint i = self->len; i > 0; i--)
    {
      const PostsealKeyEntry *entry = g_ptr_array_index (self, i - 1);

      if (strcmp (entry->spki, spki) == 0 && is_same_issuer (entry->issuer, issuer))
        return entry;
    }
  return NULL;
}

PostsealKeyNews
postseal_key_history_judge (const GPtrArray *self,
                            const char *spki,
                            const char *issuer,
                            gboolean is_pinned)
{
  gboolean is_issuer_known = FALSE;

  for (guint i = 0; i < self->len; i++)
    {
      const PostsealKeyEntry *entry = g_ptr_array_index (self, i);

      if (strcmp (entry->spki, spki) == 0)
        return POSTSEAL_KEY_REISSUED;
      is_issuer_known = is_issuer_known || is_same_issuer (entry->issuer, issuer);
    }
  if (self->len == 0)
    return POSTSEAL_KEY_FIRST;
  if (is_pinned)
    return POSTSEAL_KEY_SPARE;
  return is_issuer_known ? POSTSEAL_KEY_RENEWED : POSTSEAL_KEY_STRANGER;
}

/* --- what comes --- */

void
postseal_key_history_add (
    GPtrArray *self, gint64 since, PostsealKeyNews news, const char *spki, const char *issuer)
{
  PostsealKeyEntry *entry = g_new0 (PostsealKeyEntry, 1);
  gsize length = MIN (strlen (issuer), LONGEST_ISSUER);

  entry->since = since;
  entry->news = news;
  entry->spki = g_strdup (spki);
  entry->issuer = g_strdelimit (g_utf8_make_valid (issuer, (gssize)length), "\r\n", ' ');
  g_ptr_array_add (self, entry);
  if (self->len > MOST_ENTRIES)
    g_ptr_array_remove_index (self, 0);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const PostsealKeyEntry *one = *(const PostsealKeyEntry *const *)a;
  const PostsealKeyEntry *other = *(const PostsealKeyEntry *const *)b;

  return (one->since > other->since) - (one->since < other->since);
}

void
postseal_key_history_merge (GPtrArray *self, const GPtrArray *other)
{
  for (guint i = 0; i < other->len; i++)
    {
      const PostsealKeyEntry *entry = g_ptr_array_index (other, i);

      if (postseal_key_history_find (self, entry->spki, entry->issuer) == NULL)
        postseal_key_history_add (self, entry->since, entry->news, entry->spki, entry->issuer);
    }
  g_ptr_array_sort (self, compare_entries);
}

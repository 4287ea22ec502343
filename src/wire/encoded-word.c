/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/encoded-word.h"

#include <string.h>

/* RFC 2047 section 2 says 75; some write longer ones. */
#define LONGEST_WORD 1000

typedef struct
{
  const char *charset;
  gsize charset_length; /* without a language (RFC 2231 section 5) */
  char encoding;
  const char *text;
  gsize text_length;
  const char *end; /* behind "?=" */
} Word;

/* Until the next "?", which must not be white space away. */
static const char *
find_mark (const char *from, const char *end)
{
  for (const char *p = from; p < end; p++)
    if (*p == '?')
      return p;
    else if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
      return NULL;
  return NULL;
}

static gboolean
parse_word (const char *p, const char *end, Word *ret_word)
{
  const char *charset_end;
  const char *text_end;
  const char *star;

  end = MIN (end, p + LONGEST_WORD);
  if (end - p < 8 || p[0] != '=' || p[1] != '?')
    return FALSE;
  charset_end = find_mark (p + 2, end);
  if (charset_end == NULL || end - charset_end < 5 || charset_end[2] != '?')
    return FALSE;
  text_end = find_mark (charset_end + 3, end);
  if (text_end == NULL || text_end + 1 >= end || text_end[1] != '=')
    return FALSE;

  star = memchr (p + 2, '*', charset_end - (p + 2));
  ret_word->charset = p + 2;
  ret_word->charset_length = (star != NULL ? star : charset_end) - (p + 2);
  ret_word->encoding = g_ascii_toupper (charset_end[1]);
  ret_word->text = charset_end + 3;
  ret_word->text_length = text_end - ret_word->text;
  ret_word->end = text_end + 2;
  return ret_word->charset_length > 0;
}

/* RFC 2047 section 4.2 */
static char *
decode_q (const char *text, gsize length, gsize *ret_length)
{
  char *out = g_malloc (length + 1);
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    if (text[i] == '_')
      out[n++] = ' ';
    else if (text[i] == '=' && i + 2 < length && g_ascii_isxdigit (text[i + 1])
             && g_ascii_isxdigit (text[i + 2]))
      {
        out[n++]
            = (char)(g_ascii_xdigit_value (text[i + 1]) << 4 | g_ascii_xdigit_value (text[i + 2]));
        i += 2;
      }
    else
      out[n++] = text[i];
  *ret_length = n;
  return out;
}

/* RFC 2047 section 4.1 */
static char *
decode_b (const char *text, gsize length, gsize *ret_length)
{
  g_autofree char *copy = g_strndup (text, length);

  return (char *)g_base64_decode (copy, ret_length);
}

/* Returns: (transfer full) (nullable): UTF-8 */
static char *
decode_word (const Word *word)
{
  g_autofree char *charset = g_strndup (word->charset, word->charset_length);
  g_autofree char *octets = NULL;
  gsize length = 0;

  if (word->encoding == 'Q')
    octets = decode_q (word->text, word->text_length, &length);
  else if (word->encoding == 'B')
    octets = decode_b (word->text, word->text_length, &length);
  else
    return NULL;
  return g_convert (octets, length, "UTF-8", charset, NULL, NULL, NULL);
}

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char *
postseal_encoded_word_decode (const char *value, gsize length)
{
  const char *end = length > 0 ? value + length : value; /* nothing may be nowhere */
  GString *out = g_string_sized_new (length);
  gsize word_end
      = 0; /* in @out: behind the last decoded word and white space only, 0: other text */

  for (const char *p = value; p < end;)
    {
      g_autofree char *text = NULL;
      Word word;

      if (parse_word (p, end, &word) && (text = decode_word (&word)) != NULL)
        {
          if (word_end > 0)
            g_string_truncate (out, word_end);
          g_string_append (out, text);
          word_end = out->len;
          p = word.end;
          continue;
        }
      if (!is_space (*p))
        word_end = 0;
      if (*p != '\r' && *p != '\n' && *p != '\0')
        g_string_append_c (out, *p);
      p++;
    }
  return g_string_free (out, FALSE);
}

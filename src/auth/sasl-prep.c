/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/sasl-prep-private.h"

#include <string.h>

#include "auth/credential-private.h"

/* g_utf8_normalize() would leave the text in freed memory, hence NFKC over GLib's character
 * functions. */

/* RFC 3454 table C.1.2, mapped to SPACE. */
static gboolean
is_other_space (gunichar c)
{
  return c == 0x00a0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200b) || c == 0x202f || c == 0x205f
         || c == 0x3000;
}

/* RFC 3454 table B.1, mapped to nothing. */
static gboolean
is_ignorable (gunichar c)
{
  return c == 0x00ad || c == 0x034f || c == 0x1806 || (c >= 0x180b && c <= 0x180d) || c == 0x200c
         || c == 0x200d || c == 0x2060 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

/* RFC 4013 section 2.3. */
static gboolean
is_prohibited (gunichar c)
{
  switch ((int)g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    default:
      return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) || c == 0xfffc || c == 0xfffd
             || (c >= 0x2ff0 && c <= 0x2ffb) || c == 0x0340 || c == 0x0341;
    }
}

static gsize
decompose (const char *text, gsize length, gunichar *ret_chars)
{
  gsize n = 0;

  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_other_space (c))
        c = ' ';
      if (!is_ignorable (c))
        n += g_unichar_fully_decompose (c, TRUE, ret_chars + n, G_UNICHAR_MAX_DECOMPOSITION_LENGTH);
    }
  return n;
}

/* The canonical ordering: marks by their class, within the marks of one base. */
static void
sort_marks (gunichar *chars, gsize n)
{
  for (gsize i = 1; i < n; i++)
    {
      gunichar c = chars[i];
      int rank = g_unichar_combining_class (c);
      gsize j = i;

      for (; rank != 0 && j > 0 && g_unichar_combining_class (chars[j - 1]) > rank; j--)
        chars[j] = chars[j - 1];
      chars[j] = c;
    }
}

static gsize
compose (gunichar *chars, gsize n)
{
  gunichar *base = NULL;
  gsize end = 0;

  for (gsize i = 0; i < n; i++)
    {
      gunichar c = chars[i];
      gunichar whole = 0;
      int rank = g_unichar_combining_class (c);
      gboolean is_adjacent = base == chars + end - 1;

      if (base != NULL && (is_adjacent || g_unichar_combining_class (chars[end - 1]) < rank)
          && g_unichar_compose (*base, c, &whole))
        {
          *base = whole;
          continue;
        }
      if (rank == 0)
        base = chars + end;
      chars[end++] = c;
    }
  return end;
}

/* (nullable) */
static PostsealCredential *
encode (const gunichar *chars, gsize n)
{
  g_autoptr (PostsealCredential) text = _postseal_credential_new_sized (n * 6);
  char *bytes = _postseal_credential_peek (text);
  gsize length = 0;

  for (gsize i = 0; i < n; i++)
    {
      if (is_prohibited (chars[i]))
        return NULL;
      length += (gsize)g_unichar_to_utf8 (chars[i], bytes + length);
    }
  _postseal_credential_truncate (text, length);
  return g_steal_pointer (&text);
}

PostsealCredential *
_postseal_sasl_prep (const char *text, gsize length)
{
  if (!g_utf8_validate (text, (gssize)length, NULL))
    return NULL;

  gsize n = (gsize)g_utf8_strlen (text, (gssize)length);
  g_autoptr (PostsealCredential) memory
      = _postseal_credential_new_sized (n * G_UNICHAR_MAX_DECOMPOSITION_LENGTH * sizeof (gunichar));
  gunichar *chars = (gunichar *)(void *)_postseal_credential_peek (memory);

  n = decompose (text, length, chars);
  sort_marks (chars, n);
  return encode (chars, compose (chars, n));
}

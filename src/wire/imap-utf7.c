/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/imap-utf7.h"

#include <string.h>

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static gboolean
is_direct (gunichar c)
{
  return c >= 0x20 && c <= 0x7e;
}

/* One UTF-16 unit of a shifted run. Returns: FALSE when it may not stand here */
static gboolean
take_unit (GString *out, guint unit, guint *high)
{
  gboolean is_high = unit >= 0xd800 && unit <= 0xdbff;
  gboolean is_low = unit >= 0xdc00 && unit <= 0xdfff;

  if (is_low != (*high != 0))
    return FALSE;

  if (is_high)
    *high = unit;
  else if (is_low)
    {
      g_string_append_unichar (out, 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00));
      *high = 0;
    }
  else if (unit == 0 || is_direct (unit))
    return FALSE;
  else
    g_string_append_unichar (out, unit);
  return TRUE;
}

/* @bytes: the base64 between "&" and "-" */
static gboolean
take_run (GString *out, const char *bytes, gsize length)
{
  guint32 bits = 0;
  guint n_bits = 0;
  guint high = 0;

  for (gsize i = 0; i < length; i++)
    {
      const char *digit = bytes[i] != '\0' ? strchr (base64, bytes[i]) : NULL;

      if (digit == NULL)
        return FALSE;
      bits = bits << 6 | (guint32)(digit - base64);
      n_bits += 6;
      if (n_bits >= 16)
        {
          n_bits -= 16;
          if (!take_unit (out, bits >> n_bits & 0xffff, &high))
            return FALSE;
          bits &= (1u << n_bits) - 1;
        }
    }

  /* What is left is padding: less than a digit, and zero. */
  return n_bits < 6 && bits == 0 && high == 0;
}

char *
postseal_imap_utf7_decode (const char *bytes, gsize length)
{
  g_autoptr (GString) out = g_string_sized_new (length);
  const char *end = bytes + length;

  while (bytes < end)
    {
      const char *dash;

      if (!is_direct ((guchar)*bytes))
        return NULL;
      if (*bytes != '&')
        {
          g_string_append_c (out, *bytes++);
          continue;
        }

      bytes++;
      dash = memchr (bytes, '-', (gsize)(end - bytes));
      if (dash == NULL)
        return NULL;
      if (dash == bytes)
        g_string_append_c (out, '&');
      else if (!take_run (out, bytes, (gsize)(dash - bytes)))
        return NULL;
      /* "-&" in the middle of what could have been one run (RFC 3501: no superfluous shifts). */
      if (dash > bytes && end - dash > 2 && dash[1] == '&' && dash[2] != '-')
        return NULL;
      bytes = dash + 1;
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
append_unit (GString *out, guint unit, guint32 *bits, guint *n_bits)
{
  *bits = *bits << 16 | unit;
  *n_bits += 16;
  while (*n_bits >= 6)
    {
      *n_bits -= 6;
      g_string_append_c (out, base64[*bits >> *n_bits & 0x3f]);
    }
  *bits &= (1u << *n_bits) - 1;
}

/* Everything that is not direct, from @utf8 on. Returns: behind it */
static const char *
append_run (GString *out, const char *utf8)
{
  guint32 bits = 0;
  guint n_bits = 0;

  g_string_append_c (out, '&');
  for (; *utf8 != '\0' && !is_direct (g_utf8_get_char (utf8)); utf8 = g_utf8_next_char (utf8))
    {
      gunichar c = g_utf8_get_char (utf8);

      if (c >= 0x10000)
        {
          append_unit (out, 0xd800 + ((c - 0x10000) >> 10), &bits, &n_bits);
          c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
      append_unit (out, c, &bits, &n_bits);
    }
  if (n_bits > 0)
    g_string_append_c (out, base64[bits << (6 - n_bits) & 0x3f]);
  g_string_append_c (out, '-');
  return utf8;
}

char *
postseal_imap_utf7_encode (const char *utf8)
{
  g_autoptr (GString) out = NULL;

  if (!g_utf8_validate (utf8, -1, NULL))
    return NULL;

  out = g_string_sized_new (strlen (utf8));
  while (*utf8 != '\0')
    {
      if (!is_direct ((guchar)*utf8))
        {
          utf8 = append_run (out, utf8);
          continue;
        }
      g_string_append_c (out, *utf8);
      if (*utf8 == '&')
        g_string_append_c (out, '-');
      utf8++;
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

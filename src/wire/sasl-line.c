/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/sasl-line.h"

#include <string.h>

#include "base/limits.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
value_of (char character)
{
  if (character >= 'A' && character <= 'Z')
    return character - 'A';
  if (character >= 'a' && character <= 'z')
    return character - 'a' + 26;
  if (character >= '0' && character <= '9')
    return character - '0' + 52;
  if (character == '+')
    return 62;
  return character == '/' ? 63 : -1;
}

/* Returns: bytes written to @out, or 0 when the group is malformed */
static gsize
decode_group (const char *group, gboolean is_last, guint8 *out)
{
  gsize n_padding = is_last && group[3] == '=' ? 1 + (group[2] == '=') : 0;
  gsize n_bytes = 3 - n_padding;
  guint32 bits = 0;

  for (gsize i = 0; i < 4; i++)
    {
      int value = i < 4 - n_padding ? value_of (group[i]) : 0;

      if (value < 0)
        return 0;
      bits = bits << 6 | (guint32)value;
    }
  /* Bits that belong to no byte are zero, or two texts would mean the same (RFC 4648 section 3.5).
   */
  if ((bits & ((1u << (8 * n_padding)) - 1)) != 0)
    return 0;
  for (gsize i = 0; i < n_bytes; i++)
    out[i] = (guint8)(bits >> (16 - 8 * i));
  return n_bytes;
}

GBytes *
postseal_sasl_line_decode (const char *line, gssize length)
{
  gsize n_characters = length < 0 ? strlen (line) : (gsize)length;
  gsize n_bytes = 0;
  g_autofree guint8 *bytes = NULL;

  if (n_characters % 4 != 0 || n_characters / 4 > (POSTSEAL_LIMIT_SASL_CHALLENGE + 2) / 3)
    return NULL;

  bytes = g_malloc (n_characters / 4 * 3 + 1);
  for (gsize i = 0; i < n_characters; i += 4)
    {
      gsize n_group = decode_group (line + i, i + 4 == n_characters, bytes + n_bytes);

      if (n_group == 0)
        return NULL;
      n_bytes += n_group;
    }
  if (n_bytes > POSTSEAL_LIMIT_SASL_CHALLENGE)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), n_bytes);
}

gsize
postseal_sasl_line_encoded_length (gsize length)
{
  return (length + 2) / 3 * 4;
}

gsize
postseal_sasl_line_encode (const void *data, gsize length, char *out)
{
  const guint8 *bytes = data;
  gsize n_written = 0;

  for (gsize i = 0; i < length; i += 3)
    {
      gsize n_group = MIN (length - i, 3);
      guint32 bits = (guint32)bytes[i] << 16;

      if (n_group > 1)
        bits |= (guint32)bytes[i + 1] << 8;
      if (n_group > 2)
        bits |= bytes[i + 2];
      for (gsize j = 0; j < 4; j++)
        out[n_written++] = j <= n_group ? alphabet[bits >> (18 - 6 * j) & 63] : '=';
    }
  return n_written;
}

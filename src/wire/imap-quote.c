/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/imap-quote.h"

#include <string.h>

#define QUOTED_MAX 1024

/* ATOM-CHAR of RFC 9051 section 9. */
static gboolean
is_atom (const char *bytes, gsize length)
{
  if (length == 0 || (length == 3 && g_ascii_strncasecmp (bytes, "NIL", 3) == 0))
    return FALSE;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (bytes[i]) || strchr ("(){%*\"\\]", bytes[i]) != NULL)
      return FALSE;
  return TRUE;
}

gsize
postseal_imap_quote (const char *bytes, gsize length, char *out)
{
  char *start = out;

  if (length > QUOTED_MAX)
    return 0;
  if (is_atom (bytes, length))
    {
      memcpy (out, bytes, length);
      return length;
    }

  *out++ = '"';
  for (gsize i = 0; i < length; i++)
    {
      guchar byte = (guchar)bytes[i];

      if (byte == '\0' || byte == '\r' || byte == '\n' || byte >= 0x80)
        return 0;
      if (byte == '"' || byte == '\\')
        *out++ = '\\';
      *out++ = bytes[i];
    }
  *out++ = '"';
  return (gsize)(out - start);
}

gboolean
postseal_imap_quote_append (GString *command, const char *bytes, gsize length)
{
  char quoted[2 * QUOTED_MAX + 2];
  gsize written = postseal_imap_quote (bytes, length, quoted);

  g_string_append_len (command, quoted, (gssize)written);
  return written > 0;
}

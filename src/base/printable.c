/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/printable.h"

#include <string.h>

#define LONGEST 200 /* characters */

static gboolean
is_harmless (gunichar character)
{
  GUnicodeType type = g_unichar_type (character);

  return g_unichar_isdefined (character) && type != G_UNICODE_CONTROL
         && type != G_UNICODE_FORMAT /* direction marks and overrides, zero-width characters */
         && type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR
         && type != G_UNICODE_PRIVATE_USE && type != G_UNICODE_SURROGATE;
}

char *
postseal_printable (const char *text, gssize length)
{
  GString *printable = g_string_new (NULL);
  const char *end;
  guint characters = 0;

  if (text == NULL)
    return g_string_free (printable, FALSE);

  end = text + (length < 0 ? (gssize)strlen (text) : length);
  while (text < end && characters < LONGEST)
    {
      gunichar character = g_utf8_get_char_validated (text, end - text);
      gboolean is_valid = character != (gunichar)-1 && character != (gunichar)-2 && character != 0;
      gsize width = is_valid ? (gsize)(g_utf8_next_char (text) - text) : 1;

      if (is_valid && is_harmless (character))
        g_string_append_len (printable, text, width);
      else
        for (gsize i = 0; i < width; i++)
          g_string_append_printf (printable, "\\x%02X", (guint8)text[i]);
      text += width;
      characters++;
    }
  if (text < end)
    g_string_append (printable, "…");
  return g_string_free (printable, FALSE);
}

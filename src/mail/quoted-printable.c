/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/quoted-printable.h"

#define LINE_LENGTH 76

static void
break_softly (PostsealQuotedPrintable *self, GString *out)
{
  g_string_append (out, "=\r\n");
  self->column = 0;
}

static void
append_encoded (PostsealQuotedPrintable *self, guint8 octet, GString *out)
{
  static const char digits[] = "0123456789ABCDEF";

  /* Room for the "=" of a soft break. */
  if (self->column + 3 > LINE_LENGTH - 1)
    break_softly (self, out);
  g_string_append_c (out, '=');
  g_string_append_c (out, digits[octet >> 4]);
  g_string_append_c (out, digits[octet & 15]);
  self->column += 3;
}

static void
append_literal (PostsealQuotedPrintable *self, guint8 octet, GString *out)
{
  if (self->column + 1 > LINE_LENGTH - 1)
    {
      break_softly (self, out);
      if (octet == '-')
        {
          append_encoded (self, octet, out);
          return;
        }
    }
  g_string_append_c (out, (char)octet);
  self->column++;
}

static gboolean
is_space (guint8 octet)
{
  return octet == ' ' || octet == '\t';
}

/* Returns: TRUE when @octet was part of it */
static gboolean
append_held (PostsealQuotedPrintable *self, guint8 octet, GString *out)
{
  guint8 held = self->held;

  self->held = 0;
  if (held == '\r' && octet == '\n')
    {
      g_string_append (out, "\r\n");
      self->column = 0;
      return TRUE;
    }
  /* White space at the end of a line would be lost on the way. */
  if (held == '\r' || (is_space (held) && octet == '\r'))
    append_encoded (self, held, out);
  else if (held != 0)
    append_literal (self, held, out);
  return FALSE;
}

void
_postseal_quoted_printable_append (PostsealQuotedPrintable *self,
                                   const guint8 *data,
                                   gsize length,
                                   GString *out)
{
  for (gsize i = 0; i < length; i++)
    {
      if (append_held (self, data[i], out))
        continue;
      if (data[i] == '\r' || is_space (data[i]))
        self->held = data[i];
      else if (data[i] > 0x20 && data[i] < 0x7f && data[i] != '=')
        append_literal (self, data[i], out);
      else
        append_encoded (self, data[i], out);
    }
}

void
_postseal_quoted_printable_finish (PostsealQuotedPrintable *self, gboolean ends_line, GString *out)
{
  if (self->held != 0)
    append_encoded (self, self->held, out);
  self->held = 0;
  if (ends_line && self->column > 0)
    break_softly (self, out);
}

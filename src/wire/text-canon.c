/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/text-canon.h"

#include <string.h>

#include "base/limits.h"

#define EVERY_BYTE(byte) (G_GUINT64_CONSTANT (0x0101010101010101) * (byte))

/* Returns: not 0 when a byte of @word is 0 */
static guint64
find_zero (guint64 word)
{
  return (word - EVERY_BYTE (0x01)) & ~word & EVERY_BYTE (0x80);
}

/* Copies @length bytes, eight at a time, and looks at them on the way.
   Returns: FALSE when there is a NUL or a CR among them */
static gboolean
copy_clean (const char *in, gsize length, char *out, gboolean *has_8bit)
{
  guint64 seen = 0;
  guint64 bad = 0;
  guint64 word;
  gsize i = 0;

  for (; i + sizeof word <= length; i += sizeof word)
    {
      memcpy (&word, in + i, sizeof word);
      memcpy (out + i, &word, sizeof word);
      seen |= word;
      bad |= find_zero (word) | find_zero (word ^ EVERY_BYTE ('\r'));
    }
  if (i < length)
    {
      /* What is missing is filled with what is neither bad nor 8-bit. */
      word = EVERY_BYTE (' ');
      memcpy (&word, in + i, length - i);
      memcpy (out + i, in + i, length - i);
      seen |= word;
      bad |= find_zero (word) | find_zero (word ^ EVERY_BYTE ('\r'));
    }
  if (bad == 0 && (seen & EVERY_BYTE (0x80)) != 0)
    *has_8bit = TRUE;
  return bad == 0;
}

/* The first bytes of a line until the one that must not be there. */
static gsize
copy_until_problem (PostsealTextCanon *self, const char *in, char *out)
{
  gsize i = 0;

  for (;; i++)
    {
      if (in[i] == '\r')
        self->problem = POSTSEAL_TEXT_CANON_LONE_CR;
      else if (in[i] == '\0')
        self->problem = POSTSEAL_TEXT_CANON_NUL;
      else if (self->column == POSTSEAL_LIMIT_TEXT_LINE)
        self->problem = POSTSEAL_TEXT_CANON_LONG_LINE;
      if (self->problem != POSTSEAL_TEXT_CANON_OK)
        return i;
      out[i] = in[i];
      self->column++;
      self->has_8bit = self->has_8bit || (guint8)in[i] >= 0x80;
    }
}

/* Octets of a line without its end. */
static gsize
copy_text (PostsealTextCanon *self, const char *in, gsize length, char *out)
{
  if (length > POSTSEAL_LIMIT_TEXT_LINE - self->column
      || !copy_clean (in, length, out, &self->has_8bit))
    return copy_until_problem (self, in, out);
  self->column += (guint)length;
  return length;
}

static gsize
end_line (PostsealTextCanon *self, char *out)
{
  self->line++;
  self->column = 0;
  self->has_cr = FALSE;
  out[0] = '\r';
  out[1] = '\n';
  return 2;
}

/* The rest of one line, or as much of it as there is.
   Returns: bytes written; *@in is then behind what was read */
static gsize
convert_line (PostsealTextCanon *self, const char **in, const char *end, char *out)
{
  const char *start = *in;
  const char *feed = memchr (start, '\n', (gsize)(end - start));
  const char *text_end = feed != NULL ? feed : end;
  gboolean has_cr = text_end > start && text_end[-1] == '\r';
  gsize written = copy_text (self, start, (gsize)(text_end - start) - (has_cr ? 1 : 0), out);

  *in = feed != NULL ? feed + 1 : end;
  if (self->problem != POSTSEAL_TEXT_CANON_OK)
    return written;
  self->has_cr = has_cr;
  return feed != NULL ? written + end_line (self, out + written) : written;
}

gsize
postseal_text_canon (PostsealTextCanon *self, const char *in, gsize length, char *out)
{
  const char *end;
  gsize written = 0;

  if (length == 0 || self->problem != POSTSEAL_TEXT_CANON_OK)
    return 0;
  if (self->has_cr && *in != '\n')
    {
      self->problem = POSTSEAL_TEXT_CANON_LONE_CR;
      return 0;
    }
  end = in + length;
  while (in < end && self->problem == POSTSEAL_TEXT_CANON_OK)
    written += convert_line (self, &in, end, out + written);
  return written;
}

gsize
postseal_text_canon_finish (PostsealTextCanon *self, char *out)
{
  if (self->problem == POSTSEAL_TEXT_CANON_OK && self->has_cr)
    self->problem = POSTSEAL_TEXT_CANON_LONE_CR;
  if (self->problem != POSTSEAL_TEXT_CANON_OK || self->column == 0)
    return 0;
  return end_line (self, out);
}

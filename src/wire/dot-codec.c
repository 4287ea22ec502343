/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/dot-codec.h"

#include <string.h>

/* What has been seen of the current line. */
enum
{
  AT_LINE_START,
  IN_LINE,
  AFTER_CR,
  AFTER_DOT, /* the line's first byte, not written */
  AFTER_DOT_CR, /* the line's first two bytes, neither written */
};

/* Returns: the state after @byte where it is an ordinary byte of a line */
static guint
state_after (guint state, guint8 byte)
{
  if (byte == '\r')
    return AFTER_CR;
  return byte == '\n' && state == AFTER_CR ? AT_LINE_START : IN_LINE;
}

gboolean
postseal_dot_decode (PostsealDotDecoder *self,
                     const guint8 *in,
                     gsize length,
                     gsize *ret_consumed,
                     guint8 *out,
                     gsize *ret_written)
{
  const guint8 *at = in;
  const guint8 *end = in + length;
  guint8 *to = out;
  guint state = self->state;
  gboolean is_done = FALSE;

  while (at < end && !is_done)
    {
      if (state == IN_LINE)
        {
          /* Inside a line only a CR matters. */
          const guint8 *cr = memchr (at, '\r', (gsize)(end - at));
          gsize run = cr != NULL ? (gsize)(cr - at) + 1 : (gsize)(end - at);

          memcpy (to, at, run);
          to += run;
          at += run;
          state = cr != NULL ? AFTER_CR : IN_LINE;
          continue;
        }

      guint8 byte = *at++;

      if (state == AT_LINE_START && byte == '.')
        state = AFTER_DOT;
      else if (state == AFTER_DOT && byte == '\r')
        state = AFTER_DOT_CR;
      else if (state == AFTER_DOT_CR && byte == '\n')
        is_done = TRUE;
      else
        {
          if (state == AFTER_DOT_CR)
            *to++ = '\r';
          *to++ = byte;
          state = state_after (state, byte);
        }
    }

  self->state = is_done ? AT_LINE_START : state;
  *ret_consumed = (gsize)(at - in);
  *ret_written = (gsize)(to - out);
  return is_done;
}

gsize
postseal_dot_encode (PostsealDotEncoder *self, const char *in, gsize length, char *out)
{
  const char *end = in + length;
  const char *copied = in; /* all before it is in @out */
  char *to = out;

  if (length == 0)
    return 0;
  for (const char *at = in; at < end;)
    {
      const char *feed;

      if (self->state == AT_LINE_START && *at == '.')
        {
          to = (char *)mempcpy (to, copied, (gsize)(at - copied));
          *to++ = '.';
          copied = at;
        }
      feed = memchr (at, '\n', (gsize)(end - at));
      self->state = feed != NULL ? AT_LINE_START : IN_LINE;
      at = feed != NULL ? feed + 1 : end;
    }
  to = (char *)mempcpy (to, copied, (gsize)(end - copied));
  return (gsize)(to - out);
}

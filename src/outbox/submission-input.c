/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/submission-input-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "outbox/outbox-error.h"

/* What has been seen of the line, and is held back. */
enum
{
  LINE_START, /* nothing */
  AFTER_DOT, /* "." of ".." */
  AFTER_DOTS, /* all dots that are looked for */
  AFTER_DOTS_CR, /* all dots, CR */
  IN_LINE, /* it is another line */
};

/* A descriptor that does not block is waited for all the same. */
static gssize
read_some (PostsealSubmissionInput *self, GError **error)
{
  while (TRUE)
    {
      gssize length = read (self->fd, self->raw, sizeof self->raw);
      GPollFD poll_fd = { .fd = self->fd, .events = G_IO_IN };

      if (length >= 0)
        return length;
      if (errno == EAGAIN)
        g_poll (&poll_fd, 1, -1);
      else if (errno != EINTR)
        break;
    }
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_INPUT,
               _ ("Cannot read the message: %s"), g_strerror (errno));
  return -1;
}

/* The bytes of a line up to its end. Returns: how many were used */
static gsize
copy_line (PostsealSubmissionInput *self, const char *in, gsize length, char *out)
{
  const char *feed = memchr (in, '\n', length);
  gsize used = feed != NULL ? (gsize)(feed - in) + 1 : length;

  memcpy (out, in, used);
  self->state = feed != NULL ? LINE_START : IN_LINE;
  return used;
}

/* What was held back is part of a line like any other. */
static void
let_go (PostsealSubmissionInput *self, char *out, gsize *written)
{
  if (self->state == LINE_START)
    return;
  out[(*written)++] = '.';
  if (self->state != AFTER_DOT && self->undoes_dots)
    out[(*written)++] = '.';
  if (self->state == AFTER_DOTS_CR)
    out[(*written)++] = '\r';
}

/* The line is only dots, and over. */
static void
end_dots (PostsealSubmissionInput *self, char *out, gsize *written)
{
  if (self->undoes_dots)
    {
      out[(*written)++] = '.';
      if (self->state == AFTER_DOTS_CR)
        out[(*written)++] = '\r';
      out[(*written)++] = '\n';
      self->state = LINE_START;
    }
  else
    self->is_over = TRUE;
}

/* Returns: TRUE when the byte was used to tell what the line is */
static gboolean
look_at_byte (PostsealSubmissionInput *self, char byte, char *out, gsize *written)
{
  if (self->state == LINE_START && byte == '.')
    self->state = self->undoes_dots ? AFTER_DOT : AFTER_DOTS;
  else if (self->state == AFTER_DOT && byte == '.')
    self->state = AFTER_DOTS;
  else if (self->state == AFTER_DOTS && byte == '\r')
    self->state = AFTER_DOTS_CR;
  else if ((self->state == AFTER_DOTS || self->state == AFTER_DOTS_CR) && byte == '\n')
    end_dots (self, out, written);
  else
    {
      let_go (self, out, written);
      self->state = IN_LINE;
      return FALSE;
    }
  return TRUE;
}

/* What is held back when nothing follows. Returns: its length */
static gsize
end_input (PostsealSubmissionInput *self, char *out)
{
  gsize written = 0;

  self->is_over = TRUE;
  /* A dot that nothing follows ends the input, too. */
  if (self->undoes_dots && self->state == AFTER_DOTS)
    self->state = AFTER_DOT;
  if (self->undoes_dots && self->state != IN_LINE)
    let_go (self, out, &written);
  return written;
}

static gsize
find_dots (PostsealSubmissionInput *self, gsize length, char *out)
{
  gsize written = 0;
  gsize i = 0;

  while (i < length && !self->is_over)
    {
      gsize used;

      if (self->state != IN_LINE && look_at_byte (self, self->raw[i], out, &written))
        {
          i++;
          continue;
        }
      used = copy_line (self, self->raw + i, length - i, out + written);
      i += used;
      written += used;
    }
  return written;
}

gssize
_postseal_submission_input_read (PostsealSubmissionInput *self, char *out, GError **error)
{
  while (!self->is_over)
    {
      gssize length = read_some (self, error);
      gsize written;

      if (length < 0)
        return -1;
      if (length == 0)
        return (gssize)end_input (self, out);
      if (!self->dot_ends && !self->undoes_dots)
        {
          memcpy (out, self->raw, (gsize)length);
          return length;
        }
      written = find_dots (self, (gsize)length, out);
      if (written > 0)
        return (gssize)written;
    }
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sendmail/smtp-input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "wire/dot-codec.h"

#define BUFFER_SIZE 65536
/* RFC 5321 section 4.5.3.1.4 asks for 512 and what extensions add (RFC 3461: 500, RFC 6531: 10...),
   and a client that exceeds that by far has lost its line ends. */
#define LONGEST_LINE 4096

struct _PostsealSmtpInput
{
  int fd; /* borrowed */
  gsize start;
  gsize end;
  guint8 buffer[BUFFER_SIZE];
};

PostsealSmtpInput *
postseal_smtp_input_new (int fd)
{
  PostsealSmtpInput *self = g_new (PostsealSmtpInput, 1);

  self->fd = fd;
  self->start = 0;
  self->end = 0;
  return self;
}

void
postseal_smtp_input_free (PostsealSmtpInput *self)
{
  g_free (self);
}

/* When the buffer is used up. */
static PostsealSmtpInputState
fill (PostsealSmtpInput *self)
{
  GPollFD poll_fd = { .fd = self->fd, .events = G_IO_IN };
  gssize n;

  if (self->start < self->end)
    return POSTSEAL_SMTP_INPUT_OK;
  if (g_poll (&poll_fd, 1, POSTSEAL_LIMIT_SMTP_COMMAND_MS) == 0)
    return POSTSEAL_SMTP_INPUT_SILENCE;
  do
    n = read (self->fd, self->buffer, BUFFER_SIZE);
  while (n < 0 && errno == EINTR);
  self->start = 0;
  self->end = n > 0 ? (gsize)n : 0;
  return n > 0 ? POSTSEAL_SMTP_INPUT_OK : POSTSEAL_SMTP_INPUT_END;
}

PostsealSmtpInputState
postseal_smtp_input_read_line (PostsealSmtpInput *self, GString *ret_line)
{
  gboolean is_long = FALSE;
  gboolean has_ended = FALSE;

  g_string_truncate (ret_line, 0);
  while (!has_ended)
    {
      PostsealSmtpInputState state = fill (self);
      const guint8 *from = self->buffer + self->start;
      const guint8 *newline;
      gsize length;

      if (state != POSTSEAL_SMTP_INPUT_OK)
        return state;
      newline = memchr (from, '\n', self->end - self->start);
      has_ended = newline != NULL;
      length = has_ended ? (gsize)(newline - from) + 1 : self->end - self->start;
      is_long = is_long || ret_line->len + length > LONGEST_LINE;
      if (!is_long)
        g_string_append_len (ret_line, (const char *)from, (gssize)length);
      self->start += length;
    }
  if (is_long)
    return POSTSEAL_SMTP_INPUT_LONG;
  if (ret_line->len < 2 || ret_line->str[ret_line->len - 2] != '\r')
    return POSTSEAL_SMTP_INPUT_BARE;
  g_string_truncate (ret_line, ret_line->len - 2);
  return memchr (ret_line->str, '\r', ret_line->len) == NULL
                 && memchr (ret_line->str, '\0', ret_line->len) == NULL
             ? POSTSEAL_SMTP_INPUT_OK
             : POSTSEAL_SMTP_INPUT_BARE;
}

/* --- a message --- */

typedef struct
{
  int fd;
  guint64 left;
  guint8 last;
  PostsealSmtpInputState state; /* the first trouble; nothing is written after it */
  int saved_errno;
} Content;

static void
keep (Content *self, const guint8 *data, gsize length)
{
  for (gsize i = 0; i < length && self->state == POSTSEAL_SMTP_INPUT_OK; i++)
    {
      if ((data[i] == '\n') != (self->last == '\r') || data[i] == '\0')
        self->state = POSTSEAL_SMTP_INPUT_BARE;
      self->last = data[i];
    }
  if (self->state == POSTSEAL_SMTP_INPUT_OK && length > self->left)
    self->state = POSTSEAL_SMTP_INPUT_LONG;
  if (self->state != POSTSEAL_SMTP_INPUT_OK)
    return;
  self->left -= length;
  while (length > 0)
    {
      gssize n = write (self->fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          self->state = POSTSEAL_SMTP_INPUT_DISK;
          self->saved_errno = errno;
          return;
        }
      data += n;
      length -= (gsize)n;
    }
}

PostsealSmtpInputState
postseal_smtp_input_read_data (PostsealSmtpInput *self, int fd, guint64 largest)
{
  g_autofree guint8 *decoded = g_malloc (BUFFER_SIZE + 4);
  PostsealDotDecoder decoder = { 0 };
  Content content = { .fd = fd, .left = largest };
  gboolean has_ended = FALSE;

  while (!has_ended)
    {
      PostsealSmtpInputState state = fill (self);
      gsize consumed = 0;
      gsize written = 0;

      if (state != POSTSEAL_SMTP_INPUT_OK)
        return state;
      has_ended = postseal_dot_decode (&decoder, self->buffer + self->start,
                                       self->end - self->start, &consumed, decoded, &written);
      self->start += consumed;
      keep (&content, decoded, written);
    }
  errno = content.saved_errno;
  return content.state;
}

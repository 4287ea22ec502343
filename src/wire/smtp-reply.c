/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/smtp-reply.h"

#include <string.h>

#include "base/limits.h"

void
postseal_smtp_reply_init (PostsealSmtpReply *self)
{
  *self = (PostsealSmtpReply){ .text = g_string_new (NULL) };
}

void
postseal_smtp_reply_reset (PostsealSmtpReply *self)
{
  self->code = 0;
  memset (self->status, 0, sizeof self->status);
  g_string_truncate (self->text, 0);
}

void
postseal_smtp_reply_clear (PostsealSmtpReply *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  *self = (PostsealSmtpReply){ 0 };
}

/* Returns: the code at the beginning of the line, 0 when there is none that may be there */
static guint
parse_code (const char *line, gsize length)
{
  if (length < 3 || line[0] < '2' || line[0] > '5' || !g_ascii_isdigit (line[1])
      || !g_ascii_isdigit (line[2]))
    return 0;
  return (guint)(line[0] - '0') * 100 + (guint)(line[1] - '0') * 10 + (guint)(line[2] - '0');
}

/* "5.1.1", RFC 3463 section 2: one digit, then twice up to three.
   Returns: its length with the space behind it, 0 when the text begins otherwise */
static gsize
parse_status (const char *text, gsize length, guint status[3])
{
  gsize at = 0;

  for (guint part = 0; part < 3; part++)
    {
      gsize start = at;

      status[part] = 0;
      for (; at < length && at < start + 3 && g_ascii_isdigit (text[at]); at++)
        status[part] = status[part] * 10 + (guint)(text[at] - '0');
      if (at == start || (part == 0 && at != 1))
        return 0;
      if (part < 2 && (at == length || text[at++] != '.'))
        return 0;
    }
  if (at == length)
    return at;
  return text[at] == ' ' ? at + 1 : 0;
}

/* RFC 2034 section 4: every line of a reply has the same status, and its class is the code's. */
static gsize
take_status (PostsealSmtpReply *self, const char *text, gsize length)
{
  guint status[3];
  gsize n_status = parse_status (text, length, status);

  if (n_status == 0 || status[0] == 3 || status[0] != self->code / 100)
    return 0;
  if (self->status[0] == 0)
    memcpy (self->status, status, sizeof status);
  return memcmp (self->status, status, sizeof status) == 0 ? n_status : 0;
}

PostsealSmtpReplyState
postseal_smtp_reply_feed (PostsealSmtpReply *self, const char *line, gsize length)
{
  guint code = parse_code (line, length);
  gboolean is_first = self->code == 0;
  gsize start = MIN (length, 4);

  if (code == 0 || (!is_first && code != self->code)
      || (length > 3 && line[3] != ' ' && line[3] != '-')
      || length > POSTSEAL_LIMIT_SMTP_REPLY - MIN (self->text->len, POSTSEAL_LIMIT_SMTP_REPLY))
    return POSTSEAL_SMTP_REPLY_MALFORMED;

  self->code = code;
  start += take_status (self, line + start, length - start);
  if (!is_first)
    g_string_append_c (self->text, '\n');
  g_string_append_len (self->text, line + start, (gssize)(length - start));
  return length > 3 && line[3] == '-' ? POSTSEAL_SMTP_REPLY_MORE : POSTSEAL_SMTP_REPLY_COMPLETE;
}

char *
postseal_smtp_reply_get_status (const PostsealSmtpReply *self)
{
  guint class = self->code / 100;

  if (self->status[0] != 0)
    return g_strdup_printf ("%u.%u.%u", self->status[0], self->status[1], self->status[2]);
  /* There is no class 3, nor one for no reply at all: nothing permanent has been said. */
  return g_strdup (class == 2 ? "2.0.0" : class == 5 ? "5.0.0" : "4.0.0");
}

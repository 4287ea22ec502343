/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/probe-link-private.h"

#include <string.h>

#include "base/limits.h"
#include "base/printable.h"

#define LONGEST_LINE 8192
#define MOST_BYTES 262144 /* of one connection */

struct _PostsealProbeLink
{
  const PostsealProbeTarget *target; /* borrowed */
  PostsealProbeSocket *socket; /* owned */
  PostsealProbeTls *tls; /* owned, nullable */
  gboolean is_tls; /* the handshake is complete */
  PostsealProbeTalk *talk; /* owned */
  char *own_literal; /* owned */
  GString *heard; /* owned: not yet taken for lines */
  gsize total; /* bytes heard */
  PostsealProbeListener listener; /* nullable */
  gpointer listener_data; /* borrowed */
};

PostsealProbeLink *
_postseal_probe_link_open (const PostsealProbeTarget *target,
                           GPtrArray *addresses,
                           gint64 until,
                           GError **error)
{
  PostsealProbeSocket *socket
      = _postseal_probe_socket_open (addresses, target->port, &target->limit, until, error);
  PostsealProbeLink *self = NULL;

  if (socket == NULL)
    return NULL;
  self = g_new0 (PostsealProbeLink, 1);
  self->target = target;
  self->socket = socket;
  self->talk = _postseal_probe_talk_new (target->protocol);
  self->own_literal = _postseal_probe_socket_get_own_literal (socket);
  self->heard = g_string_new (NULL);
  return self;
}

void
_postseal_probe_link_free (PostsealProbeLink *self)
{
  if (self == NULL)
    return;
  _postseal_probe_tls_free (self->tls);
  _postseal_probe_talk_free (self->talk);
  _postseal_probe_socket_free (self->socket);
  g_free (self->own_literal);
  g_string_free (self->heard, TRUE);
  g_free (self);
}

/* --- telling --- */

void
_postseal_probe_link_set_listener (PostsealProbeLink *self,
                                   PostsealProbeListener listener,
                                   gpointer user_data)
{
  self->listener = listener;
  self->listener_data = user_data;
}

static void
tell (PostsealProbeLink *self, PostsealTranscriptKind kind, const char *line, gssize length)
{
  g_autofree char *printable = NULL;

  if (self->listener == NULL)
    return;
  printable = postseal_printable (line, length);
  self->listener (kind, printable, self->listener_data);
}

void
_postseal_probe_link_note (PostsealProbeLink *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  tell (self, POSTSEAL_TRANSCRIPT_NOTE, text, -1);
}

PostsealProbeSocket *
_postseal_probe_link_get_socket (PostsealProbeLink *self)
{
  return self->socket;
}

PostsealProbeTalk *
_postseal_probe_link_get_talk (PostsealProbeLink *self)
{
  return self->talk;
}

PostsealProbeTls *
_postseal_probe_link_get_tls (PostsealProbeLink *self)
{
  return self->tls;
}

/* --- bytes --- */

static gboolean
write_text (PostsealProbeLink *self, const char *text, gint64 until)
{
  return self->is_tls
             ? _postseal_probe_tls_write (self->tls, text, strlen (text), until, NULL)
             : _postseal_probe_socket_write (self->socket, text, strlen (text), until, NULL);
}

/* Waits for more. Returns: YES, ENDED, STALLED, or STRANGE where it was too much */
static PostsealProbeAnswer
read_some (PostsealProbeLink *self, gint64 until)
{
  char buffer[4096];
  gssize count
      = self->is_tls
            ? _postseal_probe_tls_read (self->tls, buffer, sizeof buffer, until, NULL)
            : _postseal_probe_socket_read (self->socket, buffer, sizeof buffer, until, NULL);

  if (count <= 0)
    return count == 0 ? POSTSEAL_PROBE_ANSWER_ENDED : POSTSEAL_PROBE_ANSWER_STALLED;
  self->total += count;
  if (self->total > MOST_BYTES)
    return POSTSEAL_PROBE_ANSWER_STRANGE;
  g_string_append_len (self->heard, buffer, count);
  return POSTSEAL_PROBE_ANSWER_YES;
}

/* The length of the next line with its LF, once it is there.
   Returns: YES, ENDED, STALLED or STRANGE */
static PostsealProbeAnswer
read_line (PostsealProbeLink *self, gint64 until, gsize *ret_length)
{
  for (;;)
    {
      const char *end = memchr (self->heard->str, '\n', self->heard->len);
      PostsealProbeAnswer answer = POSTSEAL_PROBE_ANSWER_STRANGE;

      if (end != NULL && end - self->heard->str < LONGEST_LINE)
        {
          *ret_length = end + 1 - self->heard->str;
          return POSTSEAL_PROBE_ANSWER_YES;
        }
      if (end == NULL && self->heard->len < LONGEST_LINE)
        answer = read_some (self, until);
      if (answer != POSTSEAL_PROBE_ANSWER_YES)
        return answer;
    }
}

/* What there is of a line that does not end, so that it can be shown. */
static void
hear_fragment (PostsealProbeLink *self)
{
  gsize length = MIN (self->heard->len, LONGEST_LINE);

  if (length == 0)
    return;
  tell (self, POSTSEAL_TRANSCRIPT_RECEIVED, self->heard->str, length);
  _postseal_probe_talk_hear (self->talk, self->heard->str, length);
  g_string_truncate (self->heard, 0);
}

static PostsealProbeAnswer
hear_answer (PostsealProbeLink *self, gint64 until)
{
  PostsealProbeAnswer answer = POSTSEAL_PROBE_ANSWER_MORE;

  while (answer == POSTSEAL_PROBE_ANSWER_MORE)
    {
      gsize length = 0;
      gsize end = 0;

      answer = read_line (self, until, &length);
      if (answer != POSTSEAL_PROBE_ANSWER_YES)
        {
          hear_fragment (self);
          return answer;
        }
      end = length - (length > 1 && self->heard->str[length - 2] == '\r' ? 2 : 1);
      tell (self, POSTSEAL_TRANSCRIPT_RECEIVED, self->heard->str, end);
      answer = _postseal_probe_talk_hear (self->talk, self->heard->str, end);
      g_string_erase (self->heard, 0, length);
    }
  return answer;
}

/* --- talking --- */

PostsealProbeAnswer
_postseal_probe_link_await (PostsealProbeLink *self, gint64 until)
{
  return self->heard->len > 0 ? POSTSEAL_PROBE_ANSWER_YES : read_some (self, until);
}

/* Sends @line and what is to come behind it, in one piece. */
static PostsealProbeAnswer
say_and_hear (PostsealProbeLink *self, const char *line, const char *behind, gint64 until)
{
  g_autofree char *text = g_strconcat (line, "\r\n", behind, behind != NULL ? "\r\n" : NULL, NULL);

  tell (self, POSTSEAL_TRANSCRIPT_SENT, line, -1);
  if (behind != NULL)
    tell (self, POSTSEAL_TRANSCRIPT_SENT, behind, -1);
  /* Where it cannot be sent, the answer is that the connection has ended. */
  write_text (self, text, until);
  return hear_answer (self, until);
}

PostsealProbeAnswer
_postseal_probe_link_ask (PostsealProbeLink *self, PostsealProbeQuestion question, gint64 until)
{
  g_autofree char *line = _postseal_probe_talk_ask (self->talk, question, self->own_literal);

  return line != NULL ? say_and_hear (self, line, NULL, until) : hear_answer (self, until);
}

PostsealProbeAnswer
_postseal_probe_link_ask_with_stowaway (PostsealProbeLink *self, gint64 until)
{
  g_autofree char *line
      = _postseal_probe_talk_ask (self->talk, POSTSEAL_PROBE_QUESTION_UPGRADE, self->own_literal);

  return say_and_hear (self, line, _postseal_probe_talk_get_stowaway (self->talk), until);
}

gboolean
_postseal_probe_link_hears_stowaway (PostsealProbeLink *self, gint64 until)
{
  gsize length = 0;

  while (read_line (self, until, &length) == POSTSEAL_PROBE_ANSWER_YES)
    {
      if (_postseal_probe_talk_is_for_stowaway (self->talk, self->heard->str, length - 1))
        return TRUE;
      g_string_erase (self->heard, 0, length);
    }
  return FALSE;
}

char *
_postseal_probe_link_get_leftover (PostsealProbeLink *self)
{
  /* What lies in the socket was sent in a segment of its own. */
  read_some (self, 0);
  return self->heard->len > 0 ? postseal_printable (self->heard->str, self->heard->len) : NULL;
}

/* --- TLS --- */

PostsealProbeTlsOutcome
_postseal_probe_link_start_tls (PostsealProbeLink *self,
                                PostsealProbeOffer offer,
                                GBytes *session,
                                gint64 until)
{
  PostsealProbeTlsOutcome outcome = POSTSEAL_PROBE_TLS_BROKEN;

  g_assert (self->tls == NULL);

  g_string_truncate (self->heard, 0);
  self->tls = _postseal_probe_tls_new (self->socket, self->target->host, offer, session);
  outcome = _postseal_probe_tls_shake_hands (self->tls, until);
  self->is_tls = outcome == POSTSEAL_PROBE_TLS_DONE;
  if (self->is_tls)
    _postseal_probe_link_note (self, "%s, %s", _postseal_probe_tls_get_version (self->tls),
                               _postseal_probe_tls_get_cipher (self->tls));
  else
    _postseal_probe_link_note (self, "%s", _postseal_probe_tls_get_error (self->tls));
  return outcome;
}

void
_postseal_probe_link_leave (PostsealProbeLink *self)
{
  gint64 until = _postseal_probe_limit_within (&self->target->limit, POSTSEAL_LIMIT_CLOSE_MS);

  _postseal_probe_link_ask (self, POSTSEAL_PROBE_QUESTION_GOODBYE, until);
  if (self->is_tls)
    _postseal_probe_tls_end (self->tls);
}

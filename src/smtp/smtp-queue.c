/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/printable.h"
#include "net/net-error.h"

#define CODE_CLOSING 421 /* RFC 5321 section 3.8 */
#define CODE_CHALLENGE 334 /* RFC 4954 section 4 */

typedef struct
{
  GCancellable *cancellable; /* owned */
  GSource *source; /* owned */
  guint n_users;
} Watch;

/* --- errors --- */

char *
_postseal_smtp_reply_get_words (const PostsealSmtpReply *reply)
{
  g_autofree char *line = g_strndup (reply->text->str, reply->text->len);

  return postseal_printable (g_strstrip (g_strdelimit (line, "\n", ' ')), -1);
}

GError *
_postseal_smtp_error_new (
    GQuark domain, int code, const PostsealSmtpReply *reply, const char *format, ...)
{
  g_autofree char *what = NULL;
  g_autofree char *words = NULL;
  g_autofree char *status = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (reply == NULL)
    return g_error_new_literal (domain, code, what);
  words = _postseal_smtp_reply_get_words (reply);
  if (reply->status[0] != 0)
    status = postseal_smtp_reply_get_status (reply);
  /* Translators: a sentence of ours, then the server's code, status and words. */
  return g_error_new (domain, code, _ ("%s: “%u%s%s%s%s”"), what, reply->code,
                      status != NULL ? " " : "", status != NULL ? status : "",
                      *words != '\0' ? " " : "", words);
}

GError *
_postseal_smtp_error_from_reply (PostsealSmtpSession *self,
                                 const PostsealSmtpReply *reply,
                                 const char *command)
{
  if (reply->code == CODE_CLOSING)
    return _postseal_smtp_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY, reply,
                                     _ ("Server “%s” ended the session; try again later"),
                                     self->host);
  if (reply->code / 100 == 4)
    return _postseal_smtp_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY, reply,
                                     _ ("Server “%s” cannot do %s now; try again later"),
                                     self->host, command);
  if (reply->code / 100 == 5)
    return _postseal_smtp_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_REFUSED, reply,
                                     _ ("Server “%s” refused %s"), self->host, command);
  return _postseal_smtp_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL, reply,
                                   _ ("Server “%s” broke the protocol: this is no answer to %s"),
                                   self->host, command);
}

void
_postseal_smtp_session_fail (PostsealSmtpSession *self, GError *error)
{
  g_autoptr (GError) owned = error;

  if (!_postseal_smtp_session_is_open (self))
    return;
  self->state = POSTSEAL_SMTP_STATE_FAILED;
  postseal_channel_fail (self->channel, owned);
}

void
_postseal_smtp_session_fail_protocol (PostsealSmtpSession *self,
                                      const char *what,
                                      const char *line,
                                      gsize length)
{
  g_autofree char *culprit = line != NULL ? postseal_printable (line, (gssize)length) : NULL;

  if (culprit != NULL)
    _postseal_smtp_session_fail (self,
                                 g_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL,
                                              _ ("Server “%s” broke the protocol: %s: “%s”"),
                                              self->host, what, culprit));
  else
    _postseal_smtp_session_fail (
        self, g_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL,
                           _ ("Server “%s” broke the protocol: %s"), self->host, what));
}

/* --- cancellation: one source for all operations with the same cancellable --- */

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  /* What is half said cannot be taken back, and replies that nobody wants would have to be read. */
  _postseal_smtp_session_fail (user_data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                               _ ("The operation was cancelled")));
  return G_SOURCE_REMOVE;
}

GArray *
_postseal_smtp_watches_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (Watch));
}

static Watch *
find_watch (PostsealSmtpSession *self, GCancellable *cancellable, guint *ret_index)
{
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = &g_array_index (self->watches, Watch, i);

      *ret_index = i;
      if (watch->cancellable == cancellable)
        return watch;
    }
  return NULL;
}

static void
watch_cancellable (PostsealSmtpSession *self, GCancellable *cancellable)
{
  guint index = 0;
  Watch *watch = find_watch (self, cancellable, &index);
  Watch added = { 0 };

  if (g_cancellable_is_cancelled (cancellable))
    on_cancelled (cancellable, self);
  if (watch != NULL)
    {
      watch->n_users++;
      return;
    }
  added.cancellable = g_object_ref (cancellable);
  added.source = g_cancellable_source_new (cancellable);
  added.n_users = 1;
  g_source_set_callback (added.source, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_attach (added.source, self->context);
  g_array_append_val (self->watches, added);
}

static void
unwatch_cancellable (PostsealSmtpSession *self, GCancellable *cancellable)
{
  guint index = 0;
  Watch *watch = find_watch (self, cancellable, &index);

  if (watch == NULL || --watch->n_users > 0)
    return;
  g_source_destroy (watch->source);
  g_source_unref (watch->source);
  g_object_unref (watch->cancellable);
  g_array_remove_index_fast (self->watches, index);
}

/* --- operations --- */

gpointer
_postseal_smtp_operation_begin (PostsealSmtpSession *session,
                                const PostsealSmtpOperationType *type,
                                gsize size,
                                GTask *task,
                                GCancellable *cancellable)
{
  PostsealSmtpOperation *self = g_malloc0 (size);

  self->type = type;
  self->session = session;
  self->task = task;
  self->link.data = self;
  if (cancellable != NULL)
    {
      self->cancellable = g_object_ref (cancellable);
      watch_cancellable (session, cancellable);
    }
  g_queue_push_tail_link (&session->operations, &self->link);
  if (session->turn == NULL)
    session->turn = &self->link;
  return self;
}

void
_postseal_smtp_operation_pass (PostsealSmtpOperation *self)
{
  if (self->session->turn == &self->link)
    self->session->turn = self->link.next;
}

GTask *
_postseal_smtp_operation_end (PostsealSmtpOperation *self)
{
  PostsealSmtpSession *session = self->session;
  GTask *task = self->task;

  _postseal_smtp_operation_pass (self);
  g_queue_unlink (&session->operations, &self->link);
  if (session->login == self)
    session->login = NULL;
  if (self->cancellable != NULL)
    unwatch_cancellable (session, self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->type->clear != NULL)
    self->type->clear (self);
  g_free (self);
  return task;
}

void
_postseal_smtp_session_close (PostsealSmtpSession *self, const GError *error)
{
  g_autoptr (PostsealSmtpSession) guard = g_object_ref (self);
  PostsealSmtpOperation *operation = NULL;

  if (self->state == POSTSEAL_SMTP_STATE_CLOSED)
    return;
  self->state = POSTSEAL_SMTP_STATE_CLOSED;
  self->closed_error = g_error_copy (error);
  g_clear_pointer (&self->channel, postseal_channel_free);
  self->n_answered = 0;
  g_array_set_size (self->in_flight, 0);
  /* What the callbacks start anew finds the session closed. */
  while ((operation = g_queue_peek_head (&self->operations)) != NULL)
    operation->type->abandon (operation, self->closed_error);
}

/* --- saying --- */

gboolean
_postseal_smtp_session_is_open (PostsealSmtpSession *self)
{
  return self->channel != NULL && self->state != POSTSEAL_SMTP_STATE_FAILED;
}

gboolean
_postseal_smtp_session_is_idle (PostsealSmtpSession *self)
{
  return self->n_answered == self->in_flight->len;
}

gboolean
_postseal_smtp_session_is_out (PostsealSmtpSession *self, guint64 position)
{
  return self->channel != NULL
         && position <= self->n_said - postseal_channel_get_queued (self->channel);
}

static PostsealSmtpCommand *
peek_oldest (PostsealSmtpSession *self)
{
  return _postseal_smtp_session_is_idle (self)
             ? NULL
             : &g_array_index (self->in_flight, PostsealSmtpCommand, self->n_answered);
}

/* Returns: a copy of the command that is answered now */
static PostsealSmtpCommand
take_oldest (PostsealSmtpSession *self)
{
  PostsealSmtpCommand command
      = g_array_index (self->in_flight, PostsealSmtpCommand, self->n_answered++);

  if (_postseal_smtp_session_is_idle (self))
    {
      g_array_set_size (self->in_flight, 0);
      self->n_answered = 0;
    }
  else if (self->n_answered > 256 && self->n_answered > self->in_flight->len / 2)
    {
      g_array_remove_range (self->in_flight, 0, self->n_answered);
      self->n_answered = 0;
    }
  return command;
}

PostsealSmtpCommand *
_postseal_smtp_session_get_newest (PostsealSmtpSession *self)
{
  g_assert (!_postseal_smtp_session_is_idle (self));
  return &g_array_index (self->in_flight, PostsealSmtpCommand, self->in_flight->len - 1);
}

void
_postseal_smtp_session_write (PostsealSmtpSession *self, const char *data, gsize length)
{
  if (self->channel == NULL)
    return;
  postseal_channel_write (self->channel, data, (gssize)length);
  self->n_said += length;
}

PostsealSmtpCommand *
_postseal_smtp_session_expect (PostsealSmtpSession *self,
                               const PostsealSmtpCommandType *type,
                               PostsealSmtpOperation *operation)
{
  PostsealSmtpCommand command = { type, operation, self->n_said, self->n_said, 0, FALSE };

  g_array_append_val (self->in_flight, command);
  return _postseal_smtp_session_get_newest (self);
}

PostsealSmtpCommand *
_postseal_smtp_session_say (PostsealSmtpSession *self,
                            const PostsealSmtpCommandType *type,
                            PostsealSmtpOperation *operation,
                            const char *line,
                            gsize length,
                            const char *label)
{
  g_assert (length >= 2 && line[length - 1] == '\n');
  if (self->transcript != NULL)
    postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT,
                              label != NULL ? label : line,
                              label != NULL ? -1 : (gssize)length - 2);
  _postseal_smtp_session_write (self, line, length);
  return _postseal_smtp_session_expect (self, type, operation);
}

static void
on_reset_reply (PostsealSmtpSession *session,
                PostsealSmtpOperation *operation,
                const PostsealSmtpCommand *command,
                const PostsealSmtpReply *reply)
{
  /* Who is not sure that all is forgotten must not go on. */
  if (reply->code / 100 != 2)
    _postseal_smtp_session_fail (session, _postseal_smtp_error_from_reply (session, reply, "RSET"));
}

void
_postseal_smtp_session_reset (PostsealSmtpSession *self)
{
  static const PostsealSmtpCommandType reset_type
      = { .name = "RSET", .wait = POSTSEAL_SMTP_WAIT_COMMAND, .on_reply = on_reset_reply };

  _postseal_smtp_session_say (self, &reset_type, NULL, "RSET\r\n", 6, NULL);
  self->needs_reset = FALSE;
}

/* The clock runs only while the server owes us something: a reply, or to read what we say. */
static guint
get_patience_ms (PostsealSmtpSession *self)
{
  static const guint limits[] = {
    [POSTSEAL_SMTP_WAIT_GREETING] = POSTSEAL_LIMIT_SMTP_GREETING_MS,
    [POSTSEAL_SMTP_WAIT_COMMAND] = POSTSEAL_LIMIT_SMTP_COMMAND_MS,
    [POSTSEAL_SMTP_WAIT_DATA] = POSTSEAL_LIMIT_SMTP_DATA_MS,
    [POSTSEAL_SMTP_WAIT_FINAL] = POSTSEAL_LIMIT_SMTP_FINAL_MS,
  };

  if (_postseal_smtp_session_is_idle (self))
    return 0;
  if (self->timeout_ms > 0)
    return self->timeout_ms;
  if (postseal_channel_get_queued (self->channel) > 0)
    return POSTSEAL_LIMIT_SMTP_BLOCK_MS;
  return limits[peek_oldest (self)->type->wait];
}

static void
update_clock (PostsealSmtpSession *self)
{
  guint patience_ms = get_patience_ms (self);

  if (patience_ms == self->clock_ms)
    return;
  self->clock_ms = patience_ms;
  postseal_channel_set_timeout (self->channel, patience_ms);
}

void
_postseal_smtp_session_pump (PostsealSmtpSession *self)
{
  g_autoptr (PostsealSmtpSession) guard = NULL;

  if (self->is_pumping)
    return;
  guard = g_object_ref (self);
  self->is_pumping = TRUE;
  while (_postseal_smtp_session_is_open (self) && self->turn != NULL)
    {
      PostsealSmtpOperation *operation = self->turn->data;

      if (!operation->type->send (operation))
        break;
    }
  self->is_pumping = FALSE;
  if (_postseal_smtp_session_is_open (self))
    update_clock (self);
}

/* --- hearing --- */

static void
take_closing (PostsealSmtpSession *self, const PostsealSmtpReply *reply)
{
  PostsealSmtpCommand *command = peek_oldest (self);
  gboolean was_asked = command != NULL && _postseal_smtp_session_is_out (self, command->line_end);
  PostsealSmtpOperation *operation = was_asked ? command->operation : NULL;

  self->is_dismissed = TRUE;
  _postseal_smtp_session_fail (self, _postseal_smtp_error_from_reply (self, reply, NULL));
  if (operation != NULL && operation->type->dismiss != NULL)
    operation->type->dismiss (operation, reply);
}

/* A reply counts only for what has left, or a server that talks too much would accept messages that
   it has not got. */
static gboolean
is_early (PostsealSmtpSession *self,
          const PostsealSmtpCommand *command,
          const PostsealSmtpReply *reply)
{
  gboolean needs_line_only = command->type->has_content && reply->code >= 400;

  return !_postseal_smtp_session_is_out (self, needs_line_only ? command->line_end : command->end);
}

/* 4yz, 5yz: with its numbers, which often say more than the words. */
static void
tell_refusal (PostsealSmtpSession *self, const PostsealSmtpReply *reply)
{
  g_autofree char *words = NULL;
  g_autofree char *status = NULL;
  g_autofree char *said = NULL;

  if (reply->code < 400 || !postseal_transcript_wants_facts (self->transcript))
    return;
  words = _postseal_smtp_reply_get_words (reply);
  if (reply->status[0] != 0)
    status = postseal_smtp_reply_get_status (reply);
  said = g_strdup_printf ("%u %s%s%s", reply->code, status != NULL ? status : "",
                          status != NULL ? " " : "", words);
  postseal_transcript_fact (self->transcript, "said", g_strchomp (said));
}

static void
take_reply (PostsealSmtpSession *self, const char *line, gsize length)
{
  const PostsealSmtpReply *reply = &self->reply;
  PostsealSmtpCommand *oldest = peek_oldest (self);
  PostsealSmtpCommand command;

  tell_refusal (self, reply);
  if (reply->code == CODE_CLOSING)
    take_closing (self, reply);
  else if (oldest == NULL || is_early (self, oldest, reply))
    _postseal_smtp_session_fail_protocol (self, _ ("it answered what was not asked"), line, length);
  else
    {
      gboolean goes_on = oldest->type->is_dialogue && reply->code == CODE_CHALLENGE;

      command = goes_on ? *oldest : take_oldest (self);
      command.type->on_reply (self, command.operation, &command, reply);
    }
  postseal_smtp_reply_reset (&self->reply);
}

static void
record_line (PostsealSmtpSession *self, const char *line, gsize length)
{
  PostsealSmtpCommand *oldest = peek_oldest (self);
  gboolean is_secret
      = oldest != NULL && oldest->type->is_dialogue && length >= 3 && memcmp (line, "334", 3) == 0;

  if (self->transcript != NULL)
    postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED,
                              is_secret ? "334 ***" : line, is_secret ? -1 : (gssize)length);
}

static void
take_line (PostsealSmtpSession *self, const char *line, gsize length)
{
  record_line (self, line, length);
  switch (postseal_smtp_reply_feed (&self->reply, line, length))
    {
    case POSTSEAL_SMTP_REPLY_MORE:
      break;
    case POSTSEAL_SMTP_REPLY_COMPLETE:
      take_reply (self, line, length);
      break;
    case POSTSEAL_SMTP_REPLY_MALFORMED:
    default:
      _postseal_smtp_session_fail_protocol (self, _ ("this is no reply"), line, length);
    }
}

/* Returns: bytes used, 0 when the line is not there yet */
static gsize
feed_line (PostsealSmtpSession *self, const char *data, gsize length)
{
  gsize limit = POSTSEAL_LIMIT_LINE - 1;
  const char *end = memchr (data, '\n', MIN (length, limit));

  if (end == NULL && length < limit)
    return 0;
  if (end == NULL)
    _postseal_smtp_session_fail_protocol (self, _ ("this line is too long"), data, limit);
  else if (end == data || end[-1] != '\r')
    _postseal_smtp_session_fail_protocol (self, _ ("this line does not end in CR LF"), data,
                                          (gsize)(end - data));
  else
    take_line (self, data, (gsize)(end - data) - 1);
  return end != NULL ? (gsize)(end - data) + 1 : length;
}

static gsize
on_data (PostsealChannel *channel, const char *data, gsize length, gpointer user_data)
{
  g_autoptr (PostsealSmtpSession) self = g_object_ref (user_data);
  gsize n_used = 0;

  while (n_used < length && _postseal_smtp_session_is_open (self))
    {
      gsize n = feed_line (self, data + n_used, length - n_used);

      if (n == 0)
        break;
      n_used += n;
    }
  _postseal_smtp_session_pump (self);
  return n_used;
}

static void
on_closed (PostsealChannel *channel, const GError *error, gpointer user_data)
{
  PostsealSmtpSession *self = user_data;
  g_autoptr (GError) kept = g_error_copy (error);

  /* SMTP says itself what is whole, so that a missing close_notify is no more than a lost
     connection (RFC 5321 section 4.1.1.10). */
  if (g_error_matches (kept, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_TRUNCATED))
    {
      kept->domain = POSTSEAL_NET_ERROR;
      kept->code = POSTSEAL_NET_ERROR_CLOSED;
    }
  _postseal_smtp_session_close (self, kept);
}

static void
on_drained (PostsealChannel *channel, gpointer user_data)
{
  g_autoptr (PostsealSmtpSession) self = g_object_ref (user_data);

  _postseal_smtp_session_tell_progress (self);
  _postseal_smtp_session_pump (self);
}

const PostsealChannelHandler _postseal_smtp_channel_handler = { on_data, on_closed, on_drained };

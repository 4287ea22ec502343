/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-transaction-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"

#define CODE_TOO_MUCH 552 /* RFC 5321 section 4.5.3.1.10 */
#define CODE_UNKNOWN_COMMAND 500
#define CODE_NOT_IMPLEMENTED 502

/* --- the end --- */

static void
conclude_if_answered (PostsealSmtpTransaction *self)
{
  gboolean is_over
      = self->phase == POSTSEAL_SMTP_PHASE_SENT || self->phase == POSTSEAL_SMTP_PHASE_STOPPED;

  if (is_over && self->n_unanswered == 0)
    _postseal_smtp_transaction_conclude (self);
}

/* No more of it is said. Where a chunk of many was, the server is told that there will be no last
   one (RFC 3030 section 2). Never in the middle of DATA, which only the end of it can end. */
static void
stop (PostsealSmtpTransaction *self)
{
  PostsealSmtpSession *session = self->base.session;

  g_clear_pointer (&self->content, _postseal_smtp_content_free);
  self->phase = POSTSEAL_SMTP_PHASE_STOPPED;
  if (self->n_content_said > 0 && _postseal_smtp_session_is_open (session))
    _postseal_smtp_session_reset (session);
}

static void
stop_if_refused (PostsealSmtpTransaction *self)
{
  gboolean can_stop
      = self->phase == POSTSEAL_SMTP_PHASE_ENVELOPE
        || (self->phase == POSTSEAL_SMTP_PHASE_CONTENT && self->base.session->caps.has_chunking);

  if (can_stop && _postseal_smtp_transaction_is_refused (self))
    stop (self);
}

/* --- replies --- */

static gboolean
is_answer (const PostsealSmtpReply *reply)
{
  return reply->code / 100 != 3;
}

static void
fail_by_reply (PostsealSmtpTransaction *self,
               const PostsealSmtpCommand *command,
               const PostsealSmtpReply *reply)
{
  g_autofree char *words = _postseal_smtp_reply_get_words (reply);
  g_autofree char *what
      = g_strdup_printf (_ ("%u is no answer to %s"), reply->code, command->type->name);

  _postseal_smtp_session_fail_protocol (self->base.session, what, words, strlen (words));
}

/* A refusal of the whole; the first one tells the reason. */
static void
take_refusal (PostsealSmtpTransaction *self, const PostsealSmtpReply *reply)
{
  if (self->answer.verdict == POSTSEAL_SMTP_UNDECIDED)
    _postseal_smtp_answer_take (&self->answer, reply);
}

static void
on_mail_reply (PostsealSmtpSession *session,
               PostsealSmtpOperation *operation,
               const PostsealSmtpCommand *command,
               const PostsealSmtpReply *reply)
{
  PostsealSmtpTransaction *self = (PostsealSmtpTransaction *)operation;

  self->n_unanswered--;
  if (!is_answer (reply))
    {
      fail_by_reply (self, command, reply);
      return;
    }
  if (reply->code >= 400)
    {
      self->is_sender_refused = TRUE;
      take_refusal (self, reply);
    }
  stop_if_refused (self);
  conclude_if_answered (self);
}

/* "Too many recipients" may be said by 552, which is for another time (RFC 5321
   section 4.5.3.1.10); a mailbox that is full by 552 5.2.2, which is not. */
static gboolean
is_too_many (PostsealSmtpTransaction *self, const PostsealSmtpReply *reply)
{
  gboolean says_otherwise
      = reply->status[0] != 0 && !(reply->status[1] == 5 && reply->status[2] == 3);

  return reply->code == CODE_TOO_MUCH && !says_otherwise && self->n_to_answer > 0;
}

static void
take_recipient_refusal (PostsealSmtpTransaction *self,
                        PostsealSmtpAnswer *answer,
                        const PostsealSmtpReply *reply)
{
  _postseal_smtp_answer_take (answer, reply);
  if (is_too_many (self, reply))
    {
      answer->verdict = POSTSEAL_SMTP_TEMPORARY;
      g_free (answer->status);
      answer->status = g_strdup ("4.5.3");
    }
  self->n_recipients--;
}

static void
on_rcpt_reply (PostsealSmtpSession *session,
               PostsealSmtpOperation *operation,
               const PostsealSmtpCommand *command,
               const PostsealSmtpReply *reply)
{
  PostsealSmtpTransaction *self = (PostsealSmtpTransaction *)operation;
  PostsealSmtpAnswer *answers = self->result->recipients;

  self->n_unanswered--;
  if (!is_answer (reply))
    {
      fail_by_reply (self, command, reply);
      return;
    }
  /* Over those that were refused here; the answered ones are behind. */
  while (answers[self->n_to_answer].verdict != POSTSEAL_SMTP_UNDECIDED)
    self->n_to_answer++;
  if (reply->code >= 400)
    take_recipient_refusal (self, &answers[self->n_to_answer], reply);
  self->n_to_answer++;
  stop_if_refused (self);
  conclude_if_answered (self);
}

/* It has said no, and then taken it all the same: what holds now? */
static void
fail_contradicted (PostsealSmtpTransaction *self, const PostsealSmtpReply *reply)
{
  g_autofree char *words = _postseal_smtp_reply_get_words (reply);

  _postseal_smtp_answer_clear (&self->answer);
  self->is_sender_refused = FALSE;
  _postseal_smtp_session_fail_protocol (
      self->base.session, _ ("it accepted a message that it had refused"), words, strlen (words));
}

/* The reply to the last octet. Returns: FALSE when the session has failed over it */
static gboolean
take_final (PostsealSmtpTransaction *self, const PostsealSmtpReply *reply)
{
  PostsealSmtpSession *session = self->base.session;

  if (reply->code >= 400)
    take_refusal (self, reply);
  else if (self->n_recipients > 0 && self->answer.verdict != POSTSEAL_SMTP_UNDECIDED)
    {
      fail_contradicted (self, reply);
      return FALSE;
    }
  else if (self->n_recipients > 0)
    {
      _postseal_smtp_answer_take (&self->answer, reply);
      /* It was the last to be said, and it is over: the next one begins anew for sure. */
      if (session->n_open == 1)
        session->needs_reset = FALSE;
    }
  return TRUE;
}

static void
count_answered (PostsealSmtpTransaction *self, guint64 n_octets)
{
  self->n_content_answered += n_octets;
  self->base.session->n_octets -= n_octets;
}

/* RFC 5321 section 4.1.1.4 */
static void
on_content_reply (PostsealSmtpSession *session,
                  PostsealSmtpOperation *operation,
                  const PostsealSmtpCommand *command,
                  const PostsealSmtpReply *reply)
{
  PostsealSmtpTransaction *self = (PostsealSmtpTransaction *)operation;

  self->n_unanswered--;
  count_answered (self, self->n_content_said - self->n_content_answered);
  if (!is_answer (reply))
    {
      fail_by_reply (self, command, reply);
      return;
    }
  if (!_postseal_smtp_session_is_out (session, command->end))
    {
      /* It reads no more, and what is still to come would be commands to it. */
      g_clear_pointer (&self->content, _postseal_smtp_content_free);
      self->phase = POSTSEAL_SMTP_PHASE_STOPPED;
      _postseal_smtp_session_fail (
          session, _postseal_smtp_error_new (
                       POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY, reply,
                       _ ("Server “%s” refused a message before it had all of it, which ends the "
                          "session; try again later"),
                       session->host));
    }
  if (take_final (self, reply))
    conclude_if_answered (self);
}

/* RFC 3030 section 2 */
static void
on_chunk_reply (PostsealSmtpSession *session,
                PostsealSmtpOperation *operation,
                const PostsealSmtpCommand *command,
                const PostsealSmtpReply *reply)
{
  PostsealSmtpTransaction *self = (PostsealSmtpTransaction *)operation;
  gboolean is_unknown = reply->code == CODE_UNKNOWN_COMMAND || reply->code == CODE_NOT_IMPLEMENTED;

  self->n_unanswered--;
  count_answered (self, command->n_octets);
  if (is_unknown)
    {
      /* It takes the content for commands. */
      g_clear_pointer (&self->content, _postseal_smtp_content_free);
      self->phase = POSTSEAL_SMTP_PHASE_STOPPED;
    }
  if (is_unknown || !is_answer (reply))
    {
      fail_by_reply (self, command, reply);
      return;
    }
  if (command->is_last && !take_final (self, reply))
    return;
  if (reply->code >= 400)
    take_refusal (self, reply);
  stop_if_refused (self);
  conclude_if_answered (self);
}

static void
begin_content (PostsealSmtpTransaction *self)
{
  self->phase = POSTSEAL_SMTP_PHASE_CONTENT;
  self->content = _postseal_smtp_content_new (self);
}

static PostsealSmtpCommand *
expect_content_reply (PostsealSmtpTransaction *self)
{
  static const PostsealSmtpCommandType content_type = {
    .name = "DATA",
    .wait = POSTSEAL_SMTP_WAIT_FINAL,
    .has_content = TRUE,
    .on_reply = on_content_reply,
  };

  self->n_unanswered++;
  return _postseal_smtp_session_expect (self->base.session, &content_type, &self->base);
}

/* Go on, it says, and there is nobody to go on for (RFC 2920 section 3.1). */
static void
say_lone_dot (PostsealSmtpTransaction *self)
{
  PostsealSmtpSession *session = self->base.session;

  self->phase = POSTSEAL_SMTP_PHASE_STOPPED;
  postseal_transcript_line (session->transcript, POSTSEAL_TRANSCRIPT_SENT, ".", -1);
  _postseal_smtp_session_write (session, ".\r\n", 3);
  expect_content_reply (self);
  session->needs_reset = FALSE;
}

static void
on_data_reply (PostsealSmtpSession *session,
               PostsealSmtpOperation *operation,
               const PostsealSmtpCommand *command,
               const PostsealSmtpReply *reply)
{
  PostsealSmtpTransaction *self = (PostsealSmtpTransaction *)operation;
  gboolean is_refused = _postseal_smtp_transaction_is_refused (self);

  self->n_unanswered--;
  if (reply->code / 100 == 2 || (!is_answer (reply) && is_refused && self->n_recipients > 0))
    fail_by_reply (self, command, reply);
  else if (!is_answer (reply) && is_refused)
    say_lone_dot (self);
  else if (!is_answer (reply))
    {
      begin_content (self);
      expect_content_reply (self)->end = G_MAXUINT64;
    }
  else
    {
      take_refusal (self, reply);
      self->phase = POSTSEAL_SMTP_PHASE_STOPPED;
      conclude_if_answered (self);
    }
}

/* --- saying --- */

/* Without PIPELINING each command waits for the reply to the one before. */
static gboolean
must_wait (PostsealSmtpTransaction *self)
{
  PostsealSmtpSession *session = self->base.session;

  return !session->caps.has_pipelining && !_postseal_smtp_session_is_idle (session);
}

static gboolean
has_room (PostsealSmtpTransaction *self)
{
  return postseal_channel_get_queued (self->base.session->channel) < POSTSEAL_SMTP_CHUNK;
}

static gboolean
may_begin (PostsealSmtpTransaction *self)
{
  PostsealSmtpSession *session = self->base.session;

  if (must_wait (self) || !has_room (self))
    return FALSE;
  return session->n_open == 0
         || (session->n_open < session->window
             && session->n_octets + self->message->length <= POSTSEAL_LIMIT_SMTP_WINDOW_BYTES);
}

/* Returns: TRUE; the operation may have ended */
static gboolean
begin (PostsealSmtpTransaction *self)
{
  PostsealSmtpSession *session = self->base.session;
  guint most = session->caps.messages_max;

  if (most > 0 && session->n_begun >= most)
    {
      g_autoptr (GError) error = g_error_new (
          POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
          _ ("Server “%s” takes at most %u messages over one connection"), session->host, most);

      _postseal_smtp_transaction_give_up (self, error);
      return TRUE;
    }
  session->n_open++;
  session->n_begun++;
  if (session->needs_reset)
    _postseal_smtp_session_reset (session);
  session->needs_reset = TRUE;
  self->phase = POSTSEAL_SMTP_PHASE_ENVELOPE;
  return TRUE;
}

static void
say_envelope_line (PostsealSmtpTransaction *self)
{
  static const PostsealSmtpCommandType mail_type
      = { .name = "MAIL", .wait = POSTSEAL_SMTP_WAIT_COMMAND, .on_reply = on_mail_reply };
  static const PostsealSmtpCommandType rcpt_type
      = { .name = "RCPT", .wait = POSTSEAL_SMTP_WAIT_COMMAND, .on_reply = on_rcpt_reply };
  const char *line = self->envelope->str + self->n_envelope_said;
  gsize rest = self->envelope->len - self->n_envelope_said;
  gsize length = (gsize)((const char *)memchr (line, '\n', rest) - line) + 1;

  _postseal_smtp_session_say (self->base.session,
                              self->n_envelope_said == 0 ? &mail_type : &rcpt_type, &self->base,
                              line, length, NULL);
  self->n_envelope_said += length;
  self->n_unanswered++;
}

/* Returns: whether all of it was said, and what comes next was begun */
static gboolean
say_envelope (PostsealSmtpTransaction *self)
{
  static const PostsealSmtpCommandType data_type
      = { .name = "DATA", .wait = POSTSEAL_SMTP_WAIT_DATA, .on_reply = on_data_reply };
  PostsealSmtpSession *session = self->base.session;

  while (self->n_envelope_said < self->envelope->len && !must_wait (self))
    say_envelope_line (self);
  if (must_wait (self))
    return FALSE;
  if (session->caps.has_chunking)
    begin_content (self);
  else
    {
      self->phase = POSTSEAL_SMTP_PHASE_DATA;
      _postseal_smtp_session_say (session, &data_type, &self->base, "DATA\r\n", 6, NULL);
      self->n_unanswered++;
    }
  return TRUE;
}

static void
say_chunk (PostsealSmtpTransaction *self, const char *data, gsize length, gboolean is_last)
{
  static const PostsealSmtpCommandType chunk_type = {
    .name = "BDAT",
    .wait = POSTSEAL_SMTP_WAIT_FINAL,
    .has_content = TRUE,
    .on_reply = on_chunk_reply,
  };
  PostsealSmtpSession *session = self->base.session;
  PostsealSmtpCommand *command = NULL;
  char line[48];
  int n_line = g_snprintf (line, sizeof line, "BDAT %" G_GSIZE_FORMAT "%s\r\n", length,
                           is_last ? " LAST" : "");

  command
      = _postseal_smtp_session_say (session, &chunk_type, &self->base, line, (gsize)n_line, NULL);
  _postseal_smtp_session_write (session, data, length);
  command->n_octets = length;
  command->is_last = is_last;
  command->end = session->n_said;
  self->n_unanswered++;
}

/* RFC 5321 section 4.5.2 */
static void
say_lines (PostsealSmtpTransaction *self, const char *data, gsize length, gboolean is_last)
{
  PostsealSmtpSession *session = self->base.session;
  g_autofree char *stuffed = g_malloc (2 * length + 1);

  _postseal_smtp_session_write (session, stuffed,
                                postseal_dot_encode (&self->dots, data, length, stuffed));
  if (!is_last)
    return;
  if (self->dots.state != 0)
    _postseal_smtp_session_write (session, "\r\n", 2);
  _postseal_smtp_session_write (session, ".\r\n", 3);
  _postseal_smtp_session_get_newest (session)->end = session->n_said;
  session->needs_reset = FALSE;
}

static void
say_octets (PostsealSmtpTransaction *self, const char *data, gsize length)
{
  PostsealSmtpSession *session = self->base.session;
  guint64 rest = self->message->length - self->n_content_said - length;

  if (session->caps.has_chunking)
    say_chunk (self, data, length, rest == 0);
  else
    say_lines (self, data, length, rest == 0);
  if (session->transcript != NULL)
    {
      g_autofree char *note = g_strdup_printf ("[%" G_GSIZE_FORMAT " bytes]", length);

      postseal_transcript_line (session->transcript, POSTSEAL_TRANSCRIPT_SENT, note, -1);
    }
  self->n_content_said += length;
  session->n_octets += length;
  if (rest == 0)
    {
      self->phase = POSTSEAL_SMTP_PHASE_SENT;
      g_clear_pointer (&self->content, _postseal_smtp_content_free);
    }
  else
    _postseal_smtp_content_prefetch (self->content, self->n_content_said,
                                     (gsize)MIN (rest, POSTSEAL_SMTP_CHUNK));
}

/* The rest of the message cannot be had. @error: (transfer full) */
static void
fail_reading (PostsealSmtpTransaction *self, GError *error)
{
  PostsealSmtpSession *session = self->base.session;

  self->result->error = error;
  if (session->caps.has_chunking)
    {
      stop (self);
      conclude_if_answered (self);
      return;
    }
  /* There is no way to end DATA without making a message of it. */
  _postseal_smtp_session_fail (
      session, g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                            _ ("The connection to server “%s” was given up, because a message "
                               "could not be read to its end"),
                            session->host));
}

/* Returns: FALSE when there is something to wait for; the operation may have ended */
static gboolean
say_content (PostsealSmtpTransaction *self)
{
  gboolean is_chunked = self->base.session->caps.has_chunking;

  while (self->phase == POSTSEAL_SMTP_PHASE_CONTENT)
    {
      guint64 rest = self->message->length - self->n_content_said;
      gsize length = (gsize)MIN (rest, POSTSEAL_SMTP_CHUNK);
      const char *data = NULL;
      GError *error = NULL;

      if (!has_room (self) || (is_chunked && must_wait (self)))
        return FALSE;
      if (_postseal_smtp_content_get (self->content, self->n_content_said, length, &data, &error))
        say_octets (self, data, length);
      else if (error == NULL)
        return FALSE;
      else
        {
          fail_reading (self, error);
          return TRUE;
        }
    }
  return TRUE;
}

/* --- the operation --- */

static gboolean
send_transaction (PostsealSmtpOperation *operation)
{
  PostsealSmtpTransaction *self = (PostsealSmtpTransaction *)operation;

  switch (self->phase)
    {
    case POSTSEAL_SMTP_PHASE_WAITING:
      return may_begin (self) && begin (self);
    case POSTSEAL_SMTP_PHASE_ENVELOPE:
      return say_envelope (self);
    case POSTSEAL_SMTP_PHASE_DATA:
      return FALSE;
    case POSTSEAL_SMTP_PHASE_CONTENT:
      return say_content (self);
    case POSTSEAL_SMTP_PHASE_SENT:
    case POSTSEAL_SMTP_PHASE_STOPPED:
    default:
      _postseal_smtp_operation_pass (operation);
      return TRUE;
    }
}

static void
dismiss_transaction (PostsealSmtpOperation *operation, const PostsealSmtpReply *reply)
{
  PostsealSmtpTransaction *self = (PostsealSmtpTransaction *)operation;

  take_refusal (self, reply);
  _postseal_smtp_transaction_conclude (self);
}

static void
abandon_transaction (PostsealSmtpOperation *operation, const GError *error)
{
  _postseal_smtp_transaction_give_up ((PostsealSmtpTransaction *)operation, error);
}

static void
clear_transaction (PostsealSmtpOperation *operation)
{
  PostsealSmtpTransaction *self = (PostsealSmtpTransaction *)operation;

  if (self->phase != POSTSEAL_SMTP_PHASE_WAITING)
    operation->session->n_open--;
  count_answered (self, self->n_content_said - self->n_content_answered);
  g_clear_pointer (&self->content, _postseal_smtp_content_free);
  g_clear_pointer (&self->result, postseal_smtp_result_free);
  _postseal_smtp_answer_clear (&self->answer);
  if (self->envelope != NULL)
    g_string_free (self->envelope, TRUE);
}

static const PostsealSmtpOperationType transaction_type = {
  .send = send_transaction,
  .dismiss = dismiss_transaction,
  .abandon = abandon_transaction,
  .clear = clear_transaction,
};

gboolean
_postseal_smtp_operation_is_transaction (PostsealSmtpOperation *operation)
{
  return operation->type == &transaction_type;
}

/* --- public --- */

static void
return_closed (PostsealSmtpSession *self, GTask *task, gsize n_recipients)
{
  PostsealSmtpResult *result = _postseal_smtp_result_new (n_recipients);

  result->error = g_error_copy (self->closed_error);
  g_task_return_pointer (task, result, (GDestroyNotify)postseal_smtp_result_free);
}

void
postseal_smtp_session_send_async (PostsealSmtpSession *self,
                                  const PostsealSmtpMessage *message,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  PostsealSmtpTransaction *transaction = NULL;

  g_return_if_fail (POSTSEAL_IS_SMTP_SESSION (self));
  g_return_if_fail (message != NULL && message->n_recipients > 0);
  g_return_if_fail (self->state > POSTSEAL_SMTP_STATE_LOGIN);

  /* A message that was accepted is not to be reported as cancelled. */
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, postseal_smtp_session_send_async);
  if (self->state == POSTSEAL_SMTP_STATE_CLOSED)
    {
      return_closed (self, task, message->n_recipients);
      return;
    }
  transaction
      = _postseal_smtp_operation_begin (self, &transaction_type, sizeof (PostsealSmtpTransaction),
                                        g_steal_pointer (&task), cancellable);
  transaction->message = message;
  transaction->result = _postseal_smtp_result_new (message->n_recipients);
  transaction->answer.verdict = POSTSEAL_SMTP_UNDECIDED;
  if (!_postseal_smtp_transaction_prepare (transaction))
    _postseal_smtp_transaction_conclude (transaction);
  else
    _postseal_smtp_session_pump (self);
}

PostsealSmtpResult *
postseal_smtp_session_send_finish (PostsealSmtpSession *self, GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

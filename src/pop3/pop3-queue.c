/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pop3/pop3-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/printable.h"

#define MAX_IN_FLIGHT 200
#define BODY_CHUNK 65536
#define DOT_DECODER_MARGIN 4

/* --- commands --- */

PostsealPop3Command *
_postseal_pop3_command_new (const PostsealPop3CommandType *type,
                            PostsealPop3Operation *operation,
                            const char *format,
                            ...)
{
  PostsealPop3Command *self = g_new0 (PostsealPop3Command, 1);
  g_autofree char *text = NULL;
  va_list arguments;

  self->type = type;
  self->operation = operation;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->bytes = g_strconcat (text, "\r\n", NULL);
  self->length = strlen (self->bytes);
  return self;
}

PostsealPop3Command *
_postseal_pop3_command_new_secret (const PostsealPop3CommandType *type,
                                   PostsealPop3Operation *operation,
                                   const char *prefix,
                                   const char *secret,
                                   gsize length,
                                   const char *label)
{
  PostsealPop3Command *self = g_new0 (PostsealPop3Command, 1);
  gsize n_prefix = strlen (prefix);

  self->type = type;
  self->operation = operation;
  self->label = label;
  self->length = n_prefix + length + 2;
  self->bytes = g_malloc (self->length);
  memcpy (self->bytes, prefix, n_prefix);
  if (length > 0)
    memcpy (self->bytes + n_prefix, secret, length);
  memcpy (self->bytes + n_prefix + length, "\r\n", 2);
  return self;
}

static void
wipe_bytes (PostsealPop3Command *self)
{
  if (self->bytes != NULL)
    postseal_wipe (self->bytes, self->length);
  g_clear_pointer (&self->bytes, g_free);
}

void
_postseal_pop3_command_free (PostsealPop3Command *self)
{
  if (self == NULL)
    return;
  wipe_bytes (self);
  g_free (self);
}

/* --- errors --- */

GError *
_postseal_pop3_error_new (
    GQuark domain, int code, const PostsealPop3Reply *reply, const char *format, ...)
{
  g_autofree char *what = NULL;
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (reply == NULL || reply->length == 0)
    return g_error_new_literal (domain, code, what);
  text = postseal_printable (reply->text, (gssize)reply->length);
  /* Translators: a sentence of ours, then the server's words. */
  return g_error_new (domain, code, _ ("%s: “%s”"), what, text);
}

void
_postseal_pop3_session_tell_refusal (PostsealPop3Session *self, const PostsealPop3Reply *reply)
{
  g_autofree char *words = NULL;

  if (!postseal_transcript_wants_facts (self->transcript) || reply->length == 0)
    return;
  words = postseal_printable (reply->text, (gssize)reply->length);
  postseal_transcript_fact (self->transcript, "said", words);
}

GError *
_postseal_pop3_error_from_reply (PostsealPop3Session *self,
                                 const PostsealPop3Reply *reply,
                                 const char *command)
{
  _postseal_pop3_session_tell_refusal (self, reply);
  if (reply->code == POSTSEAL_POP3_CODE_IN_USE || reply->code == POSTSEAL_POP3_CODE_LOGIN_DELAY
      || reply->code == POSTSEAL_POP3_CODE_SYS_TEMP)
    return _postseal_pop3_error_new (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_BUSY, reply,
                                     _ ("Server “%s” cannot do %s now; try again later"),
                                     self->host, command);
  return _postseal_pop3_error_new (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_REFUSED, reply,
                                   _ ("Server “%s” refused %s"), self->host, command);
}

void
_postseal_pop3_session_fail (PostsealPop3Session *self, GError *error)
{
  g_autoptr (GError) owned = error;

  if (self->channel == NULL || self->state == POSTSEAL_POP3_STATE_FAILED)
    return;
  self->state = POSTSEAL_POP3_STATE_FAILED;
  postseal_channel_fail (self->channel, owned);
}

void
_postseal_pop3_session_fail_protocol (PostsealPop3Session *self,
                                      const char *what,
                                      const char *line,
                                      gsize length)
{
  PostsealPop3Reply culprit = { .text = line, .length = line != NULL ? length : 0 };

  _postseal_pop3_session_fail (
      self, _postseal_pop3_error_new (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL, &culprit,
                                      _ ("Server “%s” broke the protocol: %s"), self->host, what));
}

/* --- operations --- */

static void
free_operation (PostsealPop3Operation *self)
{
  if (self->type->clear != NULL)
    self->type->clear (self);
  if (self->session->login == self)
    self->session->login = NULL;
  _postseal_pop3_operation_commit (self);
  g_clear_object (&self->task);
  g_free (self);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  PostsealPop3Operation *self = user_data;

  /* Replies that nobody wants would still have to be read, a whole window of messages perhaps. */
  _postseal_pop3_session_fail (
      self->session,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The operation was cancelled")));
  return G_SOURCE_REMOVE;
}

gpointer
_postseal_pop3_operation_begin (PostsealPop3Session *session,
                                const PostsealPop3OperationType *type,
                                gsize size,
                                gpointer source_tag,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (session, cancellable, callback, user_data);
  PostsealPop3Operation *self = NULL;

  g_task_set_source_tag (task, source_tag);
  if (session->state == POSTSEAL_POP3_STATE_CLOSED)
    {
      g_task_return_error (task, g_error_copy (session->closed_error));
      return NULL;
    }
  self = g_malloc0 (size);
  self->type = type;
  self->session = session;
  self->task = g_steal_pointer (&task);
  if (cancellable != NULL)
    {
      self->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancel_source, G_SOURCE_FUNC (on_cancelled), self, NULL);
      g_source_attach (self->cancel_source, g_task_get_context (self->task));
    }
  g_queue_push_tail (&session->operations, self);
  return self;
}

void
_postseal_pop3_operation_commit (PostsealPop3Operation *self)
{
  if (self->task != NULL)
    g_task_set_check_cancellable (self->task, FALSE);
  if (self->cancel_source != NULL)
    g_source_destroy (self->cancel_source);
  g_clear_pointer (&self->cancel_source, g_source_unref);
}

GTask *
_postseal_pop3_operation_end (PostsealPop3Operation *self)
{
  g_autoptr (GTask) task = g_object_ref (self->task);

  for (GList *link = self->session->in_flight.head; link != NULL; link = link->next)
    {
      PostsealPop3Command *command = link->data;

      if (command->operation == self)
        command->operation = NULL;
    }
  g_queue_remove (&self->session->operations, self);
  free_operation (self);
  return g_steal_pointer (&task);
}

void
_postseal_pop3_session_close (PostsealPop3Session *self, const GError *error)
{
  g_autoptr (PostsealPop3Session) guard = g_object_ref (self);
  PostsealPop3Command *command = NULL;
  PostsealPop3Operation *operation = NULL;

  if (self->state == POSTSEAL_POP3_STATE_CLOSED)
    return;
  self->state = POSTSEAL_POP3_STATE_CLOSED;
  self->closed_error = g_error_copy (error);
  g_clear_pointer (&self->channel, postseal_channel_free);
  while ((command = g_queue_pop_head (&self->in_flight)) != NULL)
    _postseal_pop3_command_free (command);
  /* What the callbacks start anew finds the session closed. */
  while ((operation = g_queue_peek_head (&self->operations)) != NULL)
    {
      g_autoptr (GTask) task = NULL;

      if (operation->type->abandon != NULL)
        operation->type->abandon (operation, self->closed_error);
      task = _postseal_pop3_operation_end (operation);
      g_task_return_error (task, g_error_copy (self->closed_error));
    }
}

/* --- sending --- */

gboolean
_postseal_pop3_session_is_pipelining (PostsealPop3Session *self)
{
  return postseal_pop3_session_has_capability (self, "PIPELINING");
}

/* The clock runs only while the server owes us something. */
static void
update_clock (PostsealPop3Session *self, guint n_before)
{
  gboolean is_waiting = !g_queue_is_empty (&self->in_flight);

  if (self->channel != NULL && is_waiting != (n_before > 0))
    postseal_channel_set_timeout (self->channel, is_waiting ? self->timeout_ms : 0);
}

static void
send_command (PostsealPop3Session *self, PostsealPop3Command *command)
{
  guint n_before = g_queue_get_length (&self->in_flight);

  if (command->bytes != NULL)
    {
      if (command->label != NULL)
        postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, command->label, -1);
      else
        postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, command->bytes,
                                  (gssize)command->length - 2);
      postseal_channel_write (self->channel, command->bytes, (gssize)command->length);
      wipe_bytes (command);
    }
  g_queue_push_tail (&self->in_flight, command);
  update_clock (self, n_before);
}

static void
ignore_reply (PostsealPop3Operation *operation,
              const PostsealPop3Command *command,
              const PostsealPop3Reply *reply)
{
}

static PostsealPop3Command *
next_command (PostsealPop3Session *self)
{
  static const PostsealPop3CommandType noop_type = { .on_reply = ignore_reply };

  if (self->wants_noop)
    {
      self->wants_noop = FALSE;
      return _postseal_pop3_command_new (&noop_type, NULL, "NOOP");
    }
  for (int is_urgent = TRUE; is_urgent >= FALSE; is_urgent--)
    for (GList *link = self->operations.head; link != NULL; link = link->next)
      {
        PostsealPop3Operation *operation = link->data;
        PostsealPop3Command *command = NULL;

        if (operation->type->is_urgent != is_urgent)
          continue;
        command = operation->type->next (operation);
        if (command != NULL)
          return command;
      }
  return NULL;
}

void
_postseal_pop3_session_pump (PostsealPop3Session *self)
{
  while (self->channel != NULL && self->state != POSTSEAL_POP3_STATE_FAILED)
    {
      guint limit = _postseal_pop3_session_is_pipelining (self) ? MAX_IN_FLIGHT : 1;
      PostsealPop3Command *command = NULL;

      if (g_queue_get_length (&self->in_flight) < limit)
        command = next_command (self);
      if (command == NULL)
        return;
      send_command (self, command);
    }
}

void
_postseal_pop3_session_respond (PostsealPop3Session *self, const char *line, gsize length)
{
  if (self->channel == NULL || self->state == POSTSEAL_POP3_STATE_FAILED)
    return;
  postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT,
                            length == 1 && line[0] == '*' ? "*" : "***", -1);
  postseal_channel_write (self->channel, line, (gssize)length);
  postseal_channel_write (self->channel, "\r\n", 2);
}

/* --- receiving --- */

static gboolean
is_reading (PostsealPop3Session *self)
{
  return self->channel != NULL && !self->is_paused && self->state != POSTSEAL_POP3_STATE_FAILED;
}

/* Returns: (transfer full): the first command, whose reply is complete */
static PostsealPop3Command *
take_answered (PostsealPop3Session *self)
{
  guint n_before = g_queue_get_length (&self->in_flight);
  PostsealPop3Command *command = g_queue_pop_head (&self->in_flight);

  update_clock (self, n_before);
  return command;
}

static void
end_body (PostsealPop3Session *self)
{
  PostsealPop3Command *command = take_answered (self);

  self->is_in_body = FALSE;
  self->is_after_empty_body = command->type->is_streamed && self->body_bytes == 0;
  if (command->type->is_streamed)
    {
      g_autofree char *note = g_strdup_printf ("[%" G_GUINT64_FORMAT " bytes]", self->body_bytes);

      postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED, note, -1);
    }
  else if (!command->type->is_recorded)
    {
      g_autofree char *note = g_strdup_printf ("[%" G_GUINT64_FORMAT " lines]", self->body_bytes);

      postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED, note, -1);
    }
  if (command->operation != NULL && command->type->on_end != NULL)
    command->type->on_end (command->operation, command);
  _postseal_pop3_command_free (command);
}

static void
take_body_line (PostsealPop3Session *self, const char *line, gsize length)
{
  const PostsealPop3Command *command = g_queue_peek_head (&self->in_flight);

  if (length == 1 && line[0] == '.')
    {
      end_body (self);
      return;
    }
  if (length > 0 && line[0] == '.')
    line++, length--;
  if (++self->body_bytes > POSTSEAL_LIMIT_MESSAGES)
    {
      _postseal_pop3_session_fail_protocol (self, _ ("the listing does not end"), NULL, 0);
      return;
    }
  if (command->type->is_recorded)
    postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED, line, (gssize)length);
  if (command->operation != NULL && command->type->on_line != NULL)
    command->type->on_line (command->operation, line, length);
}

static void
take_unasked (PostsealPop3Session *self,
              const PostsealPop3Reply *reply,
              const char *line,
              gsize length)
{
  /* An auto-logout, usually (RFC 1939 section 3): the connection is about to be closed. */
  if (reply->kind == POSTSEAL_POP3_REPLY_ERR)
    {
      _postseal_pop3_session_tell_refusal (self, reply);
      _postseal_pop3_session_fail (
          self, _postseal_pop3_error_new (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_BUSY, reply,
                                          _ ("Server “%s” ended the session"), self->host));
    }
  else
    _postseal_pop3_session_fail_protocol (self, _ ("it answered what was not asked"), line, length);
}

static void
take_reply (PostsealPop3Session *self, const char *line, gsize length)
{
  PostsealPop3Command *command = g_queue_peek_head (&self->in_flight);
  gboolean is_after_empty_body = self->is_after_empty_body;
  PostsealPop3Reply reply;

  /* Dovecot 2.3 does not stuff a dot that begins a message: the one that is all of it looks like
     the end, and the end like a reply. Its neighbours shall not pay for that. */
  self->is_after_empty_body = FALSE;
  if (is_after_empty_body && length == 1 && line[0] == '.')
    return;

  postseal_pop3_reply_parse (line, length, &reply);
  if (reply.kind == POSTSEAL_POP3_REPLY_CHALLENGE)
    postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED, "+ ***", -1);
  else
    postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED, line, (gssize)length);

  if (command == NULL)
    take_unasked (self, &reply, line, length);
  else if (reply.kind == POSTSEAL_POP3_REPLY_CHALLENGE && command->type->on_challenge != NULL)
    {
      if (command->operation != NULL)
        command->type->on_challenge (command->operation, &reply);
    }
  else if (reply.kind != POSTSEAL_POP3_REPLY_OK && reply.kind != POSTSEAL_POP3_REPLY_ERR)
    _postseal_pop3_session_fail_protocol (self, _ ("this is no reply"), line, length);
  else if (reply.kind == POSTSEAL_POP3_REPLY_OK && command->type->is_multi_line)
    {
      self->is_in_body = TRUE;
      self->body_bytes = 0;
      if (command->operation != NULL)
        command->type->on_reply (command->operation, command, &reply);
    }
  else
    {
      command = take_answered (self);
      if (command->operation != NULL)
        command->type->on_reply (command->operation, command, &reply);
      _postseal_pop3_command_free (command);
    }
}

/* Returns: bytes used, 0 when the line is not there yet */
static gsize
feed_line (PostsealPop3Session *self, const char *data, gsize length)
{
  const PostsealPop3Command *command = g_queue_peek_head (&self->in_flight);
  gboolean may_be_challenge = command != NULL && command->type->on_challenge != NULL;
  /* A challenge is longer than anything else (RFC 5034 section 4). */
  gsize limit = may_be_challenge ? POSTSEAL_LIMIT_LINE - 1 : POSTSEAL_POP3_REPLY_MAX;
  const char *end = memchr (data, '\n', MIN (length, limit));

  if (end == NULL && length < limit)
    return 0;
  if (end == NULL)
    _postseal_pop3_session_fail_protocol (self, _ ("this line is too long"), data, limit);
  else if (end == data || end[-1] != '\r')
    _postseal_pop3_session_fail_protocol (self, _ ("this line does not end in CR LF"), data,
                                          (gsize)(end - data));
  else if (self->is_in_body)
    take_body_line (self, data, (gsize)(end - data) - 1);
  else
    take_reply (self, data, (gsize)(end - data) - 1);
  return end != NULL ? (gsize)(end - data) + 1 : length;
}

static gsize
feed_stream (PostsealPop3Session *self, const char *data, gsize length)
{
  const PostsealPop3Command *command = g_queue_peek_head (&self->in_flight);
  gsize n_used = 0;
  gsize n_written = 0;
  gboolean is_done = FALSE;

  if (self->body_buffer == NULL)
    self->body_buffer = g_malloc (BODY_CHUNK + DOT_DECODER_MARGIN);
  is_done = postseal_dot_decode (&self->dot_decoder, (const guint8 *)data, MIN (length, BODY_CHUNK),
                                 &n_used, self->body_buffer, &n_written);
  self->body_bytes += n_written;
  if (self->body_bytes > POSTSEAL_LIMIT_MESSAGE)
    {
      _postseal_pop3_session_fail_protocol (self, _ ("the message does not end"), NULL, 0);
      return length;
    }
  if (n_written > 0 && command->operation != NULL)
    command->type->on_data (command->operation, command, (const char *)self->body_buffer,
                            n_written);
  /* The handler may have closed the session; a pause does not keep back an end that is already
   * read. */
  if (is_done && self->channel != NULL && self->state != POSTSEAL_POP3_STATE_FAILED)
    end_body (self);
  return n_used;
}

static gsize
on_data (PostsealChannel *channel, const char *data, gsize length, gpointer user_data)
{
  g_autoptr (PostsealPop3Session) self = g_object_ref (user_data);
  gsize n_used = 0;

  while (n_used < length && is_reading (self))
    {
      const PostsealPop3Command *command = g_queue_peek_head (&self->in_flight);
      gboolean is_streaming = self->is_in_body && command->type->is_streamed;
      gsize n = is_streaming ? feed_stream (self, data + n_used, length - n_used)
                             : feed_line (self, data + n_used, length - n_used);

      if (n == 0)
        break;
      n_used += n;
    }
  _postseal_pop3_session_pump (self);
  return n_used;
}

static void
on_closed (PostsealChannel *channel, const GError *error, gpointer user_data)
{
  PostsealPop3Session *self = user_data;
  g_autoptr (GError) kept = g_error_copy (error);

  _postseal_pop3_session_close (self, kept);
}

const PostsealChannelHandler _postseal_pop3_channel_handler
    = { .on_data = on_data, .on_closed = on_closed };

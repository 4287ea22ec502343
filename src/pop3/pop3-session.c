/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pop3/pop3-session.h"

#include <glib/gi18n-lib.h>

#include "pop3/pop3-private.h"

G_DEFINE_QUARK (postseal - pop3 - error - quark, postseal_pop3_error)
G_DEFINE_FINAL_TYPE (PostsealPop3Session, postseal_pop3_session, G_TYPE_OBJECT)

/* --- QUIT (RFC 1939 section 6) --- */

static void
on_quit_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  PostsealPop3Session *session = operation->session;
  g_autoptr (GTask) task = _postseal_pop3_operation_end (operation);
  g_autoptr (GError) ended = g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                                          _ ("The session with “%s” has ended"), session->host);
  GError *refusal = reply->kind == POSTSEAL_POP3_REPLY_ERR
                        ? _postseal_pop3_error_from_reply (session, reply, "QUIT")
                        : NULL;

  postseal_channel_close_politely (g_steal_pointer (&session->channel));
  _postseal_pop3_session_close (session, ended);
  if (refusal != NULL)
    g_task_return_error (task, refusal);
  else
    g_task_return_boolean (task, TRUE);
}

static PostsealPop3Command *
next_quit (PostsealPop3Operation *operation)
{
  static const PostsealPop3CommandType quit_type = { .on_reply = on_quit_reply };
  PostsealPop3Session *session = operation->session;

  /* What was asked for before is to be answered before: deletions count by their replies. */
  if (g_queue_peek_head (&session->operations) != operation
      || session->state == POSTSEAL_POP3_STATE_UPDATE)
    return NULL;
  session->state = POSTSEAL_POP3_STATE_UPDATE;
  _postseal_pop3_operation_commit (operation);
  return _postseal_pop3_command_new (&quit_type, operation, "QUIT");
}

void
postseal_pop3_session_quit_async (PostsealPop3Session *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  static const PostsealPop3OperationType type = { .next = next_quit };

  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));

  if (_postseal_pop3_operation_begin (self, &type, sizeof (PostsealPop3Operation),
                                      postseal_pop3_session_quit_async, cancellable, callback,
                                      user_data)
      != NULL)
    _postseal_pop3_session_pump (self);
}

gboolean
postseal_pop3_session_quit_finish (PostsealPop3Session *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
postseal_pop3_session_leave (PostsealPop3Session *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));

  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The operation was cancelled"));
  if (self->channel != NULL && self->has_begun && self->state <= POSTSEAL_POP3_STATE_TRANSACTION
      && g_queue_is_empty (&self->in_flight))
    {
      postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, "QUIT", -1);
      postseal_channel_write (self->channel, "QUIT\r\n", -1);
      postseal_channel_close_politely (g_steal_pointer (&self->channel));
    }
  _postseal_pop3_session_close (self, error);
}

PostsealChannel *
postseal_pop3_session_hand_over (PostsealPop3Session *self,
                                 const PostsealChannelHandler *handler,
                                 gpointer user_data)
{
  g_autoptr (PostsealChannel) channel = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (POSTSEAL_IS_POP3_SESSION (self), NULL);

  if (self->channel == NULL || self->state == POSTSEAL_POP3_STATE_FAILED)
    return NULL;
  error = g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                       _ ("The conversation with “%s” has been ended"), self->host);
  channel = g_steal_pointer (&self->channel);
  postseal_channel_take_over (channel, handler, user_data);
  _postseal_pop3_session_close (self, error);
  return g_steal_pointer (&channel);
}

/* --- the rest --- */

void
postseal_pop3_session_keep_alive (PostsealPop3Session *self)
{
  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));

  if (self->state != POSTSEAL_POP3_STATE_TRANSACTION)
    return;
  self->wants_noop = TRUE;
  _postseal_pop3_session_pump (self);
}

void
postseal_pop3_session_pause (PostsealPop3Session *self)
{
  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));

  self->is_paused = TRUE;
  if (self->channel != NULL)
    postseal_channel_pause (self->channel);
}

void
postseal_pop3_session_resume (PostsealPop3Session *self)
{
  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));

  self->is_paused = FALSE;
  if (self->channel != NULL && self->has_begun)
    postseal_channel_resume (self->channel);
}

gboolean
postseal_pop3_session_has_capability (PostsealPop3Session *self, const char *name)
{
  g_return_val_if_fail (POSTSEAL_IS_POP3_SESSION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  return self->capabilities != NULL && g_hash_table_contains (self->capabilities, name);
}

guint
postseal_pop3_session_get_login_delay (PostsealPop3Session *self)
{
  const char *arguments = NULL;
  guint64 seconds = 0;

  g_return_val_if_fail (POSTSEAL_IS_POP3_SESSION (self), 0);

  if (self->capabilities != NULL)
    arguments = g_hash_table_lookup (self->capabilities, "LOGIN-DELAY");
  if (arguments != NULL && g_ascii_isdigit (arguments[0]))
    seconds = g_ascii_strtoull (arguments, NULL, 10);
  return (guint)MIN (seconds, G_MAXUINT);
}

PostsealSeal *
postseal_pop3_session_get_seal (PostsealPop3Session *self)
{
  g_return_val_if_fail (POSTSEAL_IS_POP3_SESSION (self), NULL);
  return self->seal;
}

PostsealPop3Session *
postseal_pop3_session_new (PostsealSealedLink *link,
                           guint timeout_ms,
                           PostsealTranscript *transcript)
{
  PostsealPop3Session *self = NULL;

  g_return_val_if_fail (link != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_POP3_SESSION, NULL);
  self->timeout_ms = timeout_ms;
  self->transcript = transcript != NULL ? postseal_transcript_ref (transcript) : NULL;
  self->seal = postseal_seal_ref (postseal_sealed_link_get_seal (link));
  self->host = g_strdup (postseal_sealed_link_get_endpoint (link)->host);
  self->channel
      = postseal_channel_new (link, 0, self->transcript, &_postseal_pop3_channel_handler, self);
  postseal_channel_pause (self->channel); /* until the login listens */
  return self;
}

static void
postseal_pop3_session_finalize (GObject *object)
{
  PostsealPop3Session *self = POSTSEAL_POP3_SESSION (object);

  /* Operations hold references, so there is none. */
  g_clear_pointer (&self->channel, postseal_channel_free);
  g_queue_clear_full (&self->in_flight, (GDestroyNotify)_postseal_pop3_command_free);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->capabilities, g_hash_table_unref);
  g_clear_error (&self->closed_error);
  g_free (self->body_buffer);
  g_free (self->host);
  G_OBJECT_CLASS (postseal_pop3_session_parent_class)->finalize (object);
}

static void
postseal_pop3_session_init (PostsealPop3Session *self)
{
  g_queue_init (&self->operations);
  g_queue_init (&self->in_flight);
}

static void
postseal_pop3_session_class_init (PostsealPop3SessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_pop3_session_finalize;
}

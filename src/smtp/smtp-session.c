/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-session.h"

#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "smtp/smtp-transaction-private.h"

#define PROGRESS_INTERVAL_US (G_USEC_PER_SEC / 10)

G_DEFINE_FINAL_TYPE (PostsealSmtpSession, postseal_smtp_session, G_TYPE_OBJECT)

enum
{
  SIGNAL_PROGRESS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- NOOP (RFC 5321 section 4.1.1.9) --- */

typedef struct
{
  PostsealSmtpOperation base;
  gboolean is_said;
} Noop;

static void
on_noop_reply (PostsealSmtpSession *session,
               PostsealSmtpOperation *operation,
               const PostsealSmtpCommand *command,
               const PostsealSmtpReply *reply)
{
  GError *error
      = reply->code / 100 != 2 ? _postseal_smtp_error_from_reply (session, reply, "NOOP") : NULL;
  g_autoptr (GTask) task = _postseal_smtp_operation_end (operation);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* It ends a group of commands (RFC 2920 section 3.1). */
static gboolean
send_noop (PostsealSmtpOperation *operation)
{
  static const PostsealSmtpCommandType noop_type
      = { .name = "NOOP", .wait = POSTSEAL_SMTP_WAIT_COMMAND, .on_reply = on_noop_reply };
  Noop *self = (Noop *)operation;

  if (!self->is_said && _postseal_smtp_session_is_idle (operation->session))
    {
      self->is_said = TRUE;
      _postseal_smtp_session_say (operation->session, &noop_type, operation, "NOOP\r\n", 6, NULL);
    }
  return FALSE;
}

static void
abandon_noop (PostsealSmtpOperation *operation, const GError *error)
{
  g_autoptr (GTask) task = _postseal_smtp_operation_end (operation);

  g_task_return_error (task, g_error_copy (error));
}

void
postseal_smtp_session_noop_async (PostsealSmtpSession *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  static const PostsealSmtpOperationType type = { .send = send_noop, .abandon = abandon_noop };
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (POSTSEAL_IS_SMTP_SESSION (self));
  g_return_if_fail (self->state > POSTSEAL_SMTP_STATE_LOGIN);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_smtp_session_noop_async);
  if (self->state == POSTSEAL_SMTP_STATE_CLOSED)
    {
      g_task_return_error (task, g_error_copy (self->closed_error));
      return;
    }
  _postseal_smtp_operation_begin (self, &type, sizeof (Noop), g_steal_pointer (&task), cancellable);
  _postseal_smtp_session_pump (self);
}

gboolean
postseal_smtp_session_noop_finish (PostsealSmtpSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- the rest --- */

void
postseal_smtp_session_leave (PostsealSmtpSession *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (POSTSEAL_IS_SMTP_SESSION (self));

  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The operation was cancelled"));
  if (_postseal_smtp_session_is_open (self) && self->state != POSTSEAL_SMTP_STATE_NEW
      && _postseal_smtp_session_is_idle (self))
    {
      postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, "QUIT", -1);
      postseal_channel_write (self->channel, "QUIT\r\n", -1);
      postseal_channel_close_politely (g_steal_pointer (&self->channel));
    }
  _postseal_smtp_session_close (self, error);
}

PostsealChannel *
postseal_smtp_session_hand_over (PostsealSmtpSession *self,
                                 const PostsealChannelHandler *handler,
                                 gpointer user_data)
{
  g_autoptr (PostsealChannel) channel = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (POSTSEAL_IS_SMTP_SESSION (self), NULL);

  if (self->channel == NULL || self->state == POSTSEAL_SMTP_STATE_FAILED)
    return NULL;
  error = g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                       _ ("The conversation with “%s” has been ended"), self->host);
  channel = g_steal_pointer (&self->channel);
  postseal_channel_take_over (channel, handler, user_data);
  _postseal_smtp_session_close (self, error);
  return g_steal_pointer (&channel);
}

void
postseal_smtp_session_set_window (PostsealSmtpSession *self, guint n_messages)
{
  g_return_if_fail (POSTSEAL_IS_SMTP_SESSION (self));
  g_return_if_fail (n_messages > 0);
  self->window = n_messages;
}

const PostsealSmtpCaps *
postseal_smtp_session_get_caps (PostsealSmtpSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SMTP_SESSION (self), NULL);
  return &self->caps;
}

PostsealSeal *
postseal_smtp_session_get_seal (PostsealSmtpSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SMTP_SESSION (self), NULL);
  return self->seal;
}

void
_postseal_smtp_session_tell_progress (PostsealSmtpSession *self)
{
  PostsealSmtpOperation *oldest = g_queue_peek_head (&self->operations);
  gint64 now_us = 0;

  if (oldest == NULL || !_postseal_smtp_operation_is_transaction (oldest))
    return;
  now_us = g_get_monotonic_time ();
  if (now_us - self->progress_us < PROGRESS_INTERVAL_US)
    return;
  self->progress_us = now_us;
  g_signal_emit (self, signals[SIGNAL_PROGRESS], 0,
                 ((PostsealSmtpTransaction *)oldest)->n_content_said);
}

PostsealSmtpSession *
postseal_smtp_session_new (PostsealSealedLink *link,
                           guint timeout_ms,
                           PostsealTranscript *transcript)
{
  PostsealSmtpSession *self = NULL;

  g_return_val_if_fail (link != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_SMTP_SESSION, NULL);
  self->timeout_ms = timeout_ms;
  self->transcript = transcript != NULL ? postseal_transcript_ref (transcript) : NULL;
  self->seal = postseal_seal_ref (postseal_sealed_link_get_seal (link));
  self->host = g_strdup (postseal_sealed_link_get_endpoint (link)->host);
  self->channel
      = postseal_channel_new (link, 0, self->transcript, &_postseal_smtp_channel_handler, self);
  postseal_channel_pause (self->channel); /* until the login listens */
  return self;
}

static void
postseal_smtp_session_finalize (GObject *object)
{
  PostsealSmtpSession *self = POSTSEAL_SMTP_SESSION (object);

  /* Operations hold references, so there is none. */
  g_clear_pointer (&self->channel, postseal_channel_free);
  g_array_unref (self->in_flight);
  g_array_unref (self->watches);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  postseal_smtp_caps_clear (&self->caps);
  postseal_smtp_reply_clear (&self->reply);
  g_clear_error (&self->closed_error);
  g_main_context_unref (self->context);
  g_free (self->host);
  G_OBJECT_CLASS (postseal_smtp_session_parent_class)->finalize (object);
}

static void
postseal_smtp_session_init (PostsealSmtpSession *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->window = POSTSEAL_LIMIT_SMTP_WINDOW;
  g_queue_init (&self->operations);
  postseal_smtp_reply_init (&self->reply);
  self->in_flight = g_array_new (FALSE, FALSE, sizeof (PostsealSmtpCommand));
  self->watches = _postseal_smtp_watches_new ();
}

static void
postseal_smtp_session_class_init (PostsealSmtpSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_smtp_session_finalize;
  signals[SIGNAL_PROGRESS] = g_signal_new ("progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
}

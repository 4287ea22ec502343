/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-operation.h"
#include "imap/imap-refusal.h"
#include "imap/imap-session-private.h"
#include "imap/imap-sign-in.h"

/* From the greeting to the moment when the mailboxes are there to be asked for. */
typedef struct
{
  PostsealAuthenticator *auth; /* owned, nullable */
  gboolean wants_compression;
} Login;

static void
free_login (gpointer data)
{
  Login *self = data;

  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_free (self);
}

/* --- what follows sign-in without being waited for --- */

static void
on_compress_done (const char *verb,
                  const PostsealImapResponse *tagged,
                  const GError *error,
                  gpointer user_data)
{
  PostsealImapSession *session = user_data;

  if (tagged == NULL || tagged->kind != POSTSEAL_IMAP_RESPONSE_OK || session->channel == NULL)
    return;
  /* Before anything else is written, and before another byte is read. */
  postseal_channel_start_deflate (session->channel);
  session->is_deflate_due = TRUE;
}

static const PostsealImapCommandHandler compress_handler = { .on_done = on_compress_done };

static void
on_enable_done (const char *verb,
                const PostsealImapResponse *tagged,
                const GError *error,
                gpointer user_data)
{
  PostsealImapSession *session = user_data;

  if (--session->n_enabling > 0 || tagged == NULL)
    return;
  if (!g_hash_table_contains (session->enabled, "QRESYNC"))
    session->is_qresync_asked = FALSE;
  _postseal_imap_session_resume_lists (session);
}

static const PostsealImapCommandHandler enable_handler = { .on_done = on_enable_done };

static void
send_id (PostsealImapSession *self)
{
  PostsealImapCommand *command;

  if (!postseal_imap_caps_has (self->caps, "ID"))
    return;
  command = postseal_imap_command_new (POSTSEAL_IMAP_COMMAND_PIPELINED, "ID", NULL, NULL, NULL);
  postseal_imap_command_add (command,
                             "(\"name\" \"Postseal\" \"version\" \"" POSTSEAL_VERSION "\")");
  _postseal_imap_session_send (self, command);
}

/* UTF8=ACCEPT: mailbox names as they are, and messages that no server has to bend into ASCII (RFC
   6855 section 3). ENABLE is for the time before a mailbox is open (RFC 5161 section 3.1). */
static void
send_enable (PostsealImapSession *self, gboolean wants_utf8, gboolean wants_qresync)
{
  PostsealImapCommand *command;

  wants_utf8 = wants_utf8 && postseal_imap_caps_has (self->caps, "UTF8=ACCEPT");
  wants_qresync = wants_qresync && postseal_imap_caps_has (self->caps, "QRESYNC");
  if (!postseal_imap_caps_has (self->caps, "ENABLE") || (!wants_utf8 && !wants_qresync))
    return;
  command = postseal_imap_command_new (POSTSEAL_IMAP_COMMAND_PIPELINED, "ENABLE", &enable_handler,
                                       self, NULL);
  if (wants_utf8)
    postseal_imap_command_add (command, "UTF8=ACCEPT");
  if (wants_qresync)
    postseal_imap_command_add (command, "QRESYNC");
  self->n_enabling++;
  self->is_qresync_asked = self->is_qresync_asked || wants_qresync;
  _postseal_imap_session_send (self, command);
}

void
_postseal_imap_session_send_preamble (PostsealImapSession *self, gboolean wants_qresync)
{
  gboolean is_first = self->is_preamble_due;

  if (self->state != POSTSEAL_IMAP_STATE_AUTHENTICATED || self->n_selecting > 0)
    return;
  self->is_preamble_due = FALSE;
  if (is_first)
    send_id (self);
  send_enable (self, is_first, wants_qresync && !self->is_qresync_asked);
}

/* --- signed in --- */

static void
finish_login (PostsealImapOperation *operation)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (operation);
  Login *self = postseal_imap_operation_get_data (operation);

  session->is_preamble_due = TRUE;
  if (self->wants_compression && postseal_imap_caps_has (session->caps, "COMPRESS=DEFLATE"))
    {
      PostsealImapCommand *command = postseal_imap_command_new (
          POSTSEAL_IMAP_COMMAND_ALONE, "COMPRESS", &compress_handler, session, NULL);

      postseal_imap_command_add (command, "DEFLATE");
      _postseal_imap_session_send (session, command);
    }
  postseal_imap_operation_release (operation, NULL);
}

static void
on_late_caps_done (const char *verb,
                   const PostsealImapResponse *tagged,
                   const GError *error,
                   gpointer user_data)
{
  /* A server that tells nothing can do nothing but the base protocol. */
  if (tagged != NULL)
    finish_login (user_data);
  else
    postseal_imap_operation_release (user_data, error);
}

static const PostsealImapCommandHandler late_caps_handler = { .on_done = on_late_caps_done };

/* What was said before sign-in does not count any more (RFC 9051 section 6.2.2). */
static void
take_signed_in (PostsealImapOperation *operation)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (operation);

  _postseal_imap_session_set_state (session, POSTSEAL_IMAP_STATE_AUTHENTICATED);
  if (session->is_caps_fresh)
    {
      finish_login (operation);
      return;
    }
  _postseal_imap_session_take_caps (session, NULL);
  /* From here on the command holds the operation. */
  _postseal_imap_session_send (
      session, postseal_imap_operation_make_command (operation, POSTSEAL_IMAP_COMMAND_PIPELINED,
                                                     "CAPABILITY", &late_caps_handler));
  postseal_imap_operation_release (operation, NULL);
}

static void
on_signed_in (const GError *error, gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = user_data;

  if (error != NULL)
    postseal_imap_operation_release (operation, error);
  else
    take_signed_in (operation);
}

/* --- before --- */

/* PREAUTH on a sealed link: fine when a client certificate says who we are, or when nothing else
   was meant. Otherwise the user asked to sign in, and nobody knows as whom the server sees us. */
static void
take_preauth (PostsealImapOperation *operation)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (operation);
  Login *self = postseal_imap_operation_get_data (operation);
  g_autoptr (GError) error = NULL;

  if (self->auth == NULL || postseal_sealed_link_has_client_certificate (session->link))
    {
      postseal_transcript_fact (session->transcript, "mechanism", "PREAUTH");
      postseal_seal_set_mechanism (session->seal, "PREAUTH");
      take_signed_in (operation);
      return;
    }
  error = g_error_new (
      POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM,
      _ ("Server “%s” says that the user is signed in already (PREAUTH), without saying "
         "who; to accept this, set “auth=none”"),
      session->server);
  postseal_imap_operation_release (operation, error);
}

static void
start_sign_in (PostsealImapOperation *operation)
{
  Login *self = postseal_imap_operation_get_data (operation);
  PostsealImapSession *session = postseal_imap_operation_get_session (operation);
  g_autoptr (GError) error = NULL;

  if (self->auth == NULL)
    {
      error = g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM,
                           _ ("Server “%s” wants the user to sign in, and “auth=none” forbids it"),
                           session->server);
      postseal_imap_operation_release (operation, error);
      return;
    }
  _postseal_imap_sign_in (operation, self->auth, on_signed_in,
                          postseal_imap_operation_ref (operation));
}

static void
on_early_caps_done (const char *verb,
                    const PostsealImapResponse *tagged,
                    const GError *error,
                    gpointer user_data)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (user_data);
  g_autoptr (GError) refusal = NULL;

  if (tagged != NULL && session->caps != NULL)
    {
      start_sign_in (user_data);
      return;
    }
  if (tagged != NULL && tagged->kind != POSTSEAL_IMAP_RESPONSE_OK)
    {
      _postseal_imap_session_tell_refusal (session, tagged);
      refusal = postseal_imap_refusal_to_error (tagged, verb, session->server);
    }
  else if (tagged != NULL)
    refusal = g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL,
                           _ ("Server “%s” does not tell what it can do"), session->server);
  postseal_imap_operation_release (user_data, refusal != NULL ? refusal : error);
}

static const PostsealImapCommandHandler early_caps_handler = { .on_done = on_early_caps_done };

/* The greeting is behind us. The operation is held once, until finish_login() or an error. */
static void
begin_login (PostsealImapOperation *operation)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (operation);

  if (session->is_preauth)
    take_preauth (operation);
  else if (session->caps != NULL)
    start_sign_in (operation);
  else
    {
      /* From here on the command holds the operation. */
      _postseal_imap_session_send (
          session, postseal_imap_operation_make_command (operation, POSTSEAL_IMAP_COMMAND_PIPELINED,
                                                         "CAPABILITY", &early_caps_handler));
      postseal_imap_operation_release (operation, NULL);
    }
}

void
_postseal_imap_session_resume_login (PostsealImapSession *self)
{
  g_autoptr (PostsealImapOperation) operation = g_steal_pointer (&self->waiting_login);

  if (operation == NULL)
    return;
  if (self->error != NULL)
    postseal_imap_operation_release (operation, self->error);
  else
    begin_login (operation);
}

static void
complete_login (GTask *task, gpointer data)
{
  g_task_return_boolean (task, TRUE);
}

void
postseal_imap_session_login_async (PostsealImapSession *self,
                                   PostsealAuthenticator *auth,
                                   gboolean compress,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  Login *login;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));
  g_return_if_fail (self->waiting_login == NULL);
  g_return_if_fail (self->state == POSTSEAL_IMAP_STATE_GREETING
                    || self->state == POSTSEAL_IMAP_STATE_NOT_AUTHENTICATED
                    || self->state == POSTSEAL_IMAP_STATE_ENDED);

  if (auth != NULL)
    postseal_transcript_fact (self->transcript, "stage", "sign-in");
  login = g_new0 (Login, 1);
  login->auth = auth != NULL ? postseal_authenticator_ref (auth) : NULL;
  login->wants_compression = compress;
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_login_async, complete_login, login,
                                           free_login);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  if (self->state == POSTSEAL_IMAP_STATE_GREETING)
    self->waiting_login = g_steal_pointer (&operation);
  else
    begin_login (operation);
}

gboolean
postseal_imap_session_login_finish (PostsealImapSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

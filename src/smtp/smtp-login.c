/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "wire/sasl-line.h"

#define AUTH_COMMAND_MAX 512 /* RFC 4954 section 4, RFC 5321 section 4.5.3.1.4: CR LF included */

/* RFC 4954 sections 4 and 6 */
#define CODE_CHALLENGE 334
#define CODE_TRANSITION_NEEDED 432
#define CODE_UNKNOWN_MECHANISM 504
#define CODE_TOO_WEAK 534
#define CODE_REJECTED 535

typedef struct
{
  PostsealSmtpOperation base;
  PostsealAuthenticator *auth; /* owned, nullable */
  GCancellable *stopper; /* owned: of what runs outside the session */
  PostsealSasl *sasl; /* owned, nullable */
  char *mechanism; /* owned, nullable */
  PostsealCredential *initial_response; /* owned: kept for the first challenge */
  gboolean is_stepping; /* it is our turn, and the response is being made */
  gboolean is_plain_only; /* the server wants to see the password once */
  GError *verdict; /* owned: we cancelled the exchange ("*"), and why */
  GError *refusal; /* owned: what became of the mechanism before this one */
} Login;

static void choose_mechanism (Login *self);

/* --- ending --- */

static void
end_login (Login *self, GError *error)
{
  PostsealSmtpSession *session = self->base.session;
  g_autoptr (GTask) task = NULL;

  if (error == NULL)
    session->state = POSTSEAL_SMTP_STATE_READY;
  task = _postseal_smtp_operation_end (&self->base);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
clear (PostsealSmtpOperation *operation)
{
  Login *self = (Login *)operation;

  g_cancellable_cancel (self->stopper);
  g_clear_object (&self->stopper);
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_clear_pointer (&self->sasl, postseal_sasl_free);
  g_clear_pointer (&self->mechanism, g_free);
  g_clear_pointer (&self->initial_response, postseal_credential_unref);
  g_clear_error (&self->verdict);
  g_clear_error (&self->refusal);
}

static void
abandon (PostsealSmtpOperation *operation, const GError *error)
{
  end_login ((Login *)operation, g_error_copy (error));
}

/* Each step follows from a reply; there is nothing to be said before. */
static gboolean
send_nothing (PostsealSmtpOperation *operation)
{
  return FALSE;
}

/* --- replies to AUTH (RFC 4954 section 6) --- */

static GError *
explain_refusal (Login *self, PostsealAuthError code, const PostsealSmtpReply *reply)
{
  const char *host = self->base.session->host;
  const char *detail = self->sasl != NULL ? postseal_sasl_get_refusal (self->sasl) : NULL;

  if (code == POSTSEAL_AUTH_ERROR_BUSY)
    return _postseal_smtp_error_new (POSTSEAL_AUTH_ERROR, code, reply,
                                     _ ("Server “%s” lets nobody sign in now; try again later"),
                                     host);
  if (code == POSTSEAL_AUTH_ERROR_REJECTED && detail != NULL)
    return g_error_new (POSTSEAL_AUTH_ERROR, code,
                        _ ("Server “%s” did not accept the user name or the password (%s): “%s”"),
                        host, self->mechanism, detail);
  if (code == POSTSEAL_AUTH_ERROR_REJECTED)
    return _postseal_smtp_error_new (
        POSTSEAL_AUTH_ERROR, code, reply,
        _ ("Server “%s” did not accept the user name or the password (%s)"), host, self->mechanism);
  return _postseal_smtp_error_new (POSTSEAL_AUTH_ERROR, code, reply,
                                   _ ("Server “%s” does not let you sign in by %s"), host,
                                   self->mechanism);
}

static gboolean
offers (Login *self, const char *mechanism)
{
  return g_strv_contains ((const char *const *)self->base.session->caps.mechanisms, mechanism);
}

static void
on_refused (Login *self, const PostsealSmtpReply *reply)
{
  gboolean is_other_wanted = reply->code == CODE_TOO_WEAK || reply->code == CODE_UNKNOWN_MECHANISM;
  /* Out of turn: what is being made for this exchange must not get into another one. */
  gboolean may_go_on = !self->is_stepping;
  gboolean is_plain_wanted = reply->code == CODE_TRANSITION_NEEDED && !self->is_plain_only
                             && strcmp (self->mechanism, "PLAIN") != 0 && offers (self, "PLAIN");

  if (may_go_on && (is_other_wanted || is_plain_wanted))
    {
      g_clear_error (&self->refusal);
      self->refusal = explain_refusal (
          self, is_plain_wanted ? POSTSEAL_AUTH_ERROR_BUSY : POSTSEAL_AUTH_ERROR_NO_MECHANISM,
          reply);
      self->is_plain_only = self->is_plain_only || is_plain_wanted;
      postseal_authenticator_exclude (self->auth, self->mechanism);
      choose_mechanism (self);
    }
  else if (reply->code == CODE_REJECTED && may_go_on
           && postseal_authenticator_rejected (self->auth, self->mechanism))
    choose_mechanism (self); /* with a new token */
  else if (reply->code == CODE_REJECTED)
    end_login (self, explain_refusal (self, POSTSEAL_AUTH_ERROR_REJECTED, reply));
  else if (reply->code < 500)
    end_login (self, explain_refusal (self, POSTSEAL_AUTH_ERROR_BUSY, reply));
  else
    end_login (self, explain_refusal (self, POSTSEAL_AUTH_ERROR_NO_MECHANISM, reply));
}

/* After this the server is not to be trusted with another byte (RFC 5802 section 5). */
static void
drop_server (Login *self, GError *error)
{
  _postseal_smtp_session_fail (self->base.session, error);
}

static void
on_success (Login *self)
{
  PostsealSmtpSession *session = self->base.session;
  g_autoptr (GError) error = NULL;

  if (self->verdict != NULL || self->is_stepping || self->initial_response != NULL)
    drop_server (self, g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER,
                                    _ ("Server “%s” signed the user in before %s was finished"),
                                    session->host, self->mechanism));
  else if (!postseal_sasl_is_complete (self->sasl, NULL, &error))
    drop_server (self, g_steal_pointer (&error));
  else
    {
      postseal_authenticator_succeeded (self->auth, postseal_channel_get_link (session->channel),
                                        self->mechanism);
      end_login (self, NULL);
    }
}

/* --- the exchange (RFC 4954 section 4) --- */

/* A line that answers a challenge: secret, so shown as "***". */
static void
respond (Login *self, const char *line, gsize length)
{
  PostsealSmtpSession *session = self->base.session;

  if (!_postseal_smtp_session_is_open (session))
    return;
  postseal_transcript_line (session->transcript, POSTSEAL_TRANSCRIPT_SENT,
                            length == 1 && line[0] == '*' ? "*" : "***", -1);
  _postseal_smtp_session_write (session, line, length);
  _postseal_smtp_session_write (session, "\r\n", 2);
  _postseal_smtp_session_get_newest (session)->end = session->n_said;
}

/* The server is told that we give up; its answer is still to come. */
static void
cancel_exchange (Login *self, GError *verdict)
{
  self->verdict = verdict;
  respond (self, "*", 1);
}

static void
send_response (Login *self, PostsealCredential *response)
{
  gsize length = postseal_credential_get_length (response);
  gsize n_line = postseal_sasl_line_encoded_length (length);
  g_autofree char *line = g_malloc (n_line + 1);

  postseal_sasl_line_encode (postseal_credential_get (response), length, line);
  respond (self, line, n_line);
  postseal_wipe (line, n_line);
}

static void
on_step (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSmtpSession) session = user_data;
  g_autoptr (PostsealCredential) response = NULL;
  g_autoptr (GError) error = NULL;
  Login *self = (Login *)session->login;

  if (self == NULL || !self->is_stepping || !_postseal_smtp_session_is_open (session))
    return; /* it ended meanwhile */
  self->is_stepping = FALSE;
  response = postseal_sasl_step_finish (self->sasl, result, &error);
  if (response != NULL)
    send_response (self, response);
  else if (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER))
    drop_server (self, g_steal_pointer (&error));
  else
    cancel_exchange (self, g_steal_pointer (&error));
}

static void
on_challenge (Login *self, const PostsealSmtpReply *reply)
{
  PostsealSmtpSession *session = self->base.session;
  g_autoptr (GBytes) challenge = NULL;

  if (self->verdict != NULL || self->is_stepping)
    {
      _postseal_smtp_session_fail_protocol (session, _ ("it spoke out of turn"), NULL, 0);
      return;
    }
  challenge = postseal_sasl_line_decode (reply->text->str, (gssize)reply->text->len);
  if (challenge == NULL || (self->initial_response != NULL && g_bytes_get_size (challenge) > 0))
    cancel_exchange (self, g_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL,
                                        _ ("Server “%s” sent a malformed challenge for %s"),
                                        session->host, self->mechanism));
  else if (self->initial_response != NULL)
    {
      send_response (self, self->initial_response);
      g_clear_pointer (&self->initial_response, postseal_credential_unref);
    }
  else
    {
      self->is_stepping = TRUE;
      postseal_sasl_step_async (self->sasl, challenge, self->stopper, on_step,
                                g_object_ref (session));
    }
}

static void
on_auth_reply (PostsealSmtpSession *session,
               PostsealSmtpOperation *operation,
               const PostsealSmtpCommand *command,
               const PostsealSmtpReply *reply)
{
  Login *self = (Login *)operation;

  if (reply->code == CODE_CHALLENGE)
    on_challenge (self, reply);
  else if (reply->code / 100 == 3)
    _postseal_smtp_session_fail (session, _postseal_smtp_error_from_reply (session, reply, "AUTH"));
  else if (reply->code / 100 == 2)
    on_success (self);
  else if (self->verdict != NULL)
    end_login (self, g_steal_pointer (&self->verdict));
  else
    on_refused (self, reply);
}

/* @response: (nullable): of a mechanism in which the client speaks first */
static void
say_auth (Login *self, PostsealCredential *response)
{
  static const PostsealSmtpCommandType auth_type = {
    .name = "AUTH",
    .wait = POSTSEAL_SMTP_WAIT_COMMAND,
    .is_dialogue = TRUE,
    .on_reply = on_auth_reply,
  };
  PostsealSmtpSession *session = self->base.session;
  gsize length = response != NULL ? postseal_credential_get_length (response) : 0;
  /* RFC 4954 section 4: "=" is the empty response */
  gsize n_response = length > 0 ? postseal_sasl_line_encoded_length (length) : 1;
  g_autofree char *command = g_strdup_printf ("AUTH %s", self->mechanism);
  gsize n_command = strlen (command);
  gsize n_line = n_command + 1 + n_response + 2;
  g_autofree char *line = g_malloc (n_line);

  memcpy (line, command, n_command);
  if (response == NULL || n_line > AUTH_COMMAND_MAX)
    {
      self->initial_response = response != NULL ? postseal_credential_ref (response) : NULL;
      memcpy (line + n_command, "\r\n", 2);
      _postseal_smtp_session_say (session, &auth_type, &self->base, line, n_command + 2, NULL);
      return;
    }
  memcpy (line + n_command, " =", 2);
  postseal_sasl_line_encode (postseal_credential_get (response), length, line + n_command + 1);
  memcpy (line + n_line - 2, "\r\n", 2);
  _postseal_smtp_session_say (session, &auth_type, &self->base, line, n_line, "AUTH ***");
  postseal_wipe (line, n_line);
}

static void
on_first_step (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSmtpSession) session = user_data;
  g_autoptr (PostsealCredential) response = NULL;
  g_autoptr (GError) error = NULL;
  Login *self = (Login *)session->login;

  if (self == NULL || !_postseal_smtp_session_is_open (session))
    return;
  self->is_stepping = FALSE;
  response = postseal_sasl_step_finish (self->sasl, result, &error);
  if (response == NULL)
    {
      end_login (self, g_steal_pointer (&error));
      return;
    }
  say_auth (self, response);
  _postseal_smtp_session_pump (session);
}

/* --- choice --- */

static void
on_chosen (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSmtpSession) session = user_data;
  g_autoptr (PostsealSasl) sasl = NULL;
  g_autoptr (GError) error = NULL;
  Login *self = (Login *)session->login;

  if (self == NULL || !_postseal_smtp_session_is_open (session))
    return;
  if (!postseal_authenticator_begin_finish (self->auth, result, &sasl, NULL, NULL, &error))
    {
      gboolean is_spent
          = self->refusal != NULL
            && g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM);

      end_login (self, is_spent ? g_steal_pointer (&self->refusal) : g_steal_pointer (&error));
      return;
    }
  g_clear_pointer (&self->mechanism, g_free);
  g_clear_pointer (&self->sasl, postseal_sasl_free);
  self->sasl = g_steal_pointer (&sasl);
  self->mechanism = g_strdup (postseal_sasl_get_mechanism (self->sasl));
  postseal_transcript_fact (session->transcript, "mechanism", self->mechanism);
  if (!postseal_sasl_is_client_first (self->sasl))
    {
      say_auth (self, NULL);
      _postseal_smtp_session_pump (session);
      return;
    }
  self->is_stepping = TRUE;
  postseal_sasl_step_async (self->sasl, NULL, self->stopper, on_first_step, g_object_ref (session));
}

static void
choose_mechanism (Login *self)
{
  static const char *const plain_only[] = { "PLAIN", NULL };
  PostsealSmtpSession *session = self->base.session;
  const char *const *offered = (const char *const *)session->caps.mechanisms;

  if (offered[0] == NULL)
    {
      end_login (self, g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM,
                                    _ ("Server “%s” offers no way to sign in (no AUTH); if it "
                                       "wants none, set “auth=none”, else look for another port"),
                                    session->host));
      return;
    }
  postseal_authenticator_begin_async (self->auth, postseal_channel_get_link (session->channel),
                                      self->is_plain_only ? plain_only : offered, self->stopper,
                                      on_chosen, g_object_ref (session));
}

/* --- greeting, EHLO (RFC 5321 sections 3.1, 4.1.1.1) --- */

static void
on_ehlo_reply (PostsealSmtpSession *session,
               PostsealSmtpOperation *operation,
               const PostsealSmtpCommand *command,
               const PostsealSmtpReply *reply)
{
  Login *self = (Login *)operation;

  if (reply->code / 100 != 2)
    {
      end_login (self, _postseal_smtp_error_from_reply (session, reply, "EHLO"));
      return;
    }
  postseal_smtp_caps_parse (&session->caps, reply->text->str, reply->text->len);
  if (self->auth != NULL)
    choose_mechanism (self);
  else
    end_login (self, NULL);
}

static void
say_ehlo (Login *self)
{
  static const PostsealSmtpCommandType ehlo_type
      = { .name = "EHLO", .wait = POSTSEAL_SMTP_WAIT_COMMAND, .on_reply = on_ehlo_reply };
  PostsealSmtpSession *session = self->base.session;
  g_autofree char *literal
      = postseal_sealed_link_get_own_literal (postseal_channel_get_link (session->channel));
  g_autofree char *line = g_strdup_printf ("EHLO %s\r\n", literal);

  _postseal_smtp_session_say (session, &ehlo_type, &self->base, line, strlen (line), NULL);
}

static void
on_greeting (PostsealSmtpSession *session,
             PostsealSmtpOperation *operation,
             const PostsealSmtpCommand *command,
             const PostsealSmtpReply *reply)
{
  Login *self = (Login *)operation;

  if (reply->code == 220)
    say_ehlo (self);
  else
    end_login (self, _postseal_smtp_error_from_reply (session, reply, _ ("the connection")));
}

/* --- public --- */

void
postseal_smtp_session_login_async (PostsealSmtpSession *self,
                                   PostsealAuthenticator *auth,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  static const PostsealSmtpOperationType type
      = { .send = send_nothing, .abandon = abandon, .clear = clear };
  static const PostsealSmtpCommandType greeting_type
      = { .name = "greeting", .wait = POSTSEAL_SMTP_WAIT_GREETING, .on_reply = on_greeting };
  g_autoptr (GTask) task = NULL;
  Login *login = NULL;

  g_return_if_fail (POSTSEAL_IS_SMTP_SESSION (self));
  g_return_if_fail (self->state == POSTSEAL_SMTP_STATE_NEW
                    || self->state == POSTSEAL_SMTP_STATE_CLOSED);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_smtp_session_login_async);
  if (self->state == POSTSEAL_SMTP_STATE_CLOSED)
    {
      g_task_return_error (task, g_error_copy (self->closed_error));
      return;
    }
  self->state = POSTSEAL_SMTP_STATE_LOGIN;
  if (auth != NULL)
    postseal_transcript_fact (self->transcript, "stage", "sign-in");
  login = _postseal_smtp_operation_begin (self, &type, sizeof (Login), g_steal_pointer (&task),
                                          cancellable);
  self->login = &login->base;
  login->auth = auth != NULL ? postseal_authenticator_ref (auth) : NULL;
  login->stopper = g_cancellable_new ();
  if (postseal_sealed_link_awaits_greeting (postseal_channel_get_link (self->channel)))
    _postseal_smtp_session_expect (self, &greeting_type, &login->base);
  else
    say_ehlo (login);
  /* Not before somebody listens. */
  postseal_channel_resume (self->channel);
  _postseal_smtp_session_pump (self);
}

gboolean
postseal_smtp_session_login_finish (PostsealSmtpSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-sign-in.h"

#include <glib/gi18n-lib.h>

#include "base/printable.h"
#include "imap/imap-refusal.h"
#include "imap/imap-session-private.h"
#include "wire/sasl-line.h"

#define IMAP_LOGIN "IMAP-LOGIN"
#define MAX_ATTEMPTS 8
/* With the words before it, an initial response keeps to the length that any server takes. */
#define INITIAL_RESPONSE_MAX 8000

/* One try after the other. Reference counted, because steps and commands end in any order. */
typedef struct
{
  guint references;
  PostsealImapOperation *login; /* owned */
  PostsealImapSession *session; /* owned: a step may outlive the operation */
  PostsealAuthenticator *auth; /* owned */
  PostsealImapSignInFunc func;
  gpointer user_data;
  gboolean is_over; /* func has been called */

  guint n_attempts;
  char **offered; /* owned */
  PostsealSasl *sasl; /* owned, nullable: not for LOGIN */
  PostsealCredential *first_response; /* owned, nullable: too long for the command line */
  gboolean is_answered; /* the initial response has been given, or there is none */
  gboolean is_stepping;
  gboolean is_sent; /* the command is under way */
  GError *failure; /* owned, nullable: ours; the server has been told "*" */
  GError *unsupported; /* owned, nullable: what became of the mechanism before */
} SignIn;

static SignIn *
ref_sign_in (SignIn *self)
{
  self->references++;
  return self;
}

static void
unref_sign_in (gpointer data)
{
  SignIn *self = data;

  if (--self->references > 0)
    return;
  postseal_imap_operation_unref (self->login);
  g_object_unref (self->session);
  postseal_authenticator_unref (self->auth);
  g_strfreev (self->offered);
  g_clear_pointer (&self->sasl, postseal_sasl_free);
  g_clear_pointer (&self->first_response, postseal_credential_unref);
  g_clear_error (&self->failure);
  g_clear_error (&self->unsupported);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SignIn, unref_sign_in)

static void
finish (SignIn *self, const GError *error)
{
  if (self->is_over)
    return;
  self->is_over = TRUE;
  self->func (error, self->user_data);
}

/* The server is not what it claims to be: nothing more is said to it. */
static void
drop_link (SignIn *self, const GError *error)
{
  g_autoptr (SignIn) guard = ref_sign_in (self);

  finish (self, error);
  _postseal_imap_session_fail (self->session, error);
}

static const char *
get_mechanism (SignIn *self)
{
  return self->sasl != NULL ? postseal_sasl_get_mechanism (self->sasl) : IMAP_LOGIN;
}

static void begin_attempt (SignIn *self);

/* --- the exchange --- */

/* Base64 in memory that is wiped. */
static char *
encode_response (PostsealCredential *response, gsize *ret_length)
{
  gsize length = postseal_credential_get_length (response);
  char *line = g_malloc (postseal_sasl_line_encoded_length (length) + 1);

  *ret_length = postseal_sasl_line_encode (postseal_credential_get (response), length, line);
  return line;
}

static void
answer (SignIn *self, PostsealCredential *response)
{
  gsize length;
  char *line = encode_response (response, &length);

  self->is_answered = TRUE;
  postseal_imap_queue_answer (self->session->queue, line, length, TRUE);
  postseal_wipe (line, length);
  g_free (line);
}

/* "*" ends the exchange (RFC 9051 section 6.2.2); the tagged reply to it is still awaited. */
static void
cancel (SignIn *self, const GError *error)
{
  if (self->failure != NULL)
    return;
  self->failure = g_error_copy (error);
  postseal_imap_queue_answer (self->session->queue, "*", 1, FALSE);
}

static void send_authenticate (SignIn *self, PostsealCredential *initial);

static void
on_stepped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SignIn) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealCredential) response = postseal_sasl_step_finish (self->sasl, result, &error);

  self->is_stepping = FALSE;
  /* The server, or the user, has ended it in the meantime. */
  if (self->is_over || self->session->error != NULL)
    {
      finish (self, self->session->error);
      return;
    }
  if (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER))
    drop_link (self, error);
  else if (error != NULL && self->is_sent)
    cancel (self, error);
  else if (error != NULL)
    finish (self, error);
  else if (self->is_sent)
    answer (self, response);
  else
    send_authenticate (self, response);
}

static void
step (SignIn *self, GBytes *challenge)
{
  self->is_stepping = TRUE;
  postseal_sasl_step_async (self->sasl, challenge, NULL, on_stepped, ref_sign_in (self));
}

static void
take_challenge (SignIn *self, const char *line)
{
  g_autoptr (GBytes) challenge = postseal_sasl_line_decode (line, -1);
  g_autoptr (GError) error = NULL;

  if (challenge != NULL)
    {
      step (self, challenge);
      return;
    }
  error = g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER,
                       _ ("Server “%s” sent a challenge for %s that is not base64"),
                       self->session->server, get_mechanism (self));
  cancel (self, error);
}

static void
on_continuation (const PostsealImapResponse *response, gpointer user_data)
{
  SignIn *self = user_data;
  g_autoptr (PostsealCredential) first = NULL;

  if (self->failure != NULL || self->is_over || self->sasl == NULL)
    return;
  if (self->is_stepping)
    _postseal_imap_session_fail_protocol (self->session, "%s",
                                          _ ("it sends a challenge before the answer to the last"));
  else if (self->is_answered)
    take_challenge (self, response->text);
  else if (self->first_response != NULL)
    {
      first = g_steal_pointer (&self->first_response);
      answer (self, first);
    }
  else if (postseal_sasl_is_client_first (self->sasl))
    {
      self->is_answered = TRUE;
      step (self, NULL);
    }
  else
    take_challenge (self, response->text);
}

/* --- its end --- */

static void
take_ok (SignIn *self)
{
  g_autoptr (GError) error = NULL;

  if (self->failure != NULL)
    {
      drop_link (self, self->failure);
      return;
    }
  /* "OK" counts only when the mechanism is satisfied (RFC 5802 section 5). */
  if (self->sasl != NULL
      && (self->is_stepping || !postseal_sasl_is_complete (self->sasl, NULL, &error)))
    {
      if (error == NULL)
        error = g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER,
                             _ ("Server “%s” ended %s before it had proved itself"),
                             self->session->server, get_mechanism (self));
      drop_link (self, error);
      return;
    }
  postseal_authenticator_succeeded (self->auth, self->session->link, get_mechanism (self));
  finish (self, NULL);
}

static void
take_refusal (SignIn *self, const PostsealImapResponse *tagged)
{
  const char *inner = self->sasl != NULL ? postseal_sasl_get_refusal (self->sasl) : NULL;
  g_autoptr (GError) error = postseal_imap_refusal_to_sign_in_error (tagged, get_mechanism (self),
                                                                     inner, self->session->server);

  if (self->failure != NULL)
    {
      finish (self, self->failure);
      return;
    }
  _postseal_imap_session_tell_refusal (self->session, tagged);
  if (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED)
      && !self->is_stepping && self->session->error == NULL
      && postseal_authenticator_rejected (self->auth, get_mechanism (self)))
    {
      begin_attempt (self);
      return;
    }
  if (postseal_imap_refusal_of_sign_in (tagged) != POSTSEAL_IMAP_SIGN_IN_UNSUPPORTED
      || self->is_stepping || inner != NULL || self->n_attempts >= MAX_ATTEMPTS
      || self->session->error != NULL)
    {
      finish (self, error);
      return;
    }
  postseal_authenticator_exclude (self->auth, get_mechanism (self));
  g_clear_error (&self->unsupported);
  self->unsupported = g_steal_pointer (&error);
  begin_attempt (self);
}

static void
on_done (const char *verb,
         const PostsealImapResponse *tagged,
         const GError *error,
         gpointer user_data)
{
  SignIn *self = user_data;

  self->is_sent = FALSE;
  if (tagged == NULL)
    finish (self, error);
  else if (self->is_over)
    return;
  else if (tagged->kind == POSTSEAL_IMAP_RESPONSE_OK)
    take_ok (self);
  else
    take_refusal (self, tagged);
}

static const PostsealImapCommandHandler handler
    = { .on_continuation = on_continuation, .on_done = on_done };

/* --- its beginning --- */

static PostsealImapCommand *
make_command (SignIn *self, const char *verb)
{
  /* Only what comes from now on describes the user's session. */
  self->session->is_caps_fresh = FALSE;
  self->is_sent = TRUE;
  postseal_transcript_fact (self->session->transcript, "mechanism", get_mechanism (self));
  return postseal_imap_command_new (POSTSEAL_IMAP_COMMAND_ALONE, verb, &handler, ref_sign_in (self),
                                    unref_sign_in);
}

/* @initial: (nullable): for the command line where it may go there (RFC 4959 section 3) */
static void
send_authenticate (SignIn *self, PostsealCredential *initial)
{
  PostsealImapCommand *command = make_command (self, "AUTHENTICATE");

  postseal_imap_command_add (command, get_mechanism (self));
  if (initial != NULL && postseal_credential_get_length (initial) == 0)
    {
      postseal_imap_command_add (command, "=");
      self->is_answered = TRUE;
    }
  else if (initial != NULL
           && postseal_sasl_line_encoded_length (postseal_credential_get_length (initial))
                  <= INITIAL_RESPONSE_MAX)
    {
      gsize length;
      char *line = encode_response (initial, &length);

      postseal_imap_command_add_secret_words (command, line, length);
      postseal_wipe (line, length);
      g_free (line);
      self->is_answered = TRUE;
    }
  else if (initial != NULL)
    self->first_response = postseal_credential_ref (initial);
  _postseal_imap_session_send (self->session, command);
}

static void
send_login (SignIn *self, const char *user, PostsealCredential *secret)
{
  PostsealImapCommand *command = make_command (self, "LOGIN");

  postseal_imap_command_add_string (command, user, -1);
  postseal_imap_command_add_secret (command, postseal_credential_get (secret),
                                    (gssize)postseal_credential_get_length (secret));
  _postseal_imap_session_send (self->session, command);
}

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SignIn) self = user_data;
  g_autofree char *user = NULL;
  g_autoptr (PostsealCredential) secret = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_begun = postseal_authenticator_begin_finish (self->auth, result, &self->sasl, &user,
                                                           &secret, &error);

  if (self->session->error != NULL)
    finish (self, self->session->error);
  else if (!is_begun)
    /* What the server said about its own offer explains more than that nothing is left. */
    finish (self, self->unsupported != NULL
                          && g_error_matches (error, POSTSEAL_AUTH_ERROR,
                                              POSTSEAL_AUTH_ERROR_NO_MECHANISM)
                      ? self->unsupported
                      : error);
  else if (self->sasl == NULL)
    send_login (self, user, secret);
  else if (postseal_sasl_is_client_first (self->sasl)
           && postseal_imap_caps_has (self->session->caps, "SASL-IR"))
    step (self, NULL);
  else
    send_authenticate (self, NULL);
}

static void
begin_attempt (SignIn *self)
{
  self->n_attempts++;
  self->is_answered = FALSE;
  g_clear_pointer (&self->sasl, postseal_sasl_free);
  g_clear_pointer (&self->first_response, postseal_credential_unref);
  postseal_authenticator_begin_async (
      self->auth, self->session->link, (const char *const *)self->offered,
      postseal_imap_operation_get_cancellable (self->login), on_begun, ref_sign_in (self));
}

void
_postseal_imap_sign_in (PostsealImapOperation *login,
                        PostsealAuthenticator *auth,
                        PostsealImapSignInFunc func,
                        gpointer user_data)
{
  g_autoptr (SignIn) self = g_new0 (SignIn, 1);

  self->references = 1;
  self->login = postseal_imap_operation_ref (login);
  self->session = g_object_ref (postseal_imap_operation_get_session (login));
  self->auth = postseal_authenticator_ref (auth);
  self->func = func;
  self->user_data = user_data;
  self->offered = postseal_imap_caps_get_mechanisms (self->session->caps);
  begin_attempt (self);
}

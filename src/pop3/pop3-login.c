/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pop3/pop3-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "wire/sasl-line.h"

#define AUTH_COMMAND_MAX 255 /* RFC 5034 section 4, RFC 2449 section 4: CR LF included */
#define OWN_LOGIN "POP3-USER"

typedef struct
{
  PostsealPop3Operation base;
  PostsealAuthenticator *auth; /* owned */
  GCancellable *cancellable; /* owned: of what runs outside the session */
  GQueue ready; /* of owned PostsealPop3Command */
  GHashTable *capabilities; /* owned: being read */
  PostsealSasl *sasl; /* owned, nullable */
  char *mechanism; /* owned, nullable: as the authenticator knows it */
  PostsealCredential *initial_response; /* owned: kept for the first challenge */
  gboolean is_stepping; /* it is our turn, and the response is being made */
  gboolean has_proven; /* the server has had something that it can judge the secret by */
  gboolean has_asked_utf8;
  GError *verdict; /* owned: we cancelled the exchange ("*"), and why */
  GError *refusal; /* owned: what became of the mechanism before this one */
} Login;

static void choose_mechanism (Login *self);

/* --- ending --- */

static void
end_login (Login *self, GError *error)
{
  g_autoptr (GTask) task = _postseal_pop3_operation_end (&self->base);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* After this the server is not to be trusted with another byte (RFC 5802 section 5). */
static void
drop_server (Login *self, GError *error)
{
  _postseal_pop3_session_fail (self->base.session, error);
}

static PostsealPop3Command *
next (PostsealPop3Operation *operation)
{
  return g_queue_pop_head (&((Login *)operation)->ready);
}

static void
clear (PostsealPop3Operation *operation)
{
  Login *self = (Login *)operation;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_queue_clear_full (&self->ready, (GDestroyNotify)_postseal_pop3_command_free);
  g_clear_pointer (&self->capabilities, g_hash_table_unref);
  g_clear_pointer (&self->sasl, postseal_sasl_free);
  g_clear_pointer (&self->mechanism, g_free);
  g_clear_pointer (&self->initial_response, postseal_credential_unref);
  g_clear_error (&self->verdict);
  g_clear_error (&self->refusal);
}

static void
enqueue (Login *self, PostsealPop3Command *command)
{
  g_queue_push_tail (&self->ready, command);
}

/* --- capabilities (RFC 2449 section 5) --- */

static void
on_capability (PostsealPop3Operation *operation, const char *line, gsize length)
{
  Login *self = (Login *)operation;
  char *name = NULL;
  char *arguments = NULL;

  if (!postseal_pop3_parse_capability_line (line, length, &name, &arguments))
    return;
  g_hash_table_replace (self->capabilities, name, arguments);
  if (g_hash_table_size (self->capabilities) > POSTSEAL_LIMIT_LIST)
    _postseal_pop3_session_fail_protocol (operation->session,
                                          _ ("its list of capabilities does not end"), NULL, 0);
}

static void
on_capabilities_begin (PostsealPop3Operation *operation,
                       const PostsealPop3Command *command,
                       const PostsealPop3Reply *reply)
{
  Login *self = (Login *)operation;

  if (reply->kind == POSTSEAL_POP3_REPLY_OK)
    {
      g_clear_pointer (&self->capabilities, g_hash_table_unref);
      self->capabilities = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    }
  else if (operation->session->state == POSTSEAL_POP3_STATE_TRANSACTION)
    end_login (self, NULL);
  else
    choose_mechanism (self);
}

static void
on_capabilities_end (PostsealPop3Operation *operation, const PostsealPop3Command *command)
{
  Login *self = (Login *)operation;

  g_clear_pointer (&operation->session->capabilities, g_hash_table_unref);
  operation->session->capabilities = g_steal_pointer (&self->capabilities);
  if (operation->session->state == POSTSEAL_POP3_STATE_TRANSACTION)
    end_login (self, NULL);
  else
    choose_mechanism (self);
}

static void
enqueue_capa (Login *self)
{
  static const PostsealPop3CommandType capa_type = {
    .is_multi_line = TRUE,
    .is_recorded = TRUE,
    .on_reply = on_capabilities_begin,
    .on_line = on_capability,
    .on_end = on_capabilities_end,
  };

  enqueue (self, _postseal_pop3_command_new (&capa_type, &self->base, "CAPA"));
}

/* Returns: the capability's arguments, NULL when it is not offered */
static const char *
get_capability (Login *self, const char *name)
{
  GHashTable *capabilities = self->base.session->capabilities;

  return capabilities != NULL ? g_hash_table_lookup (capabilities, name) : NULL;
}

/* Whether the capability's value is another one for each user: "LOGIN-DELAY 900 USER", "EXPIRE 30
 * USER". */
static gboolean
depends_on_user (Login *self, const char *name)
{
  const char *arguments = get_capability (self, name);
  g_auto (GStrv) words = arguments != NULL ? g_strsplit_set (arguments, " \t", -1) : NULL;

  for (gsize i = 0; words != NULL && words[i] != NULL; i++)
    if (g_ascii_strcasecmp (words[i], "USER") == 0)
      return TRUE;
  return FALSE;
}

static void
on_greeting (PostsealPop3Operation *operation,
             const PostsealPop3Command *command,
             const PostsealPop3Reply *reply)
{
  Login *self = (Login *)operation;

  if (reply->kind == POSTSEAL_POP3_REPLY_OK)
    enqueue_capa (self);
  else
    end_login (self,
               _postseal_pop3_error_from_reply (operation->session, reply, _ ("the connection")));
}

/* --- verdicts --- */

static void
succeed (Login *self)
{
  PostsealPop3Session *session = self->base.session;

  postseal_authenticator_succeeded (self->auth, postseal_channel_get_link (session->channel),
                                    self->mechanism);
  session->state = POSTSEAL_POP3_STATE_TRANSACTION;
  if (depends_on_user (self, "LOGIN-DELAY") || depends_on_user (self, "EXPIRE"))
    enqueue_capa (self);
  else
    end_login (self, NULL);
}

/* What an -ERR to AUTH, USER or PASS means (RFC 2449 section 8, RFC 3206). */
static GError *
judge_refusal (Login *self, const PostsealPop3Reply *reply)
{
  const char *host = self->base.session->host;
  const char *detail = self->sasl != NULL ? postseal_sasl_get_refusal (self->sasl) : NULL;
  PostsealPop3Reply detailed = { .text = detail, .length = detail != NULL ? strlen (detail) : 0 };

  _postseal_pop3_session_tell_refusal (self->base.session, reply);
  if (reply->code == POSTSEAL_POP3_CODE_SYS_PERM)
    return _postseal_pop3_error_from_reply (self->base.session, reply, _ ("to sign in"));
  if (reply->code == POSTSEAL_POP3_CODE_IN_USE || reply->code == POSTSEAL_POP3_CODE_LOGIN_DELAY
      || reply->code == POSTSEAL_POP3_CODE_SYS_TEMP)
    return _postseal_pop3_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY, reply,
                                     _ ("Server “%s” lets nobody sign in now; try again later"),
                                     host);
  return _postseal_pop3_error_new (
      POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, detail != NULL ? &detailed : reply,
      _ ("Server “%s” did not accept the user name or the password (%s)"), host, self->mechanism);
}

static void
on_refused (Login *self, const PostsealPop3Reply *reply)
{
  gboolean is_about_mechanism
      = !self->has_proven
        && (reply->code == POSTSEAL_POP3_CODE_NONE || reply->code == POSTSEAL_POP3_CODE_OTHER);
  GError *error = judge_refusal (self, reply);

  if (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED) && self->has_proven
      && !self->is_stepping && postseal_authenticator_rejected (self->auth, self->mechanism))
    {
      g_error_free (error);
      choose_mechanism (self); /* with a new token */
      return;
    }
  if (!is_about_mechanism)
    {
      end_login (self, error);
      return;
    }
  /* The secret has not been judged, so the next mechanism may have it. */
  g_clear_error (&self->refusal);
  self->refusal = error;
  postseal_authenticator_exclude (self->auth, self->mechanism);
  choose_mechanism (self);
}

/* --- USER and PASS (RFC 1939 section 7) --- */

static void
on_user_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  if (reply->kind == POSTSEAL_POP3_REPLY_ERR)
    end_login ((Login *)operation, judge_refusal ((Login *)operation, reply));
}

static void
on_pass_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  if (reply->kind == POSTSEAL_POP3_REPLY_OK)
    succeed ((Login *)operation);
  else
    end_login ((Login *)operation, judge_refusal ((Login *)operation, reply));
}

static gboolean
fits_in_a_line (const char *text, gsize length)
{
  return memchr (text, '\r', length) == NULL && memchr (text, '\n', length) == NULL
         && memchr (text, '\0', length) == NULL;
}

static void
sign_in_by_pass (Login *self, const char *user, PostsealCredential *secret)
{
  static const PostsealPop3CommandType user_type = { .on_reply = on_user_reply };
  static const PostsealPop3CommandType pass_type = { .on_reply = on_pass_reply };
  const char *password = postseal_credential_get (secret);
  gsize length = postseal_credential_get_length (secret);

  if (*user == '\0' || !fits_in_a_line (user, strlen (user)) || !fits_in_a_line (password, length))
    {
      end_login (self, g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                                    _ ("The user name or the password for server “%s” holds a line "
                                       "end, which POP3 cannot carry"),
                                    self->base.session->host));
      return;
    }
  enqueue (self, _postseal_pop3_command_new (&user_type, &self->base, "USER %s", user));
  enqueue (self, _postseal_pop3_command_new_secret (&pass_type, &self->base, "PASS ", password,
                                                    length, "PASS ***"));
}

/* --- AUTH (RFC 5034) --- */

/* The server is told that we give up; its answer is still to come. */
static void
cancel_exchange (Login *self, GError *verdict)
{
  self->verdict = verdict;
  _postseal_pop3_session_respond (self->base.session, "*", 1);
}

static void
send_response (Login *self, PostsealCredential *response)
{
  gsize length = postseal_credential_get_length (response);
  gsize n_line = postseal_sasl_line_encoded_length (length);
  g_autofree char *line = g_malloc (n_line + 1);

  postseal_sasl_line_encode (postseal_credential_get (response), length, line);
  _postseal_pop3_session_respond (self->base.session, line, n_line);
  postseal_wipe (line, n_line);
}

/* Nothing in the first message of these depends on the secret. */
static gboolean
begins_without_proof (const char *mechanism)
{
  return g_str_has_prefix (mechanism, "SCRAM-") || strcmp (mechanism, "EXTERNAL") == 0;
}

static void
on_step (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealPop3Session) session = user_data;
  g_autoptr (PostsealCredential) response = NULL;
  g_autoptr (GError) error = NULL;
  Login *self = (Login *)session->login;

  if (self == NULL || !self->is_stepping || session->state == POSTSEAL_POP3_STATE_FAILED)
    return; /* it ended meanwhile */
  self->is_stepping = FALSE;
  response = postseal_sasl_step_finish (self->sasl, result, &error);
  if (response != NULL)
    {
      self->has_proven = TRUE;
      send_response (self, response);
    }
  else if (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER))
    drop_server (self, g_steal_pointer (&error));
  else
    cancel_exchange (self, g_steal_pointer (&error));
}

static void
on_challenge (PostsealPop3Operation *operation, const PostsealPop3Reply *reply)
{
  Login *self = (Login *)operation;
  g_autoptr (GBytes) challenge = NULL;

  if (self->verdict != NULL || self->is_stepping)
    {
      _postseal_pop3_session_fail_protocol (operation->session, _ ("it spoke out of turn"), NULL,
                                            0);
      return;
    }
  challenge = postseal_sasl_line_decode (reply->text, (gssize)reply->length);
  if (challenge == NULL || (self->initial_response != NULL && g_bytes_get_size (challenge) > 0))
    {
      cancel_exchange (self, g_error_new (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL,
                                          _ ("Server “%s” sent a malformed challenge for %s"),
                                          operation->session->host, self->mechanism));
    }
  else if (self->initial_response != NULL)
    {
      self->has_proven = !begins_without_proof (self->mechanism);
      send_response (self, self->initial_response);
      g_clear_pointer (&self->initial_response, postseal_credential_unref);
    }
  else
    {
      self->is_stepping = TRUE;
      postseal_sasl_step_async (self->sasl, challenge, self->cancellable, on_step,
                                g_object_ref (operation->session));
    }
}

static void
on_auth_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  Login *self = (Login *)operation;
  g_autoptr (GError) error = NULL;

  if (self->verdict != NULL && reply->kind == POSTSEAL_POP3_REPLY_ERR)
    end_login (self, g_steal_pointer (&self->verdict));
  else if (reply->kind == POSTSEAL_POP3_REPLY_ERR)
    on_refused (self, reply);
  else if (self->verdict != NULL || self->is_stepping || self->initial_response != NULL)
    drop_server (self, g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER,
                                    _ ("Server “%s” signed the user in before %s was finished"),
                                    operation->session->host, self->mechanism));
  else if (!postseal_sasl_is_complete (self->sasl, NULL, &error))
    drop_server (self, g_steal_pointer (&error));
  else
    succeed (self);
}

/* @response: (nullable): of a mechanism in which the client speaks first */
static void
enqueue_auth (Login *self, PostsealCredential *response)
{
  static const PostsealPop3CommandType auth_type
      = { .on_reply = on_auth_reply, .on_challenge = on_challenge };
  g_autofree char *prefix = g_strdup_printf ("AUTH %s ", self->mechanism);
  gsize length = response != NULL ? postseal_credential_get_length (response) : 0;
  gsize n_line = length > 0 ? postseal_sasl_line_encoded_length (length) : 1;
  g_autofree char *line = NULL;

  /* Microsoft's servers know XOAUTH2, which no RFC defines, in two steps only. */
  if (response == NULL || strlen (prefix) + n_line + 2 > AUTH_COMMAND_MAX
      || strcmp (self->mechanism, "XOAUTH2") == 0)
    {
      self->initial_response = response != NULL ? postseal_credential_ref (response) : NULL;
      enqueue (self,
               _postseal_pop3_command_new (&auth_type, &self->base, "AUTH %s", self->mechanism));
      return;
    }
  line = g_malloc (n_line);
  line[0] = '='; /* RFC 5034 section 4: the empty response */
  postseal_sasl_line_encode (postseal_credential_get (response), length, line);
  self->has_proven = !begins_without_proof (self->mechanism);
  enqueue (self, _postseal_pop3_command_new_secret (&auth_type, &self->base, prefix, line, n_line,
                                                    "AUTH ***"));
  postseal_wipe (line, n_line);
}

static void
on_first_step (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealPop3Session) session = user_data;
  g_autoptr (PostsealCredential) response = NULL;
  g_autoptr (GError) error = NULL;
  Login *self = (Login *)session->login;

  if (self == NULL || session->state == POSTSEAL_POP3_STATE_FAILED)
    return;
  self->is_stepping = FALSE;
  response = postseal_sasl_step_finish (self->sasl, result, &error);
  if (response == NULL)
    {
      end_login (self, g_steal_pointer (&error));
      return;
    }
  enqueue_auth (self, response);
  _postseal_pop3_session_pump (session);
}

static void
sign_in_by_auth (Login *self)
{
  self->has_proven = FALSE;
  if (!postseal_sasl_is_client_first (self->sasl))
    {
      enqueue_auth (self, NULL);
      return;
    }
  self->is_stepping = TRUE;
  postseal_sasl_step_async (self->sasl, NULL, self->cancellable, on_first_step,
                            g_object_ref (self->base.session));
}

/* --- choice --- */

static void
ignore_reply (PostsealPop3Operation *operation,
              const PostsealPop3Command *command,
              const PostsealPop3Reply *reply)
{
}

/* Without this a server may refuse messages with UTF-8 headers (RFC 6856 section 2.1); only before
   signing in, and only on a sealed link. */
static void
enqueue_utf8 (Login *self)
{
  static const PostsealPop3CommandType utf8_type = { .on_reply = ignore_reply };

  if (self->has_asked_utf8 || get_capability (self, "UTF8") == NULL)
    return;
  self->has_asked_utf8 = TRUE;
  enqueue (self, _postseal_pop3_command_new (&utf8_type, &self->base, "UTF8"));
}

static void
on_chosen (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealPop3Session) session = user_data;
  g_autoptr (PostsealSasl) sasl = NULL;
  g_autoptr (PostsealCredential) secret = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *user = NULL;
  Login *self = (Login *)session->login;

  if (self == NULL || session->state == POSTSEAL_POP3_STATE_FAILED)
    return;
  if (!postseal_authenticator_begin_finish (self->auth, result, &sasl, &user, &secret, &error))
    {
      gboolean is_spent
          = self->refusal != NULL
            && g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM);

      end_login (self, is_spent ? g_steal_pointer (&self->refusal) : g_steal_pointer (&error));
      return;
    }
  enqueue_utf8 (self);
  g_clear_pointer (&self->mechanism, g_free);
  g_clear_pointer (&self->sasl, postseal_sasl_free);
  self->sasl = g_steal_pointer (&sasl);
  self->mechanism
      = g_strdup (self->sasl != NULL ? postseal_sasl_get_mechanism (self->sasl) : OWN_LOGIN);
  postseal_transcript_fact (session->transcript, "mechanism", self->mechanism);
  if (self->sasl != NULL)
    sign_in_by_auth (self);
  else
    sign_in_by_pass (self, user, secret);
  _postseal_pop3_session_pump (session);
}

static void
choose_mechanism (Login *self)
{
  PostsealPop3Session *session = self->base.session;
  const char *sasl = get_capability (self, "SASL");
  g_auto (GStrv) words = g_strsplit_set (sasl != NULL ? sasl : "", " \t", -1);
  g_autoptr (GPtrArray) offered = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_ptr_array_add (offered, g_ascii_strup (words[i], -1));
  if (session->capabilities == NULL || get_capability (self, "USER") != NULL)
    g_ptr_array_add (offered, g_strdup (OWN_LOGIN));
  g_ptr_array_add (offered, NULL);

  postseal_authenticator_begin_async (self->auth, postseal_channel_get_link (session->channel),
                                      (const char *const *)offered->pdata, self->cancellable,
                                      on_chosen, g_object_ref (session));
}

/* --- public --- */

void
postseal_pop3_session_login_async (PostsealPop3Session *self,
                                   PostsealAuthenticator *auth,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  static const PostsealPop3OperationType type = { .next = next, .clear = clear };
  static const PostsealPop3CommandType greeting_type = { .on_reply = on_greeting };
  Login *login = NULL;

  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));
  g_return_if_fail (auth != NULL);
  g_return_if_fail (!self->has_begun);

  login = _postseal_pop3_operation_begin (self, &type, sizeof (Login),
                                          postseal_pop3_session_login_async, cancellable, callback,
                                          user_data);
  if (login == NULL)
    return;
  postseal_transcript_fact (self->transcript, "stage", "sign-in");
  self->has_begun = TRUE;
  self->login = &login->base;
  login->auth = postseal_authenticator_ref (auth);
  login->cancellable = g_cancellable_new ();
  g_queue_init (&login->ready);
  if (postseal_sealed_link_awaits_greeting (postseal_channel_get_link (self->channel)))
    {
      PostsealPop3Command *greeting = g_new0 (PostsealPop3Command, 1);

      greeting->type = &greeting_type;
      greeting->operation = &login->base;
      enqueue (login, greeting);
    }
  else
    enqueue_capa (login);
  /* Not before somebody listens. */
  if (!self->is_paused)
    postseal_channel_resume (self->channel);
  _postseal_pop3_session_pump (self);
}

gboolean
postseal_pop3_session_login_finish (PostsealPop3Session *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

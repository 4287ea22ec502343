/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/token-request-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "auth/sasl-private.h"
#include "auth/secret-process-private.h"
#include "auth/vault.h"
#include "base/limits.h"
#include "base/loop.h"
#include "base/paths.h"
#include "base/printable.h"

#define PROGRAM "postseal-token"
#define MAX_FIELDS 16
#define DEFAULT_INTERVAL_S 5 /* RFC 8628 section 3.2 */
#define MAX_EXPLANATION 300 /* of what a provider says: it may be a page */

static guint limit_ms = POSTSEAL_LIMIT_TOKEN_MS;

typedef struct
{
  PostsealTokenQuestion question;
  char *account; /* owned */
  char *title; /* owned: the provider's */
  GCancellable *stopper; /* owned: ends the program */
  GSource *timer; /* owned */
  gboolean is_too_late;
} Request;

void
_postseal_token_answer_free (PostsealTokenAnswer *self)
{
  g_clear_pointer (&self->access_token, postseal_credential_unref);
  g_clear_pointer (&self->refresh_token, postseal_credential_unref);
  g_free (self);
}

void
_postseal_token_device_free (PostsealTokenDevice *self)
{
  g_clear_pointer (&self->device_code, postseal_credential_unref);
  g_free (self->user_code);
  g_free (self->verification_uri);
  g_free (self);
}

void
_postseal_token_request_set_limit_ms (guint limit)
{
  limit_ms = limit == 0 ? POSTSEAL_LIMIT_TOKEN_MS : limit;
}

static void
free_request (gpointer data)
{
  Request *self = data;

  postseal_loop_clear (&self->timer);
  g_clear_object (&self->stopper);
  g_free (self->account);
  g_free (self->title);
  g_free (self);
}

/* --- the program --- */

/* The lines that the program reads: "endpoint URL", "ca-file PATH", "limit SECONDS", "field NAME
   VALUE". It is to give up a little earlier than it is ended, so that it can say why. Returns:
   (transfer full) (nullable): NULL when a value would not stay in its line */
static PostsealCredential *
make_input (const PostsealTokenProvider *provider,
            const char *endpoint,
            const PostsealTokenField *fields,
            gsize n_fields)
{
  guint limit_s = limit_ms / 1000;
  g_autofree char *limit = g_strdup_printf ("%u", limit_s > 3 ? limit_s - 2 : 1);
  PostsealSaslPart parts[7 + 5 * MAX_FIELDS];
  gsize n = 0;

  parts[n++] = (PostsealSaslPart){ "endpoint ", -1 };
  parts[n++] = (PostsealSaslPart){ endpoint, -1 };
  if (provider->ca_file != NULL)
    {
      parts[n++] = (PostsealSaslPart){ "\nca-file ", -1 };
      parts[n++] = (PostsealSaslPart){ provider->ca_file, -1 };
    }
  parts[n++] = (PostsealSaslPart){ "\nlimit ", -1 };
  parts[n++] = (PostsealSaslPart){ limit, -1 };
  for (gsize i = 0; i < n_fields; i++)
    {
      if (fields[i].value == NULL)
        continue;
      if (strpbrk (fields[i].value, "\r\n") != NULL)
        return NULL;
      parts[n++] = (PostsealSaslPart){ "\nfield ", -1 };
      parts[n++] = (PostsealSaslPart){ fields[i].name, -1 };
      parts[n++] = (PostsealSaslPart){ " ", -1 };
      parts[n++] = (PostsealSaslPart){ fields[i].value, -1 };
    }
  parts[n++] = (PostsealSaslPart){ "\n", -1 };
  return _postseal_sasl_join (parts, n);
}

/* --- its answer: lines "NAME VALUE" --- */

/* Returns: (transfer none) (nullable): the value in @output, of *@ret_length bytes */
static const char *
find_value (PostsealCredential *output, const char *name, gsize *ret_length)
{
  const char *line = postseal_credential_get (output);
  const char *end = line + postseal_credential_get_length (output);
  gsize length = strlen (name);

  while (line < end)
    {
      const char *stop = memchr (line, '\n', (gsize)(end - line));

      if (stop == NULL)
        return NULL;
      if ((gsize)(stop - line) > length && memcmp (line, name, length) == 0 && line[length] == ' ')
        {
          *ret_length = (gsize)(stop - line) - length - 1;
          return line + length + 1;
        }
      line = stop + 1;
    }
  return NULL;
}

/* Returns: (transfer full) (nullable) */
static PostsealCredential *
take_secret (PostsealCredential *output, const char *name)
{
  gsize length = 0;
  const char *value = find_value (output, name, &length);

  return value != NULL && length > 0 ? postseal_credential_new (value, (gssize)length) : NULL;
}

/* Returns: (transfer full): what the provider said, or "" */
static char *
take_words (PostsealCredential *output, const char *name)
{
  gsize length = 0;
  const char *value = find_value (output, name, &length);

  if (value == NULL)
    return g_strdup ("");
  return postseal_printable (value, (gssize)MIN (length, MAX_EXPLANATION));
}

static gint64
take_number (PostsealCredential *output, const char *name)
{
  g_autofree char *words = take_words (output, name);

  return g_ascii_strtoll (words, NULL, 10);
}

/* --- refusals (RFC 6749 section 5.2) --- */

typedef enum
{
  REFUSAL_REAUTHORIZE,
  REFUSAL_CLIENT,
  REFUSAL_LATER,
  REFUSAL_UNPROVEN,
  REFUSAL_OTHER,
} Refusal;

static Refusal
judge (PostsealCredential *output, const char *error, gint64 status)
{
  static const struct
  {
    const char *error;
    Refusal refusal;
  } known[] = {
    { "invalid_grant", REFUSAL_REAUTHORIZE },
    { "unauthorized_client", REFUSAL_REAUTHORIZE },
    { "invalid_scope", REFUSAL_REAUTHORIZE },
    { "access_denied", REFUSAL_REAUTHORIZE },
    { "expired_token", REFUSAL_REAUTHORIZE }, /* RFC 8628 section 3.5 */
    /* OpenID Connect Core 1.0 section 3.1.2.6 */
    { "interaction_required", REFUSAL_REAUTHORIZE },
    { "login_required", REFUSAL_REAUTHORIZE },
    { "consent_required", REFUSAL_REAUTHORIZE },
    { "invalid_client", REFUSAL_CLIENT },
    { "server_error", REFUSAL_LATER },
    { "temporarily_unavailable", REFUSAL_LATER },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (error, known[i].error) == 0 && status < 500)
      return known[i].refusal;
  if (take_number (output, "unproven") != 0)
    return REFUSAL_UNPROVEN;
  if (take_number (output, "temporary") != 0 || status >= 500 || status == 429 || status == 408)
    return REFUSAL_LATER;
  return REFUSAL_OTHER;
}

/* "error: description", or what else there is to say. */
static char *
quote_refusal (PostsealCredential *output, const char *error, gint64 status)
{
  g_autofree char *description = take_words (output, "error_description");

  if (*error == '\0' && *description == '\0')
    return g_strdup_printf (_ ("HTTP status %d"), (int)status);
  if (*error == '\0' || *description == '\0')
    return g_strdup (*error == '\0' ? description : error);
  return g_strdup_printf ("%s: %s", error, description);
}

/* The user has just been asked, and somebody has said no. */
static void
return_no_consent (GTask *task, const char *error, const char *quoted)
{
  const Request *self = g_task_get_task_data (task);

  if (strcmp (error, "expired_token") == 0)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE,
                             _ ("The code for the account %s was not used in time. Begin again"),
                             self->account);
  else
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE,
                             _ ("%s has not let Postseal into the account %s: “%s”"), self->title,
                             self->account, quoted);
}

static void
return_refusal (GTask *task, PostsealCredential *output)
{
  const Request *self = g_task_get_task_data (task);
  g_autofree char *error = take_words (output, "error");
  gint64 status = take_number (output, "http_status");
  g_autofree char *quoted = quote_refusal (output, error, status);
  Refusal refusal = judge (output, error, status);

  if (refusal == REFUSAL_REAUTHORIZE && self->question != POSTSEAL_TOKEN_REQUEST)
    {
      return_no_consent (task, error, quoted);
      return;
    }
  switch (refusal)
    {
    case REFUSAL_REAUTHORIZE:
      g_task_return_new_error (
          task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE,
          _ ("%s wants your consent again before it lets Postseal into the account %s. Run "
             "“postseal password authorize %s”, or store a new refresh token with “postseal "
             "password set %s”: “%s”"),
          self->title, self->account, self->account, self->account, quoted);
      break;
    case REFUSAL_CLIENT:
      g_task_return_new_error (
          task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
          _ ("%s does not accept the client ID of the account %s, or its secret. Check the client "
             "ID, and store the secret with “postseal password set --client-secret %s”: “%s”"),
          self->title, self->account, self->account, quoted);
      break;
    case REFUSAL_LATER:
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY,
                               _ ("%s gives out no access token for the account %s now; it is "
                                  "asked again later: “%s”"),
                               self->title, self->account, quoted);
      break;
    case REFUSAL_UNPROVEN:
      g_task_return_new_error (task, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER,
                               _ ("Not asking %s for an access token of the account %s: it has not "
                                  "proven who it is: “%s”"),
                               self->title, self->account, quoted);
      break;
    case REFUSAL_OTHER:
    default:
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                               _ ("There is no access token of %s for the account %s: “%s”"),
                               self->title, self->account, quoted);
      break;
    }
}

/* RFC 8628 section 3.5 */
static PostsealTokenState
read_state (PostsealCredential *output)
{
  g_autofree char *error = take_words (output, "error");

  if (strcmp (error, "authorization_pending") == 0)
    return POSTSEAL_TOKEN_PENDING;
  return strcmp (error, "slow_down") == 0 ? POSTSEAL_TOKEN_SLOW_DOWN : POSTSEAL_TOKEN_GIVEN;
}

static void
return_token (GTask *task, PostsealCredential *output)
{
  const Request *self = g_task_get_task_data (task);
  g_autoptr (PostsealTokenAnswer) answer = g_new0 (PostsealTokenAnswer, 1);

  answer->access_token = take_secret (output, "access_token");
  if (answer->access_token == NULL && self->question == POSTSEAL_TOKEN_POLL)
    answer->state = read_state (output);
  if (answer->access_token == NULL && answer->state == POSTSEAL_TOKEN_GIVEN)
    {
      return_refusal (task, output);
      return;
    }
  answer->refresh_token = take_secret (output, "refresh_token");
  answer->lifetime_s = MAX (take_number (output, "expires_in"), 0);
  g_task_return_pointer (task, g_steal_pointer (&answer),
                         (GDestroyNotify)_postseal_token_answer_free);
}

/* The person types it by hand, and is sent there by us. */
static gboolean
is_https (const char *address)
{
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);

  return uri != NULL && strcmp (g_uri_get_scheme (uri), "https") == 0
         && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0'
         && g_uri_get_userinfo (uri) == NULL && strlen (address) < MAX_EXPLANATION;
}

static void
return_device (GTask *task, PostsealCredential *output)
{
  const Request *self = g_task_get_task_data (task);
  g_autoptr (PostsealTokenDevice) device = g_new0 (PostsealTokenDevice, 1);

  device->device_code = take_secret (output, "device_code");
  if (device->device_code == NULL)
    {
      return_refusal (task, output);
      return;
    }
  device->user_code = take_words (output, "user_code");
  device->verification_uri = take_words (output, "verification_uri");
  device->lifetime_s = MAX (take_number (output, "expires_in"), 0);
  device->interval_s = take_number (output, "interval");
  if (device->interval_s <= 0)
    device->interval_s = DEFAULT_INTERVAL_S;
  if (*device->user_code == '\0' || !is_https (device->verification_uri))
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("%s gives no code for the account %s, or no https:// address where "
                                "to type it: “%s”"),
                             self->title, self->account, device->verification_uri);
  else
    g_task_return_pointer (task, g_steal_pointer (&device),
                           (GDestroyNotify)_postseal_token_device_free);
}

static void
return_answer (GTask *task, PostsealCredential *output)
{
  const Request *self = g_task_get_task_data (task);

  if (self->question == POSTSEAL_TOKEN_DEVICE)
    return_device (task, output);
  else
    return_token (task, output);
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Request *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PostsealCredential) output = _postseal_secret_process_run_finish (result, &error);

  g_source_destroy (self->timer);
  if (output != NULL)
    return_answer (task, output);
  else if (self->is_too_late)
    {
      g_clear_error (&error);
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY,
                               _ ("%s has not answered for %u seconds when asked for an access "
                                  "token for the account %s; it is asked again later"),
                               self->title, (limit_ms + 999) / 1000, self->account);
    }
  else
    g_task_return_error (task, error);
}

static gboolean
on_limit (gpointer user_data)
{
  Request *self = g_task_get_task_data (user_data);

  self->is_too_late = TRUE;
  g_cancellable_cancel (self->stopper);
  return G_SOURCE_REMOVE;
}

void
_postseal_token_request_async (PostsealTokenQuestion question,
                               const PostsealTokenProvider *provider,
                               const char *account,
                               const PostsealTokenField *fields,
                               gsize n_fields,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Request *self = g_new0 (Request, 1);
  g_autofree char *program = postseal_paths_find_program (PROGRAM, "POSTSEAL_TOKEN_PROGRAM");
  const char *const argv[] = { program, NULL };
  g_autoptr (PostsealCredential) input = NULL;

  g_assert (n_fields <= MAX_FIELDS);
  g_task_set_source_tag (task, _postseal_token_request_async);
  self->question = question;
  self->account = g_strdup (account);
  self->title = postseal_printable (provider->title, -1);
  g_task_set_task_data (task, self, free_request);
  input = make_input (provider,
                      question == POSTSEAL_TOKEN_DEVICE ? provider->device_endpoint
                                                        : provider->token_endpoint,
                      fields, n_fields);
  if (program == NULL || input == NULL)
    {
      g_task_return_new_error (
          task, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
          program == NULL ? _ ("This installation cannot ask for the access token of %s: it has no "
                               "program “%s”. Install Postseal with OAuth, or use “password=goa”")
                          : _ ("What is stored for %s is no refresh token: it has a line end (%s)"),
          account, PROGRAM);
      g_object_unref (task);
      return;
    }
  self->stopper = g_cancellable_new ();
  self->timer = postseal_loop_add_timeout (limit_ms, on_limit, task);
  _postseal_secret_process_run_async (argv, POSTSEAL_SECRET_PROCESS_ALL, input, self->stopper,
                                      on_run, task);
}

PostsealTokenDevice *
_postseal_token_request_device_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

PostsealTokenAnswer *
_postseal_token_request_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

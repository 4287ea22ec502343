/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/authorization.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <gnutls/crypto.h>

#include "auth/client-secret-private.h"
#include "auth/sasl.h"
#include "auth/token-provider-private.h"
#include "auth/token-request-private.h"
#include "auth/vault.h"
#include "base/digest.h"
#include "base/printable.h"

#define RANDOM_LENGTH 32 /* 43 characters in base64: RFC 7636 section 4.1 */

struct _PostsealAuthorization
{
  char *spec; /* owned */
  char *account; /* owned */
  char *client_id; /* owned */
  char *redirect_uri; /* owned */
  char *state; /* owned */
  char *verifier; /* owned */
  char *uri; /* owned */
  char *code; /* owned, nullable */
  PostsealTokenProvider *provider; /* owned */
  PostsealVault *vault; /* owned, nullable: where what comes is kept */
  PostsealCredential *client_secret; /* owned, nullable */
};

static void
free_secret (char *text)
{
  if (text != NULL)
    postseal_wipe (text, strlen (text));
  g_free (text);
}

void
postseal_authorization_free (PostsealAuthorization *self)
{
  g_free (self->spec);
  g_free (self->account);
  g_free (self->client_id);
  g_free (self->redirect_uri);
  g_free (self->state);
  g_free (self->uri);
  free_secret (self->verifier);
  free_secret (self->code);
  g_clear_pointer (&self->provider, _postseal_token_provider_free);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->client_secret, postseal_credential_unref);
  g_free (self);
}

/* --- the address --- */

/* RFC 4648 section 5, without padding */
static char *
encode_for_url (const guint8 *bytes, gsize length)
{
  char *text = g_base64_encode (bytes, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

static char *
make_random (void)
{
  guint8 bytes[RANDOM_LENGTH];

  if (gnutls_rnd (GNUTLS_RND_KEY, bytes, sizeof bytes) < 0)
    g_error ("No random numbers");
  return encode_for_url (bytes, sizeof bytes);
}

/* RFC 7636 section 4.2, S256 */
static char *
make_challenge (const char *verifier)
{
  PostsealDigest *digest = postseal_digest_new ();
  guint8 value[POSTSEAL_DIGEST_LENGTH];

  postseal_digest_update (digest, verifier, strlen (verifier));
  postseal_digest_finish (digest, value);
  return encode_for_url (value, sizeof value);
}

static void
append_parameter (GString *uri, const char *name, const char *value)
{
  g_string_append_c (uri, strchr (uri->str, '?') == NULL ? '?' : '&');
  g_string_append (uri, name);
  g_string_append_c (uri, '=');
  g_string_append_uri_escaped (uri, value, NULL, FALSE);
}

static char *
make_uri (const PostsealAuthorization *self, const char *user)
{
  GString *uri = g_string_new (self->provider->authorization_endpoint);
  g_autofree char *challenge = make_challenge (self->verifier);

  append_parameter (uri, "response_type", "code");
  append_parameter (uri, "client_id", self->client_id);
  append_parameter (uri, "redirect_uri", self->redirect_uri);
  if (self->provider->scope != NULL)
    append_parameter (uri, "scope", self->provider->scope);
  append_parameter (uri, "state", self->state);
  append_parameter (uri, "code_challenge", challenge);
  append_parameter (uri, "code_challenge_method", "S256");
  append_parameter (uri, "login_hint", user);
  if (self->provider->authorization_extra != NULL)
    g_string_append_printf (uri, "&%s", self->provider->authorization_extra);
  return g_string_free (uri, FALSE);
}

/* --- the beginning --- */

typedef struct
{
  char *spec; /* owned */
  char *account; /* owned */
  char *user; /* owned */
  guint16 port;
} Beginning;

static void
free_beginning (gpointer data)
{
  Beginning *self = data;

  g_free (self->spec);
  g_free (self->account);
  g_free (self->user);
  g_free (self);
}

static gboolean
check_endpoint (const PostsealTokenProvider *provider, GError **error)
{
  if (provider->authorization_endpoint != NULL)
    return TRUE;
  g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
               _ ("The OAuth provider %s has no “authorization-endpoint”. Write it into its "
                  "section of oauth-providers.conf"),
               provider->name);
  return FALSE;
}

static PostsealAuthorization *
begin (const Beginning *beginning, GError **error)
{
  g_autoptr (PostsealTokenProvider) provider
      = _postseal_token_provider_load_for (beginning->spec, beginning->account, error);
  PostsealAuthorization *self = NULL;

  if (provider == NULL || !check_endpoint (provider, error))
    return NULL;
  self = g_new0 (PostsealAuthorization, 1);
  self->spec = g_strdup (beginning->spec);
  self->account = g_strdup (beginning->account);
  self->client_id = g_strdup (provider->client_id);
  self->redirect_uri = g_strdup_printf (
      "http://%s:%u/", provider->redirect_host != NULL ? provider->redirect_host : "127.0.0.1",
      beginning->port);
  self->provider = g_steal_pointer (&provider);
  self->state = make_random ();
  self->verifier = make_random ();
  self->uri = make_uri (self, beginning->user);
  return self;
}

gboolean
postseal_authorization_is_possible (const char *spec)
{
  g_autoptr (PostsealTokenProvider) provider = NULL;

  g_return_val_if_fail (spec != NULL, FALSE);

  provider = _postseal_token_provider_load_for (spec, "", NULL);
  return provider != NULL && provider->authorization_endpoint != NULL;
}

static void
begin_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  PostsealAuthorization *self = begin (task_data, &error);

  if (self != NULL)
    g_task_return_pointer (task, self, (GDestroyNotify)postseal_authorization_free);
  else
    g_task_return_error (task, error);
}

void
postseal_authorization_begin_async (const char *spec,
                                    const char *account,
                                    const char *user,
                                    guint16 port,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (spec != NULL && account != NULL && user != NULL);

  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Beginning *beginning = g_new0 (Beginning, 1);

  g_task_set_source_tag (task, postseal_authorization_begin_async);
  beginning->spec = g_strdup (spec);
  beginning->account = g_strdup (account);
  beginning->user = g_strdup (user);
  beginning->port = port;
  g_task_set_task_data (task, beginning, free_beginning);
  g_task_run_in_thread (task, begin_in_thread);
}

PostsealAuthorization *
postseal_authorization_begin_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
postseal_authorization_get_uri (PostsealAuthorization *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->uri;
}

/* --- what the browser brings --- */

/* Returns: (transfer full) (nullable): the first of that name */
static char *
get_parameter (const char *query, const char *name)
{
  GUriParamsIter iter;
  char *found = NULL;
  char *value = NULL;

  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_WWW_FORM);
  while (found == NULL)
    {
      g_autofree char *attribute = NULL;

      if (!g_uri_params_iter_next (&iter, &attribute, &value, NULL))
        return NULL;
      if (strcmp (attribute, name) == 0)
        found = value;
      else
        free_secret (value);
    }
  return found;
}

gboolean
postseal_authorization_is_answer (PostsealAuthorization *self, const char *query)
{
  g_return_val_if_fail (self != NULL && query != NULL, FALSE);

  g_autofree char *state = get_parameter (query, "state");

  return state != NULL && strlen (state) == strlen (self->state)
         && gnutls_memcmp (state, self->state, strlen (state)) == 0;
}

static void
return_refused (GTask *task, const char *query, const char *refusal)
{
  PostsealAuthorization *self = g_task_get_task_data (task);
  g_autofree char *description = get_parameter (query, "error_description");
  g_autofree char *text = g_strdup_printf ("%s%s%s", refusal, description != NULL ? ": " : "",
                                           description != NULL ? description : "");
  g_autofree char *shown = postseal_printable (text, -1);

  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE,
                           _ ("%s has not let Postseal into the account %s: “%s”"),
                           self->provider->title, self->account, shown);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (postseal_vault_store_finish (POSTSEAL_VAULT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealAuthorization *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PostsealTokenAnswer) answer = _postseal_token_request_finish (result, &error);

  if (answer == NULL)
    g_task_return_error (task, error);
  else if (answer->refresh_token == NULL)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("%s has given a token for the account %s that cannot be renewed. "
                                "Take Postseal off the programs that it lets in, and try again"),
                             self->provider->title, self->account);
  else
    postseal_vault_store_async (self->vault, self->account, answer->refresh_token, NULL, on_stored,
                                g_steal_pointer (&task));
}

static void
exchange_code (GTask *task)
{
  PostsealAuthorization *self = g_task_get_task_data (task);
  const PostsealTokenField fields[] = {
    { "grant_type", "authorization_code" },
    { "client_id", self->client_id },
    { "client_secret",
      self->client_secret != NULL ? postseal_credential_get (self->client_secret) : NULL },
    { "redirect_uri", self->redirect_uri },
    { "code", self->code },
    { "code_verifier", self->verifier },
  };

  _postseal_token_request_async (POSTSEAL_TOKEN_REQUEST, self->provider, self->account, fields,
                                 G_N_ELEMENTS (fields), on_answer, task);
}

static void
on_client_secret (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealAuthorization *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (_postseal_client_secret_finish (result, &self->client_secret, &error))
    exchange_code (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
postseal_authorization_complete_async (PostsealAuthorization *self,
                                       const char *query,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_return_if_fail (self != NULL && query != NULL);
  g_return_if_fail (self->code == NULL);

  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autofree char *refusal = get_parameter (query, "error");
  GError *error = NULL;

  g_task_set_source_tag (task, postseal_authorization_complete_async);
  g_task_set_task_data (task, self, NULL);
  self->code = get_parameter (query, "code");
  if (refusal != NULL || self->code == NULL)
    {
      return_refused (task, query, refusal != NULL ? refusal : _ ("no code"));
      return;
    }
  self->vault = postseal_vault_new (self->spec, &error);
  if (self->vault == NULL)
    g_task_return_error (task, error);
  else
    _postseal_client_secret_async (self->provider, self->spec, self->account, on_client_secret,
                                   g_steal_pointer (&task));
}

gboolean
postseal_authorization_complete_finish (PostsealAuthorization *self,
                                        GAsyncResult *result,
                                        GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "auth/client-secret-private.h"
#include "auth/credential-private.h"
#include "auth/keyring-watch.h"
#include "auth/sasl.h"
#include "auth/token-cache-private.h"
#include "auth/token-provider-private.h"
#include "auth/token-request-private.h"

/* oauth:PROVIDER[:CLIENT-ID]. Access tokens, for a refresh token that is kept in another vault: the
   secret service, or where the user's section of the provider says. */
#define POSTSEAL_TYPE_VAULT_OAUTH (postseal_vault_oauth_get_type ())
G_DECLARE_FINAL_TYPE (PostsealVaultOauth, postseal_vault_oauth, POSTSEAL, VAULT_OAUTH, GObject)

struct _PostsealVaultOauth
{
  GObject parent_instance;
  char *place; /* owned: key in the cache */
  char *provider; /* owned: its section */
  char *client_id; /* owned, nullable: the provider's section has it */
  PostsealSecretRole role; /* what lookup, store and clear are about */
};

/* --- refresh tokens that could not be stored yet --- */

/* The provider has exchanged @before for @now, and only this process knows. */
typedef struct
{
  PostsealCredential *before; /* owned */
  PostsealCredential *now; /* owned */
} Unstored;

G_LOCK_DEFINE_STATIC (unstored);
static GHashTable *unstored; /* owned: place and account to Unstored */

static void
free_unstored (gpointer data)
{
  Unstored *self = data;

  postseal_credential_unref (self->before);
  postseal_credential_unref (self->now);
  g_free (self);
}

static char *
make_key (PostsealVaultOauth *self, const char *account)
{
  return g_strdup_printf ("%s\n%s", self->place, account);
}

/* @now: (nullable): NULL when it is stored */
static void
remember_unstored (PostsealVaultOauth *self,
                   const char *account,
                   PostsealCredential *before,
                   PostsealCredential *now)
{
  g_autofree char *key = make_key (self, account);
  Unstored *entry = NULL;

  G_LOCK (unstored);
  if (unstored == NULL)
    unstored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_unstored);
  if (now == NULL)
    g_hash_table_remove (unstored, key);
  else
    {
      entry = g_new0 (Unstored, 1);
      entry->before = postseal_credential_ref (before);
      entry->now = postseal_credential_ref (now);
      g_hash_table_replace (unstored, g_steal_pointer (&key), entry);
    }
  G_UNLOCK (unstored);
}

/* What @stored has become since, unless the user has stored another one. Returns: (transfer full)
 */
static PostsealCredential *
get_newest (PostsealVaultOauth *self, const char *account, PostsealCredential *stored)
{
  g_autofree char *key = make_key (self, account);
  PostsealCredential *newest = NULL;
  Unstored *entry = NULL;

  G_LOCK (unstored);
  entry = unstored != NULL ? g_hash_table_lookup (unstored, key) : NULL;
  newest = postseal_credential_ref (
      entry != NULL && _postseal_credential_is_same (entry->before, stored) ? entry->now : stored);
  G_UNLOCK (unstored);
  return newest;
}

/* --- the places --- */

/* The provider is read in a worker thread. */
typedef struct
{
  char *provider; /* owned */
  char *account; /* owned */
} Loading;

static void
free_loading (gpointer data)
{
  Loading *self = data;

  g_free (self->provider);
  g_free (self->account);
  g_free (self);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Loading *self = task_data;
  GError *error = NULL;
  PostsealTokenProvider *provider
      = _postseal_token_provider_load (self->provider, self->account, &error);

  if (provider != NULL)
    g_task_return_pointer (task, provider, (GDestroyNotify)_postseal_token_provider_free);
  else
    g_task_return_error (task, error);
}

static void
load_provider (PostsealVaultOauth *self,
               const char *account,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Loading *loading = g_new0 (Loading, 1);

  loading->provider = g_strdup (self->provider);
  loading->account = g_strdup (account);
  g_task_set_source_tag (task, load_provider);
  g_task_set_task_data (task, loading, free_loading);
  g_task_run_in_thread (task, load_in_thread);
}

/* Returns: (transfer full) (nullable): NULL without @error when this build has no secret service */
static PostsealVault *
open_place (const PostsealTokenProvider *provider, PostsealSecretRole role, GError **error)
{
  const char *place
      = role == POSTSEAL_SECRET_CLIENT_SECRET ? provider->client_secret : provider->refresh_token;

  if (place != NULL)
    return postseal_vault_new (place, error);
#ifdef HAVE_LIBSECRET
  return _postseal_vault_secret_service_new (role);
#else
  if (role != POSTSEAL_SECRET_CLIENT_SECRET)
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                 _ ("This build has no secret service for the refresh token. Write “refresh-token="
                    "file:PATH” into the section [%s] of oauth-providers.conf"),
                 provider->name);
  return NULL;
#endif
}

/* --- a fresh access token --- */

typedef struct
{
  PostsealVaultOauth *vault; /* owned */
  char *account; /* owned */
  GTask *task; /* owned: to be returned */
  PostsealTokenProvider *provider; /* owned */
  PostsealVault *place; /* owned: of the refresh token */
  PostsealCredential *stored; /* owned: the refresh token as it was found */
  PostsealCredential *refresh_token; /* owned: as it is used */
  PostsealCredential *client_secret; /* owned, nullable */
  PostsealTokenAnswer *answer; /* owned */
} Fetch;

static void
free_fetch (Fetch *self)
{
  g_clear_object (&self->vault);
  g_clear_object (&self->task);
  g_clear_object (&self->place);
  g_clear_pointer (&self->provider, _postseal_token_provider_free);
  g_clear_pointer (&self->stored, postseal_credential_unref);
  g_clear_pointer (&self->refresh_token, postseal_credential_unref);
  g_clear_pointer (&self->client_secret, postseal_credential_unref);
  g_clear_pointer (&self->answer, _postseal_token_answer_free);
  g_free (self->account);
  g_free (self);
}

static void
fail_fetch (Fetch *self, GError *error)
{
  g_task_return_error (self->task, error);
  free_fetch (self);
}

static void
finish_fetch (Fetch *self)
{
  g_task_return_pointer (
      self->task, _postseal_fresh_token_new (self->answer->access_token, self->answer->lifetime_s),
      (GDestroyNotify)_postseal_fresh_token_free);
  free_fetch (self);
}

static void
on_rotated_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  g_autoptr (GError) error = NULL;

  postseal_keyring_watch_end_own ();
  if (postseal_vault_store_finish (self->place, result, &error))
    remember_unstored (self->vault, self->account, NULL, NULL);
  else
    g_warning ("The new refresh token of account %s cannot be stored; it is kept in memory until "
               "it can: %s",
               self->account, error->message);
  finish_fetch (self);
}

/* The one that works now is what must be there after a crash: the access token waits for that
   (RFC 6749 section 6). */
static void
store_refresh_token (Fetch *self, PostsealCredential *token)
{
  remember_unstored (self->vault, self->account, self->stored, token);
  postseal_keyring_watch_begin_own ();
  postseal_vault_store_async (self->place, self->account, token, NULL, on_rotated_stored, self);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  GError *error = NULL;
  PostsealCredential *newest = NULL;

  self->answer = _postseal_token_request_finish (result, &error);
  if (self->answer == NULL)
    {
      fail_fetch (self, error);
      return;
    }
  newest = self->answer->refresh_token != NULL ? self->answer->refresh_token : self->refresh_token;
  if (_postseal_credential_is_same (newest, self->stored))
    finish_fetch (self);
  else
    store_refresh_token (self, newest);
}

static const char *
get_client_id (Fetch *self)
{
  return self->vault->client_id != NULL ? self->vault->client_id : self->provider->client_id;
}

static void
ask_provider (Fetch *self)
{
  const PostsealTokenField fields[] = {
    { "grant_type", "refresh_token" },
    { "client_id", get_client_id (self) },
    { "client_secret",
      self->client_secret != NULL ? postseal_credential_get (self->client_secret) : NULL },
    { "refresh_token", postseal_credential_get (self->refresh_token) },
  };

  _postseal_token_request_async (POSTSEAL_TOKEN_REQUEST, self->provider, self->account, fields,
                                 G_N_ELEMENTS (fields), on_answer, self);
}

static void
on_client_secret (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  GError *error = NULL;

  self->client_secret = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);
  /* A public client has none (RFC 6749 section 2.1), unless the user says where it is. */
  if (_postseal_client_secret_is_none (self->provider, error))
    g_clear_error (&error);
  if (error != NULL)
    fail_fetch (self, error);
  else
    ask_provider (self);
}

static void
on_refresh_token (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  g_autoptr (PostsealVault) place = NULL;
  GError *error = NULL;

  self->stored = postseal_vault_lookup_finish (self->place, result, &error);
  if (self->stored == NULL)
    {
      fail_fetch (self, error);
      return;
    }
  self->refresh_token = get_newest (self->vault, self->account, self->stored);
  place = open_place (self->provider, POSTSEAL_SECRET_CLIENT_SECRET, &error);
  if (place != NULL)
    postseal_vault_lookup_async (place, self->account, NULL, on_client_secret, self);
  else if (error != NULL)
    fail_fetch (self, error);
  else
    ask_provider (self);
}

static void
on_provider_for_fetch (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  GError *error = NULL;

  self->provider = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->provider != NULL && get_client_id (self) == NULL)
    g_set_error (&error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                 _ ("The account %s has no client ID. Write “password=oauth:%s:CLIENT-ID” with the "
                    "ID that %s has given you"),
                 self->account, self->provider->name, self->provider->title);
  else if (self->provider != NULL)
    self->place = open_place (self->provider, POSTSEAL_SECRET_REFRESH_TOKEN, &error);
  if (self->place == NULL)
    fail_fetch (self, error);
  else
    postseal_vault_lookup_async (self->place, self->account, NULL, on_refresh_token, self);
}

static void
fetch_token (PostsealVault *vault, const char *account, gboolean is_renewal, GTask *task)
{
  Fetch *self = g_new0 (Fetch, 1);

  self->vault = g_object_ref (POSTSEAL_VAULT_OAUTH (vault));
  self->account = g_strdup (account);
  self->task = task;
  load_provider (self->vault, account, on_provider_for_fetch, self);
}

/* --- the secret behind it: what a person stores and clears --- */

typedef enum
{
  ERRAND_LOOKUP,
  ERRAND_STORE,
  ERRAND_CLEAR,
} ErrandKind;

typedef struct
{
  ErrandKind kind;
  char *account; /* owned */
  PostsealCredential *secret; /* owned, nullable */
} Errand;

static void
free_errand (gpointer data)
{
  Errand *self = data;

  g_free (self->account);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  g_free (self);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  PostsealCredential *secret
      = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);

  if (secret != NULL)
    g_task_return_pointer (task, secret, (GDestroyNotify)postseal_credential_unref);
  else
    g_task_return_error (task, error);
}

/* Tokens of an earlier consent have had their day. */
static void
return_change (GTask *task, gboolean is_done, GError *error)
{
  PostsealVaultOauth *self = g_task_get_source_object (task);
  const Errand *errand = g_task_get_task_data (task);

  if (!is_done)
    {
      g_task_return_error (task, error);
      return;
    }
  _postseal_token_cache_invalidate (self->place, errand->account, NULL);
  if (self->role == POSTSEAL_SECRET_REFRESH_TOKEN)
    remember_unstored (self, errand->account, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  gboolean is_done = postseal_vault_store_finish (POSTSEAL_VAULT (source), result, &error);

  return_change (task, is_done, error);
}

static void
on_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  gboolean is_done = postseal_vault_clear_finish (POSTSEAL_VAULT (source), result, &error);

  return_change (task, is_done, error);
}

static void
on_provider_for_errand (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealVaultOauth *self = POSTSEAL_VAULT_OAUTH (source);
  const Errand *errand = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PostsealTokenProvider) provider = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (PostsealVault) place
      = provider != NULL ? open_place (provider, self->role, &error) : NULL;

  if (place == NULL && error == NULL)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_READ_ONLY,
                             _ ("This build has no secret service for the client secret"));
  else if (place == NULL)
    g_task_return_error (task, error);
  else if (errand->kind == ERRAND_LOOKUP)
    postseal_vault_lookup_async (place, errand->account, NULL, on_found, g_steal_pointer (&task));
  else if (errand->kind == ERRAND_STORE)
    postseal_vault_store_async (place, errand->account, errand->secret, NULL, on_stored,
                                g_steal_pointer (&task));
  else
    postseal_vault_clear_async (place, errand->account, NULL, on_cleared, g_steal_pointer (&task));
}

static void
start_errand (PostsealVault *vault,
              ErrandKind kind,
              const char *account,
              PostsealCredential *secret,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  PostsealVaultOauth *self = POSTSEAL_VAULT_OAUTH (vault);
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Errand *errand = g_new0 (Errand, 1);

  errand->kind = kind;
  errand->account = g_strdup (account);
  errand->secret = secret != NULL ? postseal_credential_ref (secret) : NULL;
  g_task_set_source_tag (task, start_errand);
  g_task_set_task_data (task, errand, free_errand);
  load_provider (self, account, on_provider_for_errand, task);
}

/* --- the vault --- */

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  PostsealVaultOauth *self = POSTSEAL_VAULT_OAUTH (vault);

  if (self->role == POSTSEAL_SECRET_CLIENT_SECRET)
    start_errand (vault, ERRAND_LOOKUP, account, NULL, callback, user_data);
  else
    _postseal_token_cache_lookup (vault, self->place, account, fetch_token, callback, user_data);
}

static void
store (PostsealVault *vault,
       const char *account,
       PostsealCredential *secret,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  start_errand (vault, ERRAND_STORE, account, secret, callback, user_data);
}

static void
clear (PostsealVault *vault,
       const char *account,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  start_errand (vault, ERRAND_CLEAR, account, NULL, callback, user_data);
}

static void
invalidate (PostsealVault *vault, const char *account, PostsealCredential *token)
{
  _postseal_token_cache_invalidate (POSTSEAL_VAULT_OAUTH (vault)->place, account, token);
}

char *
_postseal_vault_oauth_check (const char *argument)
{
  const char *colon = strchr (argument, ':');
  gsize length = colon != NULL ? (gsize)(colon - argument) : strlen (argument);
  gboolean is_good = length > 0 && length < 64;

  for (gsize i = 0; i < length && is_good; i++)
    is_good = g_ascii_isalnum (argument[i]) || strchr ("-_.", argument[i]) != NULL;
  if (!is_good)
    return g_strdup (_ ("“oauth:” is followed by the name of a provider, e.g. oauth:google"));
  for (const char *c = colon; c != NULL && *c != '\0' && is_good; c++)
    is_good = g_ascii_isgraph (*c);
  if (!is_good || (colon != NULL && colon[1] == '\0'))
    return g_strdup (_ ("after “oauth:PROVIDER:” comes the client ID that the provider has given "
                        "out"));
  return NULL;
}

static void
postseal_vault_oauth_iface_init (PostsealVaultInterface *iface)
{
  iface->kind = POSTSEAL_VAULT_TOKEN;
  iface->lookup_async = look_up;
  iface->store_async = store;
  iface->clear_async = clear;
  iface->invalidate = invalidate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealVaultOauth,
                               postseal_vault_oauth,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT,
                                                      postseal_vault_oauth_iface_init))

static void
postseal_vault_oauth_finalize (GObject *object)
{
  PostsealVaultOauth *self = POSTSEAL_VAULT_OAUTH (object);

  g_free (self->place);
  g_free (self->provider);
  g_free (self->client_id);
  G_OBJECT_CLASS (postseal_vault_oauth_parent_class)->finalize (object);
}

static void
postseal_vault_oauth_class_init (PostsealVaultOauthClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_vault_oauth_finalize;
}

static void
postseal_vault_oauth_init (PostsealVaultOauth *self)
{
}

PostsealVault *
_postseal_vault_oauth_new_role (const char *argument, PostsealSecretRole role)
{
  PostsealVaultOauth *self = g_object_new (POSTSEAL_TYPE_VAULT_OAUTH, NULL);
  const char *colon = strchr (argument, ':');

  self->place = g_strconcat ("oauth:", argument, NULL);
  self->provider
      = colon != NULL ? g_strndup (argument, (gsize)(colon - argument)) : g_strdup (argument);
  self->client_id = colon != NULL ? g_strdup (colon + 1) : NULL;
  self->role = role;
  return POSTSEAL_VAULT (self);
}

PostsealVault *
_postseal_vault_oauth_new (const char *argument)
{
  return _postseal_vault_oauth_new_role (argument, POSTSEAL_SECRET_REFRESH_TOKEN);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/credential.h"

G_BEGIN_DECLS

/* Where secrets live. One interface, chosen by the account key "password": secret-service |
   command:ARGV | credential:NAME | file:PATH have passwords, goa[:ID] | oauth:PROVIDER[:CLIENT-ID]
   have OAuth 2 access tokens. Never a prompt. */
#define POSTSEAL_TYPE_VAULT (postseal_vault_get_type ())
G_DECLARE_INTERFACE (PostsealVault, postseal_vault, POSTSEAL, VAULT, GObject)

#define POSTSEAL_VAULT_ERROR (postseal_vault_error_quark ())
GQuark postseal_vault_error_quark (void);
typedef enum
{
  /* no such secret: "postseal password set ACCOUNT" */
  POSTSEAL_VAULT_ERROR_ABSENT,
  /* the keyring is locked: retry when it is not */
  POSTSEAL_VAULT_ERROR_LOCKED,
  /* no secret service, no bus, no keyring yet; no answer within the limit */
  POSTSEAL_VAULT_ERROR_UNAVAILABLE,
  /* file mode too open, command failed */
  POSTSEAL_VAULT_ERROR_DENIED,
  /* this backend cannot store: the message says where to put it */
  POSTSEAL_VAULT_ERROR_READ_ONLY,
  /* the provider wants the user's consent again: the message says where to give it */
  POSTSEAL_VAULT_ERROR_REAUTHORIZE,
  /* no access token now, because of the network or the provider: try later, nothing is wrong here
   */
  POSTSEAL_VAULT_ERROR_TEMPORARY,
} PostsealVaultError;

/* What a lookup finds. */
typedef enum
{
  POSTSEAL_VAULT_PASSWORD,
  POSTSEAL_VAULT_TOKEN, /* an OAuth 2 access token, which ends soon and can be renewed */
} PostsealVaultKind;

struct _PostsealVaultInterface
{
  GTypeInterface parent;

  PostsealVaultKind kind;
  void (*lookup_async) (PostsealVault *self,
                        const char *account,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
  PostsealCredential *(*lookup_finish) (PostsealVault *self, GAsyncResult *result, GError **error);
  void (*store_async) (PostsealVault *self,
                       const char *account,
                       PostsealCredential *secret,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*store_finish) (PostsealVault *self, GAsyncResult *result, GError **error);
  void (*clear_async) (PostsealVault *self,
                       const char *account,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*clear_finish) (PostsealVault *self, GAsyncResult *result, GError **error);
  /* Instead of store and clear in a backend that only reads: who can change the secret, and how.
     Returns: (transfer full) */
  char *(*explain_read_only) (PostsealVault *self);
  /* Both nullable. */
  void (*set_user) (PostsealVault *self, const char *user);
  void (*invalidate) (PostsealVault *self, const char *account, PostsealCredential *token);
};

/**
 * postseal_vault_new:
 * @spec: value of the account key "password"
 *
 * Errors: %POSTSEAL_VAULT_ERROR_UNAVAILABLE when the word is unknown or the backend is not built
 *   in.
 * Returns: (transfer full)
 */
PostsealVault *postseal_vault_new (const char *spec, GError **error);

/* The same check without building anything: NULL when @spec is well formed, else a sentence
   fragment. Returns: (transfer full) (nullable) */
char *postseal_vault_check_spec (const char *spec);

/* The kind of a vault, and of a well-formed spec before there is one. */
PostsealVaultKind postseal_vault_get_kind (PostsealVault *self);
PostsealVaultKind postseal_vault_get_spec_kind (const char *spec);

/**
 * postseal_vault_new_client_secret:
 * @spec: value of the account key "password"
 *
 * For looking up, storing and clearing the secret that a provider has given out with a client ID
 * (RFC 6749 section 2.3.1). What is stored in the account's own vault is the refresh token.
 *
 * Errors: %POSTSEAL_VAULT_ERROR_UNAVAILABLE when @spec is not oauth:PROVIDER[:CLIENT-ID].
 * Returns: (transfer full)
 */
PostsealVault *postseal_vault_new_client_secret (const char *spec, GError **error);

/* Who signs in: by that goa finds the online account. The authenticator says it. */
void postseal_vault_set_user (PostsealVault *self, const char *user);

/* The mail server has refused @token: another one is looked up next time. Nothing for passwords. */
void
postseal_vault_invalidate (PostsealVault *self, const char *account, PostsealCredential *token);

/* @account: the account's name from accounts.conf. Time limit POSTSEAL_LIMIT_SECRET_MS; what comes
   after it, or after cancellation, is dropped. */
void postseal_vault_lookup_async (PostsealVault *self,
                                  const char *account,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
PostsealCredential *
postseal_vault_lookup_finish (PostsealVault *self, GAsyncResult *result, GError **error);
void postseal_vault_store_async (PostsealVault *self,
                                 const char *account,
                                 PostsealCredential *secret,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean postseal_vault_store_finish (PostsealVault *self, GAsyncResult *result, GError **error);
void postseal_vault_clear_async (PostsealVault *self,
                                 const char *account,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean postseal_vault_clear_finish (PostsealVault *self, GAsyncResult *result, GError **error);

G_END_DECLS

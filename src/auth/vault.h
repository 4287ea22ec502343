/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/credential.h"

G_BEGIN_DECLS

/* Where secrets live. One interface, four backends, chosen by the account key "password":
   secret-service | command:ARGV | credential:NAME | file:PATH. Never a prompt. */
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
} PostsealVaultError;

struct _PostsealVaultInterface
{
  GTypeInterface parent;

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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One consent of the user to an account with "password=oauth:PROVIDER:CLIENT-ID", given in the
   system's own browser (RFC 8252, with PKCE of RFC 7636): where to send the browser, and what to do
   with what it brings back. Who listens at the redirect URI is the caller's affair. */
typedef struct _PostsealAuthorization PostsealAuthorization;

void postseal_authorization_free (PostsealAuthorization *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAuthorization, postseal_authorization_free)

/* Whether the provider of @spec has what it takes: an authorization endpoint and a client ID.
   Blocks (two small files). */
gboolean postseal_authorization_is_possible (const char *spec);

/**
 * postseal_authorization_begin_async:
 * @spec: value of the account key "password"
 * @account: the account's name
 * @user: who signs in, a hint for the provider's page
 * @port: where the caller listens on 127.0.0.1, for this consent only (RFC 8252 section 7.3)
 *
 * Errors: %POSTSEAL_AUTH_ERROR_SETTINGS, %POSTSEAL_VAULT_ERROR.
 */
void postseal_authorization_begin_async (const char *spec,
                                         const char *account,
                                         const char *user,
                                         guint16 port,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
PostsealAuthorization *postseal_authorization_begin_finish (GAsyncResult *result, GError **error);

/* The address to be opened in a browser. It holds no secret that lasts. */
const char *postseal_authorization_get_uri (PostsealAuthorization *self);

/* Whether @query, from a request to the redirect URI, answers this consent: its "state" is ours
   (RFC 8252 section 8.9). Anything else is somebody else's, and to be ignored. */
gboolean postseal_authorization_is_answer (PostsealAuthorization *self, const char *query);

/**
 * postseal_authorization_complete_async:
 * @query: for which postseal_authorization_is_answer() holds. Secret until this has ended
 *
 * Exchanges the code for a refresh token and stores it. Once only; @self stays alive until then.
 *
 * Errors: %POSTSEAL_VAULT_ERROR_REAUTHORIZE when the user has refused or the code is not taken, and
 * those of a lookup and of a store.
 */
void postseal_authorization_complete_async (PostsealAuthorization *self,
                                            const char *query,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean postseal_authorization_complete_finish (PostsealAuthorization *self,
                                                 GAsyncResult *result,
                                                 GError **error);

G_END_DECLS

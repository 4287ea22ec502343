/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/sasl.h"
#include "auth/vault.h"
#include "net/latches.h"

G_BEGIN_DECLS

/* How an account signs in: who, with which secret, by which mechanisms, and what the server did
   before. Sessions give it the server's list and get the strongest allowed exchange; the secret is
   looked up only now, on a sealed link. Reference counted. */
typedef struct _PostsealAuthenticator PostsealAuthenticator;

/**
 * postseal_authenticator_new:
 * @account: the account's name, the key of the secret
 * @user: the login name
 * @vault: (nullable): NULL when the mechanisms need no secret
 * @mechanisms: (array zero-terminated=1) (nullable): the key "auth" as a list in the user's order;
 * NULL: auto
 * @latches: (nullable): remembered strength, taught by postseal_authenticator_succeeded()
 */
PostsealAuthenticator *postseal_authenticator_new (const char *account,
                                                   const char *user,
                                                   PostsealVault *vault,
                                                   const char *const *mechanisms,
                                                   PostsealLatches *latches);
PostsealAuthenticator *postseal_authenticator_ref (PostsealAuthenticator *self);
void postseal_authenticator_unref (PostsealAuthenticator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAuthenticator, postseal_authenticator_unref)

/**
 * postseal_authenticator_begin_async:
 * @link: the sealed link of the session
 * @offered: (array zero-terminated=1): upper-case mechanism names. Besides SASL names the sessions
 * add their protocol's own log-in as "IMAP-LOGIN" (unless LOGINDISABLED) or "POP3-USER"; it ranks
 * as LOGIN.
 *
 * Order (RFC 5802 section 9 leaves it to us): EXTERNAL with a client certificate,
 * SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, then the
 * protocol's own. OAUTHBEARER, XOAUTH2 and CRAM-MD5 only when listed in "auth". A vault of tokens
 * (%POSTSEAL_VAULT_TOKEN) goes with OAUTHBEARER and XOAUTH2 alone, in this order, and with EXTERNAL
 * when listed: a token is never sent as a password. Weaker than the latch is refused, unless the
 * user's list names it or the user has chosen tokens. @link is not touched after this function has
 * returned.
 *
 * Errors: %POSTSEAL_AUTH_ERROR, %POSTSEAL_VAULT_ERROR.
 */
void postseal_authenticator_begin_async (PostsealAuthenticator *self,
                                         PostsealSealedLink *link,
                                         const char *const *offered,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

/**
 * postseal_authenticator_begin_finish:
 * @ret_user: (transfer full) (out) (optional): for the protocol's own log-in
 * @ret_secret: (transfer full) (out) (optional): for the protocol's own log-in
 * @ret_sasl: (transfer full) (out): NULL when the protocol's own log-in was chosen
 */
gboolean postseal_authenticator_begin_finish (PostsealAuthenticator *self,
                                              GAsyncResult *result,
                                              PostsealSasl **ret_sasl,
                                              char **ret_user,
                                              PostsealCredential **ret_secret,
                                              GError **error);

/* Every secret that is given out from now on is added to @secrets (element-type
   PostsealCredential), for whoever must keep them out of what is written down. */
void postseal_authenticator_set_told (PostsealAuthenticator *self, GPtrArray *secrets);

/* The server said that it cannot do @mechanism after all (not that the secret is wrong): the next
   begin leaves it out. */
void postseal_authenticator_exclude (PostsealAuthenticator *self, const char *mechanism);

/**
 * postseal_authenticator_rejected:
 * @mechanism: as in the list
 *
 * The server does not accept the secret. An access token may have been revoked, or ended early: it
 * is forgotten, so that the next begin fetches a new one.
 *
 * Returns: TRUE when one more begin is worth it, which is once until a success; FALSE when the
 * refusal counts
 */
gboolean postseal_authenticator_rejected (PostsealAuthenticator *self, const char *mechanism);

/* Signed in: sets the seal's mechanism and the latch, which only rises.
   @mechanism: as in the list, e.g. "IMAP-LOGIN" */
void postseal_authenticator_succeeded (PostsealAuthenticator *self,
                                       PostsealSealedLink *link,
                                       const char *mechanism);

G_END_DECLS

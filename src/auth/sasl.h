/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/credential.h"
#include "net/sealed-link.h"

G_BEGIN_DECLS

#define POSTSEAL_AUTH_ERROR (postseal_auth_error_quark ())
GQuark postseal_auth_error_quark (void);
typedef enum
{
  /* the server says no to this user and secret: do not try again */
  POSTSEAL_AUTH_ERROR_REJECTED,
  /* nothing that is offered is allowed, or the mechanism is refused as such: choose another */
  POSTSEAL_AUTH_ERROR_NO_MECHANISM,
  /* only weaker mechanisms than before are offered */
  POSTSEAL_AUTH_ERROR_LATCH,
  /* try later, the secret may be right: UNAVAILABLE, IN-USE, LOGIN-DELAY */
  POSTSEAL_AUTH_ERROR_BUSY,
  /* the server failed to prove itself, or broke the mechanism's rules */
  POSTSEAL_AUTH_ERROR_SERVER,
  /* a user name or secret that the mechanism cannot carry */
  POSTSEAL_AUTH_ERROR_SETTINGS,
} PostsealAuthError;

/* One run of one SASL mechanism (RFC 4422) on one sealed link. */
typedef struct _PostsealSasl PostsealSasl;

/**
 * postseal_sasl_new:
 * @link: the sealed link, not kept. A clear link does not compile
 * @mechanism: an upper-case name that postseal_sasl_is_known() knows
 * @user: authentication identity, UTF-8
 * @secret: (nullable): password or bearer token; NULL only for EXTERNAL
 * @server_offers_plus: whether the server's list has any -PLUS (for SCRAM's "n", "y", "p" flag)
 *
 * Returns: (transfer full)
 */
PostsealSasl *postseal_sasl_new (PostsealSealedLink *link,
                                 const char *mechanism,
                                 const char *user,
                                 PostsealCredential *secret,
                                 gboolean server_offers_plus);
/* May be called while a step is under way, which then ends in its own time. */
void postseal_sasl_free (PostsealSasl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSasl, postseal_sasl_free)

/* Whether @mechanism is a name for postseal_sasl_new(); upper case only. */
gboolean postseal_sasl_is_known (const char *mechanism);
/* As given to postseal_sasl_new(). */
const char *postseal_sasl_get_mechanism (PostsealSasl *self);

/* TRUE when the client speaks first, so that an initial response can be sent (SASL-IR). */
gboolean postseal_sasl_is_client_first (PostsealSasl *self);

/**
 * postseal_sasl_step_async:
 * @challenge: (nullable): the server's decoded challenge; NULL for the initial response
 *
 * Key derivation runs in a worker thread. Result: the response, which may be empty. A response is
 * secret: encode, send, wipe.
 * Errors: %POSTSEAL_AUTH_ERROR_SERVER (then the connection must be dropped), _SETTINGS, or
 * _REJECTED when the challenge carries the refusal (SCRAM "e=", OAUTHBEARER and XOAUTH2 JSON): for
 * the OAuth ones the step succeeds with the answer the mechanism demands, and
 * postseal_sasl_get_refusal() is set.
 */
void postseal_sasl_step_async (PostsealSasl *self,
                               GBytes *challenge,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* Returns: (transfer full): wiped when freed. @self may be gone already */
PostsealCredential *
postseal_sasl_step_finish (PostsealSasl *self, GAsyncResult *result, GError **error);

/* The server's own words about a refusal inside the mechanism, printable, or NULL. */
const char *postseal_sasl_get_refusal (PostsealSasl *self);

/* TRUE when the mechanism itself is satisfied: for SCRAM, the server's signature has been verified.
   A protocol's "OK" counts only then (RFC 5802 section 5). @final: (nullable): data that came with
   the OK. */
gboolean postseal_sasl_is_complete (PostsealSasl *self, GBytes *final, GError **error);

G_END_DECLS

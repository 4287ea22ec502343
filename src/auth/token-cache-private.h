/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/vault.h"

G_BEGIN_DECLS

/* The access tokens of this process, in memory only. Whoever asks for one gets the one that is
   there as long as it lives; those who ask while a new one is being fetched share that fetch. Each
   main context has its own entries, so that nothing is returned in a foreign one. */

/* What a fetch found. */
typedef struct
{
  PostsealCredential *token; /* owned */
  gint64 lifetime_s; /* RFC 6749 section 5.1 "expires_in"; 0: not told */
} PostsealFreshToken;

PostsealFreshToken *_postseal_fresh_token_new (PostsealCredential *token, gint64 lifetime_s);
void _postseal_fresh_token_free (PostsealFreshToken *self);

/* Returns a PostsealFreshToken or an error on @task (transfer full), exactly once.
   @is_renewal: the token before was not accepted by the mail server */
typedef void (*PostsealTokenFetchFunc) (PostsealVault *vault,
                                        const char *account,
                                        gboolean is_renewal,
                                        GTask *task);

/**
 * _postseal_token_cache_lookup:
 * @place: what tells this vault from others, e.g. "goa"
 * @fetch: called when there is no token that lives long enough
 *
 * A token is given out until a minute before its end (half of its life when that is short), less up
 * to half a minute of chance, so that many accounts do not renew at once. The fetch goes on when
 * those who wait for it have gone: a refresh token that was exchanged for another must not be lost.
 * The task returns a PostsealCredential, as a vault's lookup does.
 */
void _postseal_token_cache_lookup (PostsealVault *vault,
                                   const char *place,
                                   const char *account,
                                   PostsealTokenFetchFunc fetch,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

/* Drops the token if it is still @token, which the mail server has refused; without @token
   (nullable), whichever it is. */
void _postseal_token_cache_invalidate (const char *place,
                                       const char *account,
                                       PostsealCredential *token);

/* For tests: all entries go, none may be in use. @now_s: what the time is, 0: the truth */
void _postseal_token_cache_reset (gint64 now_s);
void _postseal_token_cache_set_now (gint64 now_s);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"
#include "auth/token-provider-private.h"

G_BEGIN_DECLS

/* One question to a provider's token endpoint (RFC 6749 section 3.2), put by the program
   postseal-token, so that no HTTP library is in this process. */

/* A parameter of the form. The name is from the RFC. */
typedef struct
{
  const char *name;
  const char *value; /* nullable: left out */
} PostsealTokenField;

/* Of a poll only (RFC 8628 section 3.5). */
typedef enum
{
  POSTSEAL_TOKEN_GIVEN,
  POSTSEAL_TOKEN_PENDING, /* the user has not decided yet */
  POSTSEAL_TOKEN_SLOW_DOWN, /* the same, and we ask too often */
} PostsealTokenState;

typedef struct
{
  PostsealTokenState state;
  PostsealCredential *access_token; /* owned; NULL unless given */
  gint64 lifetime_s; /* 0: not told */
  PostsealCredential *refresh_token; /* owned, nullable: another one than before, or the first */
} PostsealTokenAnswer;

void _postseal_token_answer_free (PostsealTokenAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTokenAnswer, _postseal_token_answer_free)

/**
 * _postseal_token_request_async:
 * @account: for messages
 * @fields: not kept
 *
 * Time limit POSTSEAL_LIMIT_TOKEN_MS. The program is $POSTSEAL_TOKEN_PROGRAM, postseal-token beside
 * the running program, or the installed one, whichever is first.
 *
 * Errors: %POSTSEAL_VAULT_ERROR_REAUTHORIZE: the user has to give consent again (RFC 6749 section
 * 5.2 invalid_grant and its kin); %POSTSEAL_VAULT_ERROR_DENIED: the client is not accepted;
 * %POSTSEAL_VAULT_ERROR_TEMPORARY: network, the provider's own trouble, or no answer: try later;
 * %POSTSEAL_AUTH_ERROR_SERVER: the endpoint has not proven who it is;
 * %POSTSEAL_AUTH_ERROR_SETTINGS.
 */
void _postseal_token_request_async (const PostsealTokenProvider *provider,
                                    const char *account,
                                    const PostsealTokenField *fields,
                                    gsize n_fields,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
PostsealTokenAnswer *_postseal_token_request_finish (GAsyncResult *result, GError **error);

/* The same for a token that the user is giving on another device: PENDING and SLOW_DOWN are
   answers. Errors: %POSTSEAL_VAULT_ERROR_REAUTHORIZE: the user has refused, or the time is over;
   and those above. */
void _postseal_token_request_poll_async (const PostsealTokenProvider *provider,
                                         const char *account,
                                         const PostsealTokenField *fields,
                                         gsize n_fields,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

/* A device code (RFC 8628 section 3.2). */
typedef struct
{
  PostsealCredential *device_code; /* owned */
  char *user_code; /* owned: printable */
  char *verification_uri; /* owned: https */
  gint64 lifetime_s;
  gint64 interval_s; /* 5 unless told */
} PostsealTokenDevice;

void _postseal_token_device_free (PostsealTokenDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTokenDevice, _postseal_token_device_free)

/* Asks the provider's device endpoint, which it has. Errors: as above; %POSTSEAL_VAULT_ERROR_DENIED
   for an answer that makes no sense. */
void _postseal_token_request_device_async (const PostsealTokenProvider *provider,
                                           const char *account,
                                           const PostsealTokenField *fields,
                                           gsize n_fields,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
PostsealTokenDevice *_postseal_token_request_device_finish (GAsyncResult *result, GError **error);

/* For tests: instead of POSTSEAL_LIMIT_TOKEN_MS; 0 for that again. */
void _postseal_token_request_set_limit_ms (guint limit_ms);

G_END_DECLS

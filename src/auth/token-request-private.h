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

/* What is asked for. */
typedef enum
{
  POSTSEAL_TOKEN_REQUEST, /* a token; its finish function gives a PostsealTokenAnswer */
  POSTSEAL_TOKEN_POLL, /* one that the user is giving on another device: PENDING and SLOW_DOWN are
                          answers, too */
  POSTSEAL_TOKEN_DEVICE, /* a device code, of the provider's device endpoint, which it has; the
                            finish function is that of PostsealTokenDevice */
} PostsealTokenQuestion;

/**
 * _postseal_token_request_async:
 * @account: for messages
 * @fields: not kept
 *
 * Time limit POSTSEAL_LIMIT_TOKEN_MS. The program is postseal-token ($POSTSEAL_TOKEN_PROGRAM, as
 * postseal_paths_find_program()).
 *
 * Errors: %POSTSEAL_VAULT_ERROR_REAUTHORIZE: the user has to give consent again (RFC 6749 section
 * 5.2 invalid_grant and its kin), or has refused on the other device, or the time there is over;
 * %POSTSEAL_VAULT_ERROR_DENIED: the client is not accepted, or the code makes no sense;
 * %POSTSEAL_VAULT_ERROR_TEMPORARY: network, the provider's own trouble, or no answer: try later;
 * %POSTSEAL_AUTH_ERROR_SERVER: the endpoint has not proven who it is;
 * %POSTSEAL_AUTH_ERROR_SETTINGS.
 */
void _postseal_token_request_async (PostsealTokenQuestion question,
                                    const PostsealTokenProvider *provider,
                                    const char *account,
                                    const PostsealTokenField *fields,
                                    gsize n_fields,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
PostsealTokenAnswer *_postseal_token_request_finish (GAsyncResult *result, GError **error);
PostsealTokenDevice *_postseal_token_request_device_finish (GAsyncResult *result, GError **error);

/* For tests: instead of POSTSEAL_LIMIT_TOKEN_MS; 0 for that again. */
void _postseal_token_request_set_limit_ms (guint limit_ms);

G_END_DECLS

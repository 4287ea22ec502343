/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/sasl.h"

G_BEGIN_DECLS

/* What a mechanism implements, for the sasl-*.c files; everything runs on the maker's context. */
typedef struct
{
  const char *name;
  gboolean is_client_first;
  gboolean needs_secret;

  /* (nullable): makes the state of one run from what the link says now; it is not asked again. */
  gpointer (*new_state) (PostsealSasl *sasl, PostsealSealedLink *link);
  void (*free_state) (gpointer state);

  /* Answers one challenge: returns @task exactly once, at once or later, with a PostsealCredential.
   */
  void (*step) (PostsealSasl *sasl, GBytes *challenge, GTask *task);

  /* (nullable): whether the mechanism is satisfied; NULL: when it has said all it has to say. */
  gboolean (*is_complete) (PostsealSasl *sasl, GBytes *final, GError **error);
} PostsealSaslClass;

/* NULL-terminated lists, strongest first. */
extern const PostsealSaslClass *const _postseal_sasl_plain_classes[];
extern const PostsealSaslClass *const _postseal_sasl_login_classes[];
extern const PostsealSaslClass *const _postseal_sasl_external_classes[];
extern const PostsealSaslClass *const _postseal_sasl_cram_classes[];
extern const PostsealSaslClass *const _postseal_sasl_oauth_classes[];
extern const PostsealSaslClass *const _postseal_sasl_scram_classes[];

struct _PostsealSasl
{
  gatomicrefcount references; /* the caller's, and one for each step under way */
  const PostsealSaslClass *klass;
  char *user; /* owned */
  PostsealCredential *secret; /* owned, nullable */
  char *host; /* owned: the endpoint's */
  guint16 port;
  char *endpoint; /* owned: for messages */
  gboolean server_offers_plus;
  gboolean is_vouched_for;
  guint answers; /* responses given so far */
  char *refusal; /* owned, nullable */
  gpointer state; /* owned: the mechanism's own */
};

/* The secret, when it was not there yet at postseal_sasl_new(). */
void _postseal_sasl_set_secret (PostsealSasl *self, PostsealCredential *secret);

/* Drops a reference; the last one wipes. */
void _postseal_sasl_unref (PostsealSasl *self);

/* "HOST:PORT broke the rules of MECHANISM: WHAT", as %POSTSEAL_AUTH_ERROR_SERVER. */
GError *_postseal_sasl_server_error (PostsealSasl *self, const char *what);

/* For a challenge that the mechanism does not have: an error as above is returned on @task. */
void _postseal_sasl_return_unexpected (PostsealSasl *self, GTask *task);

/* Returns @response (transfer full) on @task as the answer of this step. */
void _postseal_sasl_return (PostsealSasl *self, GTask *task, PostsealCredential *response);

/* The concatenation of @n_parts pieces in wiped memory. A length of -1: NUL terminated. */
typedef struct
{
  const void *data;
  gssize length;
} PostsealSaslPart;
PostsealCredential *_postseal_sasl_join (const PostsealSaslPart *parts, gsize n_parts);

/**
 * _postseal_sasl_escape_name:
 *
 * A saslname (RFC 5802 section 5.1): "," and "=" escaped. Returns: (transfer full)
 */
char *_postseal_sasl_escape_name (const char *name);

/**
 * _postseal_sasl_check_text:
 * @text: (array length=length): a user name or a secret
 * @what: "user name" or "password", translated
 *
 * Errors: %POSTSEAL_AUTH_ERROR_SETTINGS for NUL or what is not UTF-8; the text is not in the
 * message.
 */
gboolean _postseal_sasl_check_text (
    PostsealSasl *self, const char *text, gsize length, const char *what, GError **error);

/* SCRAM only, before the first step, for test vectors: @nonce instead of a random one. */
void _postseal_sasl_set_nonce (PostsealSasl *self, const char *nonce);

G_END_DECLS

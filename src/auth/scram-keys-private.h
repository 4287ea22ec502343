/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "auth/credential.h"

G_BEGIN_DECLS

#define POSTSEAL_SCRAM_HASH_MAX 32

typedef struct
{
  gnutls_mac_algorithm_t mac;
  gnutls_digest_algorithm_t digest;
  gsize length;
} PostsealScramHash;

extern const PostsealScramHash _postseal_scram_sha1; /* RFC 5802 */
extern const PostsealScramHash _postseal_scram_sha256; /* RFC 7677 */

/* One computation of SCRAM's keys: all that a worker thread needs, and its results. */
typedef struct
{
  const PostsealScramHash *hash; /* borrowed: static */
  PostsealCredential *password; /* owned: prepared */
  GBytes *salt; /* owned */
  guint iterations;
  char *without_proof; /* owned: client-final-message-without-proof */
  char *auth_message; /* owned: AuthMessage */

  guint8 proof[POSTSEAL_SCRAM_HASH_MAX]; /* ClientProof */
  guint8 server_signature[POSTSEAL_SCRAM_HASH_MAX]; /* ServerSignature */
} PostsealScramDerivation;

/* RFC 5802 section 3. Blocks for as long as @iterations demand. Returns: FALSE when the system
   forbids the hash */
gboolean _postseal_scram_derive (PostsealScramDerivation *self);
/* Wipes and frees. */
void _postseal_scram_derivation_free (PostsealScramDerivation *self);

G_END_DECLS

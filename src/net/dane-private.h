/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/endpoint.h"
#include "net/seal.h"
#include "net/tls-chain-private.h"
#include "net/tls-policy.h"
#include "net/tlsa-record.h"

G_BEGIN_DECLS

/* What the DNS says of a server's key, and what follows (RFC 7673 section 4). */
typedef enum
{
  POSTSEAL_DANE_KEYS, /* signed, and it names keys: one of them must be the server's */
  POSTSEAL_DANE_NONE, /* signed, and it names none */
  POSTSEAL_DANE_UNUSABLE, /* signed, but nothing of it can be used */
  POSTSEAL_DANE_INSECURE, /* not signed: as if it named none */
  POSTSEAL_DANE_BOGUS, /* signed wrongly */
  POSTSEAL_DANE_UNREACHABLE, /* no answer, or nobody to ask */
  POSTSEAL_DANE_NOT_ASKED, /* not a name that the DNS could know */
} PostsealDaneState;

typedef struct
{
  PostsealDaneState state;
  PostsealTlsaAnswer *tlsa; /* owned, nullable */
  GPtrArray *usable; /* owned: of KEYS: at least one, borrowed from @tlsa */
  char *reason; /* owned, nullable: of BOGUS and UNREACHABLE: a sentence */
} PostsealDaneAnswer;

/* Of the states without records. @reason: (nullable). Returns: (transfer full) */
PostsealDaneAnswer *_postseal_dane_answer_new (PostsealDaneState state, const char *reason);
/* Takes over @tlsa. Returns: (transfer full) */
PostsealDaneAnswer *_postseal_dane_answer_new_from_tlsa (PostsealTlsaAnswer *tlsa);
void _postseal_dane_answer_free (PostsealDaneAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDaneAnswer, _postseal_dane_answer_free)

/* "keys", "none" and so on. */
const char *_postseal_dane_answer_get_word (const PostsealDaneAnswer *self);

/**
 * _postseal_dane_ask_async:
 *
 * Asks the DNS for the keys of @endpoint, at most for POSTSEAL_LIMIT_DANE_MS, by postseal-lookup,
 * which is kept for a while, so that what it has learned of the DNS serves the next one, too.
 * Addresses and names that only this machine or its network knows are not asked about (RFC 6761,
 * RFC 6762), unless discovery.conf names a DNS server.
 *
 * Errors: %G_IO_ERROR_CANCELLED only
 */
void _postseal_dane_ask_async (const PostsealEndpoint *endpoint,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
PostsealDaneAnswer *_postseal_dane_ask_finish (GAsyncResult *result, GError **error);

/* Nobody has answered about keys in time. For a while, or until somebody does, or another DNS
   server is named, a verdict that can do without need not wait: they are asked about all the same,
   and an answer that is there counts. Whoever keeps answers back gains nothing: that works without
   this, and what the DNS has vouched for before is held to it. */
void _postseal_dane_note_silence (void);
gboolean _postseal_dane_is_silent (void);

/* Lets go what is kept for the thread-default main context. */
void _postseal_dane_forget (void);

/* Whether the server must prove itself by TLS, whatever else the policy would allow. */
gboolean _postseal_dane_demands (const PostsealDaneAnswer *self, const PostsealTlsPolicy *policy);

/**
 * _postseal_dane_judge:
 * @self: (nullable): nobody was asked
 * @seal: gets who vouches, by which name, and what the DNS had to say
 *
 * The verdict on a server. Errors: those of _postseal_tls_dane_verify(), and
 * %POSTSEAL_TLS_ERROR_DANE_MISSING, _DNSSEC, %POSTSEAL_NET_ERROR_DANE where the policy requires
 * DANE
 */
gboolean _postseal_dane_judge (const PostsealDaneAnswer *self,
                               PostsealTlsChain *chain,
                               gnutls_x509_trust_list_t trust,
                               const PostsealTlsPolicy *policy,
                               const char *host,
                               PostsealSeal *seal,
                               GError **error);

G_END_DECLS

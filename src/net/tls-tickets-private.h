/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/endpoint.h"
#include "net/tls-chain-private.h"
#include "net/tls-policy.h"
#include "net/tls-stream-private.h"

G_BEGIN_DECLS

/* Resumption tickets, in memory only. A ticket is bound to the scope (account), the endpoint and
   the digest of the policy under which it was earned, and used once (RFC 8446 appendix C.4). The
   chain that was verified then goes with it, to be verified again: a resumed handshake shows no
   certificate. */
typedef struct
{
  GBytes *session; /* owned */
  PostsealTlsChain *chain; /* owned */
  gint64 earned_us; /* monotonic */
} PostsealTlsTicket;

void _postseal_tls_ticket_free (PostsealTlsTicket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsTicket, _postseal_tls_ticket_free)

/* Returns: (transfer full) (nullable): NULL, which both functions below take, when @scope is NULL
   or the policy has a client certificate: who the client is must not come out of a ticket */
char *_postseal_tls_tickets_key (const char *scope,
                                 const PostsealEndpoint *endpoint,
                                 const PostsealTlsPolicy *policy);

/* Keeps a ticket and the chain that was verified with it, for one use. Takes references. */
void _postseal_tls_tickets_put (const char *key, GBytes *session, PostsealTlsChain *chain);
/* Does so with every ticket that comes over @stream, now or later. @key: (nullable): none is kept
 */
void
_postseal_tls_tickets_keep (const char *key, PostsealTlsStream *stream, PostsealTlsChain *chain);
/* Returns: (transfer full) (nullable): the newest ticket that is not too old; nobody else gets it
 */
PostsealTlsTicket *_postseal_tls_tickets_take (const char *key);
/* Forgets all. */
void _postseal_tls_tickets_clear (void);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/gnutls.h>

#include "net/seal.h"
#include "net/tls-chain-private.h"

G_BEGIN_DECLS

/* "ECDHE-X25519" and the like. Returns: (transfer full) (nullable) */
char *_postseal_tls_evidence_describe_key_exchange (gnutls_session_t session);

/* Writes into @seal what @session and @chain show: version, cipher, key exchange, issuer, expiry,
 * key. */
void _postseal_tls_evidence_write (PostsealSeal *seal,
                                   gnutls_session_t session,
                                   PostsealTlsChain *chain);

G_END_DECLS

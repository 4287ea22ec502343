/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/x509.h>

#include "net/tls-chain-private.h"
#include "net/tls-dane.h"
#include "net/tls-policy.h"
#include "net/tlsa-record.h"

G_BEGIN_DECLS

/* The verdict on a server by its TLSA records, without I/O. */

/* What was found about a server that may be trusted. */
typedef struct
{
  const PostsealTlsaRecord *record; /* borrowed: the one that matched */
  gboolean is_ca_valid; /* a trusted authority vouches, too */
  char *name; /* owned: as _postseal_tls_verify() has it, or the host, for a key of its own */
} PostsealTlsDaneMatch;

/**
 * _postseal_tls_dane_verify:
 * @usable: at least one
 * @trust: for the usages that ask for a trusted authority, too
 * @host: as configured
 * @ret_match: (out): to be cleared
 *
 * DANE-EE(3) is about the server's key alone: neither name nor time count (RFC 7671 section 5.1).
 * With DANE-TA(2) all does, but that the record says who the authority is (section 5.2). The
 * policy's pins count always, and so does a key that is too weak.
 *
 * Errors: %POSTSEAL_TLS_ERROR_DANE_MISMATCH, and those of _postseal_tls_verify()
 */
gboolean _postseal_tls_dane_verify (PostsealTlsChain *chain,
                                    const GPtrArray *usable,
                                    gnutls_x509_trust_list_t trust,
                                    const PostsealTlsPolicy *policy,
                                    const char *host,
                                    PostsealTlsDaneMatch *ret_match,
                                    GError **error);

G_END_DECLS

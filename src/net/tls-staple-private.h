/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/tls-chain-private.h"

G_BEGIN_DECLS

/* What stapled OCSP responses (RFC 6960, RFC 6066 section 8) say about a chain. */
typedef enum
{
  POSTSEAL_TLS_STAPLE_SILENT, /* nothing usable: as if nothing had been stapled */
  POSTSEAL_TLS_STAPLE_GOOD, /* the leaf is good, by a current response */
  POSTSEAL_TLS_STAPLE_REVOKED, /* a certificate of the chain is revoked, said by its issuer */
  POSTSEAL_TLS_STAPLE_MISSING, /* the leaf demands a staple (RFC 7633), and no usable one came */
} PostsealTlsStaple;

/**
 * _postseal_tls_staple_check:
 * @trust: where an issuer is looked for that the server did not send
 * @now: Unix time; responses must be current to count as good. "Revoked" counts whatever its age
 */
PostsealTlsStaple
_postseal_tls_staple_check (PostsealTlsChain *chain, gnutls_x509_trust_list_t trust, gint64 now);

G_END_DECLS

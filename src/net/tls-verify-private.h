/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/tls-chain-private.h"
#include "net/tls-policy.h"

G_BEGIN_DECLS

/**
 * _postseal_tls_verify:
 * @chain: what the server presented
 * @trust: the authorities, with CRLs if the policy has any
 * @policy: pins
 * @host: reference identifier: the name or IP literal the user configured, nothing that DNS made of
 * it
 * @ret_name: (out) (transfer full): the presented identifier that matched, printable
 *
 * The verdict on a server, without I/O. Path validation first (RFC 5280, for servers, 112-bit
 * security or better, no SHA-1), then stapled OCSP, then identity (RFC 9525), then pins. One
 * sentence for each cause.
 *
 * Errors: %POSTSEAL_TLS_ERROR_UNTRUSTED, _EXPIRED, _REVOKED, _IDENTITY, _PIN
 */
gboolean _postseal_tls_verify (PostsealTlsChain *chain,
                               gnutls_x509_trust_list_t trust,
                               const PostsealTlsPolicy *policy,
                               const char *host,
                               char **ret_name,
                               GError **error);

/* The same without pins: chain, staples, identity. */
gboolean _postseal_tls_verify_chain (PostsealTlsChain *chain,
                                     gnutls_x509_trust_list_t trust,
                                     const char *host,
                                     char **ret_name,
                                     GError **error);

/* What holds whoever vouches: the leaf's key is strong enough, and a pinned one where there are
   pins. Errors: %POSTSEAL_TLS_ERROR_UNTRUSTED, _PIN */
gboolean _postseal_tls_verify_key (PostsealTlsChain *chain,
                                   const PostsealTlsPolicy *policy,
                                   const char *host,
                                   GError **error);

G_END_DECLS

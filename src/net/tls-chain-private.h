/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

G_BEGIN_DECLS

/* What a server has presented: its certificates, leaf first, each with the OCSP response stapled to
   it. Immutable, reference counted. */
typedef struct
{
  guint length; /* at least 1 */
  gnutls_x509_crt_t *crts; /* owned */
  GBytes **staples; /* owned; elements may be NULL */
} PostsealTlsChain;

/* What was presented in the handshake of @session. NULL when that is nothing, unreadable, or
   more than anybody needs. */
PostsealTlsChain *_postseal_tls_chain_new_from_session (gnutls_session_t session);
/* @staple: (nullable): for the leaf. NULL when @ders cannot be read, or are more than
   anybody needs. */
PostsealTlsChain *
_postseal_tls_chain_new (const gnutls_datum_t *ders, guint length, GBytes *staple);
PostsealTlsChain *_postseal_tls_chain_ref (PostsealTlsChain *self);
void _postseal_tls_chain_unref (PostsealTlsChain *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsChain, _postseal_tls_chain_unref)

/* "sha256:BASE64" of the leaf's SubjectPublicKeyInfo. Returns: (transfer full) */
char *_postseal_tls_chain_get_pin (PostsealTlsChain *self);
/* Printable distinguished name of the issuer of certificate @index. Returns: (transfer full) */
char *_postseal_tls_chain_get_issuer (PostsealTlsChain *self, guint index);

G_END_DECLS

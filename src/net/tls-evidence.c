/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-evidence-private.h"

char *
_postseal_tls_evidence_describe_key_exchange (gnutls_session_t session)
{
  const char *group = gnutls_group_get_name (gnutls_group_get (session));

  if (group == NULL)
    return g_strdup (gnutls_kx_get_name (gnutls_kx_get (session)));
  return g_strconcat (g_str_has_prefix (group, "FFDHE") ? "DHE-" : "ECDHE-", group, NULL);
}

void
_postseal_tls_evidence_write (PostsealSeal *seal, gnutls_session_t session, PostsealTlsChain *chain)
{
  gboolean is_1_3 = gnutls_protocol_get_version (session) == GNUTLS_TLS1_3;

  seal->tls_version = g_strdup (is_1_3 ? "TLS 1.3" : "TLS 1.2");
  seal->cipher = g_strdup (gnutls_cipher_get_name (gnutls_cipher_get (session)));
  seal->key_exchange = _postseal_tls_evidence_describe_key_exchange (session);
  seal->issuer = _postseal_tls_chain_get_issuer (chain, 0);
  seal->not_after = gnutls_x509_crt_get_expiration_time (chain->crts[0]);
  seal->spki = _postseal_tls_chain_get_pin (chain);
  seal->resumed = gnutls_session_is_resumed (session) != 0;
}

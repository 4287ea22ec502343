/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <gnutls/x509.h>

G_BEGIN_DECLS

/* Whether a certificate is for the host the user named (RFC 9525 section 6, RFC 7817 section 3).
   Our own matcher, because GnuTLS's accepts partial wildcards ("*oo.example.org") and falls back to
   the CN. */
typedef enum
{
  POSTSEAL_TLS_IDENTITY_MATCHES,
  POSTSEAL_TLS_IDENTITY_OTHER, /* it is for other names */
  POSTSEAL_TLS_IDENTITY_ONLY_CN, /* no subjectAltName, and the common name does not count */
  POSTSEAL_TLS_IDENTITY_NONE, /* it names nobody */
} PostsealTlsIdentity;

/**
 * postseal_tls_identity_match_dns:
 * @presented: (array length=length): a dNSName as it stands in the certificate: any bytes
 * @host: reference identifier, lower case, A-labels
 *
 * Letters, digits, hyphens and dots only, compared ignoring ASCII case. A "*" may be the whole
 * left-most label; it stands for exactly one label, and at least two labels must follow it.
 */
gboolean postseal_tls_identity_match_dns (const char *presented, gsize length, const char *host);

/**
 * postseal_tls_identity_check:
 * @host: name, or IP literal: compared with iPAddress only, octet for octet
 * @ret_names: (out) (transfer full): printable: the presented identifier that matched; otherwise
 * the list of those that did not, or the common name
 */
PostsealTlsIdentity
postseal_tls_identity_check (gnutls_x509_crt_t leaf, const char *host, char **ret_names);

/* All names of hosts in the certificate, in its order, printable; at most @most. Returns: (transfer
   full) (element-type utf8) */
GPtrArray *postseal_tls_identity_list_names (gnutls_x509_crt_t leaf, guint most);

G_END_DECLS

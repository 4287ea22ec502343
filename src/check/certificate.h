/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/tls-identity.h"
#include "net/tls-trust.h"
#include "net/tlsa-record.h"

G_BEGIN_DECLS

/* What a server's certificates are worth, each property for itself, where a connection ends with
   the first fault. Dates are told, not judged. */

typedef enum
{
  POSTSEAL_CERTIFICATE_TRUSTED,
  POSTSEAL_CERTIFICATE_SELF_SIGNED,
  POSTSEAL_CERTIFICATE_INCOMPLETE, /* alone: its issuer is neither sent nor known */
  POSTSEAL_CERTIFICATE_STRANGE, /* with authorities, of which nobody is known */
  POSTSEAL_CERTIFICATE_FORGED, /* who is named as an issuer has not signed it */
  POSTSEAL_CERTIFICATE_UNFIT, /* an authority may not vouch for this one */
} PostsealCertificateTrust;

/* One of the certificates that lead from the server's own to somebody known. */
typedef struct
{
  char *subject; /* owned: printable */
  gint64 not_before, not_after; /* Unix time; -1: unreadable */
  const char *key; /* "RSA" */
  guint key_bits;
  gboolean is_key_weak; /* of less than 112 bits of security */
  const char *broken_hash; /* nullable: "SHA1": its signature proves nothing */
} PostsealCertificateLink;

typedef struct
{
  PostsealTlsIdentity identity;
  char *names; /* owned: the one that matched, those that did not, or the common name */
  char *issuer; /* owned: printable */
  char *pin; /* owned: "sha256:BASE64" of its key */
  gboolean is_for_servers; /* RFC 5280 sections 4.2.1.3, 4.2.1.12 */
  PostsealCertificateTrust trust;
  char *authority; /* owned, nullable: not TRUSTED: who is missing or unknown */
  char *authority_url; /* owned, nullable: where that one's certificate is said to be */
  GPtrArray *path; /* owned (element-type PostsealCertificateLink): leaf first, at least one, up to
                      whom a known authority vouches for */
  guint n_unreadable; /* of those behind the first */

  /*< private >*/
  guint n_crts; /* at least one */
  gnutls_x509_crt_t *crts; /* owned */
  PostsealTlsTrust *authorities; /* borrowed */
} PostsealCertificate;

/**
 * postseal_certificate_new:
 * @chain: (element-type GBytes): DER, as the server sent it: any bytes
 * @host: name or IP literal
 * @trust: lives longer than what is returned
 *
 * Returns: (transfer full) (nullable): NULL when the first one is missing or unreadable
 */
PostsealCertificate *
postseal_certificate_new (const GPtrArray *chain, const char *host, PostsealTlsTrust *trust);
void postseal_certificate_free (PostsealCertificate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealCertificate, postseal_certificate_free)

/* Whether it is for this host as well (RFC 9525). */
gboolean postseal_certificate_is_for (const PostsealCertificate *self, const char *host);

/* Whether the record, a usable one, names the server's key or an authority that leads to it (RFC
   6698 section 2.1.1). Neither names nor dates are looked at, nor who else vouches: with DANE-EE(3)
   none of that counts, with the others some or all of it does. */
gboolean
postseal_certificate_fits (const PostsealCertificate *self, const PostsealTlsaRecord *record);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <gnutls/x509.h>

#include "net/tlsa-record.h"

G_BEGIN_DECLS

/* Certificates against TLSA records (RFC 6698, RFC 7671), without I/O. Whether the records come
   from who they say is not looked at here: only secure ones (RFC 4035) may come in. */

/**
 * postseal_tls_dane_find_usable:
 * @records: (element-type PostsealTlsaRecord)
 *
 * Leaves out what makes no sense or is unknown (RFC 7671 section 10.3), and, of digests of one
 * usage and selector, the weaker ones (section 9). Returns: (transfer container): borrows
 */
GPtrArray *postseal_tls_dane_find_usable (const GPtrArray *records);

/* Whether the record, a usable one, is of this certificate, whatever its usage says that follows
   (RFC 6698 section 2.1.2, 2.1.3). */
gboolean postseal_tls_dane_matches (const PostsealTlsaRecord *record, gnutls_x509_crt_t crt);

/* Returns: (transfer full) (nullable): the whole certificate that the record holds, as a digest or
   a key does not */
gnutls_x509_crt_t postseal_tls_dane_read_certificate (const PostsealTlsaRecord *record);

G_END_DECLS

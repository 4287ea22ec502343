/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The authorities whose word counts for a server's certificate. Reference counted. */
typedef struct _PostsealTlsTrust PostsealTlsTrust;

/**
 * postseal_tls_trust_load:
 * @ca_file: (nullable): PEM; NULL: the system's authorities
 *
 * Reads them now, which takes longer than a frame, for one thread alone: nobody else has what is
 * returned.
 *
 * Errors: %POSTSEAL_TLS_ERROR_SETTINGS
 */
PostsealTlsTrust *postseal_tls_trust_load (const char *ca_file, GError **error);
/* Those of @ca_file, too. Blocks. Errors: the same */
gboolean postseal_tls_trust_add (PostsealTlsTrust *self, const char *ca_file, GError **error);
void postseal_tls_trust_unref (PostsealTlsTrust *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsTrust, postseal_tls_trust_unref)

/* For GnuTLS: a gnutls_x509_trust_list_t. Returns: (transfer none) */
struct gnutls_x509_trust_list_st *postseal_tls_trust_get_list (PostsealTlsTrust *self);

G_END_DECLS

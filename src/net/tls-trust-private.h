/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "net/tls-policy.h"
#include "net/tls-trust.h"

G_BEGIN_DECLS

/* What a handshake needs from the disk: authorities, CRLs, the client's certificate. Immutable,
   reference counted, and safe to use from several threads. */
struct _PostsealTlsTrust
{
  GMutex mutex; /* held around every use of @list */
  gnutls_x509_trust_list_t list; /* owned */
};

/* Reference counted. */
typedef struct
{
  PostsealTlsTrust *trust; /* owned: shared by all policies with the same files */
  gnutls_certificate_credentials_t credentials; /* owned: holds the client's certificate, if any */
} PostsealTlsMaterial;

/**
 * _postseal_tls_material_load_async:
 *
 * Reads what @policy names, in a worker thread: the system's bundle alone takes longer than a
 * frame. Authorities are kept for the next call until one of their files changes.
 *
 * Errors: %POSTSEAL_TLS_ERROR_SETTINGS, %G_IO_ERROR_CANCELLED
 */
void _postseal_tls_material_load_async (PostsealTlsPolicy *policy,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
PostsealTlsMaterial *_postseal_tls_material_load_finish (GAsyncResult *result, GError **error);

/* The same, blocking. */
PostsealTlsMaterial *_postseal_tls_material_load (const PostsealTlsPolicy *policy, GError **error);

PostsealTlsMaterial *_postseal_tls_material_ref (PostsealTlsMaterial *self);
void _postseal_tls_material_unref (PostsealTlsMaterial *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsMaterial, _postseal_tls_material_unref)

G_END_DECLS

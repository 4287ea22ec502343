/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/endpoint.h"
#include "net/tls-chain-private.h"
#include "net/tls-policy.h"
#include "net/tls-stream-private.h"
#include "net/tls-trust-private.h"

G_BEGIN_DECLS

/* One TLS handshake: parameters as the policy asks (RFC 9325), and the certificates it brought. The
   server has proven nothing yet but that it has their key. */
typedef struct _PostsealTlsHandshake PostsealTlsHandshake;

/**
 * _postseal_tls_handshake_new:
 * @socket: connected, not blocking; a reference is taken
 * @material: a reference is taken, for as long as the stream lives
 * @ticket: (nullable): from an earlier session whose chain still passes verification
 */
PostsealTlsHandshake *_postseal_tls_handshake_new (GSocket *socket,
                                                   PostsealEndpoint *endpoint,
                                                   const PostsealTlsPolicy *policy,
                                                   PostsealTlsMaterial *material,
                                                   GBytes *ticket);
void _postseal_tls_handshake_free (PostsealTlsHandshake *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsHandshake, _postseal_tls_handshake_free)

/**
 * _postseal_tls_handshake_run_async:
 *
 * There is no deadline but @cancellable.
 *
 * Errors: %POSTSEAL_TLS_ERROR_HANDSHAKE, _INTERRUPTED, _UNTRUSTED, _WRONG_START, _INJECTED,
 * %G_IO_ERROR_CANCELLED
 */
void _postseal_tls_handshake_run_async (PostsealTlsHandshake *self,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
/* Returns: (transfer full) */
PostsealTlsStream *_postseal_tls_handshake_run_finish (GAsyncResult *result, GError **error);

/* The error for a handshake that has not got on for @silence_ms. */
GError *_postseal_tls_handshake_explain_stall (PostsealTlsHandshake *self, guint silence_ms);

G_END_DECLS

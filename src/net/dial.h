/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"
#include "net/endpoint.h"
#include "net/latches.h"
#include "net/net-error.h"
#include "net/sealed-link.h"
#include "net/tls-policy.h"

G_BEGIN_DECLS

/* The one door: every connection to a mail server is made, judged and sealed here. */

/**
 * postseal_dial_async:
 * @endpoint: the server
 * @policy: what it must prove
 * @latches: (nullable): what it did before; held against it, and taught on success
 * @ticket_scope: (nullable): resumption tickets are shared only within this scope (the account's
 * name)
 * @timeout_ms: the longest silence in any one wait: resolve, each connect, vestibule, handshake
 * @transcript: (nullable): gets notes and the vestibule's lines
 *
 * Resolves, connects (Happy Eyeballs, RFC 8305), upgrades or starts TLS, verifies.
 *
 * Errors: %POSTSEAL_NET_ERROR for name and TCP, and an SMTP server that says that it is busy;
 * %POSTSEAL_TLS_ERROR for everything else between connect and seal (a stall there included),
 * %G_IO_ERROR_CANCELLED.
 */
void postseal_dial_async (PostsealEndpoint *endpoint,
                          PostsealTlsPolicy *policy,
                          PostsealLatches *latches,
                          const char *ticket_scope,
                          guint timeout_ms,
                          PostsealTranscript *transcript,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);

/* Returns: (transfer full) */
PostsealSealedLink *postseal_dial_finish (GAsyncResult *result, GError **error);

G_END_DECLS

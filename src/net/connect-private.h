/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "base/transcript.h"
#include "net/endpoint.h"

G_BEGIN_DECLS

/**
 * _postseal_connect_async:
 * @timeout_ms: longest wait for the resolver, and for the answer to one attempt
 * @transcript: (nullable)
 *
 * A TCP connection by Happy Eyeballs (RFC 8305): both address families are resolved at once and
 * tried in turn, IPv6 first, POSTSEAL_LIMIT_HAPPY_EYEBALLS_MS apart; the first to answer wins. IP
 * literals are not resolved. The socket does not block, has keep-alive on and Nagle's delay off.
 *
 * Errors: %POSTSEAL_NET_ERROR_RESOLVE, %POSTSEAL_NET_ERROR_CONNECT, %G_IO_ERROR_CANCELLED
 */
void _postseal_connect_async (PostsealEndpoint *endpoint,
                              guint timeout_ms,
                              PostsealTranscript *transcript,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/* Returns: (transfer full) */
GSocket *_postseal_connect_finish (GAsyncResult *result, GError **error);

/* TRUE when @address is this machine's own: 127/8, ::1, or 127/8 as an IPv6 socket sees it. */
gboolean _postseal_connect_is_loopback (GSocketAddress *address);

G_END_DECLS

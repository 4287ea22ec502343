/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * postseal_host_addresses_find_async:
 * @host: a name, or an IP literal without brackets, which is its own address
 *
 * The addresses of a host, as any program of this computer finds them. IPv4 comes first: it is what
 * most people have.
 *
 * Errors: %POSTSEAL_NET_ERROR_RESOLVE, also when nobody answers in time; %G_IO_ERROR_CANCELLED
 */
void postseal_host_addresses_find_async (const char *host,
                                         guint limit_ms,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* Returns: (transfer full) (element-type GInetAddress): at least one */
GPtrArray *postseal_host_addresses_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A blocking connection to a program on this machine, for LMTP delivery from a worker thread. It
   can reach a Unix socket or a loopback address and nothing else, because what it carries is not
   sealed. */
typedef struct _PostsealLocalLink PostsealLocalLink;

/**
 * postseal_local_link_open:
 * @address: "/path/of/socket" or "HOST:PORT" ("[::1]:24")
 * @timeout_ms: longest silence in any one wait
 *
 * The peer's address decides, never its name: an address that is not loopback is
 * %POSTSEAL_TLS_ERROR_NOT_LOOPBACK and no connection is made. Otherwise %POSTSEAL_NET_ERROR.
 *
 * Returns: (transfer full)
 */
PostsealLocalLink *postseal_local_link_open (const char *address, guint timeout_ms, GError **error);
void postseal_local_link_close (PostsealLocalLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLocalLink, postseal_local_link_close)

/* Writes all, or fails in the middle. Errors: %POSTSEAL_NET_ERROR */
gboolean
postseal_local_link_write (PostsealLocalLink *self, const void *data, gsize length, GError **error);

/* One line without its line end (CR LF or LF), at most POSTSEAL_LIMIT_LINE. A line that the end of
   the stream cut short is an error. Errors: %POSTSEAL_NET_ERROR. Returns: (transfer full)
   (nullable) */
char *postseal_local_link_read_line (PostsealLocalLink *self, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A connection to a server that is examined, for straight-line code on a thread of its own: every
   wait has an end, and is over at once when cancelled. It proves nothing, and nothing secret is
   ever said over it. */
typedef struct _PostsealProbeSocket PostsealProbeSocket;

/* When all waiting is over; shared by the connections of one examination. */
typedef struct
{
  gint64 end; /* of g_get_monotonic_time() */
  GCancellable *cancellable; /* borrowed, nullable */
} PostsealProbeLimit;

/* The earlier of @limit and @ms from now on. */
gint64 _postseal_probe_limit_within (const PostsealProbeLimit *limit, guint ms);

/**
 * _postseal_probe_socket_open:
 * @addresses: (element-type GInetAddress): tried in this order, each a little after the one before
 * @limit: borrowed for the life of the socket
 * @until: monotonic time
 *
 * The first that answers is taken.
 *
 * Returns: (transfer full) (nullable): NULL with %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CANCELLED, or
 * what the system says; of several refusals %G_IO_ERROR_CONNECTION_REFUSED before others
 */
PostsealProbeSocket *_postseal_probe_socket_open (GPtrArray *addresses,
                                                  guint16 port,
                                                  const PostsealProbeLimit *limit,
                                                  gint64 until,
                                                  GError **error);
void _postseal_probe_socket_free (PostsealProbeSocket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProbeSocket, _postseal_probe_socket_free)

/* The server's. Returns: (transfer none) */
GInetAddress *_postseal_probe_socket_get_address (PostsealProbeSocket *self);
/* "192.0.2.1:993", "[2001:db8::1]:993". Returns: (transfer full) */
char *_postseal_probe_socket_describe (PostsealProbeSocket *self);
/* Ours, as an address literal for SMTP (RFC 5321 section 4.1.3). Returns: (transfer full) */
char *_postseal_probe_socket_get_own_literal (PostsealProbeSocket *self);

/* Waits for @condition. Returns: FALSE with %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED */
gboolean _postseal_probe_socket_wait (PostsealProbeSocket *self,
                                      GIOCondition condition,
                                      gint64 until,
                                      GError **error);
/* Without waiting. Returns: 0 at the end, also at one by a reset; -1 with
   %G_IO_ERROR_WOULD_BLOCK or another error */
gssize _postseal_probe_socket_receive (PostsealProbeSocket *self,
                                       void *buffer,
                                       gsize size,
                                       GError **error);
/* Without waiting; may send less. Returns: -1 with %G_IO_ERROR_WOULD_BLOCK or another error */
gssize _postseal_probe_socket_send (PostsealProbeSocket *self,
                                    const void *data,
                                    gsize size,
                                    GError **error);
/* Waits for some bytes. Returns: 0 at the end, -1 with @error */
gssize _postseal_probe_socket_read (
    PostsealProbeSocket *self, void *buffer, gsize size, gint64 until, GError **error);
/* Waits until all is sent. */
gboolean _postseal_probe_socket_write (
    PostsealProbeSocket *self, const void *data, gsize size, gint64 until, GError **error);

G_END_DECLS

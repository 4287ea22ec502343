/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* TLS records over a socket, as a GIOStream with pollable, never blocking input and output. It
   knows nothing of policy: whoever made the session judges it before a byte of the user's goes
   through.

   Reading 0 bytes means close_notify. A stream that was cut is POSTSEAL_TLS_ERROR_TRUNCATED, always
   again (RFC 8446 section 6.1). Writes go out as records of what is there, at most 16 KiB each;
   after %G_IO_ERROR_WOULD_BLOCK the same bytes must be offered again, more may follow them. Closing
   sends close_notify if the socket takes it at once. */
#define POSTSEAL_TYPE_TLS_STREAM (_postseal_tls_stream_get_type ())
G_DECLARE_FINAL_TYPE (PostsealTlsStream, _postseal_tls_stream, POSTSEAL, TLS_STREAM, GIOStream)

/* Called once, when a resumption ticket has come: with a handshake or, in TLS 1.3, with later
 * reads. */
typedef void (*PostsealTlsTicketFunc) (gnutls_session_t session, gpointer user_data);

/**
 * _postseal_tls_stream_new:
 * @socket: connected, not blocking; a reference is taken
 * @session: (transfer full): GNUTLS_CLIENT | GNUTLS_NONBLOCK, priorities and credentials set
 * @server: for messages
 */
PostsealTlsStream *
_postseal_tls_stream_new (GSocket *socket, gnutls_session_t session, const char *server);

/* Returns: (transfer none): for questions about versions and certificates */
gnutls_session_t _postseal_tls_stream_get_session (PostsealTlsStream *self);
GSocket *_postseal_tls_stream_get_socket (PostsealTlsStream *self); /* Returns: (transfer none) */

/**
 * _postseal_tls_stream_shake_hands:
 * @ret_wait: (out): for GNUTLS_E_AGAIN: call again when the socket is so
 *
 * One step of the handshake. Returns: 0 when done, GNUTLS_E_AGAIN, or the fatal error; the peer has
 * been sent an alert then.
 */
int _postseal_tls_stream_shake_hands (PostsealTlsStream *self, GIOCondition *ret_wait);

/* TRUE when the first bytes that came in answer to the ClientHello are no TLS record; @ret_is_text
   says whether they can be read as text. */
gboolean _postseal_tls_stream_heard_garbage (PostsealTlsStream *self, gboolean *ret_is_text);
/* TRUE when the peer has sent anything at all. */
gboolean _postseal_tls_stream_heard_anything (PostsealTlsStream *self);

/* Returns: (transfer none) (nullable): what the socket reported, where GnuTLS only knows "error in
 * pull" */
const GError *_postseal_tls_stream_get_transport_error (PostsealTlsStream *self);

/* Calls @func at once when the ticket is here already. @destroy (user_data) when the stream goes.
 */
void _postseal_tls_stream_set_ticket_func (PostsealTlsStream *self,
                                           PostsealTlsTicketFunc func,
                                           gpointer user_data,
                                           GDestroyNotify destroy);

/* RFC 9266 for TLS 1.3, RFC 5929 section 3 for TLS 1.2 (which we only use with extended master
   secret). Both have the signatures of PostsealSealedLinkTls. */
GBytes *_postseal_tls_stream_get_channel_binding (GIOStream *stream, const char **ret_type);
gboolean _postseal_tls_stream_has_client_certificate (GIOStream *stream);

/* close_notify, once; what is written after it fails. Returns: FALSE when it would have to wait */
gboolean _postseal_tls_stream_end_writing (PostsealTlsStream *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/seal.h"

G_BEGIN_DECLS

/* A connection that has passed the TLS policy. Only net/dial.c makes one, and only a sealed link
   can carry credentials or mail: sessions and SASL take this type, which is unrelated to the clear
   link of the vestibule, so that the wrong one does not compile. */
typedef struct _PostsealSealedLink PostsealSealedLink;

void postseal_sealed_link_free (PostsealSealedLink *self); /* closes at once */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSealedLink, postseal_sealed_link_free)

/* Returns: (transfer none) */
PostsealSeal *postseal_sealed_link_get_seal (PostsealSealedLink *self);
const PostsealEndpoint *postseal_sealed_link_get_endpoint (PostsealSealedLink *self);

/* TRUE when the server's greeting is still to come: implicit TLS, loopback. FALSE when the upgrade
   has consumed it, for there is no second one after STARTTLS or STLS (RFC 3501 section 6.2.1, RFC
   2595 section 4, RFC 3207 section 4.2): the client speaks first. */
gboolean postseal_sealed_link_awaits_greeting (PostsealSealedLink *self);

/* Our own address on this connection as an address literal: "[192.0.2.1]", "[IPv6:2001:db8::1]"
   (RFC 5321 section 4.1.3), for EHLO. "[127.0.0.1]" where it has none.
   Returns: (transfer full) */
char *postseal_sealed_link_get_own_literal (PostsealSealedLink *self);

/* The pollable stream; reads and writes are non-blocking. For net/channel.c. Returns: (transfer
 * none) */
GIOStream *postseal_sealed_link_get_stream (PostsealSealedLink *self);

/**
 * postseal_sealed_link_get_channel_binding:
 * @ret_type: (out): "tls-exporter" (RFC 9266) or "tls-unique" (RFC 5929)
 *
 * Returns: (transfer full) (nullable): the binding data; NULL when this link has none
 */
GBytes *postseal_sealed_link_get_channel_binding (PostsealSealedLink *self, const char **ret_type);

/**
 * postseal_sealed_link_end_writing:
 *
 * Announces that no byte will follow (close_notify, RFC 8446 section 6.1; FIN without TLS), when
 * all that was written has left. What the peer still says can be read.
 *
 * Returns: FALSE when it does not get out yet: call it again a little later
 */
gboolean postseal_sealed_link_end_writing (PostsealSealedLink *self);

/* TRUE when a client certificate was asked for and sent (SASL EXTERNAL makes sense). */
gboolean postseal_sealed_link_has_client_certificate (PostsealSealedLink *self);

G_END_DECLS

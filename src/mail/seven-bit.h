/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_seven_bit_convert:
 * @fd: holds the message from @offset, @length octets, CR LF
 * @ret_fd: (out): an unlinked temporary file with the converted message, at its start
 * @ret_length: (out): its octets
 *
 * The message for a server without 8BITMIME (RFC 6152 section 3): parts in 8 bit or binary become
 * quoted-printable or base64, whichever is shorter, the rest stays as it is; lines end with CR LF.
 * Refused: signed or encrypted multiparts whose parts would change (RFC 1847 section 2.1), a
 * DKIM-Signature, and 8-bit octets in a header. Blocking; memory does not grow with the message.
 *
 * Errors: %POSTSEAL_OUTBOX_ERROR_MESSAGE (with a sentence), _DISK, _INPUT
 */
gboolean postseal_seven_bit_convert (
    int fd, guint64 offset, guint64 length, int *ret_fd, guint64 *ret_length, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/seal.h"

G_BEGIN_DECLS

/**
 * postseal_trace_header_new:
 * @seal: of the connection
 * @address: the account's address
 * @now_us: real time in microseconds
 *
 * A Received field (RFC 5321 section 4.4) that names the seal, for the key trace-header=yes. "IMAP"
 * and "POP3" are not registered "with" values; the evidence stands in comments, so that any parser
 * of Received can read it.
 *
 * Returns: (transfer full): the field, folded, LF line ends, the last one included
 */
char *postseal_trace_header_new (const PostsealSeal *seal, const char *address, gint64 now_us);

G_END_DECLS

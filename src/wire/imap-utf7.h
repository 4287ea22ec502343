/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Mailbox names of servers without UTF8=ACCEPT: modified UTF-7 (RFC 3501 section 5.1.3). */

/* Takes only what postseal_imap_utf7_encode() would write, so that two names on the server never
   become one here. Returns: (transfer full) (nullable): UTF-8; NULL when @bytes is anything else,
   keep it raw then */
char *postseal_imap_utf7_decode (const char *bytes, gsize length);

/* Returns: (transfer full) (nullable): NULL when @utf8 is not UTF-8 */
char *postseal_imap_utf7_encode (const char *utf8);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_mail_headline_read:
 * @path: of a stored message
 *
 * "Sender: Subject" for a person to read, RFC 2047 decoded and printable; of the sender the name,
 * else the address. Only the beginning of the file is read. Blocking.
 *
 * Returns: (transfer full) (nullable): NULL when the file is gone or says neither
 */
char *postseal_mail_headline_read (const char *path);

G_END_DECLS

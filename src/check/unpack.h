/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TRUE when @data begins as a file of gzip does (RFC 1952 section 2.3.1). */
gboolean postseal_unpack_is_packed (const void *data, gsize length);

/**
 * postseal_unpack:
 * @data: (array length=length): a file of gzip, of one or more members
 * @limit: bytes
 *
 * Errors: %POSTSEAL_TLS_REPORT_ERROR_PACKED: it is damaged or cut, or holds more than @limit.
 * No more memory than twice that is taken, whatever it says.
 *
 * Returns: (transfer full): what it holds
 */
GBytes *postseal_unpack (const void *data, gsize length, gsize limit, GError **error);

G_END_DECLS

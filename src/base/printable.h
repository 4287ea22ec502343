/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_printable:
 * @text: (array length=length): bytes from a peer or a file, trusted in nothing
 * @length: their number, or -1 when NUL terminated
 *
 * What may be shown to a person: valid UTF-8, no control or direction-changing characters (each
 * becomes a \\xNN escape), at most 200 characters, then "…".
 *
 * Returns: (transfer full)
 */
char *postseal_printable (const char *text, gssize length);

G_END_DECLS

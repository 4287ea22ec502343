/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"

G_BEGIN_DECLS

/**
 * _postseal_sasl_prep:
 * @text: (array length=length): UTF-8
 *
 * The stored-string form of RFC 4013 (SASLprep), so that a client and a server see the same user
 * name and password however they were typed: spaces and invisible characters mapped, NFKC, control,
 * private-use and formatting characters refused. Unicode tables are GLib's, unassigned characters
 * pass, and section 2.3 (bidirectional text) is not checked. No copy of @text is left in memory
 * that is not wiped.
 *
 * Returns: (transfer full) (nullable): NULL when @text is not UTF-8 or has a refused character
 */
PostsealCredential *_postseal_sasl_prep (const char *text, gsize length);

G_END_DECLS

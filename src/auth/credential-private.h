/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"

G_BEGIN_DECLS

/* For the code in auth/ that reads or builds a secret in place, so that no other copy exists. */

/* @length zero bytes to be filled in. Returns: (transfer full) */
PostsealCredential *_postseal_credential_new_sized (gsize length);

/* The bytes to fill; valid until the credential is freed. Returns: (transfer none) */
char *_postseal_credential_peek (PostsealCredential *self);

/* Shortens the secret to @length bytes and wipes what followed. */
void _postseal_credential_truncate (PostsealCredential *self, gsize length);

/* Whether both hold the same bytes. */
gboolean _postseal_credential_is_same (PostsealCredential *self, PostsealCredential *other);

/**
 * _postseal_credential_keep_first_line:
 * @filled: how many bytes have been read into @self
 *
 * Leaves the first line without its LF or CR LF. The last line needs no line end.
 *
 * Returns: FALSE when that line holds a NUL, or has no end within the limit (@self is full)
 */
gboolean _postseal_credential_keep_first_line (PostsealCredential *self, gsize filled);

G_END_DECLS

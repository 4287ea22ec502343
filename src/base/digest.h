/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SHA-256 of a stream. The only file outside auth/ and net/ that calls a GnuTLS primitive. */
typedef struct _PostsealDigest PostsealDigest;

#define POSTSEAL_DIGEST_LENGTH 32

PostsealDigest *postseal_digest_new (void);
/* The next @length bytes. */
void postseal_digest_update (PostsealDigest *self, const void *data, gsize length);
/* Frees @self and writes its value. */
void postseal_digest_finish (PostsealDigest *self, guint8 ret_digest[POSTSEAL_DIGEST_LENGTH]);
void postseal_digest_free (PostsealDigest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDigest, postseal_digest_free)

/* Lower-case hexadecimal of the first @length bytes of @digest. Returns: (transfer full) */
char *postseal_digest_to_hex (const guint8 *digest, gsize length);

G_END_DECLS

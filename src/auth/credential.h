/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A password or token in memory that is not swapped, not dumped, and wiped when freed.
   Reference counted. Never put its bytes into a GString, a GError, a log or a GObject property. */
typedef struct _PostsealCredential PostsealCredential;

/* Copies @length bytes (-1: NUL terminated); the caller wipes its own copy. */
PostsealCredential *postseal_credential_new (const char *secret, gssize length);
PostsealCredential *postseal_credential_ref (PostsealCredential *self);
void postseal_credential_unref (PostsealCredential *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealCredential, postseal_credential_unref)

/* Returns: (transfer none): NUL terminated; wiped with the credential */
const char *postseal_credential_get (PostsealCredential *self);
gsize postseal_credential_get_length (PostsealCredential *self);

/* A GByteArray replacement for the few buffers that hold secrets: wipe before g_free. */
void postseal_wipe (void *memory, gsize length);

G_END_DECLS

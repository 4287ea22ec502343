/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/credential.h"
#include "claws/sign-in.h"

G_BEGIN_DECLS

/* A password for a sign-in of the host's, in the desktop's keyring. It may lie there for the host
   alone, or for an account of Postseal that signs in likewise, so that one password serves both.
   Never a prompt; errors of all: %POSTSEAL_VAULT_ERROR, %G_IO_ERROR_CANCELLED. */

/* The host's own first. */
void postseal_claws_keyring_lookup_async (const PostsealClawsSignIn *sign_in,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
/* Returns: (transfer full) */
PostsealCredential *postseal_claws_keyring_lookup_finish (GAsyncResult *result, GError **error);

/* Has @secret found from now on. It is stored for the account of Postseal that has none yet, for
   nobody when one has the same, else for the host alone: what Postseal has is never overwritten. */
void postseal_claws_keyring_keep_async (const PostsealClawsSignIn *sign_in,
                                        PostsealCredential *secret,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
/* Returns: TRUE when it has been read back */
gboolean postseal_claws_keyring_keep_finish (GAsyncResult *result, GError **error);

/* Removes what is there for the host alone. */
void postseal_claws_keyring_drop_async (const PostsealClawsSignIn *sign_in,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean postseal_claws_keyring_drop_finish (GAsyncResult *result, GError **error);

/* In constant time. */
gboolean postseal_claws_is_same_secret (PostsealCredential *a, PostsealCredential *b);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who signs in where: what a password is for. It knows nothing of the host. */
typedef struct
{
  char *protocol; /* "imap", "pop3", "smtp", "nntp", "sieve" */
  char *server; /* lower case */
  char *user;
} PostsealClawsSignIn;

/* Returns: (transfer full) (nullable): NULL without a server or a user. All: (nullable) */
PostsealClawsSignIn *
postseal_claws_sign_in_new (const char *protocol, const char *server, const char *user);
PostsealClawsSignIn *postseal_claws_sign_in_copy (const PostsealClawsSignIn *self);
void postseal_claws_sign_in_free (PostsealClawsSignIn *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClawsSignIn, postseal_claws_sign_in_free)

/* NULL-safe. The user's name is compared as it is. */
gboolean postseal_claws_sign_in_equal (const PostsealClawsSignIn *a, const PostsealClawsSignIn *b);

/* Under which its password lies in the keyring, as a URL ("imap://jane@imap.example.org"), which no
   account of Postseal can be called. Returns: (transfer full) */
char *postseal_claws_sign_in_name (const PostsealClawsSignIn *self);

/* An account of Postseal that signs in likewise, with a password from the keyring. */
typedef struct
{
  char *account;
  gboolean is_for_this; /* its one password is first of all for this sign-in */
} PostsealClawsSharedSignIn;

/* From accounts.conf, which is read at once: for a worker thread. Returns: (transfer full)
   (element-type PostsealClawsSharedSignIn) */
GPtrArray *postseal_claws_sign_in_find_shared (const PostsealClawsSignIn *self);

G_END_DECLS

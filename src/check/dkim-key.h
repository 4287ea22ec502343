/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A public key of DKIM as the DNS has it (RFC 6376 section 3.6.1, RFC 8463). */
typedef struct
{
  char *algorithm; /* owned: "rsa", "ed25519" */
  guint bits; /* 0: not known, or revoked */
  gboolean is_revoked; /* "p=" is empty */
  gboolean is_testing; /* "t=y" */
} PostsealDkimKey;

/* @ret_flaw: (out) (transfer full): a sentence fragment. Returns: (transfer full) (nullable) */
PostsealDkimKey *postseal_dkim_key_parse (const char *text, char **ret_flaw);
void postseal_dkim_key_free (PostsealDkimKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDkimKey, postseal_dkim_key_free)

G_END_DECLS

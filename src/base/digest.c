/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/digest.h"

#include <gnutls/crypto.h>

struct _PostsealDigest
{
  gnutls_hash_hd_t hash; /* owned */
};

PostsealDigest *
postseal_digest_new (void)
{
  PostsealDigest *self = g_new0 (PostsealDigest, 1);

  if (gnutls_hash_init (&self->hash, GNUTLS_DIG_SHA256) < 0)
    g_error ("SHA-256 is not available in GnuTLS");
  return self;
}

void
postseal_digest_update (PostsealDigest *self, const void *data, gsize length)
{
  g_return_if_fail (self != NULL);

  if (length > 0)
    gnutls_hash (self->hash, data, length);
}

void
postseal_digest_finish (PostsealDigest *self, guint8 ret_digest[POSTSEAL_DIGEST_LENGTH])
{
  g_return_if_fail (self != NULL);

  gnutls_hash_deinit (self->hash, ret_digest);
  g_free (self);
}

void
postseal_digest_free (PostsealDigest *self)
{
  if (self == NULL)
    return;
  gnutls_hash_deinit (self->hash, NULL);
  g_free (self);
}

char *
postseal_digest_to_hex (const guint8 *digest, gsize length)
{
  static const char digits[] = "0123456789abcdef";
  char *hex = g_malloc (length * 2 + 1);

  for (gsize i = 0; i < length; i++)
    {
      hex[i * 2] = digits[digest[i] >> 4];
      hex[i * 2 + 1] = digits[digest[i] & 0xf];
    }
  hex[length * 2] = '\0';
  return hex;
}

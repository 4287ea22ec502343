/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/scram-keys-private.h"

#include <string.h>

const PostsealScramHash _postseal_scram_sha1 = { GNUTLS_MAC_SHA1, GNUTLS_DIG_SHA1, 20 };
const PostsealScramHash _postseal_scram_sha256 = { GNUTLS_MAC_SHA256, GNUTLS_DIG_SHA256, 32 };

typedef guint8 Key[POSTSEAL_SCRAM_HASH_MAX];

void
_postseal_scram_derivation_free (PostsealScramDerivation *self)
{
  g_clear_pointer (&self->password, postseal_credential_unref);
  g_clear_pointer (&self->salt, g_bytes_unref);
  g_free (self->without_proof);
  g_free (self->auth_message);
  postseal_wipe (self, sizeof *self);
  g_free (self);
}

static gboolean
salt_password (const PostsealScramDerivation *self, Key ret_salted)
{
  gsize size = 0;
  const guint8 *salt = g_bytes_get_data (self->salt, &size);
  const gnutls_datum_t salt_datum = { (guint8 *)salt, (guint)size };
  const gnutls_datum_t password = { (guint8 *)postseal_credential_get (self->password),
                                    (guint)postseal_credential_get_length (self->password) };

  return gnutls_pbkdf2 (self->hash->mac, &password, &salt_datum, self->iterations, ret_salted,
                        self->hash->length)
         >= 0;
}

static gboolean
sign (const PostsealScramDerivation *self, const Key key, const char *text, guint8 *ret_signature)
{
  return gnutls_hmac_fast (self->hash->mac, key, self->hash->length, text, strlen (text),
                           ret_signature)
         >= 0;
}

gboolean
_postseal_scram_derive (PostsealScramDerivation *self)
{
  Key salted = { 0 };
  Key client_key = { 0 };
  Key stored_key = { 0 };
  Key server_key = { 0 };
  Key signature = { 0 };
  gboolean is_good
      = salt_password (self, salted) && sign (self, salted, "Client Key", client_key)
        && gnutls_hash_fast (self->hash->digest, client_key, self->hash->length, stored_key) >= 0
        && sign (self, stored_key, self->auth_message, signature)
        && sign (self, salted, "Server Key", server_key)
        && sign (self, server_key, self->auth_message, self->server_signature);

  for (gsize i = 0; i < self->hash->length; i++)
    self->proof[i] = client_key[i] ^ signature[i];
  postseal_wipe (salted, sizeof salted);
  postseal_wipe (client_key, sizeof client_key);
  postseal_wipe (stored_key, sizeof stored_key);
  postseal_wipe (server_key, sizeof server_key);
  postseal_wipe (signature, sizeof signature);
  return is_good;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/sasl-private.h"

#include <gnutls/crypto.h>
#include <glib/gi18n-lib.h>

#define MD5_LENGTH 16

static void
write_hex (const guint8 *digest, char ret_hex[MD5_LENGTH * 2])
{
  static const char digits[] = "0123456789abcdef";

  for (gsize i = 0; i < MD5_LENGTH; i++)
    {
      ret_hex[i * 2] = digits[digest[i] >> 4];
      ret_hex[i * 2 + 1] = digits[digest[i] & 15];
    }
}

/* RFC 2195 section 2: user, space, HMAC-MD5 of the challenge in hexadecimal. */
static void
step_cram (PostsealSasl *sasl, GBytes *challenge, GTask *task)
{
  guint8 digest[MD5_LENGTH];
  char hex[MD5_LENGTH * 2];

  if (sasl->answers > 0)
    {
      _postseal_sasl_return_unexpected (sasl, task);
      return;
    }
  if (challenge == NULL || g_bytes_get_size (challenge) == 0)
    {
      g_task_return_error (task, _postseal_sasl_server_error (sasl, _ ("its challenge is empty")));
      return;
    }

  gsize size = 0;
  const void *data = g_bytes_get_data (challenge, &size);

  if (gnutls_hmac_fast (GNUTLS_MAC_MD5, postseal_credential_get (sasl->secret),
                        postseal_credential_get_length (sasl->secret), data, size, digest)
      < 0)
    {
      g_task_return_new_error (
          task, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
          _ ("This system does not allow CRAM-MD5. Remove it from the key auth "
             "of the account"));
      return;
    }
  write_hex (digest, hex);
  const PostsealSaslPart parts[] = { { sasl->user, -1 }, { " ", 1 }, { hex, sizeof hex } };
  _postseal_sasl_return (sasl, task, _postseal_sasl_join (parts, G_N_ELEMENTS (parts)));
  postseal_wipe (digest, sizeof digest);
  postseal_wipe (hex, sizeof hex);
}

static const PostsealSaslClass cram_md5_class
    = { .name = "CRAM-MD5", .needs_secret = TRUE, .step = step_cram };

const PostsealSaslClass *const _postseal_sasl_cram_classes[] = { &cram_md5_class, NULL };

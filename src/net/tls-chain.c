/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-chain-private.h"

#include "base/printable.h"

/* Verification takes time for each, on the main loop. Real chains have two to four. */
#define LONGEST_CHAIN 16

static void
clear_chain (gpointer data)
{
  PostsealTlsChain *self = data;

  for (guint i = 0; i < self->length; i++)
    {
      gnutls_x509_crt_deinit (self->crts[i]);
      g_clear_pointer (&self->staples[i], g_bytes_unref);
    }
  g_free (self->crts);
  g_free (self->staples);
}

PostsealTlsChain *
_postseal_tls_chain_new (const gnutls_datum_t *ders, guint length, GBytes *staple)
{
  g_autoptr (PostsealTlsChain) self = g_atomic_rc_box_new0 (PostsealTlsChain);

  if (length == 0 || length > LONGEST_CHAIN)
    return NULL;
  self->crts = g_new0 (gnutls_x509_crt_t, length);
  self->staples = g_new0 (GBytes *, length);
  while (self->length < length)
    {
      gnutls_x509_crt_t crt = NULL;

      if (gnutls_x509_crt_init (&crt) < 0)
        return NULL;
      self->crts[self->length++] = crt;
      if (gnutls_x509_crt_import (crt, &ders[self->length - 1], GNUTLS_X509_FMT_DER) < 0)
        return NULL;
    }
  if (staple != NULL)
    self->staples[0] = g_bytes_ref (staple);
  return g_steal_pointer (&self);
}

PostsealTlsChain *
_postseal_tls_chain_new_from_session (gnutls_session_t session)
{
  unsigned length = 0;
  const gnutls_datum_t *ders = gnutls_certificate_get_peers (session, &length);
  PostsealTlsChain *self = NULL;

  if (ders == NULL
      || gnutls_certificate_type_get2 (session, GNUTLS_CTYPE_SERVER) != GNUTLS_CRT_X509)
    return NULL;
  self = _postseal_tls_chain_new (ders, length, NULL);
  for (guint i = 0; self != NULL && i < length; i++)
    {
      gnutls_datum_t staple = { NULL, 0 };

      if (gnutls_ocsp_status_request_get2 (session, i, &staple) == 0 && staple.size > 0)
        self->staples[i] = g_bytes_new (staple.data, staple.size);
    }
  return self;
}

PostsealTlsChain *
_postseal_tls_chain_ref (PostsealTlsChain *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
_postseal_tls_chain_unref (PostsealTlsChain *self)
{
  g_atomic_rc_box_release_full (self, clear_chain);
}

char *
_postseal_tls_chain_get_pin (PostsealTlsChain *self)
{
  guint8 key_id[32];
  gsize length = sizeof key_id;
  g_autofree char *base64 = NULL;

  if (gnutls_x509_crt_get_key_id (self->crts[0], GNUTLS_KEYID_USE_SHA256, key_id, &length) < 0)
    return g_strdup ("");
  base64 = g_base64_encode (key_id, length);
  return g_strconcat ("sha256:", base64, NULL);
}

char *
_postseal_tls_chain_get_issuer (PostsealTlsChain *self, guint index)
{
  gnutls_datum_t name = { NULL, 0 };
  char *printable = NULL;

  if (gnutls_x509_crt_get_issuer_dn3 (self->crts[index], &name, 0) < 0)
    return g_strdup ("");
  printable = postseal_printable ((const char *)name.data, name.size);
  gnutls_free (name.data);
  return printable;
}

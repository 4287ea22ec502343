/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/certificate.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "base/printable.h"
#include "net/tls-dane.h"

/* Real chains have two to four. */
#define LONGEST_CHAIN 16
#define KEY_ID_LENGTH 32
/* Each of these is judged elsewhere, for itself. */
#define PATH_FLAGS                                                                                 \
  (GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN                                  \
   | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 | GNUTLS_VERIFY_ALLOW_SIGN_RSA_MD5)

static void
free_link (gpointer data)
{
  PostsealCertificateLink *self = data;

  g_free (self->subject);
  g_free (self);
}

/* Takes over @name. Returns: (transfer full) */
static char *
print_name (gnutls_datum_t name)
{
  char *text = postseal_printable (name.data != NULL ? (const char *)name.data : "",
                                   name.data != NULL ? (gssize)name.size : 0);

  gnutls_free (name.data);
  return text;
}

static char *
print_subject (gnutls_x509_crt_t crt)
{
  gnutls_datum_t name = { NULL, 0 };

  (void)gnutls_x509_crt_get_dn3 (crt, &name, 0);
  return print_name (name);
}

static char *
print_issuer (gnutls_x509_crt_t crt)
{
  gnutls_datum_t name = { NULL, 0 };

  (void)gnutls_x509_crt_get_issuer_dn3 (crt, &name, 0);
  return print_name (name);
}

/* RFC 5280 section 4.2.2.1 */
static char *
print_issuer_url (gnutls_x509_crt_t crt)
{
  gnutls_datum_t url = { NULL, 0 };

  if (gnutls_x509_crt_get_authority_info_access (crt, 0, GNUTLS_IA_CAISSUERS_URI, &url, NULL) < 0)
    return NULL;
  return print_name (url);
}

static char *
make_pin (gnutls_x509_crt_t crt)
{
  guint8 key_id[KEY_ID_LENGTH];
  gsize length = sizeof key_id;
  g_autofree char *base64 = NULL;

  if (gnutls_x509_crt_get_key_id (crt, GNUTLS_KEYID_USE_SHA256, key_id, &length) < 0)
    return g_strdup ("");
  base64 = g_base64_encode (key_id, length);
  return g_strconcat ("sha256:", base64, NULL);
}

static gboolean
is_self_issued (gnutls_x509_crt_t crt)
{
  return gnutls_x509_crt_check_issuer (crt, crt) != 0;
}

/* An authority's own signature is its own word for itself, and never looked at. */
static const char *
find_broken_hash (gnutls_x509_crt_t crt)
{
  int algorithm = gnutls_x509_crt_get_signature_algorithm (crt);

  if (algorithm < 0 || is_self_issued (crt))
    return NULL;
  switch ((int)gnutls_sign_get_hash_algorithm (algorithm))
    {
    case GNUTLS_DIG_MD2:
      return "MD2";
    case GNUTLS_DIG_MD5:
      return "MD5";
    case GNUTLS_DIG_SHA1:
      return "SHA-1";
    default:
      return NULL;
    }
}

static void
add_link (PostsealCertificate *self, gnutls_x509_crt_t crt)
{
  PostsealCertificateLink *link = g_new0 (PostsealCertificateLink, 1);
  unsigned bits = 0;
  int algorithm = gnutls_x509_crt_get_pk_algorithm (crt, &bits);
  const char *name = algorithm >= 0 ? gnutls_pk_algorithm_get_name (algorithm) : NULL;

  link->subject = print_subject (crt);
  link->not_before = gnutls_x509_crt_get_activation_time (crt);
  link->not_after = gnutls_x509_crt_get_expiration_time (crt);
  link->key = name != NULL ? name : "?";
  link->key_bits = bits;
  link->is_key_weak
      = algorithm < 0 || gnutls_pk_bits_to_sec_param (algorithm, bits) < GNUTLS_SEC_PARAM_MEDIUM;
  link->broken_hash = find_broken_hash (crt);
  g_ptr_array_add (self->path, link);
}

static gboolean
is_known (const PostsealCertificate *self, gnutls_x509_crt_t crt)
{
  gnutls_x509_crt_t issuer = NULL;

  if (gnutls_x509_trust_list_get_issuer (postseal_tls_trust_get_list (self->authorities), crt,
                                         &issuer, GNUTLS_TL_GET_COPY)
      < 0)
    return FALSE;
  gnutls_x509_crt_deinit (issuer);
  return TRUE;
}

/* Among those sent, in whatever order, and not taken yet: a ring would have no end. */
static gnutls_x509_crt_t
find_issuer (const PostsealCertificate *self, gnutls_x509_crt_t crt, gboolean *is_taken)
{
  for (guint i = 1; i < self->n_crts; i++)
    if (!is_taken[i] && gnutls_x509_crt_check_issuer (crt, self->crts[i]) != 0)
      {
        is_taken[i] = TRUE;
        return self->crts[i];
      }
  return NULL;
}

/* Up to the first one that somebody known has issued: servers send more than is needed, and of that
   nothing counts. Returns: (transfer none): the last one, which is not in the path when it vouches
   for itself */
static gnutls_x509_crt_t
walk_path (PostsealCertificate *self)
{
  gboolean is_taken[LONGEST_CHAIN] = { FALSE };
  gnutls_x509_crt_t crt = self->crts[0], issuer = NULL;

  for (;;)
    {
      if (crt == self->crts[0] || !is_self_issued (crt))
        add_link (self, crt);
      if (is_self_issued (crt) || is_known (self, crt))
        return crt;
      issuer = find_issuer (self, crt, is_taken);
      if (issuer == NULL)
        return crt;
      crt = issuer;
    }
}

static PostsealCertificateTrust
find_trust (const PostsealCertificate *self, gnutls_x509_crt_t last)
{
  unsigned status = 0;
  int result
      = gnutls_x509_trust_list_verify_crt (postseal_tls_trust_get_list (self->authorities),
                                           self->crts, self->n_crts, PATH_FLAGS, &status, NULL);

  if (result >= 0 && status == 0)
    return POSTSEAL_CERTIFICATE_TRUSTED;
  if (is_self_issued (self->crts[0]))
    return POSTSEAL_CERTIFICATE_SELF_SIGNED;
  if (status & GNUTLS_CERT_SIGNATURE_FAILURE)
    return POSTSEAL_CERTIFICATE_FORGED;
  if (is_known (self, last))
    return POSTSEAL_CERTIFICATE_UNFIT;
  return last == self->crts[0] ? POSTSEAL_CERTIFICATE_INCOMPLETE : POSTSEAL_CERTIFICATE_STRANGE;
}

/* As a connection of Postseal's demands it: every key exchange that it offers has the server sign.
 */
static gboolean
is_for_servers (gnutls_x509_crt_t leaf)
{
  unsigned usage = 0;

  return gnutls_x509_crt_check_key_purpose (leaf, GNUTLS_KP_TLS_WWW_SERVER, 0) != 0
         && (gnutls_x509_crt_get_key_usage (leaf, &usage, NULL) < 0
             || (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) != 0);
}

static void
look (PostsealCertificate *self, const char *host)
{
  gnutls_x509_crt_t leaf = self->crts[0];
  gnutls_x509_crt_t last = walk_path (self);

  self->identity = postseal_tls_identity_check (leaf, host, &self->names);
  self->issuer = print_issuer (leaf);
  self->pin = make_pin (leaf);
  self->is_for_servers = is_for_servers (leaf);
  self->trust = find_trust (self, last);
  if (self->trust == POSTSEAL_CERTIFICATE_TRUSTED)
    return;
  self->authority
      = self->trust == POSTSEAL_CERTIFICATE_FORGED ? g_strdup (self->issuer) : print_issuer (last);
  self->authority_url = print_issuer_url (last);
}

/* Returns: (transfer full) (nullable) */
static gnutls_x509_crt_t
import (GBytes *der)
{
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (der, &size);
  gnutls_datum_t datum = { (unsigned char *)data, (unsigned)MIN (size, G_MAXINT) };
  gnutls_x509_crt_t crt = NULL;

  if (gnutls_x509_crt_init (&crt) < 0)
    return NULL;
  if (gnutls_x509_crt_import (crt, &datum, GNUTLS_X509_FMT_DER) >= 0)
    return crt;
  gnutls_x509_crt_deinit (crt);
  return NULL;
}

PostsealCertificate *
postseal_certificate_new (const GPtrArray *chain, const char *host, PostsealTlsTrust *trust)
{
  g_autoptr (PostsealCertificate) self = g_new0 (PostsealCertificate, 1);
  guint n_sent = MIN (chain->len, LONGEST_CHAIN);

  self->authorities = trust;
  self->crts = g_new0 (gnutls_x509_crt_t, LONGEST_CHAIN);
  self->path = g_ptr_array_new_with_free_func (free_link);
  for (guint i = 0; i < n_sent; i++)
    {
      gnutls_x509_crt_t crt = import (chain->pdata[i]);

      if (crt != NULL)
        self->crts[self->n_crts++] = crt;
      else if (i == 0)
        return NULL;
      else
        self->n_unreadable++;
    }
  if (self->n_crts == 0)
    return NULL;
  look (self, host);
  return g_steal_pointer (&self);
}

gboolean
postseal_certificate_is_for (const PostsealCertificate *self, const char *host)
{
  g_autofree char *names = NULL;

  return postseal_tls_identity_check (self->crts[0], host, &names) == POSTSEAL_TLS_IDENTITY_MATCHES;
}

void
postseal_certificate_free (PostsealCertificate *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_crts; i++)
    gnutls_x509_crt_deinit (self->crts[i]);
  g_free (self->crts);
  g_free (self->names);
  g_free (self->issuer);
  g_free (self->pin);
  g_free (self->authority);
  g_free (self->authority_url);
  g_ptr_array_unref (self->path);
  g_free (self);
}

/* --- DANE --- */

/* Whether @authority, with nobody else, vouches for the server. */
static gboolean
leads_to (const PostsealCertificate *self, gnutls_x509_crt_t authority)
{
  gnutls_x509_trust_list_t list = NULL;
  unsigned status = GNUTLS_CERT_INVALID;
  gboolean is_good = FALSE;

  if (gnutls_x509_trust_list_init (&list, 0) < 0)
    return FALSE;
  if (gnutls_x509_trust_list_add_cas (list, &authority, 1, 0) == 1)
    is_good = gnutls_x509_trust_list_verify_crt (list, self->crts, self->n_crts, PATH_FLAGS,
                                                 &status, NULL)
                  >= 0
              && status == 0;
  gnutls_x509_trust_list_deinit (list, 0);
  return is_good;
}

/* The server need not send what the record itself holds (RFC 7671 section 5.2.1). */
static gboolean
leads_to_content (const PostsealCertificate *self, const PostsealTlsaRecord *record)
{
  gnutls_x509_crt_t authority = postseal_tls_dane_read_certificate (record);
  gboolean is_good = authority != NULL && leads_to (self, authority);

  if (authority != NULL)
    gnutls_x509_crt_deinit (authority);
  return is_good;
}

static gboolean
has_authority (const PostsealCertificate *self, const PostsealTlsaRecord *record)
{
  for (guint i = 1; i < self->n_crts; i++)
    if (postseal_tls_dane_matches (record, self->crts[i]) && leads_to (self, self->crts[i]))
      return TRUE;
  return leads_to_content (self, record);
}

/* A trusted one that the server does not send, as most do not send the root. */
static gboolean
has_known_authority (const PostsealCertificate *self, const PostsealTlsaRecord *record)
{
  gnutls_x509_crt_t issuer = NULL;
  gboolean is_match = FALSE;

  for (guint i = 0; i < self->n_crts && !is_match; i++)
    {
      if (gnutls_x509_trust_list_get_issuer (postseal_tls_trust_get_list (self->authorities),
                                             self->crts[i], &issuer, GNUTLS_TL_GET_COPY)
          < 0)
        continue;
      is_match = postseal_tls_dane_matches (record, issuer);
      gnutls_x509_crt_deinit (issuer);
    }
  return is_match;
}

gboolean
postseal_certificate_fits (const PostsealCertificate *self, const PostsealTlsaRecord *record)
{
  switch (record->usage)
    {
    case POSTSEAL_TLSA_PKIX_TA:
      return has_authority (self, record) || has_known_authority (self, record);
    case POSTSEAL_TLSA_DANE_TA:
      return has_authority (self, record);
    case POSTSEAL_TLSA_PKIX_EE:
    case POSTSEAL_TLSA_DANE_EE:
      return postseal_tls_dane_matches (record, self->crts[0]);
    default:
      return FALSE;
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-dane-private.h"

#include <glib/gi18n-lib.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <string.h>

#include "net/net-error.h"
#include "net/tls-verify-private.h"

/* RFC 7218 */
#define SELECTOR_CERT 0
#define SELECTOR_SPKI 1
#define MATCHING_FULL 0
#define MATCHING_SHA256 1
#define MATCHING_SHA512 2
#define SHA256_LENGTH 32
#define SHA512_LENGTH 64

typedef struct
{
  PostsealTlsChain *chain; /* borrowed */
  gnutls_x509_trust_list_t trust; /* borrowed */
  const PostsealTlsPolicy *policy; /* borrowed */
  const char *host; /* borrowed */
  GError *ca_error; /* owned: why no trusted authority vouches; NULL when one does */
  char *ca_name; /* owned: what matched when one does */
  GError *reason; /* owned, nullable: why what a record is about does not count all the same */
} Case;

static void
clear_case (Case *self)
{
  g_clear_error (&self->ca_error);
  g_clear_error (&self->reason);
  g_clear_pointer (&self->ca_name, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Case, clear_case)

/* Takes over @error. */
static void
keep_reason (Case *self, GError *error)
{
  if (self->reason == NULL)
    self->reason = error;
  else
    g_error_free (error);
}

/* --- records --- */

static gnutls_datum_t
borrow_data (const PostsealTlsaRecord *record)
{
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (record->data, &size);

  return (gnutls_datum_t){ (unsigned char *)data, (unsigned)size };
}

gnutls_x509_crt_t
postseal_tls_dane_read_certificate (const PostsealTlsaRecord *record)
{
  gnutls_datum_t data = borrow_data (record);
  gnutls_x509_crt_t crt = NULL;

  if (record->selector != SELECTOR_CERT || record->matching != MATCHING_FULL)
    return NULL;
  if (gnutls_x509_crt_init (&crt) < 0)
    return NULL;
  if (gnutls_x509_crt_import (crt, &data, GNUTLS_X509_FMT_DER) >= 0)
    return crt;
  gnutls_x509_crt_deinit (crt);
  return NULL;
}

static gboolean
holds_certificate (const PostsealTlsaRecord *record)
{
  gnutls_x509_crt_t crt = postseal_tls_dane_read_certificate (record);

  if (crt == NULL)
    return FALSE;
  gnutls_x509_crt_deinit (crt);
  return TRUE;
}

static gboolean
holds_key (const PostsealTlsaRecord *record)
{
  gnutls_datum_t data = borrow_data (record);
  gnutls_pubkey_t key = NULL;
  gboolean is_key = FALSE;

  if (gnutls_pubkey_init (&key) < 0)
    return FALSE;
  is_key = gnutls_pubkey_import (key, &data, GNUTLS_X509_FMT_DER) >= 0;
  gnutls_pubkey_deinit (key);
  return is_key;
}

static gboolean
is_usable (const PostsealTlsaRecord *record)
{
  gsize length = g_bytes_get_size (record->data);

  if (record->usage > POSTSEAL_TLSA_DANE_EE || record->selector > SELECTOR_SPKI)
    return FALSE;
  switch (record->matching)
    {
    case MATCHING_FULL:
      return record->selector == SELECTOR_CERT ? holds_certificate (record) : holds_key (record);
    case MATCHING_SHA256:
      return length == SHA256_LENGTH;
    case MATCHING_SHA512:
      return length == SHA512_LENGTH;
    default:
      return FALSE;
    }
}

/* RFC 7671 section 9: who publishes a stronger digest means it for all who know it. */
static gboolean
is_outdone (const PostsealTlsaRecord *record, const GPtrArray *usable)
{
  for (guint i = 0; i < usable->len && record->matching == MATCHING_SHA256; i++)
    {
      const PostsealTlsaRecord *other = g_ptr_array_index (usable, i);

      if (other->matching == MATCHING_SHA512 && other->usage == record->usage
          && other->selector == record->selector)
        return TRUE;
    }
  return FALSE;
}

GPtrArray *
postseal_tls_dane_find_usable (const GPtrArray *records)
{
  GPtrArray *usable = g_ptr_array_new ();

  for (guint i = 0; i < records->len; i++)
    if (is_usable (records->pdata[i]))
      g_ptr_array_add (usable, records->pdata[i]);
  for (guint i = usable->len; i > 0; i--)
    if (is_outdone (usable->pdata[i - 1], usable))
      g_ptr_array_remove_index (usable, i - 1);
  return usable;
}

/* --- certificates --- */

/* Returns: what is to be freed with gnutls_free() */
static gnutls_datum_t
export_selected (gnutls_x509_crt_t crt, guint selector)
{
  gnutls_datum_t der = { NULL, 0 };
  gnutls_pubkey_t key = NULL;

  if (selector == SELECTOR_CERT)
    {
      (void)gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_DER, &der);
      return der;
    }
  if (gnutls_pubkey_init (&key) < 0)
    return der;
  if (gnutls_pubkey_import_x509 (key, crt, 0) >= 0)
    (void)gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, &der);
  gnutls_pubkey_deinit (key);
  return der;
}

static gboolean
matches_bytes (const PostsealTlsaRecord *record, const gnutls_datum_t *der)
{
  gnutls_datum_t wanted = borrow_data (record);
  guint8 digest[SHA512_LENGTH];
  gboolean is_sha512 = record->matching == MATCHING_SHA512;

  if (der->data == NULL)
    return FALSE;
  if (record->matching == MATCHING_FULL)
    return wanted.size == der->size && memcmp (wanted.data, der->data, der->size) == 0;
  return gnutls_hash_fast (is_sha512 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256, der->data, der->size,
                           digest)
             >= 0
         && memcmp (wanted.data, digest, is_sha512 ? SHA512_LENGTH : SHA256_LENGTH) == 0;
}

gboolean
postseal_tls_dane_matches (const PostsealTlsaRecord *record, gnutls_x509_crt_t crt)
{
  gnutls_datum_t der = export_selected (crt, record->selector);
  gboolean is_match = matches_bytes (record, &der);

  gnutls_free (der.data);
  return is_match;
}

/* --- authorities --- */

/* Whether all that counts for a certificate of a trusted authority holds with @authority as the
   only one, for the host by either of its names (RFC 7671 section 5.2.1, 7). */
static gboolean
verify_under (Case *self, gnutls_x509_crt_t authority, const char *base, char **ret_name)
{
  gnutls_x509_trust_list_t list = NULL;
  gboolean is_good = FALSE;
  GError *error = NULL;

  if (gnutls_x509_trust_list_init (&list, 0) < 0)
    return FALSE;
  if (gnutls_x509_trust_list_add_cas (list, &authority, 1, 0) == 1)
    is_good = _postseal_tls_verify_chain (self->chain, list, base, ret_name, NULL)
              || _postseal_tls_verify_chain (self->chain, list, self->host, ret_name, &error);
  gnutls_x509_trust_list_deinit (list, 0);
  if (error != NULL)
    keep_reason (self, error);
  return is_good;
}

/* The server need not send what the record itself holds. */
static gboolean
verify_under_record (Case *self, const PostsealTlsaRecord *record, char **ret_name)
{
  gnutls_x509_crt_t authority = NULL;
  gboolean is_good = FALSE;

  authority = postseal_tls_dane_read_certificate (record);
  is_good = authority != NULL && verify_under (self, authority, record->base, ret_name);
  if (authority != NULL)
    gnutls_x509_crt_deinit (authority);
  return is_good;
}

static gboolean
verify_authority (Case *self, const PostsealTlsaRecord *record, char **ret_name)
{
  for (guint i = 1; i < self->chain->length; i++)
    if (postseal_tls_dane_matches (record, self->chain->crts[i])
        && verify_under (self, self->chain->crts[i], record->base, ret_name))
      return TRUE;
  return verify_under_record (self, record, ret_name);
}

/* A trusted authority that the server does not send, as most do not send the root. */
static gboolean
verify_known_authority (Case *self, const PostsealTlsaRecord *record, char **ret_name)
{
  gnutls_x509_crt_t last = self->chain->crts[self->chain->length - 1];
  gnutls_x509_crt_t issuer = NULL;
  gboolean is_good = FALSE;

  if (gnutls_x509_trust_list_get_issuer (self->trust, last, &issuer, GNUTLS_TL_GET_COPY) < 0)
    return FALSE;
  is_good = postseal_tls_dane_matches (record, issuer)
            && verify_under (self, issuer, record->base, ret_name);
  gnutls_x509_crt_deinit (issuer);
  return is_good;
}

/* --- the verdict --- */

/* A record that wants a trusted authority besides. */
static gboolean
has_authority (Case *self)
{
  if (self->ca_error != NULL)
    keep_reason (self, g_error_copy (self->ca_error));
  return self->ca_error == NULL;
}

static gboolean
satisfies (Case *self, const PostsealTlsaRecord *record, char **ret_name)
{
  gboolean is_good = FALSE;

  switch (record->usage)
    {
    case POSTSEAL_TLSA_PKIX_TA:
      return (verify_authority (self, record, ret_name)
              || verify_known_authority (self, record, ret_name))
             && has_authority (self);
    case POSTSEAL_TLSA_PKIX_EE:
      is_good = postseal_tls_dane_matches (record, self->chain->crts[0]) && has_authority (self);
      break;
    case POSTSEAL_TLSA_DANE_TA:
      return verify_authority (self, record, ret_name);
    case POSTSEAL_TLSA_DANE_EE:
    default:
      is_good = postseal_tls_dane_matches (record, self->chain->crts[0]);
      break;
    }
  if (is_good)
    *ret_name = g_strdup (self->ca_error == NULL ? self->ca_name : self->host);
  return is_good;
}

static void
explain (Case *self, GError **error)
{
  if (self->reason != NULL)
    g_propagate_error (error, g_steal_pointer (&self->reason));
  else
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_DANE_MISMATCH,
                 _ ("The DNS names another key for %s than the server has (DANE), so it may be an "
                    "impostor; else its owner must correct the DNS"),
                 self->host);
}

gboolean
_postseal_tls_dane_verify (PostsealTlsChain *chain,
                           const GPtrArray *usable,
                           gnutls_x509_trust_list_t trust,
                           const PostsealTlsPolicy *policy,
                           const char *host,
                           PostsealTlsDaneMatch *ret_match,
                           GError **error)
{
  g_auto (Case) self = { chain, trust, policy, host, NULL, NULL, NULL };

  if (!_postseal_tls_verify_key (chain, policy, host, error))
    return FALSE;
  (void)_postseal_tls_verify_chain (chain, trust, host, &self.ca_name, &self.ca_error);
  for (guint i = 0; i < usable->len; i++)
    {
      g_autofree char *name = NULL;

      if (!satisfies (&self, usable->pdata[i], &name))
        continue;
      ret_match->record = usable->pdata[i];
      ret_match->is_ca_valid = self.ca_error == NULL;
      ret_match->name = g_steal_pointer (&name);
      return TRUE;
    }
  explain (&self, error);
  return FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-staple-private.h"

#include <gnutls/ocsp.h>
#include <gnutls/x509-ext.h>

#define TLS_FEATURE_STATUS_REQUEST 5 /* RFC 7633 section 6 */
#define CLOCK_SKEW_S 300
#define SINGLES_READ 64 /* a response about more certificates than that is an attack */
#define DAYS_WITHOUT_NEXT_UPDATE 15 /* a response that names no end is not for ever */
#define SECONDS_A_DAY (24 * 60 * 60)

/* TRUE when @issuer's key has signed @crt: its name alone would prove nothing. */
static gboolean
has_issued (gnutls_x509_crt_t issuer, gnutls_x509_crt_t crt)
{
  unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
  unsigned problems = 0;

  return gnutls_x509_crt_check_issuer (crt, issuer) != 0
         && gnutls_x509_crt_verify (crt, &issuer, 1, flags, &problems) == 0 && problems == 0;
}

/* TRUE when the issuer of certificate @index, or a responder it appointed, has signed @response. */
static gboolean
is_signed_by_issuer (gnutls_ocsp_resp_t response,
                     PostsealTlsChain *chain,
                     guint index,
                     gnutls_x509_trust_list_t trust)
{
  gnutls_x509_crt_t trusted = NULL;
  gnutls_x509_crt_t issuer = NULL;
  unsigned problems = 0;
  int result = -1;

  /* The next in the chain or a trusted one: trying all would be quadratic in what a peer sends. */
  if (index + 1 < chain->length && has_issued (chain->crts[index + 1], chain->crts[index]))
    issuer = chain->crts[index + 1];
  if (issuer == NULL
      && gnutls_x509_trust_list_get_issuer (trust, chain->crts[index], &trusted, GNUTLS_TL_GET_COPY)
             == 0)
    issuer = trusted;
  if (issuer != NULL)
    result = gnutls_ocsp_resp_verify_direct (response, issuer, &problems, 0);
  if (trusted != NULL)
    gnutls_x509_crt_deinit (trusted);
  return result == 0 && problems == 0;
}

/* What the single responses of @response say about @crt. */
static PostsealTlsStaple
read_status (gnutls_ocsp_resp_t response, gnutls_x509_crt_t crt, gint64 now)
{
  for (unsigned i = 0; i < SINGLES_READ; i++)
    {
      unsigned status = GNUTLS_OCSP_CERT_UNKNOWN;
      time_t this_update = 0, next_update = 0;

      /* Asked for nothing, it succeeds at any index, for ever. */
      if (gnutls_ocsp_resp_get_single (response, i, NULL, NULL, NULL, NULL, &status, &this_update,
                                       &next_update, NULL, NULL)
          != 0)
        break;
      if (gnutls_ocsp_resp_check_crt (response, i, crt) != 0)
        continue;
      if (status == GNUTLS_OCSP_CERT_REVOKED)
        return POSTSEAL_TLS_STAPLE_REVOKED;
      if (next_update == (time_t)-1)
        next_update = this_update + DAYS_WITHOUT_NEXT_UPDATE * SECONDS_A_DAY;
      if (status == GNUTLS_OCSP_CERT_GOOD && this_update <= now + CLOCK_SKEW_S && now < next_update)
        return POSTSEAL_TLS_STAPLE_GOOD;
    }
  return POSTSEAL_TLS_STAPLE_SILENT;
}

static PostsealTlsStaple
check_one (PostsealTlsChain *chain, guint index, gnutls_x509_trust_list_t trust, gint64 now)
{
  gnutls_ocsp_resp_t response = NULL;
  gnutls_datum_t der = { NULL, 0 };
  PostsealTlsStaple verdict = POSTSEAL_TLS_STAPLE_SILENT;
  gsize size = 0;

  if (chain->staples[index] == NULL)
    return POSTSEAL_TLS_STAPLE_SILENT;
  der.data = (unsigned char *)g_bytes_get_data (chain->staples[index], &size);
  der.size = size;
  if (gnutls_ocsp_resp_init (&response) < 0)
    return POSTSEAL_TLS_STAPLE_SILENT;
  if (gnutls_ocsp_resp_import (response, &der) == 0
      && gnutls_ocsp_resp_get_status (response) == GNUTLS_OCSP_RESP_SUCCESSFUL
      && is_signed_by_issuer (response, chain, index, trust))
    verdict = read_status (response, chain->crts[index], now);
  gnutls_ocsp_resp_deinit (response);
  return verdict;
}

static gboolean
demands_staple (gnutls_x509_crt_t leaf)
{
  gnutls_x509_tlsfeatures_t features = NULL;
  gboolean demands = FALSE;
  unsigned feature = 0;

  if (gnutls_x509_tlsfeatures_init (&features) < 0)
    return FALSE;
  if (gnutls_x509_crt_get_tlsfeatures (leaf, features, 0, NULL) == 0)
    for (unsigned i = 0; gnutls_x509_tlsfeatures_get (features, i, &feature) == 0; i++)
      demands = demands || feature == TLS_FEATURE_STATUS_REQUEST;
  gnutls_x509_tlsfeatures_deinit (features);
  return demands;
}

PostsealTlsStaple
_postseal_tls_staple_check (PostsealTlsChain *chain, gnutls_x509_trust_list_t trust, gint64 now)
{
  PostsealTlsStaple leaf = check_one (chain, 0, trust, now);

  if (leaf == POSTSEAL_TLS_STAPLE_REVOKED)
    return leaf;
  for (guint i = 1; i < chain->length; i++)
    if (check_one (chain, i, trust, now) == POSTSEAL_TLS_STAPLE_REVOKED)
      return POSTSEAL_TLS_STAPLE_REVOKED;
  if (leaf == POSTSEAL_TLS_STAPLE_SILENT && demands_staple (chain->crts[0]))
    return POSTSEAL_TLS_STAPLE_MISSING;
  return leaf;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-verify-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "net/net-error.h"
#include "net/tls-identity.h"
#include "net/tls-staple-private.h"

typedef struct
{
  PostsealTlsChain *chain; /* borrowed */
  const PostsealTlsPolicy *policy; /* borrowed */
  const char *host; /* borrowed */
} Case;

static char *
format_date (gint64 unix_time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (unix_time);

  return date != NULL ? g_date_time_format (date, "%-d %B %Y, %H:%M") : g_strdup ("?");
}

static gboolean
is_self_signed (gnutls_x509_crt_t crt)
{
  return gnutls_x509_crt_check_issuer (crt, crt) != 0;
}

/* The last certificate of the chain whose issuer nobody knows. */
static void
explain_unknown_issuer (const Case *self, GError **error)
{
  g_autofree char *issuer = _postseal_tls_chain_get_issuer (self->chain, self->chain->length - 1);

  if (is_self_signed (self->chain->crts[0]))
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
                 _ ("The certificate of %s is self-signed, so nobody vouches for it; if the server "
                    "is yours, name the certificate in “ca-file”"),
                 self->host);
  else
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
                 _ ("Nobody trusted vouches for %s: its certificate was issued by “%s”, which is "
                    "unknown here, or the server fails to send an intermediate certificate; for an "
                    "authority of your own use “ca-file”"),
                 self->host, issuer);
}

/* A key of less than 112 bits of security, or else a signature with a broken hash. */
static void
explain_weakness (const Case *self, GError **error)
{
  for (guint i = 0; i < self->chain->length; i++)
    {
      unsigned bits = 0;
      int algorithm = gnutls_x509_crt_get_pk_algorithm (self->chain->crts[i], &bits);

      if (algorithm >= 0 && gnutls_pk_bits_to_sec_param (algorithm, bits) < GNUTLS_SEC_PARAM_MEDIUM)
        {
          g_set_error (
              error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
              _ ("A key in the certificates of %s is too weak (%s, %u bits); its owner must "
                 "replace it"),
              self->host, gnutls_pk_get_name (algorithm), bits);
          return;
        }
    }
  g_set_error (
      error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
      _ ("A certificate of %s is signed with a weak key or algorithm (%s); its owner must replace "
         "it"),
      self->host,
      gnutls_sign_get_name (gnutls_x509_crt_get_signature_algorithm (self->chain->crts[0])));
}

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
explain_expired (const Case *self, GError **error)
{
  gint64 end = gnutls_x509_crt_get_expiration_time (self->chain->crts[0]);
  g_autofree char *date = NULL;

  /* The leaf may outlive its issuer. */
  for (guint i = 1; i < self->chain->length && end >= now_s (); i++)
    end = gnutls_x509_crt_get_expiration_time (self->chain->crts[i]);
  date = format_date (end);
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_EXPIRED,
               _ ("The certificate of %s expired on %s; its owner must renew it"), self->host,
               date);
}

static void
explain_too_early (const Case *self, GError **error)
{
  gint64 start = 0;
  g_autofree char *date = NULL;
  g_autofree char *today = format_date (now_s ());

  for (guint i = 0; i < self->chain->length && start <= now_s (); i++)
    start = gnutls_x509_crt_get_activation_time (self->chain->crts[i]);
  date = format_date (start);
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_EXPIRED,
               _ ("The certificate of %s is valid only from %s, and the clock here says %s; one of "
                  "the two clocks is wrong"),
               self->host, date, today);
}

static void
explain_other (const Case *self, unsigned status, GError **error)
{
  gnutls_datum_t text = { NULL, 0 };
  g_autofree char *reason = NULL;

  if (gnutls_certificate_verification_status_print (status, GNUTLS_CRT_X509, &text, 0) == 0)
    reason = postseal_printable ((const char *)text.data, strlen ((const char *)text.data));
  gnutls_free (text.data);
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
               _ ("The certificates of %s do not prove who it is: %s"), self->host,
               reason != NULL ? g_strstrip (reason) : "");
}

static void
explain_revoked (const Case *self, GError **error)
{
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_REVOKED,
               _ ("The certificate of %s has been revoked by its issuer; do not use this server "
                  "until its owner has explained that"),
               self->host);
}

static void
explain_forgery (const Case *self, GError **error)
{
  g_autofree char *issuer = _postseal_tls_chain_get_issuer (self->chain, 0);

  g_set_error (
      error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
      _ ("The certificate of %s names “%s” as its issuer, but it did not sign it; somebody "
         "may be impersonating the server"),
      self->host, issuer);
}

static void
explain_wrong_usage (const Case *self, GError **error)
{
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
               _ ("The certificate of %s was not issued for a server; its owner must replace it"),
               self->host);
}

/* One sentence for the gravest of several problems. */
static void
explain_status (const Case *self, unsigned status, GError **error)
{
  if (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA))
    explain_unknown_issuer (self, error);
  else if (status & GNUTLS_CERT_SIGNATURE_FAILURE)
    explain_forgery (self, error);
  else if (status & GNUTLS_CERT_REVOKED)
    explain_revoked (self, error);
  else if (status & GNUTLS_CERT_INSECURE_ALGORITHM)
    explain_weakness (self, error);
  else if (status & GNUTLS_CERT_EXPIRED)
    explain_expired (self, error);
  else if (status & GNUTLS_CERT_NOT_ACTIVATED)
    explain_too_early (self, error);
  else if (status & GNUTLS_CERT_PURPOSE_MISMATCH)
    explain_wrong_usage (self, error);
  else
    explain_other (self, status, error);
}

static gboolean
is_weak (gnutls_x509_crt_t crt)
{
  unsigned bits = 0;
  int algorithm = gnutls_x509_crt_get_pk_algorithm (crt, &bits);

  return algorithm < 0 || gnutls_pk_bits_to_sec_param (algorithm, bits) < GNUTLS_SEC_PARAM_MEDIUM;
}

/* What path validation does not look at when the leaf itself is among the trusted certificates. */
static unsigned
check_leaf (gnutls_x509_crt_t leaf)
{
  unsigned usage = 0;
  unsigned problems = 0;

  if (is_weak (leaf))
    problems |= GNUTLS_CERT_INSECURE_ALGORITHM;
  if (gnutls_x509_crt_check_key_purpose (leaf, GNUTLS_KP_TLS_WWW_SERVER, 0) == 0)
    problems |= GNUTLS_CERT_PURPOSE_MISMATCH;
  /* Every key exchange we offer has the server sign (RFC 5280 section 4.2.1.3). */
  if (gnutls_x509_crt_get_key_usage (leaf, &usage, NULL) >= 0
      && (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0)
    problems |= GNUTLS_CERT_PURPOSE_MISMATCH;
  return problems;
}

/* RFC 5280 */
static gboolean
check_path (const Case *self, gnutls_x509_trust_list_t trust, GError **error)
{
  gnutls_typed_vdata_st purpose
      = { GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER, 0 };
  unsigned flags = GNUTLS_PROFILE_TO_VFLAGS (GNUTLS_PROFILE_MEDIUM);
  unsigned status = 0;
  int result = gnutls_x509_trust_list_verify_crt2 (trust, self->chain->crts, self->chain->length,
                                                   &purpose, 1, flags, &status, NULL);

  if (result < 0)
    {
      g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
                   _ ("The certificates of %s cannot be verified: %s"), self->host,
                   gnutls_strerror (result));
      return FALSE;
    }
  status |= check_leaf (self->chain->crts[0]);
  if (status != 0)
    explain_status (self, status, error);
  return status == 0;
}

static gboolean
check_staples (const Case *self, gnutls_x509_trust_list_t trust, GError **error)
{
  switch (_postseal_tls_staple_check (self->chain, trust, now_s ()))
    {
    case POSTSEAL_TLS_STAPLE_REVOKED:
      explain_revoked (self, error);
      return FALSE;
    case POSTSEAL_TLS_STAPLE_MISSING:
      g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_REVOKED,
                   _ ("The certificate of %s demands proof that it has not been revoked, and the "
                      "server sends none; its owner must turn on OCSP stapling"),
                   self->host);
      return FALSE;
    case POSTSEAL_TLS_STAPLE_SILENT:
    case POSTSEAL_TLS_STAPLE_GOOD:
    default:
      return TRUE;
    }
}

static gboolean
check_identity (const Case *self, char **ret_name, GError **error)
{
  g_autofree char *names = NULL;

  switch (postseal_tls_identity_check (self->chain->crts[0], self->host, &names))
    {
    case POSTSEAL_TLS_IDENTITY_MATCHES:
      *ret_name = g_steal_pointer (&names);
      return TRUE;
    case POSTSEAL_TLS_IDENTITY_OTHER:
      g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_IDENTITY,
                   _ ("The certificate presented as %s is for other names: %s; check the server's "
                      "name in the account"),
                   self->host, names);
      return FALSE;
    case POSTSEAL_TLS_IDENTITY_ONLY_CN:
      g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_IDENTITY,
                   _ ("The certificate presented as %s has no subjectAltName, only the common name "
                      "“%s”, which no longer counts (RFC 9525); its owner must replace it"),
                   self->host, names);
      return FALSE;
    case POSTSEAL_TLS_IDENTITY_NONE:
    default:
      g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_IDENTITY,
                   _ ("The certificate presented as %s names no server at all; its owner must "
                      "replace it"),
                   self->host);
      return FALSE;
    }
}

static gboolean
check_pins (const Case *self, GError **error)
{
  g_autofree char *pin = NULL;

  if (self->policy->pins == NULL)
    return TRUE;
  pin = _postseal_tls_chain_get_pin (self->chain);
  if (g_strv_contains ((const char *const *)self->policy->pins, pin))
    return TRUE;
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_PIN,
               _ ("%s has another key than the pinned one; if its owner confirms the new key, pin "
                  "%s instead"),
               self->host, pin);
  return FALSE;
}

gboolean
_postseal_tls_verify_chain (PostsealTlsChain *chain,
                            gnutls_x509_trust_list_t trust,
                            const char *host,
                            char **ret_name,
                            GError **error)
{
  Case self = { chain, NULL, host };

  return check_path (&self, trust, error) && check_staples (&self, trust, error)
         && check_identity (&self, ret_name, error);
}

gboolean
_postseal_tls_verify_key (PostsealTlsChain *chain,
                          const PostsealTlsPolicy *policy,
                          const char *host,
                          GError **error)
{
  Case self = { chain, policy, host };

  if (is_weak (chain->crts[0]))
    {
      explain_weakness (&self, error);
      return FALSE;
    }
  return check_pins (&self, error);
}

gboolean
_postseal_tls_verify (PostsealTlsChain *chain,
                      gnutls_x509_trust_list_t trust,
                      const PostsealTlsPolicy *policy,
                      const char *host,
                      char **ret_name,
                      GError **error)
{
  Case self = { chain, policy, host };
  g_autofree char *name = NULL;

  if (!_postseal_tls_verify_chain (chain, trust, host, &name, error) || !check_pins (&self, error))
    return FALSE;
  *ret_name = g_steal_pointer (&name);
  return TRUE;
}

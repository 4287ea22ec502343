/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-result.h"

#include <string.h>

/* RFC 8460 sections 4.3.1 and 4.3.2.1 */
#define NOT_SUPPORTED "starttls-not-supported"
#define WRONG_HOST "certificate-host-mismatch"
#define EXPIRED "certificate-expired"
#define NOT_TRUSTED "certificate-not-trusted"
#define OTHER "validation-failure"
#define TLSA_INVALID "tlsa-invalid"
#define DNSSEC_INVALID "dnssec-invalid"
#define DANE_REQUIRED "dane-required"

static const struct
{
  const char *reason;
  const char *type;
  GQuark (*domain) (void); /* NULL: no error */
  int code;
} results[] = {
  { "not-offered", NOT_SUPPORTED, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_NOT_OFFERED },
  { "refused", NOT_SUPPORTED, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_REFUSED },
  { "withdrawn", NOT_SUPPORTED, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_LATCH },
  { POSTSEAL_TLS_RESULT_IN_CLEAR, NOT_SUPPORTED, NULL, 0 },
  { "injected", OTHER, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_INJECTED },
  { "preauth", OTHER, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_PREAUTH },
  { "vestibule", OTHER, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_VESTIBULE },
  { "wrong-start", OTHER, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_WRONG_START },
  { "handshake", OTHER, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_HANDSHAKE },
  { "interrupted", OTHER, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_INTERRUPTED },
  { "truncated", OTHER, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_TRUNCATED },
  { "untrusted", NOT_TRUSTED, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_UNTRUSTED },
  { "revoked", NOT_TRUSTED, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_REVOKED },
  { "pin", NOT_TRUSTED, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_PIN },
  { "expired", EXPIRED, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_EXPIRED },
  { "identity", WRONG_HOST, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_IDENTITY },
  { "tlsa-mismatch", TLSA_INVALID, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_DANE_MISMATCH },
  { "tlsa-missing", DANE_REQUIRED, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_DANE_MISSING },
  { "dnssec-bogus", DNSSEC_INVALID, postseal_tls_error_quark, POSTSEAL_TLS_ERROR_DNSSEC },
  { "dns-silent", DNSSEC_INVALID, postseal_net_error_quark, POSTSEAL_NET_ERROR_DANE },
};

const char *
postseal_tls_result_get_reason (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    if (results[i].domain != NULL && g_error_matches (error, results[i].domain (), results[i].code))
      return results[i].reason;
  return NULL;
}

const char *
postseal_tls_result_get_type (const char *reason)
{
  g_return_val_if_fail (reason != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    if (strcmp (results[i].reason, reason) == 0)
      return results[i].type;
  return NULL;
}

GError *
postseal_tls_result_make_error (const char *reason)
{
  g_return_val_if_fail (reason != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    if (results[i].domain != NULL && strcmp (results[i].reason, reason) == 0)
      return g_error_new_literal (results[i].domain (), results[i].code, reason);
  return NULL;
}

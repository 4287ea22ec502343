/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "net/tls-result.h"

namespace
{

std::string
type_of (GQuark domain, int code)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "x");
  const char *reason = postseal_tls_result_get_reason (error);

  return reason != nullptr ? postseal_tls_result_get_type (reason) : "";
}

/* RFC 8460 section 4.3 */
TEST (TlsResult, EveryErrorOfTlsHasItsTypeOrSaysNothingOfTheServer)
{
  const std::map<int, std::string> types = {
    { POSTSEAL_TLS_ERROR_NOT_OFFERED, "starttls-not-supported" },
    { POSTSEAL_TLS_ERROR_REFUSED, "starttls-not-supported" },
    { POSTSEAL_TLS_ERROR_INJECTED, "validation-failure" },
    { POSTSEAL_TLS_ERROR_PREAUTH, "validation-failure" },
    { POSTSEAL_TLS_ERROR_VESTIBULE, "validation-failure" },
    { POSTSEAL_TLS_ERROR_WRONG_START, "validation-failure" },
    { POSTSEAL_TLS_ERROR_HANDSHAKE, "validation-failure" },
    { POSTSEAL_TLS_ERROR_INTERRUPTED, "validation-failure" },
    { POSTSEAL_TLS_ERROR_UNTRUSTED, "certificate-not-trusted" },
    { POSTSEAL_TLS_ERROR_EXPIRED, "certificate-expired" },
    { POSTSEAL_TLS_ERROR_REVOKED, "certificate-not-trusted" },
    { POSTSEAL_TLS_ERROR_IDENTITY, "certificate-host-mismatch" },
    { POSTSEAL_TLS_ERROR_PIN, "certificate-not-trusted" },
    { POSTSEAL_TLS_ERROR_DANE_MISMATCH, "tlsa-invalid" },
    { POSTSEAL_TLS_ERROR_DANE_MISSING, "dane-required" },
    { POSTSEAL_TLS_ERROR_DNSSEC, "dnssec-invalid" },
    { POSTSEAL_TLS_ERROR_LATCH, "starttls-not-supported" },
    { POSTSEAL_TLS_ERROR_NOT_LOOPBACK, "" },
    { POSTSEAL_TLS_ERROR_TRUNCATED, "validation-failure" },
    { POSTSEAL_TLS_ERROR_SETTINGS, "" },
  };

  for (int code = 0; code <= POSTSEAL_TLS_ERROR_SETTINGS; code++)
    {
      ASSERT_EQ (types.count (code), 1u) << code;
      EXPECT_EQ (type_of (POSTSEAL_TLS_ERROR, code), types.at (code)) << code;
    }
}

TEST (TlsResult, TheNetworkIsNotTheServersFault)
{
  for (int code : { POSTSEAL_NET_ERROR_RESOLVE, POSTSEAL_NET_ERROR_CONNECT,
                    POSTSEAL_NET_ERROR_TIMEOUT, POSTSEAL_NET_ERROR_CLOSED })
    EXPECT_EQ (type_of (POSTSEAL_NET_ERROR, code), "") << code;
  /* Section 4.3.2.1: "no valid records were returned from the recursive resolver" */
  EXPECT_EQ (type_of (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_DANE), "dnssec-invalid");
  EXPECT_EQ (type_of (G_FILE_ERROR, POSTSEAL_TLS_ERROR_EXPIRED), "");
}

TEST (TlsResult, AReasonLeadsBackToItsError)
{
  std::set<std::string> reasons;

  for (int code = 0; code <= POSTSEAL_TLS_ERROR_SETTINGS; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (POSTSEAL_TLS_ERROR, code, "x");
      const char *reason = postseal_tls_result_get_reason (error);

      if (reason == nullptr)
        continue;
      EXPECT_TRUE (reasons.insert (reason).second) << reason << " stands for two errors";
      g_autoptr (GError) again = postseal_tls_result_make_error (reason);
      EXPECT_TRUE (g_error_matches (again, POSTSEAL_TLS_ERROR, code)) << reason;
    }
  EXPECT_EQ (postseal_tls_result_make_error (POSTSEAL_TLS_RESULT_IN_CLEAR), nullptr);
  EXPECT_STREQ (postseal_tls_result_get_type (POSTSEAL_TLS_RESULT_IN_CLEAR),
                "starttls-not-supported");
  EXPECT_EQ (postseal_tls_result_get_type ("sealed"), nullptr);
  EXPECT_EQ (postseal_tls_result_make_error ("rubbish"), nullptr);
}

} // namespace

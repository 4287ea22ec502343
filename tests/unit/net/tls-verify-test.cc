/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/net-error.h"
#include "net/tls-staple-private.h"
#include "net/tls-trust-private.h"
#include "net/tls-verify-private.h"
#include "support/test-ca.h"

#include <gtest/gtest.h>

using namespace postseal_test;

namespace
{

gnutls_datum_t
borrow (const std::string &bytes)
{
  return { reinterpret_cast<unsigned char *> (const_cast<char *> (bytes.data ())),
           static_cast<unsigned> (bytes.size ()) };
}

/* The verdict function alone: chain and policy in, reason out. */
class TlsVerify : public testing::Test
{
protected:
  TlsVerify ()
  {
    policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
    policy->ca_file = g_strdup (test_ca ().ca_file ().c_str ());
    material = _postseal_tls_material_load (policy, nullptr);
  }

  ~TlsVerify () override
  {
    g_clear_error (&error);
    postseal_tls_policy_unref (policy);
    _postseal_tls_material_unref (material);
  }

  bool
  verify (const CertOptions &wanted)
  {
    std::string der = test_ca ().issue (wanted).leaf_der;
    gnutls_datum_t ders[] = { borrow (der) };
    g_autoptr (PostsealTlsChain) chain = _postseal_tls_chain_new (ders, 1, nullptr);
    g_autofree char *name = nullptr;

    g_clear_error (&error);
    return _postseal_tls_verify (chain, material->trust->list, policy, "localhost", &name, &error);
  }

  PostsealTlsStaple
  staple (const TestIdentity &identity, const std::string &response)
  {
    gnutls_datum_t ders[] = { borrow (identity.leaf_der) };
    g_autoptr (GBytes) bytes = g_bytes_new (response.data (), response.size ());
    g_autoptr (PostsealTlsChain) chain = _postseal_tls_chain_new (ders, 1, bytes);

    return _postseal_tls_staple_check (chain, material->trust->list, time (nullptr));
  }

  PostsealTlsPolicy *policy;
  PostsealTlsMaterial *material;
  GError *error = nullptr;
  CertOptions options;
};

} // namespace

TEST_F (TlsVerify, GoodCertificate)
{
  EXPECT_TRUE (verify (options)) << error->message;
  options.key = CertOptions::Key::Rsa2048;
  EXPECT_TRUE (verify (options)) << error->message;
}

/* RFC 5280 section 4.2.1.3, 4.2.1.12 */
TEST_F (TlsVerify, UsageMustAllowAServerToSign)
{
  options.key_usage = 0;
  EXPECT_TRUE (verify (options)) << "no key usage, no restriction";
  options.purposes.clear ();
  EXPECT_TRUE (verify (options)) << "no key purpose, no restriction";
  for (unsigned usage : { GNUTLS_KEY_CRL_SIGN, GNUTLS_KEY_KEY_ENCIPHERMENT })
    {
      options.key_usage = usage;
      EXPECT_FALSE (verify (options));
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED));
    }
  options.key_usage = 0;
  for (const char *purpose : { GNUTLS_KP_TLS_WWW_CLIENT, GNUTLS_KP_EMAIL_PROTECTION })
    {
      options.purposes = { purpose };
      EXPECT_FALSE (verify (options));
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED));
    }
  options.purposes = { GNUTLS_KP_TLS_WWW_CLIENT, GNUTLS_KP_TLS_WWW_SERVER };
  EXPECT_TRUE (verify (options)) << error->message;
}

TEST_F (TlsVerify, PathComesBeforeIdentity)
{
  options.self_signed = true;
  options.dns = { "other.example" };
  EXPECT_FALSE (verify (options));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED));
}

TEST_F (TlsVerify, UnreadableCertificatesMakeNoChain)
{
  std::string garbage = "garbage";
  gnutls_datum_t ders[] = { borrow (garbage) };

  EXPECT_EQ (_postseal_tls_chain_new (ders, 1, nullptr), nullptr);
  EXPECT_EQ (_postseal_tls_chain_new (ders, 0, nullptr), nullptr);
}

/* Each costs time on the main loop, and a peer may send hundreds. */
TEST_F (TlsVerify, EndlessChainsAreRefused)
{
  std::string der = test_ca ().issue ().leaf_der;
  std::vector<gnutls_datum_t> ders (17, borrow (der));
  g_autoptr (PostsealTlsChain) longest = _postseal_tls_chain_new (ders.data (), 16, nullptr);

  EXPECT_NE (longest, nullptr);
  EXPECT_EQ (_postseal_tls_chain_new (ders.data (), 17, nullptr), nullptr);
}

/* RFC 6960 section 3.2 */
TEST_F (TlsVerify, StaplesCountOnlyWhenAboutThisCertificateAndFromItsIssuer)
{
  TestCa namesake;
  TestIdentity identity = test_ca ().issue (), other = test_ca ().issue ();
  TestIdentity forged = identity;

  forged.issuer_der = namesake.issue ().issuer_der;
  forged.issuer_key_pem = namesake.issue ().issuer_key_pem;
  EXPECT_EQ (staple (identity, test_ca ().make_ocsp_response (identity, false)),
             POSTSEAL_TLS_STAPLE_GOOD);
  EXPECT_EQ (staple (identity, test_ca ().make_ocsp_response (identity, true)),
             POSTSEAL_TLS_STAPLE_REVOKED);
  EXPECT_EQ (staple (identity, test_ca ().make_ocsp_response (other, false)),
             POSTSEAL_TLS_STAPLE_SILENT);
  EXPECT_EQ (staple (identity, test_ca ().make_ocsp_response (forged, false)),
             POSTSEAL_TLS_STAPLE_SILENT);
  EXPECT_EQ (staple (identity, "garbage"), POSTSEAL_TLS_STAPLE_SILENT);
  EXPECT_EQ (staple (identity, ""), POSTSEAL_TLS_STAPLE_SILENT);
  EXPECT_EQ (staple (identity, test_ca ().make_ocsp_response (identity, false, 7200, 9000)),
             POSTSEAL_TLS_STAPLE_SILENT)
      << "from the future";
}

/* An impostor's certificate with the issuer's name in the chain must not lend its key to a staple.
 */
TEST_F (TlsVerify, StapleOfANamesakeInTheChainDoesNotCount)
{
  TestCa namesake;
  TestIdentity identity, forged;
  options.must_staple = true;
  identity = forged = test_ca ().issue (options);
  forged.issuer_der = namesake.issue ().issuer_der;
  forged.issuer_key_pem = namesake.issue ().issuer_key_pem;
  std::string response = test_ca ().make_ocsp_response (forged, false);
  gnutls_datum_t ders[] = { borrow (identity.leaf_der), borrow (forged.issuer_der) };
  g_autoptr (GBytes) bytes = g_bytes_new (response.data (), response.size ());
  g_autoptr (PostsealTlsChain) chain = _postseal_tls_chain_new (ders, 2, bytes);

  ASSERT_NE (chain, nullptr);
  EXPECT_EQ (_postseal_tls_staple_check (chain, material->trust->list, time (nullptr)),
             POSTSEAL_TLS_STAPLE_MISSING);
}

TEST_F (TlsVerify, AuthoritiesAreSharedUntilTheirFileChanges)
{
  g_autoptr (PostsealTlsMaterial) again = _postseal_tls_material_load (policy, nullptr);

  EXPECT_EQ (again->trust, material->trust);
}

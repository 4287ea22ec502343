/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dial-fixture.h"

using namespace postseal_test;

namespace
{

/* Certificates that must not pass, each with its sentence; and that nothing is sent over their TLS.
 */
class DialVerify : public DialFixture
{
protected:
  void
  expect_refused (const CertOptions &wanted,
                  PostsealTlsError code,
                  const char *part,
                  const char *host = "localhost")
  {
    expect_refused_as (ServerTls{ test_ca ().issue (wanted) }, code, part, host);
  }

  void
  expect_refused_as (const ServerTls &tls,
                     PostsealTlsError code,
                     const char *part,
                     const char *host = "localhost")
  {
    ScriptedServer server ([&] (Peer &peer) {
      peer.start_tls (tls);
      peer.read_all ();
    });

    EXPECT_FALSE (dial_imaps (server, host));
    EXPECT_TLS_ERROR (code);
    ASSERT_NE (error, nullptr);
    EXPECT_NE (std::string (error->message).find (part), std::string::npos) << error->message;
    EXPECT_NE (std::string (error->message).find (host), std::string::npos) << error->message;
    server.stop ();
    EXPECT_EQ (server.record ().tls, "");
    EXPECT_EQ (postseal_latches_get (
                   latches, ("localhost:" + std::to_string (server.port ())).c_str (), "tls"),
               nullptr)
        << "failure teaches nothing";
  }

  void
  expect_accepted (const ServerTls &tls, const char *host = "localhost")
  {
    ScriptedServer server ([&] (Peer &peer) {
      peer.start_tls (tls);
      peer.read_all ();
    });

    EXPECT_TRUE (dial_imaps (server, host)) << error->message;
    hang_up ();
  }

  CertOptions options;
};

} // namespace

TEST_F (DialVerify, Expired)
{
  options.valid_from = -7200;
  options.valid_until = -3600;
  expect_refused (options, POSTSEAL_TLS_ERROR_EXPIRED, "expired on");
}

TEST_F (DialVerify, NotYetValid)
{
  options.valid_from = 3600;
  expect_refused (options, POSTSEAL_TLS_ERROR_EXPIRED, "valid only from");
}

TEST_F (DialVerify, SelfSigned)
{
  options.self_signed = true;
  expect_refused (options, POSTSEAL_TLS_ERROR_UNTRUSTED, "self-signed");
}

TEST_F (DialVerify, UnknownIssuer)
{
  TestCa other ("Unknown");

  expect_refused_as (ServerTls{ other.issue () }, POSTSEAL_TLS_ERROR_UNTRUSTED,
                     "“CN=Unknown Root”");
}

TEST_F (DialVerify, IssuerThatOnlyHasTheNameOfATrustedOne)
{
  TestCa namesake;

  expect_refused_as (ServerTls{ namesake.issue () }, POSTSEAL_TLS_ERROR_UNTRUSTED,
                     "but it did not sign it");
}

TEST_F (DialVerify, IntermediateMissing)
{
  options.omit_intermediate = true;
  expect_refused (options, POSTSEAL_TLS_ERROR_UNTRUSTED, "intermediate");
}

TEST_F (DialVerify, IntermediateSent)
{
  options.via_intermediate = true;
  expect_accepted (ServerTls{ test_ca ().issue (options) });
}

/* An end-entity certificate must not vouch for another one (RFC 5280 section 4.2.1.9). */
TEST_F (DialVerify, LeafThatPlaysAuthority)
{
  TestIdentity leaf = test_ca ().issue ();
  gnutls_datum_t leaf_pem = { reinterpret_cast<unsigned char *> (leaf.chain_pem.data ()),
                              static_cast<unsigned> (leaf.chain_pem.size ()) };
  gnutls_datum_t key_pem = { reinterpret_cast<unsigned char *> (leaf.key_pem.data ()),
                             static_cast<unsigned> (leaf.key_pem.size ()) };
  gnutls_x509_crt_t issuer = nullptr, forged = nullptr;
  gnutls_x509_privkey_t key = nullptr;
  gnutls_datum_t out = {};
  ServerTls tls;

  gnutls_x509_crt_init (&issuer);
  gnutls_x509_crt_init (&forged);
  gnutls_x509_privkey_init (&key);
  gnutls_x509_crt_import (issuer, &leaf_pem, GNUTLS_X509_FMT_PEM);
  gnutls_x509_privkey_import (key, &key_pem, GNUTLS_X509_FMT_PEM);
  gnutls_x509_crt_set_version (forged, 3);
  gnutls_x509_crt_set_serial (forged, "\x01", 1);
  gnutls_x509_crt_set_dn (forged, "CN=forged", nullptr);
  gnutls_x509_crt_set_activation_time (forged, time (nullptr) - 60);
  gnutls_x509_crt_set_expiration_time (forged, time (nullptr) + 3600);
  gnutls_x509_crt_set_subject_alt_name (forged, GNUTLS_SAN_DNSNAME, "localhost", 9, 0);
  gnutls_x509_crt_set_key (forged, key);
  ASSERT_EQ (gnutls_x509_crt_sign2 (forged, issuer, key, GNUTLS_DIG_SHA256, 0), 0);
  gnutls_x509_crt_export2 (forged, GNUTLS_X509_FMT_PEM, &out);
  tls.identity.chain_pem
      = std::string (reinterpret_cast<char *> (out.data), out.size) + leaf.chain_pem;
  tls.identity.key_pem = leaf.key_pem;
  gnutls_free (out.data);
  gnutls_x509_crt_deinit (issuer);
  gnutls_x509_crt_deinit (forged);
  gnutls_x509_privkey_deinit (key);

  expect_refused_as (tls, POSTSEAL_TLS_ERROR_UNTRUSTED, "vouches");
}

TEST_F (DialVerify, WrongHostListsTheNames)
{
  options.dns = { "mail.example.org", "*.example.net" };
  expect_refused (options, POSTSEAL_TLS_ERROR_IDENTITY, "mail.example.org, *.example.net");
}

/* RFC 9525 section 2: the common name is no identifier. */
TEST_F (DialVerify, CommonNameOnly)
{
  options.dns.clear ();
  options.common_name = "localhost";
  expect_refused (options, POSTSEAL_TLS_ERROR_IDENTITY, "common name “localhost”");
}

/* The common name does not come back when the alternative names do not match. */
TEST_F (DialVerify, CommonNameBesideOtherNames)
{
  options.dns = { "other.example" };
  options.common_name = "localhost";
  expect_refused (options, POSTSEAL_TLS_ERROR_IDENTITY, "other.example");
}

TEST_F (DialVerify, WeakKey)
{
  options.key = CertOptions::Key::Rsa1024;
  expect_refused (options, POSTSEAL_TLS_ERROR_UNTRUSTED, "1024 bits");
}

/* RFC 9325 section 4.5: the whole chain, up to the root's key. */
TEST_F (DialVerify, WeakAuthority)
{
  TestCa weak ("Weak", CertOptions::Key::Rsa1024);

  g_free (policy->ca_file);
  policy->ca_file = g_strdup (weak.ca_file ().c_str ());
  expect_refused_as (ServerTls{ weak.issue () }, POSTSEAL_TLS_ERROR_UNTRUSTED, "weak key");
  options.via_intermediate = true;
  expect_refused_as (ServerTls{ weak.issue (options) }, POSTSEAL_TLS_ERROR_UNTRUSTED, "1024 bits");
}

TEST_F (DialVerify, WeakSignature)
{
  options.digest = GNUTLS_DIG_SHA1;
  expect_refused (options, POSTSEAL_TLS_ERROR_UNTRUSTED, "weak key or algorithm (ECDSA-SHA1)");
}

TEST_F (DialVerify, CertificateOfAClient)
{
  options.purposes = { GNUTLS_KP_TLS_WWW_CLIENT };
  expect_refused (options, POSTSEAL_TLS_ERROR_UNTRUSTED, "not issued for a server");
}

/* RFC 9525 section 6.3; the matcher's own tests have the whole table. */
TEST_F (DialVerify, PartialWildcard)
{
  options.dns = { "loc*", "*ocalhost", "*" };
  expect_refused (options, POSTSEAL_TLS_ERROR_IDENTITY, "loc*");
}

/* RFC 9525 section 6.5: an address is compared with iPAddress only. */
TEST_F (DialVerify, AddressInADnsName)
{
  options.dns = { "127.0.0.1" };
  expect_refused (options, POSTSEAL_TLS_ERROR_IDENTITY, "127.0.0.1", "127.0.0.1");
}

TEST_F (DialVerify, AddressInAnIpAddress)
{
  options.ip = { "127.0.0.1" };
  expect_accepted (ServerTls{ test_ca ().issue (options) }, "127.0.0.1");
}

TEST_F (DialVerify, NulInAName)
{
  options.dns = { std::string ("localhost\0.evil.example", 23) };
  expect_refused (options, POSTSEAL_TLS_ERROR_IDENTITY, "localhost\\x00.evil.example");
}

/* RFC 6066 section 3 */
TEST_F (DialVerify, ServerNameIsSentForNamesOnly)
{
  options.ip = { "127.0.0.1" };
  ServerTls tls{ test_ca ().issue (options) };
  ScriptedServer server ([&] (Peer &peer) {
    peer.start_tls (tls);
    peer.read_all ();
  });

  EXPECT_TRUE (dial_imaps (server, "LocalHost.")) << error->message;
  EXPECT_TRUE (dial_imaps (server, "127.0.0.1")) << error->message;
  hang_up ();
  server.stop ();
  EXPECT_EQ (server.record (0).sni, "localhost");
  EXPECT_EQ (server.record (1).sni, "");
}

TEST_F (DialVerify, PinIsDemandedBesideTheChain)
{
  ServerTls tls{ test_ca ().issue () };
  const char *good[] = { tls.identity.pin.c_str (), nullptr };
  const char *bad[] = { "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", nullptr };

  policy->pins = g_strdupv (const_cast<char **> (good));
  expect_accepted (tls);
  g_strfreev (policy->pins);
  policy->pins = g_strdupv (const_cast<char **> (bad));
  expect_refused_as (tls, POSTSEAL_TLS_ERROR_PIN, tls.identity.pin.c_str ());
}

TEST_F (DialVerify, PinDoesNotReplaceTheChain)
{
  options.self_signed = true;
  ServerTls tls{ test_ca ().issue (options) };
  const char *pins[] = { tls.identity.pin.c_str (), nullptr };

  policy->pins = g_strdupv (const_cast<char **> (pins));
  expect_refused_as (tls, POSTSEAL_TLS_ERROR_UNTRUSTED, "self-signed");
}

TEST_F (DialVerify, BadPinIsASettingsError)
{
  const char *pins[] = { "sha256:short", nullptr };

  policy->pins = g_strdupv (const_cast<char **> (pins));
  EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ()));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_SETTINGS);
}

TEST_F (DialVerify, SelfSignedCertificateAsItsOwnCaFile)
{
  options.self_signed = true;
  ServerTls tls{ test_ca ().issue (options) };

  g_free (policy->ca_file);
  policy->ca_file = g_strdup (tls.identity.chain_file.c_str ());
  expect_accepted (tls);
}

/* Being trusted by name does not make a weak key strong, or an old certificate new. */
TEST_F (DialVerify, TrustedLeafIsStillJudged)
{
  options.self_signed = true;
  options.purposes = { GNUTLS_KP_TLS_WWW_CLIENT };
  ServerTls wrong_use{ test_ca ().issue (options) };
  g_free (policy->ca_file);
  policy->ca_file = g_strdup (wrong_use.identity.chain_file.c_str ());
  expect_refused_as (wrong_use, POSTSEAL_TLS_ERROR_UNTRUSTED, "not issued for a server");

  options = CertOptions ();
  options.self_signed = true;
  options.valid_until = -60;
  ServerTls expired{ test_ca ().issue (options) };
  g_free (policy->ca_file);
  policy->ca_file = g_strdup (expired.identity.chain_file.c_str ());
  expect_refused_as (expired, POSTSEAL_TLS_ERROR_EXPIRED, "expired on");

  options = CertOptions ();
  options.self_signed = true;
  options.key = CertOptions::Key::Rsa1024;
  ServerTls weak{ test_ca ().issue (options) };
  g_free (policy->ca_file);
  policy->ca_file = g_strdup (weak.identity.chain_file.c_str ());
  expect_refused_as (weak, POSTSEAL_TLS_ERROR_UNTRUSTED, "1024 bits");
}

TEST_F (DialVerify, SystemTrustDoesNotIncludeTheTestCa)
{
  g_clear_pointer (&policy->ca_file, g_free);
  ScriptedServer server ([] (Peer &peer) {
    peer.start_tls (ServerTls{ test_ca ().issue () });
    peer.read_all ();
  });

  EXPECT_FALSE (dial_imaps (server));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED)
               || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS))
      << error->message; /* settings: this machine has no bundle */
}

TEST_F (DialVerify, ChangedCaFileIsReadAgain)
{
  TestCa other ("Other");
  ServerTls tls{ other.issue () };
  std::string path = test_ca ().write ("changing.pem", "");
  g_autofree char *before = nullptr, *after = nullptr;

  g_file_get_contents (test_ca ().ca_file ().c_str (), &before, nullptr, nullptr);
  g_file_get_contents (other.ca_file ().c_str (), &after, nullptr, nullptr);
  test_ca ().write ("changing.pem", before);
  g_free (policy->ca_file);
  policy->ca_file = g_strdup (path.c_str ());
  expect_refused_as (tls, POSTSEAL_TLS_ERROR_UNTRUSTED, "vouches");
  test_ca ().write ("changing.pem", std::string ("# changed\n") + after);
  expect_accepted (tls);
}

TEST_F (DialVerify, UnreadableCaFileIsASettingsError)
{
  std::string empty = test_ca ().write ("empty.pem", "nothing here\n");

  for (const char *path : { "/nonexistent/ca.pem", empty.c_str () })
    {
      g_free (policy->ca_file);
      policy->ca_file = g_strdup (path);
      EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ()));
      EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_SETTINGS);
      EXPECT_NE (std::string (error->message).find (path), std::string::npos) << error->message;
    }
}

TEST_F (DialVerify, CrlRevokes)
{
  ServerTls revoked{ test_ca ().issue () };
  ServerTls fine{ test_ca ().issue () };

  policy->crl_file = g_strdup (test_ca ().write_crl ({ revoked.identity }).c_str ());
  expect_refused_as (revoked, POSTSEAL_TLS_ERROR_REVOKED, "revoked");
  expect_accepted (fine);
}

TEST_F (DialVerify, CrlOfSomebodyElseIsASettingsError)
{
  TestCa other;

  policy->crl_file = g_strdup (other.write_crl ({}).c_str ());
  EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ()));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_SETTINGS);
}

/* RFC 9325 section 7.5 */
TEST_F (DialVerify, StapledRevocationIsNeverAccepted)
{
  ServerTls tls{ test_ca ().issue () };

  tls.ocsp_response = test_ca ().make_ocsp_response (tls.identity, true);
  expect_refused_as (tls, POSTSEAL_TLS_ERROR_REVOKED, "revoked");
  tls.ocsp_response = test_ca ().make_ocsp_response (tls.identity, true, -7200, -3600);
  expect_refused_as (tls, POSTSEAL_TLS_ERROR_REVOKED, "revoked");
  tls.ocsp_response = test_ca ().make_ocsp_response (tls.identity, false);
  expect_accepted (tls);
}

/* RFC 7633 */
TEST_F (DialVerify, MustStapleIsHonoured)
{
  options.must_staple = true;
  ServerTls tls{ test_ca ().issue (options) };

  expect_refused_as (tls, POSTSEAL_TLS_ERROR_REVOKED, "stapling");
  tls.ocsp_response = test_ca ().make_ocsp_response (tls.identity, false, -7200, -3600);
  expect_refused_as (tls, POSTSEAL_TLS_ERROR_REVOKED, "stapling");
  tls.ocsp_response = test_ca ().make_ocsp_response (tls.identity, false);
  expect_accepted (tls);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who the server must be, and which TLS it must speak, before it gets a byte. */
#include "scenario/hostile.h"

#include <functional>

namespace postseal_test
{

class Certificate : public Scenario
{
protected:
  /* By both ways to start TLS: refused with @words, and not a byte of the session sent. */
  void
  expect_untrusted (const ServerTls &tls, const std::string &words, const std::string &extra = "")
  {
    const Protocol &protocol = GetParam ();

    for (bool is_implicit : { false, true })
      {
        ScriptedServer server ([&] (Peer &peer) {
          if (is_implicit)
            serve_implicit (peer, protocol, tls);
          else
            serve_upgraded (peer, protocol, tls);
        });
        Outcome outcome
            = fetch (is_implicit ? protocol.implicit : protocol.upgrade, server.port (), extra);

        SCOPED_TRACE (is_implicit ? "implicit" : "upgrade");
        expect_refused (server, outcome, words);
        EXPECT_EQ (server.record ().tls, "") << "not a byte before the certificate is judged";
        EXPECT_EQ (server.connections (), 1u) << "no second, weaker try";
      }
  }

  /* A server whose certificate was changed by @change. */
  static ServerTls
  with (const std::function<void (CertOptions &options)> &change)
  {
    CertOptions options;

    change (options);
    return { test_ca ().issue (options) };
  }
};

INSTANTIATE_TEST_SUITE_P (Both, Certificate, testing::ValuesIn (kProtocols), protocol_name);

TEST_P (Certificate, HonestServerDeliversFromTheFirstByteToo)
{
  const Protocol &protocol = GetParam ();
  ServerTls tls{ test_ca ().issue () };
  ScriptedServer server ([&] (Peer &peer) { serve_implicit (peer, protocol, tls); });

  expect_delivered (fetch (protocol.implicit, server.port ()));
  server.stop ();
  EXPECT_EQ (server.all_clear (), "");
}

TEST_P (Certificate, ExpiredIsRefused)
{
  expect_untrusted (with ([] (CertOptions &options) {
                      options.valid_from = -7200;
                      options.valid_until = -3600;
                    }),
                    "expired");
}

TEST_P (Certificate, NotYetValidIsRefused)
{
  expect_untrusted (with ([] (CertOptions &options) {
                      options.valid_from = 86400;
                      options.valid_until = 90 * 86400;
                    }),
                    "valid only from");
}

TEST_P (Certificate, SelfSignedIsRefused)
{
  expect_untrusted (with ([] (CertOptions &options) { options.self_signed = true; }),
                    "self-signed");
}

TEST_P (Certificate, UnknownIssuerIsRefused)
{
  TestCa stranger;

  expect_untrusted ({ stranger.issue () }, "somebody may be impersonating");
}

TEST_P (Certificate, MissingIntermediateIsRefused)
{
  expect_untrusted (with ([] (CertOptions &options) {
                      options.via_intermediate = true;
                      options.omit_intermediate = true;
                    }),
                    "issue");
}

/* RFC 9525 section 6.1: both names are told. */
TEST_P (Certificate, WrongHostIsRefused)
{
  expect_untrusted (with ([] (CertOptions &options) { options.dns = { "mail.other.example" }; }),
                    "mail.other.example");
}

/* RFC 9525 section 2: the common name identifies nobody. */
TEST_P (Certificate, CommonNameOnlyIsRefused)
{
  expect_untrusted (with ([] (CertOptions &options) {
                      options.dns = {};
                      options.common_name = "localhost";
                    }),
                    "localhost");
}

/* RFC 9525 section 6.3, and what GnuTLS's own matcher would let pass. */
TEST_P (Certificate, WildcardTricksAreRefused)
{
  using namespace std::string_literals;

  for (const std::string &name :
       { "*"s, "*host"s, "local*"s, "l*t"s, "*.localhost"s, "localhost\0.evil.example"s,
         "localhost."s + "evil.example", " localhost"s })
    {
      SCOPED_TRACE (name);
      expect_untrusted (with ([&] (CertOptions &options) { options.dns = { name }; }), "localhost");
    }
}

TEST_P (Certificate, WrongUsageIsRefused)
{
  expect_untrusted (
      with ([] (CertOptions &options) { options.purposes = { GNUTLS_KP_TLS_WWW_CLIENT }; }),
      "localhost");
}

TEST_P (Certificate, WeakKeyIsRefused)
{
  expect_untrusted (with ([] (CertOptions &options) {
                      options.key_usage
                          = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT;
                      options.key = CertOptions::Key::Rsa1024;
                    }),
                    "localhost");
}

TEST_P (Certificate, Sha1SignatureIsRefused)
{
  expect_untrusted (with ([] (CertOptions &options) { options.digest = GNUTLS_DIG_SHA1; }),
                    "localhost");
}

TEST_P (Certificate, AnotherKeyThanThePinnedOneIsRefused)
{
  expect_untrusted (with ([] (CertOptions &) {}), "pin", "pin=" + test_ca ().issue ().pin + "\n");
}

TEST_P (Certificate, RevokedIsRefused)
{
  ServerTls tls = with ([] (CertOptions &) {});

  expect_untrusted (tls, "revoked", "crl-file=" + test_ca ().write_crl ({ tls.identity }) + "\n");
}

TEST_P (Certificate, PinnedKeyIsAccepted)
{
  const Protocol &protocol = GetParam ();
  ServerTls tls{ test_ca ().issue () };
  ScriptedServer server ([&] (Peer &peer) { serve_upgraded (peer, protocol, tls); });

  expect_delivered (fetch (protocol.upgrade, server.port (), "pin=" + tls.identity.pin + "\n"));
}

/* RFC 8996, RFC 9325 section 3.1.1: not even when nothing else is offered. */
TEST_P (Certificate, OldTlsVersionsAreRefused)
{
  for (const char *version : { "VERS-TLS1.1", "VERS-TLS1.0" })
    {
      ServerTls tls = with ([] (CertOptions &) {});

      tls.priority = std::string ("LEGACY:-VERS-ALL:+") + version + ":+SIGN-ALL:%COMPAT";
      SCOPED_TRACE (version);
      expect_untrusted (tls, "TLS");
    }
}

TEST_P (Certificate, Tls12IsRefusedWhereTheAccountWants13)
{
  ServerTls tls = with ([] (CertOptions &) {});

  tls.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
  expect_untrusted (tls, "TLS", "tls-min=1.3\n");
}

TEST_P (Certificate, Tls12IsEnoughOtherwise)
{
  const Protocol &protocol = GetParam ();
  ServerTls tls{ test_ca ().issue () };
  tls.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
  ScriptedServer server ([&] (Peer &peer) { serve_upgraded (peer, protocol, tls); });

  expect_delivered (fetch (protocol.upgrade, server.port ()));
}

} // namespace postseal_test

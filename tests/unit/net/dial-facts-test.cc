/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dial-fixture.h"

#include <algorithm>

using namespace postseal_test;

namespace
{

/* What somebody who sets up an account hears of a dial, whatever becomes of it. */
class DialFacts : public DialFixture
{
protected:
  DialFacts ()
  {
    postseal_transcript_unref (transcript);
    transcript = postseal_transcript_new ([] (PostsealTranscriptKind, const char *, gpointer) {},
                                          this, nullptr);
    postseal_transcript_set_fact_func (
        transcript, [] (const char *name, const char *value, gpointer user_data) {
          static_cast<DialFacts *> (user_data)->facts.emplace_back (name, value);
        });
  }

  static ServerTls
  with (const CertOptions &options)
  {
    return { test_ca ().issue (options) };
  }

  void
  dial_implicit (const ServerTls &tls)
  {
    ScriptedServer server ([&] (Peer &peer) {
      if (peer.start_tls (tls))
        peer.send ("* OK hello\r\n");
      peer.read_all ();
    });

    facts.clear ();
    if (dial_imaps (server))
      read (12);
    hang_up ();
    port = server.port ();
  }

  std::vector<std::string>
  all (const std::string &name) const
  {
    std::vector<std::string> values;

    for (const auto &[key, value] : facts)
      if (key == name)
        values.push_back (value);
    return values;
  }

  /* "" for none, and a failure for several. */
  std::string
  one (const std::string &name) const
  {
    const std::vector<std::string> values = all (name);

    EXPECT_LE (values.size (), 1u) << name;
    return values.empty () ? "" : values[0];
  }

  /* Where the fact stands among all. */
  size_t
  place (const std::string &name, const std::string &value = "") const
  {
    return static_cast<size_t> (std::find_if (facts.begin (), facts.end (),
                                              [&] (const auto &fact) {
                                                return fact.first == name
                                                       && (value.empty () || fact.second == value);
                                              })
                                - facts.begin ());
  }

  using Words = std::vector<std::string>;
  std::vector<std::pair<std::string, std::string>> facts;
  unsigned short port = 0;
};

} // namespace

TEST_F (DialFacts, TellsEveryStageOfAGoodDialOnce)
{
  dial_implicit (with ({}));
  ASSERT_EQ (error, nullptr) << error->message;
  EXPECT_EQ (all ("stage"), (Words{ "resolve", "connect", "handshake", "verify" }));
  EXPECT_EQ (one ("address"), "127.0.0.1:" + std::to_string (port));
  EXPECT_EQ (one ("tls-version"), "TLS 1.3");
  EXPECT_EQ (one ("cipher"), "AES-256-GCM");
  EXPECT_EQ (one ("key-exchange").rfind ("ECDHE-", 0), 0u) << one ("key-exchange");
  EXPECT_EQ (one ("ticket"), "none");
  EXPECT_EQ (one ("offer"), "") << "nothing is said before TLS";
}

TEST_F (DialFacts, TellsWhetherTheUpgradeWasOffered)
{
  for (const auto &[greeting, offer] :
       { std::pair ("* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n", "yes"),
         std::pair ("* OK [CAPABILITY IMAP4rev1] hello\r\n", "no"),
         std::pair ("* OK hello\r\n", "unknown") })
    {
      ScriptedServer server ([&] (Peer &peer) {
        peer.send (greeting);
        peer.read_line ();
        peer.send ("a1 NO not now\r\n");
        peer.read_all ();
      });

      facts.clear ();
      EXPECT_FALSE (dial_imap (server));
      EXPECT_EQ (one ("offer"), offer);
    }
}

TEST_F (DialFacts, TellsWhatStandsBehindTheCertificate)
{
  CertOptions options;
  options.via_intermediate = true;

  dial_implicit (with (options));
  EXPECT_EQ (error, nullptr);
  EXPECT_EQ (one ("cert-behind"), one ("cert-issuer"));
  EXPECT_NE (one ("cert-behind"), "");
}

TEST_F (DialFacts, TellsTheCertificate)
{
  CertOptions options;
  options.dns = { "mail.example.org", "*.example.org" };
  options.ip = { "127.0.0.1" };
  options.common_name = "Mail";
  options.valid_from = -7200;
  options.valid_until = 3600;
  ServerTls tls = with (options);

  dial_implicit (tls);
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_IDENTITY);
  EXPECT_EQ (all ("cert-name"), (Words{ "mail.example.org", "*.example.org", "127.0.0.1" }));
  EXPECT_EQ (one ("cert-subject"), "CN=Mail");
  EXPECT_EQ (one ("cert-issuer"), "CN=Postseal Test Root");
  EXPECT_NEAR (std::stoll (one ("cert-not-before")), g_get_real_time () / G_USEC_PER_SEC - 7200,
               60);
  EXPECT_NEAR (std::stoll (one ("cert-not-after")), g_get_real_time () / G_USEC_PER_SEC + 3600, 60);
  EXPECT_EQ (one ("cert-key"), tls.identity.pin);
  EXPECT_EQ (one ("cert-self-signed"), "");

  g_autofree char *digest = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guchar *)tls.identity.leaf_der.data (),
      tls.identity.leaf_der.size ());
  std::string plain = one ("cert-fingerprint");
  EXPECT_EQ (plain.size (), 95u) << plain;
  plain.erase (std::remove (plain.begin (), plain.end (), ':'), plain.end ());
  EXPECT_STRCASEEQ (plain.c_str (), digest);
}

TEST_F (DialFacts, TellsTheCertificateBeforeItIsJudged)
{
  CertOptions expired, early, self_signed;
  TestCa stranger;

  expired.valid_until = -1800;
  early.valid_from = 3600;
  self_signed.self_signed = true;
  for (const ServerTls &tls :
       { with (expired), with (early), with (self_signed), ServerTls{ stranger.issue () } })
    {
      dial_implicit (tls);
      ASSERT_NE (error, nullptr);
      SCOPED_TRACE (error->message);
      EXPECT_EQ (one ("cert-key"), tls.identity.pin);
      EXPECT_LT (place ("tls-version"), place ("stage", "verify"));
      for (const char *name : { "cert-name", "cert-issuer", "cert-not-before", "cert-not-after",
                                "cert-key", "cert-fingerprint" })
        EXPECT_LT (place (name), place ("stage", "verify")) << name;
    }
}

TEST_F (DialFacts, TellsASelfSignedOne)
{
  CertOptions options;
  options.self_signed = true;
  options.common_name = "me";

  dial_implicit (with (options));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_UNTRUSTED);
  EXPECT_EQ (one ("cert-self-signed"), "yes");
}

TEST_F (DialFacts, TellsNoMoreNamesThanAnybodyReads)
{
  CertOptions options;
  options.dns.clear ();
  for (int i = 0; i < 50; i++)
    options.dns.push_back ("mail" + std::to_string (i) + ".example.org");

  dial_implicit (with (options));
  EXPECT_EQ (all ("cert-name").size (), 20u);
}

TEST_F (DialFacts, TellsTheCertificateOfAResumedSession)
{
  ServerTls tls = with ({});
  tls.ticket_key = make_ticket_key ();
  ScriptedServer server ([&] (Peer &peer) {
    peer.start_tls (tls);
    peer.send ("* OK\r\n");
    peer.read_all ();
  });

  scope = "work";
  for (bool is_resumed : { false, true })
    {
      facts.clear ();
      ASSERT_TRUE (dial_imaps (server)) << error->message;
      read (6);
      EXPECT_EQ (seal ()->resumed, is_resumed);
      EXPECT_EQ (one ("ticket"), is_resumed ? "offered" : "none");
      EXPECT_EQ (one ("cert-key"), tls.identity.pin);
      EXPECT_EQ (one ("cert-name"), "localhost");
      hang_up ();
    }
}

TEST_F (DialFacts, TellsAnUpgradeAndNothingThatWasSaidBeforeTls)
{
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("* OK hello\r\n");
    peer.read_line ();
    peer.send ("a1 NO call +1 555 0100 and tell us your password\r\n");
    peer.read_all ();
  });

  EXPECT_FALSE (dial_imap (server));
  EXPECT_EQ (all ("stage"), (Words{ "resolve", "connect", "upgrade" }));
  EXPECT_EQ (one ("said"), "") << "nobody knows who said it";
}

TEST_F (DialFacts, TellsHowFarItCame)
{
  unsigned short closed = ScriptedServer ([] (Peer &) {}).port ();

  EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, closed));
  EXPECT_EQ (all ("stage"), (Words{ "resolve", "connect" }));
  EXPECT_EQ (one ("address"), "");

  facts.clear ();
  EXPECT_FALSE (
      dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, closed, "nowhere.invalid"));
  EXPECT_EQ (all ("stage"), (Words{ "resolve" }));
}

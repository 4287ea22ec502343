/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* DANE for the account's own servers: a DNS server with zones of its own, scripted mail servers,
   and postseal-lookup between them. */

#include "base/limits.h"
#include "dial-fixture.h"
#include "net/dane-private.h"
#include "support/black-hole.h"
#include "support/dns-zone.h"
#include "support/sandbox.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

using namespace postseal_test;

namespace
{

const char *const kHost = "mail.example.localhost";

class Dane : public DialFixture
{
protected:
  Dane ()
  {
    g_setenv ("XDG_CONFIG_HOME", sandbox.home ().c_str (), TRUE);
    options.dns = { kHost };
  }

  ~Dane () override
  {
    hang_up ();
    forget ();
    g_unsetenv ("XDG_CONFIG_HOME");
  }

  /* As for the next program. */
  void
  forget ()
  {
    _postseal_dane_forget ();
    loop.settle ();
  }

  void
  configure (const std::string &keys)
  {
    forget ();
    sandbox.write ("postseal/discovery.conf", "[discovery]\n" + keys);
  }

  /* TLS at once, as @identity; what comes then is in record ().tls. */
  std::unique_ptr<ScriptedServer>
  serve (const TestIdentity &identity)
  {
    return std::make_unique<ScriptedServer> ([tls = ServerTls{ identity }] (Peer &peer) {
      peer.start_tls (tls);
      peer.read_all ();
    });
  }

  /* A zone with this record for the server, being served. */
  std::unique_ptr<DnsZone>
  publish (const ScriptedServer &server, const std::string &record, bool is_signed = true)
  {
    auto zone = std::make_unique<DnsZone> ("example.localhost", is_signed);

    zone->add ("mail IN A 127.0.0.1");
    zone->add (place (server) + " IN TLSA " + record);
    zone->start ();
    configure (zone->settings ());
    return zone;
  }

  static std::string
  place (const ScriptedServer &server)
  {
    return "_" + std::to_string (server.port ()) + "._tcp.mail";
  }

  void
  expect_refused (ScriptedServer &server, GQuark domain, int code)
  {
    EXPECT_FALSE (dial_imaps (server, kHost));
    ASSERT_NE (error, nullptr);
    EXPECT_TRUE (g_error_matches (error, domain, code)) << error->message;
    EXPECT_NE (std::string (error->message).find (kHost), std::string::npos) << error->message;
    server.stop ();
    EXPECT_EQ (server.record ().tls, "") << "nothing of the user's";
    EXPECT_FALSE (postseal_latches_is_changed (latches)) << "failure teaches nothing";
  }

  TestIdentity
  issue_self_signed ()
  {
    options.self_signed = true;
    return test_ca ().issue (options);
  }

  Sandbox sandbox;
  CertOptions options;
};

} // namespace

TEST_F (Dane, TheDnsVouchesForWhatNobodyElseDoes)
{
  TestIdentity identity = issue_self_signed ();
  auto server = serve (identity);
  auto zone = publish (*server, name_key (identity));

  ASSERT_TRUE (dial_imaps (*server, kHost)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_DANE);
  EXPECT_STREQ (seal ()->dane, "3 1 1");
  EXPECT_STREQ (seal ()->name, kHost);
  g_autofree char *words = postseal_seal_to_string (seal (), 0);
  EXPECT_NE (std::string (words).find ("mail.example.localhost vouched for by DANE, DANE 3 1 1"),
             std::string::npos)
      << words;
  g_autofree char *endpoint = g_strdup_printf ("%s:%u", kHost, server->port ());
  EXPECT_STREQ (postseal_latches_get (latches, endpoint, "voucher"), "dane");
}

TEST_F (Dane, TheDnsRefusesWhatATrustedAuthorityVouchesFor)
{
  auto server = serve (test_ca ().issue (options));
  auto zone = publish (*server, name_key (test_ca ().issue (options)));

  expect_refused (*server, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_DANE_MISMATCH);
}

TEST_F (Dane, BothMayVouch)
{
  TestIdentity identity = test_ca ().issue (options);
  auto server = serve (identity);
  auto zone = publish (*server, name_key (identity));

  policy->dane = POSTSEAL_DANE_REQUIRE;
  ASSERT_TRUE (dial_imaps (*server, kHost)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_CA);
  EXPECT_STREQ (seal ()->dane, "3 1 1");
}

TEST_F (Dane, OffAsksNobody)
{
  auto server = serve (test_ca ().issue (options));
  auto zone = publish (*server, name_key (test_ca ().issue (options)));

  policy->dane = POSTSEAL_DANE_OFF;
  ASSERT_TRUE (dial_imaps (*server, kHost)) << error->message;
  EXPECT_EQ (seal ()->dane, nullptr);
  EXPECT_TRUE (zone->questions ().empty ());
}

TEST_F (Dane, AutoGoesOnWhereThereIsNothingToHoldTheServerAgainstAndSaysSo)
{
  TestIdentity identity = test_ca ().issue (options);
  const std::string wrong = name_key (test_ca ().issue (options));
  const std::vector<std::pair<const char *, void (*) (DnsZone &, const std::string &)>> cases = {
    { "bogus", [] (DnsZone &zone, const std::string &at) { zone.break_signature (at, "TLSA"); } },
    { "bogus", [] (DnsZone &zone, const std::string &) { zone.expire_signatures (); } },
    { "unreachable",
      [] (DnsZone &zone, const std::string &) { zone.refuse ("example.localhost"); } },
  };

  for (const auto &[word, spoil] : cases)
    {
      auto server = serve (identity);
      DnsZone zone;

      zone.add ("mail IN A 127.0.0.1");
      zone.add (place (*server) + " IN TLSA " + wrong);
      spoil (zone, place (*server));
      zone.start ();
      configure (zone.settings ());
      ASSERT_TRUE (dial_imaps (*server, kHost)) << error->message;
      EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_CA);
      EXPECT_STREQ (seal ()->dane, word);
      EXPECT_NE (heard.find ("* DANE: " + std::string (word) + ": "), std::string::npos) << heard;
    }

  auto unsigned_server = serve (identity);
  auto unsigned_zone = publish (*unsigned_server, wrong, false);
  ASSERT_TRUE (dial_imaps (*unsigned_server, kHost)) << error->message;
  EXPECT_STREQ (seal ()->dane, "insecure");

  auto bare_server = serve (identity);
  DnsZone bare;
  bare.start ();
  configure (bare.settings ());
  ASSERT_TRUE (dial_imaps (*bare_server, kHost)) << error->message;
  EXPECT_STREQ (seal ()->dane, "none");

  auto odd_server = serve (identity);
  auto odd_zone = publish (*odd_server, "3 1 9 abcdef");
  ASSERT_TRUE (dial_imaps (*odd_server, kHost)) << error->message;
  EXPECT_STREQ (seal ()->dane, "unusable");
}

TEST_F (Dane, RequireFailsClosedWithACauseForEach)
{
  TestIdentity identity = test_ca ().issue (options);
  const std::string right = name_key (identity);
  struct Case
  {
    GQuark domain;
    int code;
    const char *words;
    void (*spoil) (DnsZone &zone, const std::string &at);
  };
  const std::vector<Case> cases = {
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_DNSSEC, "signed wrongly",
      [] (DnsZone &zone, const std::string &at) { zone.break_signature (at, "TLSA"); } },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_DNSSEC, "signed wrongly",
      [] (DnsZone &zone, const std::string &) { zone.expire_signatures (); } },
    { POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_DANE, "no answer",
      [] (DnsZone &zone, const std::string &) { zone.refuse ("example.localhost"); } },
  };

  policy->dane = POSTSEAL_DANE_REQUIRE;
  for (const Case &one : cases)
    {
      auto server = serve (identity);
      DnsZone zone;

      zone.add ("mail IN A 127.0.0.1");
      zone.add (place (*server) + " IN TLSA " + right);
      one.spoil (zone, place (*server));
      zone.start ();
      configure (zone.settings ());
      expect_refused (*server, one.domain, one.code);
      EXPECT_NE (std::string (error->message).find (one.words), std::string::npos)
          << error->message;
    }

  auto unsigned_server = serve (identity);
  auto unsigned_zone = publish (*unsigned_server, right, false);
  expect_refused (*unsigned_server, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_DANE_MISSING);

  auto bare_server = serve (identity);
  DnsZone bare;
  bare.start ();
  configure (bare.settings ());
  expect_refused (*bare_server, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_DANE_MISSING);

  auto odd_server = serve (identity);
  auto odd_zone = publish (*odd_server, "3 1 9 abcdef");
  expect_refused (*odd_server, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_DANE_MISSING);
}

/* Nobody answers at all: the loop goes on, and it ends. */
TEST_F (Dane, ADeadResolverEndsAtTheLimit)
{
  BlackHole hole;
  TestIdentity identity = test_ca ().issue (options);

  configure (hole.settings ());
  auto server = serve (identity);
  ASSERT_TRUE (dial_imaps (*server, kHost)) << error->message;
  EXPECT_STREQ (seal ()->dane, "unreachable");

  auto required = serve (identity);
  policy->dane = POSTSEAL_DANE_REQUIRE;
  EXPECT_FALSE (dial_imaps (*required, kHost));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_DANE))
      << error->message;
  required->stop ();
  EXPECT_EQ (required->record ().tls, "");
}

/* What the servers of one port show, and what the DNS says, from one connection to the next. */
class DaneBefore : public Dane
{
protected:
  /* Answers come, however busy the machine is. */
  DaneBefore () { policy->search_ms = 120000; }

  /* @spoil: before it is served. The zone stays until the next. */
  void
  say (const std::function<void (DnsZone &)> &spoil,
       const std::string &record,
       bool is_signed = true)
  {
    zone_ = std::make_unique<DnsZone> ("example.localhost", is_signed);
    zone_->add ("mail IN A 127.0.0.1");
    if (!record.empty ())
      zone_->add (place (server_) + " IN TLSA " + record);
    spoil (*zone_);
    zone_->start ();
    configure (zone_->settings ());
  }

  bool
  show (const TestIdentity &identity)
  {
    shown_ = identity;
    return dial_imaps (server_, kHost);
  }

  std::string
  before ()
  {
    return seal ()->dane_before != nullptr ? seal ()->dane_before : "";
  }

  std::string
  latch ()
  {
    const std::string at = std::string (kHost) + ":" + std::to_string (server_.port ());
    const char *value = postseal_latches_get (latches, at.c_str (), "dane");

    return value != nullptr ? value : "";
  }

  /* Signed DNS names have vouched for it. */
  void
  prove (const TestIdentity &identity)
  {
    say (as_it_is, name_key (identity));
    ASSERT_TRUE (show (identity)) << error->message;
    ASSERT_EQ (latch (), "keys");
    ASSERT_EQ (before (), "");
  }

  static void
  as_it_is (DnsZone &)
  {
  }
  static void
  refuse (DnsZone &zone)
  {
    zone.refuse ("example.localhost");
  }
  static void
  expire (DnsZone &zone)
  {
    zone.expire_signatures ();
  }

  std::unique_ptr<DnsZone> zone_;
  TestIdentity shown_;
  ScriptedServer server_{ [this] (Peer &peer) {
    peer.start_tls (ServerTls{ shown_ });
    peer.read_all ();
  } };
};

TEST_F (DaneBefore, WhereTheDnsCannotBeHadItsKeysCountAndNoOthers)
{
  TestIdentity identity = test_ca ().issue (options);
  TestIdentity other = test_ca ().issue (options);

  prove (identity);
  for (auto spoil : { refuse, expire })
    {
      say (spoil, name_key (identity));
      ASSERT_TRUE (show (identity)) << error->message;
      EXPECT_EQ (before (), "keys") << "told";
      EXPECT_EQ (latch (), "keys");
      ASSERT_FALSE (show (other)) << "whoever vouches";
      EXPECT_NE (std::string (error->message).find ("another key"), std::string::npos)
          << error->message;
      if (spoil == refuse)
        EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_DANE));
      else
        EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_LATCH);
    }

  policy->dane = POSTSEAL_DANE_OFF;
  EXPECT_TRUE (show (other)) << "the user's word";
  policy->dane = POSTSEAL_DANE_AUTO;
  postseal_latches_clear (latches, nullptr);
  EXPECT_TRUE (show (other)) << "and this is, too";
}

TEST_F (DaneBefore, SeveralKeysAreKnown)
{
  TestIdentity identity = test_ca ().issue (options);
  TestIdentity other = test_ca ().issue (options);

  prove (identity);
  say (as_it_is, name_key (other));
  ASSERT_TRUE (show (other)) << error->message;
  say (refuse, "");
  EXPECT_TRUE (show (identity)) << error->message;
  EXPECT_TRUE (show (other)) << error->message;
}

TEST_F (DaneBefore, TheOwnersOwnWordEndsIt)
{
  TestIdentity identity = test_ca ().issue (options);
  TestIdentity other = test_ca ().issue (options);

  prove (identity);
  say (as_it_is, name_key (identity), false);
  ASSERT_TRUE (show (other)) << error->message;
  EXPECT_STREQ (seal ()->dane, "insecure");
  EXPECT_EQ (before (), "keys") << "as long as it is";
  EXPECT_EQ (latch (), "keys");

  say (as_it_is, "");
  ASSERT_TRUE (show (other)) << error->message;
  EXPECT_STREQ (seal ()->dane, "none");
  EXPECT_EQ (before (), "keys");
  EXPECT_EQ (latch (), "none");
  ASSERT_TRUE (show (identity)) << error->message;
  EXPECT_EQ (before (), "") << "told once";
  say (refuse, "");
  EXPECT_TRUE (show (other)) << error->message;

  say (as_it_is, name_key (other));
  ASSERT_TRUE (show (other)) << error->message;
  EXPECT_EQ (latch (), "keys") << "once more";
}

TEST_F (DaneBefore, WhatOnlyTheDnsVouchedForWaitsForItsAnswer)
{
  TestIdentity identity = issue_self_signed ();

  prove (identity);
  say (refuse, "");
  ASSERT_FALSE (show (identity));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_DANE))
      << error->message;
  EXPECT_NE (std::string (error->message).find ("vouched for"), std::string::npos)
      << error->message;
  say (as_it_is, "");
  ASSERT_FALSE (show (identity));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_UNTRUSTED);
}

/* Whoever only has a look at it does not wait as long as the account would. */
TEST_F (Dane, ADeadResolverDoesNotHoldUpASearch)
{
  BlackHole hole;
  auto server = serve (issue_self_signed ());
  const gint64 begin = g_get_monotonic_time ();

  configure (hole.settings ());
  policy->search_ms = 300;
  timeout_ms = 2 * POSTSEAL_LIMIT_DANE_MS;
  EXPECT_FALSE (dial_imaps (*server, kHost));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_UNTRUSTED);
  EXPECT_NE (heard.find ("* DANE: unreachable"), std::string::npos) << heard;
  EXPECT_LT (g_get_monotonic_time () - begin, (gint64)POSTSEAL_LIMIT_DANE_MS * 3 / 4 * 1000);
}

/* Networks that swallow such questions cost the wait once, not with each connection. */
TEST_F (Dane, ASilentResolverIsNotWaitedForAgainWhereNothingDependsOnIt)
{
  BlackHole hole;
  TestIdentity identity = test_ca ().issue (options);
  auto server = serve (identity);

  configure (hole.settings ());
  policy->search_ms = 120;
  ASSERT_TRUE (dial_imaps (*server, kHost)) << error->message;
  EXPECT_FALSE (_postseal_dane_is_silent ()) << "after a hundredth of a second";
  policy->search_ms = 0;
  server = serve (identity);
  ASSERT_TRUE (dial_imaps (*server, kHost)) << error->message;
  EXPECT_TRUE (_postseal_dane_is_silent ());
  auto again = serve (identity);
  policy->search_ms = 12 * POSTSEAL_LIMIT_DANE_MS;
  const gint64 begin = g_get_monotonic_time ();
  ASSERT_TRUE (dial_imaps (*again, kHost)) << error->message;
  EXPECT_STREQ (seal ()->dane, "unreachable");
  EXPECT_LT (g_get_monotonic_time () - begin, (gint64)POSTSEAL_LIMIT_DANE_MS * 3 / 4 * 1000);

  auto zone = publish (*server, name_key (identity));
  EXPECT_FALSE (_postseal_dane_is_silent ()) << "it is another resolver";
}

TEST_F (Dane, WithoutTheProgramItIsAsWithoutDaneUnlessThatIsRequired)
{
  std::string program = g_getenv ("POSTSEAL_LOOKUP_PROGRAM");
  auto server = serve (test_ca ().issue (options));
  auto required = serve (test_ca ().issue (options));

  configure ("dns-server=127.0.0.1@1\n");
  g_setenv ("POSTSEAL_LOOKUP_PROGRAM", "/none/such", TRUE);
  EXPECT_TRUE (dial_imaps (*server, kHost)) << error->message;
  EXPECT_EQ (seal ()->dane, nullptr);
  policy->dane = POSTSEAL_DANE_REQUIRE;
  EXPECT_FALSE (dial_imaps (*required, kHost));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_DANE_MISSING);
  EXPECT_NE (std::string (error->message).find ("/none/such"), std::string::npos) << error->message;
  g_setenv ("POSTSEAL_LOOKUP_PROGRAM", program.c_str (), TRUE);
}

/* What only this machine knows is nobody else's business. */
TEST_F (Dane, LocalNamesAndAddressesAreNotAskedAbout)
{
  options.dns = { "localhost", kHost };
  options.ip = { "127.0.0.1" };
  TestIdentity identity = test_ca ().issue (options);
  auto zone = std::make_unique<DnsZone> ();

  zone->start ();
  configure (zone->settings ());
  for (const char *host : { "localhost", "127.0.0.1" })
    {
      auto server = serve (identity);
      EXPECT_TRUE (dial_imaps (*server, host)) << error->message;
      EXPECT_EQ (seal ()->dane, nullptr);
    }
  EXPECT_TRUE (zone->questions ().empty ());

  configure (""); /* the system's */
  auto server = serve (identity);
  EXPECT_TRUE (dial_imaps (*server, kHost)) << error->message;
  EXPECT_EQ (seal ()->dane, nullptr);
  policy->dane = POSTSEAL_DANE_REQUIRE;
  auto required = serve (identity);
  EXPECT_FALSE (dial_imaps (*required, kHost));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_DANE_MISSING);
}

/* A relay that wants no credentials, and whose offer of TLS somebody strips. */
TEST_F (Dane, WhereTheDnsNamesAKeyNothingIsSentInClear)
{
  auto strip = [] (Peer &peer) {
    peer.send ("220 relay ESMTP\r\n");
    peer.read_line ();
    peer.send ("250 relay\r\n");
    peer.read_line ();
    peer.send ("502 what?\r\n");
    peer.read_all ();
  };
  ScriptedServer stripped (strip), bare (strip);
  auto zone = publish (stripped, name_key (test_ca ().issue (options)));

  policy->level = POSTSEAL_TLS_OPPORTUNISTIC;
  EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, stripped.port (), kHost));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_NOT_OFFERED);
  ASSERT_TRUE (dial (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, bare.port (), kHost))
      << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_NONE) << "of this one it names none";
}

/* A ticket proves what the server showed then: the DNS may say otherwise by now. */
TEST_F (Dane, AResumedSessionIsHeldAgainstWhatTheDnsSaysNow)
{
  TestIdentity identity = issue_self_signed ();
  ServerTls tls{ identity };
  ScriptedServer server ([&] (Peer &peer) {
    peer.start_tls (tls);
    peer.read_all ();
  });
  auto zone = publish (server, name_key (identity));

  scope = "account";
  ASSERT_TRUE (dial_imaps (server, kHost)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_DANE);
  zone->stop ();
  zone = publish (server, name_key (test_ca ().issue (options)));
  EXPECT_FALSE (dial_imaps (server, kHost));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_DANE_MISMATCH);
}

TEST_F (Dane, TheProgramIsKeptForTheNextConnection)
{
  TestIdentity identity = issue_self_signed ();
  auto server = serve (identity);
  auto zone = publish (*server, name_key (identity));

  ASSERT_TRUE (dial_imaps (*server, kHost)) << error->message;
  size_t questions = zone->questions ().size ();
  server->stop ();
  EXPECT_GT (questions, 0u);
  auto again = serve (identity);
  (void)dial_imaps (*again, kHost); /* of this port it names no key */
  EXPECT_NE (heard.find ("* DANE: none"), std::string::npos) << heard;
  EXPECT_LT (zone->questions ().size (), 2 * questions) << "what it has learned serves again";
}

/* The file may be replaced, written anew or removed while the program runs. */
TEST_F (Dane, AnotherDnsServerIsAskedAsSoonAsItIsNamed)
{
  TestIdentity identity = issue_self_signed ();
  ServerTls tls{ identity };
  ScriptedServer server ([&] (Peer &peer) {
    peer.start_tls (tls);
    peer.read_all ();
  });
  auto old = publish (server, name_key (test_ca ().issue (options)));
  DnsZone zone;

  EXPECT_FALSE (dial_imaps (server, kHost));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_DANE_MISMATCH);
  old->stop ();
  zone.add ("mail IN A 127.0.0.1");
  zone.add (place (server) + " IN TLSA " + name_key (identity));
  zone.start ();
  sandbox.write ("postseal/discovery.conf", "[discovery]\n" + zone.settings ());
  ASSERT_TRUE (dial_imaps (server, kHost)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_DANE);
}

TEST_F (Dane, ADialThatIsCancelledLeavesNothingBehind)
{
  BlackHole hole;
  auto server = serve (test_ca ().issue (options));
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  g_autoptr (PostsealEndpoint) endpoint = postseal_endpoint_new (
      POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, kHost, server->port ());

  configure (hole.settings ());
  postseal_dial_async (endpoint, policy, latches, scope, timeout_ms, transcript, stop,
                       AsyncLoop::on_ready, &loop);
  loop.wait_for ([&] { return heard.find ("connected to") != std::string::npos; });
  g_cancellable_cancel (stop);
  link = postseal_dial_finish (loop.wait (), &error);
  EXPECT_EQ (link, nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server must prove before it gets a message, and what is said when it does not. */
#include "scenario/submission.h"

namespace postseal_test
{

/* No byte of these in clear, whatever the server does. */
static const char *const kPrivate[] = { "jane", "bob",     "example.org", "example.net", "MAIL",
                                        "AUTH", "Subject", "Hello",       kPassword };

class SendPolicy : public Submission
{
protected:
  using Reply = std::optional<std::string>;
  using Call = ToySubmission::Call;

  /* @toy got nothing that matters, and the message is blocked because of @words. */
  void
  expect_blocked (ScriptedServer &toy, const Outcome &outcome, const std::string &words)
  {
    toy.stop ();
    expect_outcome (outcome, 76, words);
    EXPECT_LT (outcome.seconds, 15);
    for (const char *secret : kPrivate)
      EXPECT_EQ (toy.all_clear ().find (secret), std::string::npos) << toy.all_clear ();
    std::vector<QueueEntry> entries = list ();
    ASSERT_EQ (entries.size (), 1u);
    EXPECT_EQ (entries[0].state, "blocked");
    EXPECT_NE (entries[0].reason.find (words), std::string::npos) << entries[0].reason;
    EXPECT_FALSE (entries[0].is_in_clear);
  }

  /* With the toy's honest dialogue in clear up to the answer to STARTTLS, which is @reply. */
  static void
  serve_until_starttls (Peer &peer, const std::string &ehlo, const std::string &reply)
  {
    peer.send ("220 toy ESMTP\r\n");
    while (auto line = peer.read_line ())
      {
        if (line->rfind ("EHLO", 0) == 0)
          peer.send (ehlo);
        else if (*line == "STARTTLS")
          {
            peer.send (reply);
            return;
          }
        else
          peer.send ("250 ok\r\n");
      }
  }

  /* Goes on in clear as if nothing had happened. */
  static void
  take_all (Peer &peer)
  {
    while (auto line = peer.read_line ())
      peer.send (line->rfind ("DATA", 0) == 0 ? "354 go on\r\n" : "250 ok\r\n");
  }
};

class Upgrade : public SendPolicy
{
protected:
  Outcome
  send_to (ScriptedServer &toy, const std::string &scheme = "submission")
  {
    configure (scheme, toy.port ());
    return send ();
  }
};

TEST_F (Upgrade, AnHonestServerGetsTheMessageBehindTls)
{
  ToySubmission toy (ToySubmission::Start::Upgrade);

  configure ("submission", toy.port ());
  Outcome outcome = send ();
  toy.stop ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  ASSERT_EQ (toy.deliveries ().size (), 1u);
  EXPECT_FALSE (toy.deliveries ()[0].is_clear);
  for (const char *secret : kPrivate)
    EXPECT_EQ (toy.server ().all_clear ().find (secret), std::string::npos)
        << toy.server ().all_clear ();
  EXPECT_EQ (toy.violations (), std::vector<std::string> ());
}

/* RFC 3207 section 6: who takes away the offer gets nothing. */
TEST_F (Upgrade, AStrippedOfferIsAskedForAllTheSame)
{
  ScriptedServer toy ([] (Peer &peer) {
    serve_until_starttls (peer, "250-toy\r\n250 AUTH PLAIN LOGIN\r\n", "502 5.5.1 what?\r\n");
    take_all (peer);
  });

  expect_blocked (toy, send_to (toy), "STARTTLS");
}

TEST_F (Upgrade, ARefusedUpgradeEndsTheConversation)
{
  for (const char *reply : { "454 4.7.0 TLS not available\r\n", "501 5.5.4 no\r\n", "250 ok\r\n",
                             "221 2.0.0 bye\r\n", "220-not yet\r\n250 ok\r\n" })
    {
      ScriptedServer toy ([&] (Peer &peer) {
        serve_until_starttls (peer, "250-toy\r\n250 STARTTLS\r\n", reply);
        take_all (peer);
      });

      SCOPED_TRACE (reply);
      expect_blocked (toy, send_to (toy), "localhost");
      EXPECT_EQ (queue ({ "remove", "--all" }).status, 0);
    }
}

/* CVE-2011-0411 the other way round: what was said in clear is not heard later. */
TEST_F (Upgrade, BytesBehindTheReplyEndTheConversation)
{
  for (const char *injected : { "250 injected\r\n", "250-AUTH PLAIN\r\n", "2", "\r\n" })
    {
      ScriptedServer toy ([&] (Peer &peer) {
        serve_until_starttls (peer, "250-toy\r\n250 STARTTLS\r\n",
                              std::string ("220 go\r\n") + injected);
        if (peer.start_tls ({ test_ca ().issue () }))
          take_all (peer);
      });

      SCOPED_TRACE (injected);
      expect_blocked (toy, send_to (toy), "in clear");
      EXPECT_EQ (queue ({ "remove", "--all" }).status, 0);
    }
}

/* RFC 3207 section 4.2: what was offered before TLS is forgotten. */
TEST_F (Upgrade, OffersFromBeforeTlsAreForgotten)
{
  ToySubmission toy (ToySubmission::Start::Upgrade);

  for (const char *keyword : { "CHUNKING", "8BITMIME", "PIPELINING", "DSN" })
    toy.withdraw (keyword);
  toy.hook = [] (const Call &call) -> Reply {
    if (call.verb != "EHLO" || call.peer.is_tls ())
      return std::nullopt;
    return "250-toy\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n250-DSN\r\n"
           "250-AUTH EXTERNAL\r\n250 STARTTLS\r\n";
  };
  configure ("submission", toy.port ());
  EXPECT_EQ (send (message (), { "--notify", "failure", "bob@example.net" }).status, 0);
  toy.stop ();
  EXPECT_EQ (toy.deliveries ().size (), 1u);
  EXPECT_EQ (toy.violations (), std::vector<std::string> ());
}

TEST_F (Upgrade, EndlessTalkInClearEndsTheConversation)
{
  ScriptedServer toy ([] (Peer &peer) {
    for (int i = 0; i < 20000; i++)
      peer.send ("220-and so on\r\n");
    peer.stall ();
  });

  expect_blocked (toy, send_to (toy), "localhost");
}

TEST_F (Upgrade, SilenceInsteadOfAHandshakeEndsInTime)
{
  ScriptedServer toy ([] (Peer &peer) {
    serve_until_starttls (peer, "250-toy\r\n250 STARTTLS\r\n", "220 go\r\n");
    peer.stall ();
  });
  Outcome outcome = send_to (toy);

  toy.stop ();
  EXPECT_LT (outcome.seconds, 15);
  EXPECT_NE (outcome.status, 0);
  EXPECT_EQ (list ().size (), 1u);
  for (const char *secret : kPrivate)
    EXPECT_EQ (toy.all_clear ().find (secret), std::string::npos) << toy.all_clear ();
}

/* RFC 5321 section 3.8: that is no question of TLS. */
TEST_F (Upgrade, AServerThatIsBusyIsTriedLater)
{
  for (const char *step : { "GREETING", "EHLO", "STARTTLS" })
    {
      ToySubmission toy (ToySubmission::Start::Upgrade);

      SCOPED_TRACE (step);
      toy.answer (step, 1, "421 4.7.0 too many connections");
      configure ("submission", toy.port ());
      enqueue ();
      expect_outcome (flush (), 75, "too many connections");
      EXPECT_EQ (states (), "queued");
      EXPECT_EQ (flush ().status, 0);
      toy.stop ();
      EXPECT_EQ (toy.deliveries ().size (), 1u);
      EXPECT_EQ (states (), "");
    }
}

TEST_F (Upgrade, ATlsServerOnTheStartTlsPortIsNamed)
{
  ToySubmission toy;

  configure ("submission", toy.port ());
  expect_blocked (toy.server (), send (), "TLS from the first byte");
}

TEST_F (Upgrade, APlainServerOnTheTlsPortIsNamed)
{
  ToySubmission toy (ToySubmission::Start::Upgrade);

  configure ("submissions", toy.port ());
  Outcome outcome = send ();
  toy.stop ();
  expect_outcome (outcome, 76, "plain text");
  EXPECT_EQ (states (), "blocked");
  EXPECT_EQ (toy.count ("MAIL") + toy.count ("AUTH"), 0u);
}

/* --- who it is --- */

TEST_F (SendPolicy, AnUntrustedServerBlocksUntilTheUserHasMendedIt)
{
  TestCa other ("Somebody Else");

  configure ("ca-file=" + other.ca_file () + "\n");
  std::string id = enqueue ();
  Outcome outcome = flush ();

  expect_outcome (outcome, 76, "localhost");
  EXPECT_EQ (states (), "blocked");
  EXPECT_NE (show (id).reason, "");
  EXPECT_EQ (server.count ("EHLO"), 0u);
  unsigned connections = server.connections ();
  flush_due ();
  EXPECT_EQ (server.connections (), connections) << "the server has a rest";
  configure ();
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one");
  EXPECT_EQ (states (), "");
  enqueue (message ("two"));
  EXPECT_EQ (flush_due ().status, 0) << "the pause is over";
  EXPECT_EQ (taken (), "one two");
}

TEST_F (SendPolicy, ACertificateForSomebodyElseBlocks)
{
  CertOptions options;

  options.dns = { "mail.example.com" };
  server.tls = { test_ca ().issue (options) };
  enqueue ();
  expect_outcome (flush (), 76, "mail.example.com");
  EXPECT_EQ (states (), "blocked");
}

TEST_F (SendPolicy, OldTlsBlocks)
{
  server.tls.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1";
  enqueue ();
  expect_outcome (flush (), 76, "TLS");
  EXPECT_EQ (states (), "blocked");
}

/* --- a relay without credentials --- */

class Opportunistic : public SendPolicy
{
protected:
  static constexpr const char *kKeys = "send-tls=opportunistic\nauth=none\npassword=\n";
};

TEST_F (Opportunistic, ARelayWithoutTlsGetsItAndThatIsSaid)
{
  ToySubmission relay (ToySubmission::Start::Clear);

  relay.demands_login = false;
  relay.withdraw ("AUTH");
  configure ("smtp", relay.port (), kKeys);
  std::string id = enqueue ();
  Outcome outcome = flush ();
  relay.stop ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  ASSERT_EQ (relay.deliveries ().size (), 1u);
  EXPECT_TRUE (relay.deliveries ()[0].is_clear);
  EXPECT_TRUE (show (id).is_in_clear);
  Outcome shown = queue ({ "show", id });
  EXPECT_NE (shown.out.find ("clear"), std::string::npos) << shown.out;
  EXPECT_NE ((outcome.out + outcome.err).find ("clear"), std::string::npos)
      << outcome.out << outcome.err;
  EXPECT_EQ (relay.violations (), std::vector<std::string> ());
}

TEST_F (Opportunistic, TlsIsUsedWhereItIsOfferedAndKeptFromThenOn)
{
  ToySubmission relay (ToySubmission::Start::Optional);

  relay.demands_login = false;
  relay.withdraw ("AUTH");
  configure ("smtp", relay.port (), kKeys);
  std::string id = enqueue ();
  EXPECT_EQ (flush ().status, 0);
  relay.settle ();
  ASSERT_EQ (relay.deliveries ().size (), 1u);
  EXPECT_FALSE (relay.deliveries ()[0].is_clear);
  EXPECT_FALSE (show (id).is_in_clear);

  /* Now somebody in the middle takes the offer away. */
  relay.hook = [] (const Call &call) -> Reply {
    if (call.verb == "EHLO" && !call.peer.is_tls ())
      return "250-toy\r\n250 PIPELINING\r\n";
    if (call.verb == "STARTTLS")
      return "502 5.5.1 what?\r\n";
    return std::nullopt;
  };
  enqueue (message ("two"));
  Outcome outcome = flush ();
  relay.settle ();
  expect_outcome (outcome, 76, "localhost");
  EXPECT_EQ (states (), "blocked");
  EXPECT_EQ (relay.deliveries ().size (), 1u);

  EXPECT_EQ (sandbox.run ({ "account", "edit", "work", "--forget-latches" }).status, 0);
  outcome = flush ();
  relay.stop ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  ASSERT_EQ (relay.deliveries ().size (), 2u);
  EXPECT_TRUE (relay.deliveries ()[1].is_clear);
}

TEST_F (Opportunistic, ARelayThatOffersTlsIsNotSpokenToInClearWhenTheHandshakeFails)
{
  ToySubmission relay (ToySubmission::Start::Optional);

  relay.demands_login = false;
  relay.withdraw ("AUTH");
  relay.tls.refuses_handshake = true;
  configure ("smtp", relay.port (), kKeys);
  enqueue ();
  Outcome outcome = flush ();
  relay.stop ();
  EXPECT_NE (outcome.status, 0);
  EXPECT_EQ (relay.deliveries ().size (), 0u);
  EXPECT_EQ (relay.server ().all_clear ().find ("bob"), std::string::npos);
  EXPECT_EQ (list ().size (), 1u);
}

TEST_F (Opportunistic, WithCredentialsItIsNoPolicy)
{
  configure ("send-tls=opportunistic\n");
  Outcome outcome = send ();

  EXPECT_EQ (outcome.status, 78) << outcome.err;
  EXPECT_NE (outcome.err.find ("auth=none"), std::string::npos) << outcome.err;
  EXPECT_EQ (server.connections (), 0u);
}

TEST_F (Opportunistic, ARelayThatWantsALogInIsNotGivenOne)
{
  ToySubmission relay (ToySubmission::Start::Optional);

  configure ("smtp", relay.port (), kKeys);
  enqueue ();
  Outcome outcome = flush ();
  relay.stop ();
  expect_outcome (outcome, 77, "log in first");
  EXPECT_EQ (states (), "blocked");
  EXPECT_EQ (relay.count ("AUTH"), 0u);
  EXPECT_EQ (reports ().size (), 0u);
}

TEST_F (Opportunistic, ARelayThatOffersTlsAndThenRefusesItIsLeft)
{
  for (const char *reply : { "454 4.7.0 not now", "501 5.5.4 no", "421 4.3.2 closing" })
    {
      ToySubmission relay (ToySubmission::Start::Optional);

      SCOPED_TRACE (reply);
      relay.demands_login = false;
      relay.withdraw ("AUTH");
      relay.answer ("STARTTLS", 0, reply);
      configure ("smtp", relay.port (), kKeys);
      std::string id = enqueue ();
      Outcome outcome = flush ();
      relay.stop ();
      EXPECT_NE (outcome.status, 0);
      EXPECT_EQ (relay.deliveries ().size (), 0u);
      EXPECT_EQ (relay.server ().all_clear ().find ("bob"), std::string::npos);
      EXPECT_EQ (list ().size (), 1u);
      EXPECT_EQ (queue ({ "remove", id }).status, 0);
    }
}

/* RFC 7435: a certificate that nobody vouches for is still better than none, and no proof. */
TEST_F (Opportunistic, ARelayThatProvesNothingGetsMailBehindTlsButNotWhatRequiresIt)
{
  ToySubmission relay (ToySubmission::Start::Optional);
  TestCa other ("Somebody Else");

  relay.demands_login = false;
  relay.withdraw ("AUTH");
  relay.offer ("REQUIRETLS");
  relay.tls = { other.issue () };
  configure ("smtp", relay.port (), kKeys);
  EXPECT_EQ (flush ().status, 0);
  std::string id = enqueue ();
  EXPECT_EQ (flush ().status, 0);
  relay.settle ();
  ASSERT_EQ (relay.deliveries ().size (), 1u);
  EXPECT_FALSE (relay.deliveries ()[0].is_clear);
  EXPECT_FALSE (show (id).is_in_clear);
  for (const char *secret : { "bob", "Hello" })
    EXPECT_EQ (relay.server ().all_clear ().find (secret), std::string::npos);

  enqueue (message ("two"), { "--require-tls", "bob@example.net" });
  Outcome outcome = flush ();
  relay.stop ();
  EXPECT_NE (outcome.status, 0);
  EXPECT_EQ (relay.deliveries ().size (), 1u);
  ASSERT_EQ (reports ().size (), 1u);
  EXPECT_NE (reports ()[0].find ("Status: 5.7.10"), std::string::npos) << reports ()[0];
  EXPECT_EQ (reports ()[0].find ("Hello"), std::string::npos) << "RFC 8689 section 5";
}

/* --- this machine --- */

TEST_F (SendPolicy, LoopbackIsThisMachineOnly)
{
  ToySubmission local (ToySubmission::Start::Clear);

  local.demands_login = false;
  local.withdraw ("AUTH");
  configure ("smtp", local.port (), "send-tls=loopback\nauth=none\npassword=\nca-file=\n");
  std::string id = enqueue ();
  Outcome outcome = flush ();
  local.stop ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (local.deliveries ().size (), 1u);
  EXPECT_TRUE (show (id).is_in_clear);
}

/* A plain listener on a port of TLS, and the other way round, leave the outbox as it is. */
TEST_F (SendPolicy, ABlockedMessageLosesNothingAndIsNotReported)
{
  server.tls.refuses_handshake = true;
  for (const char *name : { "one", "two" })
    enqueue (message (name));
  EXPECT_EQ (flush ().status, 76);
  EXPECT_EQ (flush ().status, 76);
  EXPECT_EQ (states (), "blocked blocked");
  EXPECT_EQ (reports ().size (), 0u);
  server.settle ();
  server.tls.refuses_handshake = false;
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one two");
}

} // namespace postseal_test

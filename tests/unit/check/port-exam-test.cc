/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a port answers, and what it says. */
#include "port-exam-fixture.h"

using namespace postseal_test;

namespace
{

constexpr auto IMAP = POSTSEAL_PROTOCOL_IMAP;
constexpr auto POP3 = POSTSEAL_PROTOCOL_POP3;
constexpr auto SMTP = POSTSEAL_PROTOCOL_SMTP;
constexpr auto IMPLICIT = POSTSEAL_TLS_START_IMPLICIT;
constexpr auto UPGRADE = POSTSEAL_TLS_START_UPGRADE;
constexpr auto YES = POSTSEAL_SEEN_YES;
constexpr auto NO = POSTSEAL_SEEN_NO;
constexpr auto UNKNOWN = POSTSEAL_SEEN_UNKNOWN;

/* For what waits in vain. */
constexpr unsigned kShort = 700;
/* The same, where something must have happened before. */
constexpr unsigned kPatient = 6000;

std::string
name_of (PostsealProtocol protocol, PostsealTlsStart start)
{
  return std::string (postseal_protocol_name (protocol)) + (start == IMPLICIT ? "S" : "");
}

/* --- servers without a fault --- */

class PortExamByServerTest
    : public PortExamTest,
      public testing::WithParamInterface<std::pair<PostsealProtocol, PostsealTlsStart>>
{
};

TEST_P (PortExamByServerTest, TellsAllOfASoundOne)
{
  Toy toy;

  toy.protocol = GetParam ().first;
  toy.start = GetParam ().second;
  toy.tls = sound_tls ();
  probe_injection_ = true;
  examine (toy);

  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL) << facts ().reason;
  EXPECT_EQ (facts ().reason, nullptr) << facts ().reason;
  EXPECT_EQ (facts ().address, "127.0.0.1:" + std::to_string (server_->port ()));
  EXPECT_EQ (facts ().start, toy.start);
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (facts ().tls_error, nullptr);
  EXPECT_STREQ (facts ().tls_version, "TLS 1.3");
  EXPECT_STREQ (facts ().cipher, "AES-256-GCM");
  EXPECT_STREQ (facts ().key_exchange, "X25519");
  ASSERT_NE (facts ().chain, nullptr);
  EXPECT_EQ (facts ().chain->len, 1u);
  EXPECT_GT (facts ().connect_ms, 0u);
  EXPECT_GT (facts ().greeting_ms, 0u);
  EXPECT_GT (facts ().handshake_ms, 0u);
  EXPECT_EQ (facts ().tls10, NO);
  EXPECT_EQ (facts ().tls11, NO);
  EXPECT_EQ (facts ().tls12, YES);
  EXPECT_EQ (facts ().tls13, YES);
  EXPECT_EQ (facts ().suites, YES);
  EXPECT_EQ (facts ().suite_null, nullptr) << facts ().suite_null;
  EXPECT_EQ (facts ().suite_anonymous, nullptr) << facts ().suite_anonymous;
  EXPECT_EQ (facts ().suite_broken, nullptr) << facts ().suite_broken;
  EXPECT_EQ (facts ().suite_static, nullptr) << facts ().suite_static;
  EXPECT_EQ (facts ().dh_bits, 0u);
  EXPECT_EQ (facts ().extended_master_secret, YES);
  EXPECT_EQ (facts ().resumption, YES);
  EXPECT_FALSE (facts ().is_preauth);
  EXPECT_LE (server_->connections (), 8u) << "no more than a server may take for an attack";
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          PortExamByServerTest,
                          testing::Values (std::pair{ IMAP, IMPLICIT },
                                           std::pair{ IMAP, UPGRADE },
                                           std::pair{ POP3, IMPLICIT },
                                           std::pair{ POP3, UPGRADE },
                                           std::pair{ SMTP, IMPLICIT },
                                           std::pair{ SMTP, UPGRADE }),
                          [] (const auto &about) {
                            return name_of (about.param.first, about.param.second);
                          });

TEST_F (PortExamTest, ShowsWhatIsOfferedBeforeTlsAndWithinIt)
{
  Toy toy;

  toy.tls = sound_tls ();
  is_brief_ = true;
  examine (toy);
  EXPECT_EQ (join (facts ().caps_before), "IMAP4rev1, STARTTLS, LOGINDISABLED");
  EXPECT_EQ (join (facts ().caps_after), "IMAP4rev1, IDLE");
  EXPECT_STREQ (facts ().greeting, "* OK ready");
  EXPECT_EQ (facts ().greeting_after, nullptr);
  EXPECT_EQ (facts ().upgrade, POSTSEAL_PORT_UPGRADE_AGREED);
  EXPECT_STREQ (facts ().upgrade_answer, "a2 OK go");
  EXPECT_EQ (facts ().reply_injected, NO);

  toy.protocol = POP3;
  examine (toy);
  EXPECT_EQ (join (facts ().caps_before), "UIDL, STLS");
  EXPECT_EQ (join (facts ().caps_after), "UIDL, USER");

  toy.protocol = SMTP;
  examine (toy);
  EXPECT_EQ (join (facts ().caps_before), "STARTTLS, SIZE 1000");
  EXPECT_EQ (join (facts ().caps_after), "SIZE 1000");

  toy.start = IMPLICIT;
  examine (toy);
  EXPECT_EQ (join (facts ().caps_before), "-");
  EXPECT_EQ (facts ().greeting, nullptr);
  EXPECT_STREQ (facts ().greeting_after, "220 toy.example ready");
  EXPECT_EQ (facts ().upgrade, POSTSEAL_PORT_UPGRADE_NONE);
  EXPECT_EQ (facts ().reply_injected, UNKNOWN);
}

TEST_F (PortExamTest, MakesOneConnectionWhenBrief)
{
  Toy toy;

  toy.tls = sound_tls ();
  is_brief_ = true;
  examine (toy);
  EXPECT_EQ (server_->connections (), 1u);
  EXPECT_EQ (facts ().tls13, YES);
  EXPECT_EQ (facts ().tls12, UNKNOWN);
  EXPECT_EQ (facts ().tls10, UNKNOWN);
  EXPECT_EQ (facts ().suites, UNKNOWN);
  EXPECT_EQ (facts ().resumption, UNKNOWN);
}

TEST_F (PortExamTest, SaysGoodbyeEverywhere)
{
  Toy toy;

  toy.protocol = SMTP;
  toy.tls = sound_tls ();
  examine (toy);
  server_->stop ();
  for (unsigned i = 0; i < server_->connections (); i++)
    {
      Record record = server_->record (i);

      if (record.version.empty ())
        continue;
      EXPECT_NE (record.tls.find ("QUIT\r\n"), std::string::npos) << i << record.tls;
      EXPECT_TRUE (record.ended_with_close_notify || !record.tls.empty ());
    }
}

TEST_F (PortExamTest, AsksWithItsAddressAndSaysNothingElse)
{
  Toy toy;

  toy.protocol = SMTP;
  toy.tls = sound_tls ();
  is_brief_ = true;
  examine (toy);
  server_->stop ();
  EXPECT_EQ (server_->record ().clear, "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
  EXPECT_EQ (server_->record ().tls, "EHLO [127.0.0.1]\r\nQUIT\r\n");
  EXPECT_EQ (server_->record ().sni, "localhost");
}

TEST_F (PortExamTest, TellsTheFirstConnectionToATranscript)
{
  Toy toy;

  toy.protocol = POP3;
  toy.tls = sound_tls ();
  examine (toy);
  /* It does not wait long for the answer to the last word. */
  EXPECT_EQ (transcript_.substr (0, transcript_.find ("QUIT\n") + 5),
             "* connected to 127.0.0.1:" + std::to_string (server_->port ())
                 + "\n< +OK ready\n> CAPA\n< +OK\n< UIDL\n< STLS\n< .\n> STLS\n"
                   "< +OK go\n* TLS 1.3, AES-256-GCM\n> CAPA\n< +OK\n< UIDL\n"
                   "< USER\n< .\n> QUIT\n");
}

TEST_F (PortExamTest, AsksWithHeloWhereEhloIsUnknown)
{
  Toy toy;

  toy.protocol = SMTP;
  toy.tls = sound_tls ();
  toy.knows_ehlo = false;
  is_brief_ = true;
  examine (toy);
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
  EXPECT_EQ (join (facts ().caps_before), "");
  EXPECT_EQ (facts ().has_tls, YES);
}

/* --- no mail server --- */

TEST_F (PortExamTest, TellsAPortWhereNobodyListens)
{
  examine_port (IMAP, IMPLICIT, unused_port ());
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_CLOSED);
  EXPECT_NE (facts ().reason, nullptr);
  EXPECT_EQ (facts ().address, nullptr);
  EXPECT_EQ (facts ().has_tls, UNKNOWN);
}

TEST_F (PortExamTest, TriesTheAddressesInTurn)
{
  Toy toy;

  toy.tls = sound_tls ();
  is_brief_ = true;
  addresses_ = { "127.0.0.3", "127.0.0.1" };
  examine (toy);
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
  EXPECT_EQ (facts ().address, "127.0.0.1:" + std::to_string (server_->port ()));
}

TEST_F (PortExamTest, TellsASilentPort)
{
  for (PostsealTlsStart usual : { IMPLICIT, UPGRADE })
    {
      examine (
          IMAP, usual, [] (Peer &peer) { peer.stall (); }, kShort);
      EXPECT_EQ (facts ().state, POSTSEAL_PORT_SILENT);
      EXPECT_EQ (facts ().has_tls, UNKNOWN);
    }
}

TEST_F (PortExamTest, GivesUpOnSilenceByItself)
{
  examine (IMAP, UPGRADE, [] (Peer &peer) { peer.stall (); });
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_SILENT);
  EXPECT_EQ (facts ().has_tls, UNKNOWN);
  EXPECT_EQ (facts ().tls_error, nullptr);
  EXPECT_EQ (server_->connections (), 2u) << "one of them with a ClientHello";
}

TEST_F (PortExamTest, TellsAPortThatEndsAtOnce)
{
  for (PostsealTlsStart usual : { IMPLICIT, UPGRADE })
    {
      examine (IMAP, usual, [] (Peer &peer) { peer.close (); });
      EXPECT_EQ (facts ().state, POSTSEAL_PORT_ENDED);
      EXPECT_NE (facts ().has_tls, YES);
      examine (IMAP, usual, [] (Peer &peer) { peer.reset (); });
      EXPECT_EQ (facts ().state, POSTSEAL_PORT_ENDED);
    }
}

TEST_F (PortExamTest, TellsAnotherService)
{
  const auto ssh = [] (Peer &peer) {
    peer.send ("SSH-2.0-OpenSSH_9.2\r\n");
    peer.read_all ();
  };
  const auto http = [] (Peer &peer) {
    peer.read_bytes (5);
    peer.send ("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.read_all ();
  };

  for (PostsealProtocol protocol : { IMAP, POP3, SMTP })
    for (PostsealTlsStart usual : { IMPLICIT, UPGRADE })
      {
        examine (protocol, usual, ssh);
        EXPECT_EQ (facts ().state, POSTSEAL_PORT_STRANGE) << name_of (protocol, usual);
        EXPECT_STREQ (facts ().greeting, "SSH-2.0-OpenSSH_9.2");
        EXPECT_EQ (facts ().has_tls, UNKNOWN);
      }
  examine (IMAP, IMPLICIT, http);
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_STRANGE);
  EXPECT_STREQ (facts ().greeting, "HTTP/1.1 400 Bad Request");
}

TEST_F (PortExamTest, TellsAServerForAnotherProtocol)
{
  const auto ftp = [] (Peer &peer) {
    peer.send ("220 FTP ready\r\n");
    while (peer.read_line ())
      peer.send ("500 unknown\r\n");
  };

  examine (SMTP, UPGRADE, ftp);
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_STRANGE);
  examine (IMAP, UPGRADE, [] (Peer &peer) {
    peer.send ("+OK ready\r\n");
    peer.read_all ();
  });
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_STRANGE);
}

TEST_F (PortExamTest, HearsNoBannerWithoutEnd)
{
  for (PostsealTlsStart usual : { IMPLICIT, UPGRADE })
    {
      examine (IMAP, usual, [] (Peer &peer) {
        peer.send (std::string (1 << 20, 'x'));
        peer.read_all ();
      });
      EXPECT_EQ (facts ().state, POSTSEAL_PORT_STRANGE);
      EXPECT_EQ (std::string (facts ().greeting).substr (0, 3), "xxx");
      EXPECT_LT (strlen (facts ().greeting), 1000u);
    }
  examine (IMAP, UPGRADE, [] (Peer &peer) {
    peer.send ("* OK ready\r\n");
    for (int i = 0; i < 100000; i++)
      peer.send ("* OK more of it\r\n");
    peer.read_all ();
  });
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_STRANGE);
}

TEST_F (PortExamTest, TellsAServerThatIsBusy)
{
  const std::pair<PostsealProtocol, std::string> greetings[] = {
    { SMTP, "421 4.7.0 too many connections" },
    { SMTP, "450-4.7.1 later,\r\n450 4.7.1 please" },
    { SMTP, "554 5.7.1 your address is on a list" },
    { IMAP, "* BYE overloaded" },
    { POP3, "-ERR [SYS/TEMP] overloaded" },
  };

  for (const auto &greeting : greetings)
    for (PostsealTlsStart start : { IMPLICIT, UPGRADE })
      {
        Toy toy;

        toy.protocol = greeting.first;
        toy.start = start;
        toy.tls = sound_tls ();
        toy.greeting = greeting.second;
        examine (toy);
        EXPECT_EQ (facts ().state, POSTSEAL_PORT_BUSY) << greeting.second;
        EXPECT_EQ (facts ().has_tls, start == IMPLICIT ? YES : UNKNOWN);
        EXPECT_NE (facts ().reason, nullptr);
      }
}

TEST_F (PortExamTest, ReadsAGreetingOfManyLines)
{
  Toy toy;

  toy.protocol = SMTP;
  toy.tls = sound_tls ();
  toy.greeting = "220-toy.example\r\n220-no spam\r\n220 ready";
  is_brief_ = true;
  examine (toy);
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
  EXPECT_STREQ (facts ().greeting, "220-toy.example");
  EXPECT_EQ (facts ().has_tls, YES);
}

/* --- mixed up --- */

TEST_F (PortExamTest, FindsPlainTextOnATlsPort)
{
  Toy toy;

  toy.tls = sound_tls ();
  examine (IMAP, IMPLICIT, [toy] (Peer &peer) { toy.serve (peer); });
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
  EXPECT_EQ (facts ().start, UPGRADE);
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (facts ().tls_error, nullptr);
  EXPECT_EQ (facts ().upgrade, POSTSEAL_PORT_UPGRADE_AGREED);
  EXPECT_STREQ (facts ().greeting, "* OK ready");
  EXPECT_EQ (facts ().tls12, YES);
}

TEST_F (PortExamTest, FindsTlsOnAPlainTextPort)
{
  Toy toy;

  toy.start = IMPLICIT;
  toy.tls = sound_tls ();
  examine (IMAP, UPGRADE, [toy] (Peer &peer) { toy.serve (peer); });
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
  EXPECT_EQ (facts ().start, IMPLICIT);
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (facts ().greeting, nullptr);
  EXPECT_STREQ (facts ().greeting_after, "* OK ready");
  EXPECT_EQ (facts ().tls12, YES);
}

/* --- the upgrade --- */

TEST_F (PortExamTest, AsksForTlsWhereItIsNotOffered)
{
  Toy toy;

  toy.tls = sound_tls ();
  toy.offers_upgrade = false;
  examine (toy);
  EXPECT_EQ (facts ().upgrade, POSTSEAL_PORT_UPGRADE_AGREED);
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (join (facts ().caps_before), "IMAP4rev1, IDLE");
}

TEST_F (PortExamTest, TellsAMissingUpgradeFromARefusedOne)
{
  const std::pair<PostsealProtocol, std::string> refusals[] = {
    { SMTP, "454 4.7.0 TLS not available\r\n" },
    { POP3, "-ERR not now\r\n" },
    { IMAP, "a2 NO not now\r\n" },
  };

  for (const auto &refusal : refusals)
    for (bool is_offered : { true, false })
      {
        Toy toy;

        toy.protocol = refusal.first;
        toy.tls = sound_tls ();
        toy.offers_upgrade = is_offered;
        toy.upgrade_answer = refusal.second;
        examine (toy);
        EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
        EXPECT_EQ (facts ().upgrade,
                   is_offered ? POSTSEAL_PORT_UPGRADE_REFUSED : POSTSEAL_PORT_UPGRADE_MISSING);
        EXPECT_EQ (facts ().upgrade_answer + std::string ("\r\n"), refusal.second);
        EXPECT_EQ (facts ().has_tls, UNKNOWN);
        EXPECT_EQ (server_->connections (), 1u);
      }
}

TEST_F (PortExamTest, FindsWordsBehindTheAnswer)
{
  for (bool is_apart : { false, true })
    {
      examine (IMAP, UPGRADE, [is_apart] (Peer &peer) {
        peer.send ("* OK ready\r\n");
        peer.read_line ();
        peer.send ("* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n");
        peer.read_line ();
        peer.send (is_apart ? "a2 OK go\r\n" : "a2 OK go\r\n* CAPABILITY AUTH=PLAIN\r\n");
        if (is_apart)
          {
            peer.read_bytes (5);
            peer.send ("* CAPABILITY AUTH=PLAIN\r\n");
          }
        peer.read_all ();
      });
      EXPECT_EQ (facts ().reply_injected, YES);
      EXPECT_EQ (std::string (facts ().injected).substr (0, 23), "* CAPABILITY AUTH=PLAIN");
      EXPECT_NE (facts ().has_tls, YES);
      EXPECT_EQ (server_->connections (), 1u);
    }
}

TEST_F (PortExamTest, FindsAServerThatObeysWhatWasSentInClear)
{
  for (PostsealProtocol protocol : { IMAP, POP3, SMTP })
    for (bool is_faulty : { true, false })
      {
        Toy toy;

        toy.protocol = protocol;
        toy.tls = sound_tls ();
        toy.keeps_clear_commands = is_faulty;
        probe_injection_ = true;
        examine (toy);
        EXPECT_EQ (facts ().command_injection, is_faulty ? YES : NO) << name_of (protocol, UPGRADE);
      }
}

TEST_F (PortExamTest, TakesAServerThatChokesOnWhatWasSentInClearForSound)
{
  Toy toy;

  toy.tls = sound_tls ();
  toy.takes_clear_commands_for_tls = true;
  probe_injection_ = true;
  examine (toy);
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (facts ().command_injection, NO);
}

TEST_F (PortExamTest, TakesAServerThatRefusesTheUpgradeWithACommandBehindItForSound)
{
  Toy toy;

  toy.protocol = SMTP;
  toy.tls = sound_tls ();
  probe_injection_ = true;
  toy.refuses_clear_commands = true;
  examine (toy);
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (facts ().command_injection, NO);
}

TEST_F (PortExamTest, SendsNothingBehindTheUpgradeUnasked)
{
  Toy toy;

  toy.protocol = SMTP;
  toy.tls = sound_tls ();
  toy.keeps_clear_commands = true;
  examine (toy);
  EXPECT_EQ (facts ().command_injection, UNKNOWN);
  server_->stop ();
  EXPECT_EQ (server_->all_clear ().find ("NOOP"), std::string::npos);
}

TEST_F (PortExamTest, AsksNoPreauthenticatedServerForTls)
{
  Toy toy;

  toy.greeting = "* PREAUTH welcome";
  toy.tls = sound_tls ();
  examine (toy);
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
  EXPECT_TRUE (facts ().is_preauth);
  EXPECT_EQ (facts ().upgrade, POSTSEAL_PORT_UPGRADE_NONE);
  EXPECT_EQ (facts ().has_tls, UNKNOWN);
  server_->stop ();
  EXPECT_EQ (server_->all_clear (), "a1 CAPABILITY\r\na2 LOGOUT\r\n");
}

/* --- limits --- */

TEST_F (PortExamTest, EndsAtItsLimitWhereverTheServerStalls)
{
  struct Stall
  {
    PostsealTlsStart usual;
    ScriptedServer::Script script;
    PostsealPortState state;
  };
  const ServerTls tls = sound_tls ();
  const Stall stalls[] = {
    { UPGRADE, [] (Peer &peer) { peer.send ("* OK"), peer.stall (); }, POSTSEAL_PORT_SILENT },
    { UPGRADE, [] (Peer &peer) { peer.send ("* OK\r\n"), peer.stall (); }, POSTSEAL_PORT_MAIL },
    { UPGRADE,
      [] (Peer &peer) {
        peer.send ("* OK\r\n");
        peer.read_line ();
        peer.send ("* CAPABILITY STARTTLS\r\na1 OK\r\n");
        peer.stall ();
      },
      POSTSEAL_PORT_MAIL },
    { UPGRADE,
      [] (Peer &peer) {
        peer.send ("* OK\r\n");
        peer.read_line ();
        peer.send ("a1 OK\r\n");
        peer.read_line ();
        peer.send ("a2 OK\r\n");
        peer.stall ();
      },
      POSTSEAL_PORT_MAIL },
    { IMPLICIT, [] (Peer &peer) { peer.send ("\x16\x03\x03"), peer.stall (); },
      POSTSEAL_PORT_SILENT },
    { IMPLICIT,
      [&tls] (Peer &peer) {
        peer.start_tls (tls);
        peer.stall ();
      },
      POSTSEAL_PORT_SILENT },
    { IMPLICIT, [] (Peer &peer) { peer.freeze (); }, POSTSEAL_PORT_SILENT },
  };

  PortExamTest::Many many (*this);

  for (const Stall &stall : stalls)
    many.begin (IMAP, stall.usual, stall.script, kPatient);
  many.wait ();
  for (size_t i = 0; i < many.size (); i++)
    {
      const PostsealPortFacts &seen = many.facts (i);

      EXPECT_EQ (seen.state, stalls[i].state) << i;
      EXPECT_TRUE (seen.reason != nullptr || seen.tls_error != nullptr) << i;
      EXPECT_EQ (seen.tls12, UNKNOWN) << i;
    }
}

TEST_F (PortExamTest, LeavesUnknownWhatThereWasNoTimeFor)
{
  const Toy toy = [] {
    Toy sound;
    sound.tls = sound_tls ();
    return sound;
  }();

  examine (
      IMAP, UPGRADE,
      [toy] (Peer &peer) {
        if (peer.index () == 0)
          toy.serve (peer);
        else
          peer.stall ();
      },
      kPatient);
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (facts ().tls13, YES);
  EXPECT_EQ (facts ().tls12, UNKNOWN);
  EXPECT_EQ (facts ().tls10, UNKNOWN);
  EXPECT_EQ (facts ().suites, UNKNOWN);
  EXPECT_EQ (facts ().resumption, UNKNOWN);
}

TEST_F (PortExamTest, CanBeCancelled)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  cancellable_ = cancellable;
  examine (IMAP, UPGRADE, [cancellable] (Peer &peer) {
    g_cancellable_cancel (cancellable);
    peer.stall ();
  });
  EXPECT_TRUE (g_error_matches (error_, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error_);
}

} // namespace

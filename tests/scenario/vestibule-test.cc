/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a peer can say before TLS, and what must come of it: nothing. */
#include "scenario/hostile.h"

namespace postseal_test
{

class Vestibule : public Scenario
{
protected:
  ServerTls tls{ test_ca ().issue () };
};

INSTANTIATE_TEST_SUITE_P (Both, Vestibule, testing::ValuesIn (kProtocols), protocol_name);

TEST_P (Vestibule, HonestServerDelivers)
{
  const Protocol &protocol = GetParam ();
  ScriptedServer server ([&] (Peer &peer) { serve_upgraded (peer, protocol, tls); });
  Outcome outcome = fetch (protocol.upgrade, server.port ());

  server.stop ();
  expect_delivered (outcome);
  expect_nothing_in_clear (server);
  EXPECT_NE (server.record ().tls.find ("AUTH"), std::string::npos) << "the harness sees TLS data";
}

/* RFC 3207 section 6, RFC 9051 section 11.1: an offer can be stripped, so it is asked for anyway.
 */
TEST_P (Vestibule, MissingOfferEndsTheConnection)
{
  const Protocol &protocol = GetParam ();
  ScriptedServer server ([&] (Peer &peer) {
    peer.send (protocol.upgrade == std::string ("imap")
                   ? "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"
                   : protocol.greeting);
    std::string line = peer.read_line ().value_or ("");
    peer.send (protocol.refuse (line, false));
    protocol.serve (peer);
  });
  Outcome outcome = fetch (protocol.upgrade, server.port ());

  expect_refused (server, outcome, protocol.upgrade == std::string ("imap") ? "STARTTLS" : "STLS");
}

TEST_P (Vestibule, RefusedUpgradeEndsTheConnection)
{
  const Protocol &protocol = GetParam ();
  ScriptedServer server ([&] (Peer &peer) {
    peer.send (protocol.refuse (greet (peer, protocol), true));
    protocol.serve (peer);
  });
  Outcome outcome = fetch (protocol.upgrade, server.port ());

  expect_refused (server, outcome, "refuse");
}

/* RFC 9051 section 6.2.1, RFC 2595 section 4: not one byte may follow the reply, finished line or
 * not. */
TEST_P (Vestibule, BytesBehindTheReplyEndTheConnection)
{
  const Protocol &protocol = GetParam ();

  for (const char *injected :
       { "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", "+OK injected\r\n", "* CAP", "\r\n", "x" })
    {
      ScriptedServer server ([&] (Peer &peer) {
        peer.send (protocol.accept (greet (peer, protocol)) + injected);
        if (peer.start_tls (tls))
          protocol.serve (peer);
      });
      Outcome outcome = fetch (protocol.upgrade, server.port ());

      SCOPED_TRACE (injected);
      expect_refused (server, outcome, "in clear");
    }
}

/* RFC 9051 section 7.1.4 */
TEST_P (Vestibule, PreauthEndsTheConnection)
{
  if (GetParam ().name != std::string ("Imap"))
    return;
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("* PREAUTH welcome back\r\n");
    GetParam ().serve (peer);
  });
  Outcome outcome = fetch ("imap", server.port ());

  expect_refused (server, outcome, "PREAUTH");
  EXPECT_EQ (server.all_clear (), "") << "not one command is sent";
}

TEST_P (Vestibule, GoodbyeInTheGreetingEndsTheConnection)
{
  const Protocol &protocol = GetParam ();
  ScriptedServer server ([&] (Peer &peer) {
    peer.send (protocol.upgrade == std::string ("imap")
                   ? "* BYE [REFERRAL imap://evil.example/] go there\r\n"
                   : "-ERR go away\r\n");
    peer.read_all ();
  });
  Outcome outcome = fetch (protocol.upgrade, server.port ());

  expect_refused (server, outcome, "localhost");
  EXPECT_EQ (server.connections (), 1u) << "no referral is followed";
}

/* RFC 9051 section 11.3: an alert that nobody vouches for is shown to nobody. */
TEST_P (Vestibule, AlertsInTheGreetingAreNeverShown)
{
  if (GetParam ().name != std::string ("Imap"))
    return;
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("* OK [ALERT] call this number\r\n");
    std::string line = peer.read_line ().value_or ("");
    peer.send (GetParam ().accept (line));
    if (peer.start_tls (tls))
      GetParam ().serve (peer);
  });
  Outcome outcome = fetch ("imap", server.port ());

  server.stop ();
  expect_delivered (outcome);
  EXPECT_EQ ((outcome.out + outcome.err).find ("call this number"), std::string::npos);
}

/* Data that belongs into a session has no business before TLS. */
TEST_P (Vestibule, UntaggedDataBeforeTlsEndsTheConnection)
{
  if (GetParam ().name != std::string ("Imap"))
    return;
  for (const char *data : { "* 5 FETCH (UID 7 BODY[] {5}\r\nevil!)\r\n", "* LIST () \"/\" evil\r\n",
                            "+ go on\r\n", "* 9 EXISTS\r\n" })
    {
      ScriptedServer server ([&] (Peer &peer) {
        std::string line = greet (peer, GetParam ());
        peer.send (data + GetParam ().accept (line));
        if (peer.start_tls (tls))
          GetParam ().serve (peer);
      });
      Outcome outcome = fetch ("imap", server.port ());

      SCOPED_TRACE (data);
      expect_refused (server, outcome, "localhost");
    }
}

/* RFC 9051 section 6.2.1, RFC 2595 section 4: what was announced in clear counts for nothing. */
TEST_P (Vestibule, OnlyTheListFromWithinTlsCounts)
{
  const Protocol &protocol = GetParam ();
  bool is_imap = protocol.name == std::string ("Imap");
  ScriptedServer server ([&] (Peer &peer) {
    peer.send (is_imap ? "* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\r\n"
                       : protocol.greeting);
    std::string line = peer.read_line ().value_or ("");
    peer.send (protocol.accept (line));
    if (!peer.start_tls (tls))
      return;
    while (auto command = peer.read_line ())
      {
        std::string tag = command->substr (0, command->find (' '));
        if (is_imap && command->find ("CAPABILITY") != std::string::npos)
          peer.send ("* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=X-UNKNOWN\r\n" + tag + " OK\r\n");
        else if (!is_imap && *command == "CAPA")
          peer.send ("+OK\r\nUIDL\r\nSASL X-UNKNOWN\r\n.\r\n");
        else
          peer.send (is_imap ? tag + " BAD no\r\n" : "-ERR no\r\n");
      }
  });
  Outcome outcome = fetch (protocol.upgrade, server.port ());

  expect_refused (server, outcome, "X-UNKNOWN", 77);
  EXPECT_EQ (server.record ().tls.find (kPassword), std::string::npos);
  EXPECT_EQ (server.record ().tls.find ("PLAIN"), std::string::npos) << server.record ().tls;
}

TEST_P (Vestibule, SilenceAtEachStepEndsInTime)
{
  const Protocol &protocol = GetParam ();
  const ScriptedServer::Script steps[] = {
    [&] (Peer &peer) { peer.stall (); },
    [&] (Peer &peer) {
      greet (peer, protocol);
      peer.stall ();
    },
    [&] (Peer &peer) {
      peer.send (protocol.accept (greet (peer, protocol)));
      peer.stall ();
    },
    [&] (Peer &peer) {
      peer.send ("* O");
      peer.stall ();
    },
  };

  for (const auto &step : steps)
    {
      ScriptedServer server (step);
      Outcome outcome = fetch (protocol.upgrade, server.port ());

      expect_refused (server, outcome, "localhost");
    }
}

TEST_P (Vestibule, EndlessTalkEndsTheConnection)
{
  const Protocol &protocol = GetParam ();
  const std::string lines[] = {
    std::string (100000, 'x'),
    "* OK hello\r\n",
  };

  for (const std::string &line : lines)
    {
      ScriptedServer server ([&] (Peer &peer) {
        for (int i = 0; i < 5000; i++)
          peer.send (line);
      });
      Outcome outcome = fetch (protocol.upgrade, server.port ());

      expect_refused (server, outcome, "localhost");
    }
}

TEST_P (Vestibule, RubbishInsteadOfAHandshakeEndsTheConnection)
{
  const Protocol &protocol = GetParam ();

  for (const std::string &rubbish :
       { std::string (500, 'A'), std::string ("\x16\x03\x01\x40\x00zzzz", 9),
         std::string ("\x15\x03\x03\x00\x02\x02\x28", 7) })
    {
      ScriptedServer server ([&] (Peer &peer) {
        peer.send (protocol.accept (greet (peer, protocol)));
        peer.read_bytes (1);
        peer.send (rubbish);
        peer.read_all ();
      });
      Outcome outcome = fetch (protocol.upgrade, server.port ());

      expect_refused (server, outcome, "TLS");
    }
}

TEST_P (Vestibule, PlainTextOnATlsPortIsNamed)
{
  const Protocol &protocol = GetParam ();
  ScriptedServer server ([&] (Peer &peer) {
    peer.send (protocol.greeting);
    peer.read_all ();
  });
  Outcome outcome = fetch (protocol.implicit, server.port ());

  server.stop ();
  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_NE (outcome.err.find ("plain text"), std::string::npos)
      << "names the mix-up: " << outcome.err;
  EXPECT_EQ (server.all_clear ().find (kPassword), std::string::npos);
}

TEST_P (Vestibule, TlsOnAPlainPortIsNamed)
{
  const Protocol &protocol = GetParam ();
  ScriptedServer server ([&] (Peer &peer) { serve_implicit (peer, protocol, tls); });
  Outcome outcome = fetch (protocol.upgrade, server.port ());

  server.stop ();
  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_NE (outcome.err.find ("TLS from the first byte"), std::string::npos)
      << "names the mix-up: " << outcome.err;
}

} // namespace postseal_test

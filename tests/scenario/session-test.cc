/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an authenticated but faulty server does: the message is whole, or it is not delivered. */
#include "scenario/hostile.h"

#include <glib.h>

namespace postseal_test
{

class Session : public Scenario
{
protected:
  ServerTls tls{ test_ca ().issue () };

  using Handler
      = std::function<bool (Peer &peer, const std::string &tag, const std::string &command)>;

  /* An honest session in which @handler may answer a command itself (TRUE). Only the last
     connection that a server serves is honest throughout. */
  void
  serve (Peer &peer, const Handler &handler)
  {
    bool is_imap = GetParam ().name == std::string ("Imap");

    peer.send (GetParam ().accept (greet (peer, GetParam ())));
    if (!peer.start_tls (tls))
      return;
    while (auto line = peer.read_line ())
      {
        std::string tag = is_imap ? line->substr (0, line->find (' ')) : "";
        std::string command = is_imap ? line->substr (tag.size () + 1) : *line;

        if (handler (peer, tag, command))
          continue;
        if (is_imap && command == "CAPABILITY")
          peer.send ("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS\r\n");
        else if (is_imap && (command.find ("SELECT") == 0 || command.find ("EXAMINE") == 0))
          peer.send ("* 3 EXISTS\r\n* OK [UIDVALIDITY 9] v\r\n* OK [UIDNEXT 10] n\r\n");
        else if (is_imap && command.find ("UID FETCH") == 0
                 && command.find ("BODY") == std::string::npos)
          peer.send ("* 1 FETCH (UID 7 RFC822.SIZE 8)\r\n* 2 FETCH (UID 8 RFC822.SIZE 8)\r\n"
                     "* 3 FETCH (UID 9 RFC822.SIZE 8)\r\n");
        else if (is_imap && command.find ("UID FETCH") == 0)
          for (unsigned uid = 7; uid < 10; uid++)
            send_imap_message (peer, uid, command);
        else if (command == "CAPA")
          peer.send ("+OK\r\nUSER\r\nUIDL\r\nSASL PLAIN\r\nPIPELINING\r\n.\r\n");
        else if (command == "UIDL")
          peer.send ("+OK\r\n1 u7\r\n2 u8\r\n3 u9\r\n.\r\n");
        else if (command == "LIST")
          peer.send ("+OK\r\n1 8\r\n2 8\r\n3 8\r\n.\r\n");
        else if (command.find ("RETR ") == 0)
          peer.send ("+OK\r\nA: " + std::string (1, (char)('6' + command[5] - '0'))
                     + "\r\n\r\n.\r\n");
        else if (!is_imap)
          peer.send ("+OK\r\n");
        if (is_imap)
          peer.send (tag + " OK done\r\n");
      }
  }

  static bool
  wants (const std::string &command, unsigned uid)
  {
    static const char *sets[] = { "7:9", "7:8", "8:9" };
    std::string set = command.substr (10, command.find (' ', 10) - 10);
    std::string number = std::to_string (uid);

    if (set == sets[0])
      return true;
    if (set == sets[1])
      return uid <= 8;
    if (set == sets[2])
      return uid >= 8;
    return ("," + set + ",").find ("," + number + ",") != std::string::npos;
  }

  static void
  send_imap_message (Peer &peer, unsigned uid, const std::string &command)
  {
    if (wants (command, uid))
      peer.send ("* " + std::to_string (uid - 6) + " FETCH (UID " + std::to_string (uid)
                 + " BODY[] {8}\r\nA: " + std::to_string (uid) + "\r\n\r\n)\r\n");
  }

  static bool
  is_body_fetch (const std::string &command)
  {
    return command.find ("BODY") != std::string::npos || command.find ("RETR ") == 0;
  }

  std::vector<std::string>
  all () const
  {
    return { "A: 7\n\n", "A: 8\n\n", "A: 9\n\n" };
  }
};

INSTANTIATE_TEST_SUITE_P (Both, Session, testing::ValuesIn (kProtocols), protocol_name);

static const Protocol &
half_message (const Protocol &protocol, Peer &peer)
{
  if (protocol.name == std::string ("Imap"))
    peer.send ("* 1 FETCH (UID 7 BODY[] {8}\r\nA: 7");
  else
    peer.send ("+OK\r\nA: 7");
  return protocol;
}

/* RFC 8314 section 3.4; a cut is never the end of a message, and what was whole before it stays. */
TEST_P (Session, CutInTheMiddleOfAMessageDeliversNothingOfIt)
{
  ScriptedServer server ([&] (Peer &peer) {
    serve (peer, [&] (Peer &at, const std::string &, const std::string &command) {
      if (at.index () > 0 || !is_body_fetch (command))
        return false;
      half_message (GetParam (), at);
      at.cut ();
      return true;
    });
  });
  Outcome outcome = fetch (GetParam ().upgrade, server.port ());

  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_EQ (sandbox.files ("Mail"), std::vector<std::string> ());
  EXPECT_EQ (fetch (GetParam ().upgrade, server.port ()).status, 0);
  EXPECT_EQ (sandbox.messages ("Mail"), all ()) << "the next run brings each once";
}

TEST_P (Session, OrderlyCloseInTheMiddleOfAMessageDeliversNothingOfIt)
{
  ScriptedServer server ([&] (Peer &peer) {
    serve (peer, [&] (Peer &at, const std::string &, const std::string &command) {
      if (at.index () > 0 || !is_body_fetch (command))
        return false;
      half_message (GetParam (), at);
      at.close ();
      return true;
    });
  });
  Outcome outcome = fetch (GetParam ().upgrade, server.port ());

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_EQ (sandbox.files ("Mail"), std::vector<std::string> ());
  EXPECT_EQ (fetch (GetParam ().upgrade, server.port ()).status, 0);
  EXPECT_EQ (sandbox.messages ("Mail"), all ());
}

TEST_P (Session, SilenceInTheMiddleOfAMessageEndsInTime)
{
  ScriptedServer server ([&] (Peer &peer) {
    serve (peer, [&] (Peer &at, const std::string &, const std::string &command) {
      if (!is_body_fetch (command))
        return false;
      half_message (GetParam (), at);
      at.stall ();
      return true;
    });
  });
  Outcome outcome = fetch (GetParam ().upgrade, server.port ());

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_LT (outcome.seconds, 8);
  EXPECT_EQ (sandbox.files ("Mail"), std::vector<std::string> ());
}

TEST_P (Session, OneRefusedMessageDoesNotCostItsNeighbours)
{
  bool is_imap = GetParam ().name == std::string ("Imap");
  ScriptedServer server ([&] (Peer &peer) {
    serve (peer, [&] (Peer &at, const std::string &tag, const std::string &command) {
      if (at.index () > 0)
        return false;
      if (is_imap && is_body_fetch (command) && wants (command, 8))
        {
          at.send (tag + " NO message 8 is broken\r\n");
          return true;
        }
      if (command == "RETR 2")
        {
          at.send ("-ERR message 2 is broken\r\n");
          return true;
        }
      return false;
    });
  });
  Outcome outcome = fetch (GetParam ().upgrade, server.port ());

  EXPECT_EQ (outcome.status, 69) << outcome.err;
  EXPECT_NE (outcome.err.find ("is broken"), std::string::npos) << outcome.err;
  EXPECT_EQ (sandbox.messages ("Mail"), (std::vector<std::string>{ "A: 7\n\n", "A: 9\n\n" }));
  outcome = fetch (GetParam ().upgrade, server.port ());
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (sandbox.messages ("Mail"), all ()) << "it is tried again, the others are not";
}

TEST_P (Session, WrongPasswordIsTriedOnceAndNamed)
{
  bool is_imap = GetParam ().name == std::string ("Imap");
  ScriptedServer server ([&] (Peer &peer) {
    serve (peer, [&] (Peer &at, const std::string &tag, const std::string &command) {
      if (command.find ("AUTH") != 0 && command.find ("LOGIN") != 0 && command.find ("PASS") != 0)
        return false;
      at.send (is_imap ? tag + " NO [AUTHENTICATIONFAILED] wrong\r\n" : "-ERR [AUTH] wrong\r\n");
      return true;
    });
  });
  Outcome outcome = fetch (GetParam ().upgrade, server.port ());

  expect_refused (server, outcome, "password", 77);
  std::string tls_bytes = server.record ().tls;
  EXPECT_EQ (tls_bytes.find ("AUTH", tls_bytes.find ("AUTH") + 4), std::string::npos) << tls_bytes;
  EXPECT_EQ (tls_bytes.find ("LOGIN"), std::string::npos) << "no weaker second try";
}

TEST_P (Session, TheServersWordsCannotPaintTheTerminal)
{
  bool is_imap = GetParam ().name == std::string ("Imap");
  ScriptedServer server ([&] (Peer &peer) {
    serve (peer, [&] (Peer &at, const std::string &tag, const std::string &command) {
      if (command.find ("AUTH") != 0)
        return false;
      at.send (is_imap ? tag + " NO [AUTHENTICATIONFAILED] \x1b[2J\x07 fake\r\n"
                       : "-ERR [AUTH] \x1b[2J\x07 fake\r\n");
      return true;
    });
  });
  Outcome outcome = fetch (GetParam ().upgrade, server.port ());

  EXPECT_EQ (outcome.status, 77);
  EXPECT_EQ (outcome.err.find ('\x1b'), std::string::npos) << outcome.err;
}

TEST_P (Session, VerboseTranscriptHoldsNoSecretAndNoMail)
{
  using namespace std::string_literals;
  const Protocol &protocol = GetParam ();
  ScriptedServer server ([&] (Peer &peer) { serve_upgraded (peer, protocol, tls); });
  std::string secret = sandbox.write ("secret", std::string (kPassword) + "\n");
  sandbox.configure ("[account work]\naddress=jane@example.org\nreceive="s + protocol.upgrade
                     + "://jane@localhost:" + std::to_string (server.port ()) + "\ndeliver=maildir:"
                     + sandbox.home () + "/Mail\nca-file=" + test_ca ().ca_file ()
                     + "\npassword=file:" + secret + "\n");
  Outcome outcome = sandbox.run ({ "fetch", "--verbose" }, "", {}, 20);
  g_autofree char *encoded = g_base64_encode ((const guchar *)"\0jane\0correct-horse-77", 22);

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.err.find (protocol.upgrade == "imap"s ? "STARTTLS" : "STLS"),
             std::string::npos)
      << outcome.err;
  EXPECT_EQ (outcome.err.find (kPassword), std::string::npos) << outcome.err;
  EXPECT_EQ (outcome.err.find (encoded), std::string::npos) << outcome.err;
  EXPECT_EQ (outcome.err.find ("Subject: one"), std::string::npos) << outcome.err;
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/hostile.h"

#include <glib.h>

namespace postseal_test
{

const Protocol kProtocols[2] = {
  { "Imap", "imap", "imaps", "* OK IMAP4rev1 ready\r\n" },
  { "Pop3", "pop3", "pop3s", "+OK POP3 ready\r\n" },
};

std::string
protocol_name (const testing::TestParamInfo<Protocol> &parameter)
{
  return parameter.param.name;
}

std::ostream &
operator<< (std::ostream &stream, const Protocol &protocol)
{
  return stream << protocol.name;
}

static bool
is_imap (const Protocol &protocol)
{
  return std::string (protocol.name) == "Imap";
}

static std::string
tag_of (const std::string &line)
{
  return line.substr (0, line.find (' '));
}

std::string
Protocol::accept (const std::string &line) const
{
  return is_imap (*this) ? tag_of (line) + " OK begin TLS\r\n" : "+OK begin TLS\r\n";
}

std::string
Protocol::refuse (const std::string &line, bool is_known) const
{
  if (is_imap (*this))
    return tag_of (line) + (is_known ? " NO not now\r\n" : " BAD unknown command\r\n");
  return is_known ? "-ERR not now\r\n" : "-ERR unknown command\r\n";
}

const std::string &
Protocol::message ()
{
  static const std::string text = "From: a@example.org\nSubject: one\n\n.dot\nlast\n";

  return text;
}

static std::string
with_crlf (const std::string &text)
{
  std::string wire;

  for (char byte : text)
    wire += byte == '\n' ? std::string ("\r\n") : std::string (1, byte);
  return wire;
}

static void
serve_imap (Peer &peer)
{
  const std::string wire = with_crlf (Protocol::message ());
  const std::string size = std::to_string (wire.size ());

  while (auto line = peer.read_line ())
    {
      std::string tag = tag_of (*line);
      std::string command = line->substr (std::min (line->size (), tag.size () + 1));

      if (command == "CAPABILITY")
        peer.send ("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS\r\n");
      else if (command.rfind ("SELECT", 0) == 0 || command.rfind ("EXAMINE", 0) == 0)
        peer.send ("* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 9] v\r\n"
                   "* OK [UIDNEXT 8] n\r\n");
      else if (command.rfind ("UID FETCH", 0) == 0 && command.find ("BODY") == std::string::npos)
        peer.send ("* 1 FETCH (UID 7 RFC822.SIZE " + size + ")\r\n");
      else if (command.rfind ("UID FETCH", 0) == 0)
        peer.send ("* 1 FETCH (UID 7 BODY[] {" + size + "}\r\n" + wire + ")\r\n");
      else if (command == "LOGOUT")
        peer.send ("* BYE good night\r\n");
      peer.send (tag + " OK done\r\n");
      if (command == "LOGOUT")
        return;
    }
}

static void
serve_pop3 (Peer &peer)
{
  const std::string wire = with_crlf (Protocol::message ());
  std::string stuffed = wire;

  stuffed.replace (stuffed.find ("\r\n.dot"), 3, "\r\n..");
  while (auto line = peer.read_line ())
    {
      if (*line == "CAPA")
        peer.send ("+OK\r\nUSER\r\nUIDL\r\nSASL PLAIN\r\nPIPELINING\r\n.\r\n");
      else if (*line == "UIDL")
        peer.send ("+OK\r\n1 unique-7\r\n.\r\n");
      else if (*line == "LIST")
        peer.send ("+OK\r\n1 " + std::to_string (wire.size ()) + "\r\n.\r\n");
      else if (*line == "RETR 1")
        peer.send ("+OK\r\n" + stuffed + ".\r\n");
      else
        peer.send ("+OK\r\n");
      if (*line == "QUIT")
        return;
    }
}

void
Protocol::serve (Peer &peer) const
{
  if (is_imap (*this))
    serve_imap (peer);
  else
    serve_pop3 (peer);
}

std::string
greet (Peer &peer, const Protocol &protocol)
{
  peer.send (protocol.greeting);
  return peer.read_line ().value_or ("");
}

void
serve_upgraded (Peer &peer, const Protocol &protocol, const ServerTls &tls)
{
  peer.send (protocol.accept (greet (peer, protocol)));
  if (peer.start_tls (tls))
    protocol.serve (peer);
}

void
serve_implicit (Peer &peer, const Protocol &protocol, const ServerTls &tls)
{
  if (!peer.start_tls (tls))
    return;
  peer.send (protocol.greeting);
  protocol.serve (peer);
}

Outcome
Scenario::fetch (const std::string &scheme, unsigned short port, const std::string &extra)
{
  std::string secret = sandbox.write ("secret", std::string (kPassword) + "\n");

  sandbox.configure ("[account work]\n"
                     "address=jane@example.org\n"
                     "receive="
                     + scheme + "://" + kUser + "@localhost:" + std::to_string (port)
                     + "\n"
                       "deliver=maildir:"
                     + sandbox.home ()
                     + "/Mail\n"
                       "ca-file="
                     + test_ca ().ca_file ()
                     + "\n"
                       "timeout=2s\n"
                       "password=file:"
                     + secret + "\n" + extra);
  return sandbox.run ({ "fetch" }, "", {}, 20);
}

static std::string
base64 (const std::string &text)
{
  g_autofree char *encoded
      = g_base64_encode (reinterpret_cast<const guchar *> (text.data ()), text.size ());

  return encoded;
}

void
Scenario::expect_nothing_in_clear (ScriptedServer &server)
{
  using namespace std::string_literals;
  std::string clear = server.all_clear ();
  std::string plain = "\0"s + kUser + "\0"s + kPassword;

  for (const std::string &secret : { std::string (kPassword), base64 (kPassword), base64 (plain) })
    EXPECT_EQ (clear.find (secret), std::string::npos) << "in clear: " << clear;
  EXPECT_EQ (clear.find (kUser), std::string::npos) << "in clear: " << clear;
}

void
Scenario::expect_refused (ScriptedServer &server,
                          const Outcome &outcome,
                          const std::string &words,
                          int status)
{
  server.stop ();
  EXPECT_EQ (outcome.status, status) << outcome.err;
  EXPECT_NE (outcome.err.find (words), std::string::npos)
      << "“" << words << "” is not in: " << outcome.err;
  EXPECT_EQ (std::count (outcome.err.begin (), outcome.err.end (), '\n'), 1) << outcome.err;
  EXPECT_EQ (outcome.err.find (kPassword), std::string::npos) << outcome.err;
  EXPECT_LT (outcome.seconds, 8) << "time limits of 2 s, and a slow machine";
  EXPECT_EQ (sandbox.files ("Mail"), std::vector<std::string> ());
  expect_nothing_in_clear (server);
}

void
Scenario::expect_delivered (const Outcome &outcome)
{
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (sandbox.messages ("Mail"), std::vector<std::string>{ Protocol::message () });
}

} // namespace postseal_test

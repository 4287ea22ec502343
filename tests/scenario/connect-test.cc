/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal connect: what passes, what does not, and when it ends. */
#include "scenario/hostile.h"
#include "scenario/terminal.h"

#include <algorithm>
#include <sys/stat.h>

namespace postseal_test
{

class Connect : public testing::Test
{
protected:
  Outcome
  connect (unsigned short port,
           std::vector<std::string> options,
           const std::string &input = "",
           double limit_s = 60)
  {
    return sandbox.run (arguments (port, std::move (options)), input, {}, limit_s);
  }

  std::vector<std::string>
  arguments (unsigned short port, std::vector<std::string> options)
  {
    std::vector<std::string> all
        = { "connect", "localhost:" + std::to_string (port), "--ca-file=" + test_ca ().ca_file () };

    if (std::none_of (options.begin (), options.end (),
                      [] (const std::string &option) { return option.rfind ("--proto", 0) == 0; }))
      all.push_back ("--protocol=imap");
    all.insert (all.end (), options.begin (), options.end ());
    return all;
  }

  ServerTls tls{ test_ca ().issue () };
  Sandbox sandbox;
};

static bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

static std::string
make_bytes (size_t length)
{
  std::string bytes;
  unsigned state = 1;

  while (bytes.size () < length)
    {
      state = state * 1103515245 + 12345;
      bytes.push_back (static_cast<char> (state >> 16));
    }
  return bytes;
}

TEST_F (Connect, PassesEveryLineWhateverItBeginsWith)
{
  const std::string lines
      = "R is not renegotiate\nQ is not quit\n~.\n\\q\n.\n\nk\n8-bit \xe4\xff\n";
  std::string wire;
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("* OK R ready\r\nQ\r\n");
    peer.read_until ("QUIT\r\n");
    peer.send ("bye\r\n");
  });
  Outcome outcome = connect (server.port (), { "--tls=implicit" }, lines + "QUIT\n");

  server.stop ();
  for (char byte : lines)
    wire += byte == '\n' ? std::string ("\r\n") : std::string (1, byte);
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "* OK R ready\r\nQ\r\nbye\r\n");
  EXPECT_EQ (server.record ().tls, wire + "QUIT\r\n");
  EXPECT_EQ (server.record ().clear, "");
}

TEST_F (Connect, ShowsTheSealFirstAndOnStandardError)
{
  ScriptedServer server ([&] (Peer &peer) { peer.start_tls (tls); });
  Outcome outcome = connect (server.port (), { "--tls=implicit" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "");
  for (const char *words : { "TLS 1.3", "localhost", "issued by", "vouched for by", "sha256:" })
    EXPECT_TRUE (has (outcome.err, words)) << words << " in\n" << outcome.err;
}

TEST_F (Connect, SendsALineFeedAsItIsWhenRaw)
{
  const std::string bytes = make_bytes (300000) + "\n\r\n\r\nend";
  ScriptedServer server ([&] (Peer &peer) {
    if (peer.start_tls (tls))
      peer.read_until ("\n\r\n\r\nend");
  });
  Outcome outcome = connect (server.port (), { "--tls=implicit", "--raw" }, bytes);

  server.stop ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (server.record ().tls, bytes);
}

TEST_F (Connect, PassesNulBytesAndLinesOfAnyLengthBothWays)
{
  const std::string bytes = make_bytes (1 << 20);
  std::string line = std::string (3000000, 'x') + '\0' + "end";
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send (bytes);
    peer.read_until ("end\r\n");
  });
  Outcome outcome = connect (server.port (), { "--tls=implicit" }, line + "\n");

  server.stop ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, bytes) << outcome.out.size ();
  EXPECT_EQ (server.record ().tls, line + "\r\n");
}

/* RFC 9051 section 6.2.1: there is no second greeting. */
TEST_F (Connect, UpgradesItselfAndHandsOverWhatIsBehindTls)
{
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("* OK [CAPABILITY IMAP4rev1 STARTTLS] clear words\r\n");
    peer.read_line ();
    peer.send ("a1 OK go\r\n");
    if (!peer.start_tls (tls))
      return;
    peer.read_line ();
    peer.send ("1 OK sealed words\r\n");
  });
  Outcome outcome = connect (server.port (), { "--tls=starttls" }, "1 NOOP\n");

  server.stop ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "1 OK sealed words\r\n");
  EXPECT_EQ (server.record ().clear, "a1 STARTTLS\r\n");
  EXPECT_EQ (server.record ().tls, "1 NOOP\r\n");
}

TEST_F (Connect, SendsNothingWhereTheUpgradeIsRefused)
{
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("220 hello\r\n");
    peer.read_line ();
    peer.send ("250-hello\r\n250 STARTTLS\r\n");
    peer.read_line ();
    peer.send ("454 not now\r\n");
    peer.read_all ();
  });
  Outcome outcome
      = connect (server.port (), { "--tls=starttls", "--protocol=submission" }, "AUTH secret\n");

  server.stop ();
  EXPECT_EQ (outcome.status, 76);
  EXPECT_EQ (outcome.out, "");
  EXPECT_TRUE (has (outcome.err, "454 not now")) << outcome.err;
  EXPECT_EQ (server.record ().clear, "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
}

/* RFC 3207 section 6, and the class of CVE-2011-0411 the other way round. */
TEST_F (Connect, SendsNothingWhereBytesFollowTheAnswerInClear)
{
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("+OK hello\r\n");
    peer.read_line ();
    peer.send ("+OK go\r\n+OK injected\r\n");
    peer.start_tls (tls);
    peer.read_all ();
  });
  Outcome outcome
      = connect (server.port (), { "--tls=starttls", "--protocol=pop3" }, "PASS secret\n");

  server.stop ();
  EXPECT_EQ (outcome.status, 76);
  EXPECT_EQ (outcome.out, "");
  EXPECT_TRUE (has (outcome.err, "in clear")) << outcome.err;
  EXPECT_FALSE (has (outcome.err, "injected")) << outcome.err;
  EXPECT_FALSE (has (server.record ().raw, "PASS"));
}

TEST_F (Connect, ShowsTheCertificateThatItRefuses)
{
  CertOptions options;

  options.dns = { "other.example" };
  ServerTls other{ test_ca ().issue (options) };
  ScriptedServer server ([&] (Peer &peer) {
    if (peer.start_tls (other))
      peer.read_all ();
  });
  Outcome outcome = connect (server.port (), { "--tls=implicit" }, "1 LOGIN jane secret\n");

  server.stop ();
  EXPECT_EQ (outcome.status, 76);
  EXPECT_EQ (outcome.out, "");
  EXPECT_TRUE (has (outcome.err, "for other.example; issued by")) << outcome.err;
  EXPECT_FALSE (has (outcome.err, "vouched")) << outcome.err;
  EXPECT_EQ (server.record ().tls, "");
}

TEST_F (Connect, HasNoWayAroundTheCertificate)
{
  ScriptedServer server ([&] (Peer &peer) {
    if (peer.start_tls (tls))
      peer.read_all ();
  });
  std::string place = "localhost:" + std::to_string (server.port ());
  Outcome outcome = sandbox.run ({ "connect", place, "--protocol=imap", "--tls=implicit" }, "x\n");

  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_EQ (sandbox.run ({ "connect", place, "--insecure" }).status, 64);
}

TEST_F (Connect, EndsWithABannerThatDoesNotEndBeforeTls)
{
  ScriptedServer server ([&] (Peer &peer) {
    peer.send (std::string (1 << 20, 'x'));
    peer.read_all ();
  });
  Outcome outcome = connect (server.port (), { "--tls=starttls" }, "x\n");

  EXPECT_EQ (outcome.status, 76);
  EXPECT_TRUE (has (outcome.err, "talks without end")) << outcome.err;
}

TEST_F (Connect, EndsAtASilentPort)
{
  ScriptedServer server ([] (Peer &peer) { peer.stall (); });

  for (const char *start : { "--tls=starttls", "--tls=implicit" })
    {
      Outcome outcome = connect (server.port (), { start, "--timeout=1s" }, "x\n");

      EXPECT_EQ (outcome.status, 76) << outcome.err;
      EXPECT_TRUE (has (outcome.err, "localhost")) << outcome.err;
    }
}

TEST_F (Connect, SaysWhatAnotherServiceIs)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("SSH-2.0-OpenSSH_9.2\r\n");
    peer.read_all ();
  });
  Outcome outcome = connect (server.port (), { "--tls=starttls" }, "x\n");

  EXPECT_EQ (outcome.status, 76);
  EXPECT_TRUE (has (outcome.err, "SSH-2.0-OpenSSH_9.2")) << outcome.err;
}

TEST_F (Connect, EndsAtAClosedPort)
{
  Outcome outcome = connect (unused_port (), { "--tls=implicit" }, "x\n");

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "localhost")) << outcome.err;
}

/* The end of the input is no end of the answers. */
TEST_F (Connect, PassesWhatTheServerStillSaysAfterTheInputHasEnded)
{
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.read_until ("last\r\n");
    peer.send ("one\r\n");
    peer.read_all (); /* until close_notify, which ends one half only */
    peer.send ("two\r\n");
  });
  Outcome outcome = connect (server.port (), { "--tls=implicit" }, "last\n");

  server.stop ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "one\r\ntwo\r\n");
  EXPECT_TRUE (server.record ().ended_with_close_notify);
}

TEST_F (Connect, WaitsNoLongerThanItMayForAServerThatStays)
{
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("hello\r\n");
    peer.stall ();
  });
  Outcome outcome = connect (server.port (), { "--tls=implicit", "--timeout=3s" });

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_EQ (outcome.out, "hello\r\n");
  EXPECT_TRUE (has (outcome.err, "silent")) << outcome.err;
}

TEST_F (Connect, TellsOfAConnectionThatWasCut)
{
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("half an ans");
    peer.read_line ();
    peer.cut ();
  });
  Outcome outcome = connect (server.port (), { "--tls=implicit" }, "1 FETCH\n");

  EXPECT_EQ (outcome.status, 76);
  EXPECT_EQ (outcome.out, "half an ans");
  EXPECT_TRUE (has (outcome.err, "may be incomplete")) << outcome.err;
}

/* A server that never reads is not sent what memory would have to hold, and hears the rest later.
 */
TEST_F (Connect, ReadsItsInputNoFasterThanTheServerDoes)
{
  const std::string bytes = make_bytes (16 << 20);
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send (bytes); /* before a byte is read */
    peer.read_bytes (bytes.size ());
  });
  Outcome outcome = connect (server.port (), { "--tls=implicit", "--raw" }, bytes);

  server.stop ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (outcome.out == bytes) << outcome.out.size ();
  EXPECT_TRUE (server.record ().tls == bytes) << server.record ().tls.size ();
}

TEST_F (Connect, IsALineAtATimeOnATerminalAndEndsWithCtrlD)
{
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("* OK ready\r\n");
    while (std::optional<std::string> line = peer.read_line ())
      peer.send ("heard " + *line + "\r\n");
    peer.send ("farewell\r\n");
  });
  Terminal terminal (sandbox, arguments (server.port (), { "--tls=implicit" }));

  ASSERT_TRUE (terminal.wait_for ("ready")) << terminal.seen ();
  EXPECT_TRUE (terminal.has_echo ());
  terminal.type ("Rxy\x7f\x7f line\n");
  ASSERT_TRUE (terminal.wait_for ("heard R line\r")) << terminal.seen ();
  terminal.type ("Q\n");
  ASSERT_TRUE (terminal.wait_for ("heard Q\r")) << terminal.seen ();
  terminal.type ("\x04");
  ASSERT_TRUE (terminal.wait_for ("farewell")) << terminal.seen ();
  EXPECT_EQ (terminal.finish (), 0);
  server.stop ();
  EXPECT_EQ (server.record ().tls, "R line\r\nQ\r\n");
}

TEST_F (Connect, KnowsAServerWhenItSeesOne)
{
  const struct
  {
    std::vector<std::string> arguments;
    int status;
    const char *words;
  } cases[] = {
    { { "imap.example.org:4711" }, 64, "--protocol" },
    { { "imap.example.org:4711", "--protocol=imap" }, 64, "--tls" },
    { { "imap.example.org:99999", "--protocol=imap", "--tls=implicit" }, 64, "65535" },
    { { "no host:993" }, 64, "host name" },
    { { "..:993" }, 64, "host name" },
    { { ":993" }, 64, "names no server" },
    { { "::1:993" }, 64, "brackets" },
    { { "[x]:993" }, 64, "IPv6" },
    { { "jane@imap.example.org:993" }, 64, "HOST:PORT" },
    { { "imap.example.org:993", "--protocol=nntp" }, 64, "submission" },
    { { "imap.example.org:993", "--login" }, 64, "accounts" },
    { { "imap.example.org:993", "--json" }, 64, "JSON" },
    { { "imap.example.org:993", "--timeout=soon" }, 64, "30s" },
    { {}, 64, "HOST:PORT" },
    { { "work", "--tls=implicit" }, 64, "HOST:PORT" },
    { { "work", "--protocol=smtp" }, 64, "no server for smtp" },
    { { "work", "--protocol=pop3" }, 64, "no server for pop3" },
    { { "relay", "--login" }, 64, "auth=none" },
    { { "b\xc3\xbc"
        "cher.invalid:993" },
      75,
      "xn--bcher-kva.invalid" },
  };

  sandbox.configure ("[account work]\naddress=jane@example.org\nreceive=imap://localhost:1\n"
                     "deliver=maildir:~/Mail/work\n"
                     "[account relay]\naddress=jane@example.org\nauth=none\n"
                     "send=smtp://localhost:1\n");
  for (const auto &one : cases)
    {
      std::vector<std::string> arguments = { "connect" };

      arguments.insert (arguments.end (), one.arguments.begin (), one.arguments.end ());
      Outcome outcome = sandbox.run (arguments, "x\n");

      SCOPED_TRACE (one.arguments.empty () ? "" : one.arguments.back ());
      EXPECT_EQ (outcome.status, one.status) << outcome.err;
      EXPECT_TRUE (has (outcome.err, one.words)) << outcome.err;
    }
}

TEST_F (Connect, TakesAnIpLiteral)
{
  CertOptions options;

  options.ip = { "::1" };
  ServerTls six{ test_ca ().issue (options) };
  ScriptedServer server (
      [&] (Peer &peer) {
        if (peer.start_tls (six))
          peer.send ("* OK six\r\n");
      },
      "::1");
  Outcome outcome
      = sandbox.run ({ "connect", "[::1]:" + std::to_string (server.port ()), "--protocol=imap",
                       "--tls=implicit", "--ca-file=" + test_ca ().ca_file () });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "* OK six\r\n");
}

/* Nobody has decided for a server of no account: it is held to nothing later. */
TEST_F (Connect, LearnsNothing)
{
  ScriptedServer server ([&] (Peer &peer) { peer.start_tls (tls); });

  EXPECT_EQ (connect (server.port (), { "--tls=implicit" }).status, 0);
  EXPECT_TRUE (sandbox.files ("state").empty ());
}

/* Not a byte behind the server's last answer to the log-in is lost. */
TEST_F (Connect, HandsOverWhereTheLogInEnds)
{
  const struct
  {
    const char *key;
    const char *scheme;
    ScriptedServer::Script script;
  } cases[] = {
    { "receive", "imaps",
      [&] (Peer &peer) {
        if (!peer.start_tls (tls))
          return;
        peer.send ("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN COMPRESS=DEFLATE] hi\r\n");
        std::string tag = peer.read_until (" ");
        peer.read_line ();
        peer.send (tag + "OK [CAPABILITY IMAP4rev1 ID ENABLE] in\r\n* early\r\n+ pie");
        peer.send ("ce\r\n" + peer.read_line ().value_or ("") + "\r\n");
      } },
    { "receive", "pop3s",
      [&] (Peer &peer) {
        if (!peer.start_tls (tls))
          return;
        peer.send ("+OK hi\r\n");
        peer.read_line ();
        peer.send ("+OK\r\nSASL PLAIN\r\n.\r\n");
        peer.read_line ();
        peer.send ("+OK in\r\n* early\r\n+ pie");
        peer.send ("ce\r\n" + peer.read_line ().value_or ("") + "\r\n");
      } },
    { "send", "submissions",
      [&] (Peer &peer) {
        if (!peer.start_tls (tls))
          return;
        peer.send ("220 hi\r\n");
        peer.read_line ();
        peer.send ("250-hi\r\n250 AUTH PLAIN\r\n");
        peer.read_line ();
        peer.send ("235 in\r\n* early\r\n+ pie");
        peer.send ("ce\r\n" + peer.read_line ().value_or ("") + "\r\n");
      } },
  };
  std::string secret = sandbox.write ("secret", std::string (kPassword) + "\n");

  for (const auto &one : cases)
    {
      ScriptedServer server (one.script);
      sandbox.configure ("[account work]\naddress=jane@example.org\nauth=PLAIN\ndeliver=maildir:"
                         + sandbox.home () + "/Mail\nca-file=" + test_ca ().ca_file ()
                         + "\npassword=file:" + secret + "\n" + one.key + "=" + one.scheme
                         + "://jane@localhost:" + std::to_string (server.port ()) + "\n");
      Outcome outcome = sandbox.run ({ "connect", "--login", "work" }, "mine\n");

      SCOPED_TRACE (one.scheme);
      server.stop ();
      EXPECT_EQ (outcome.status, 0) << outcome.err;
      EXPECT_EQ (outcome.out, "* early\r\n+ piece\r\nmine\r\n");
      EXPECT_TRUE (has (outcome.err, "PLAIN")) << outcome.err;
      EXPECT_FALSE (has (outcome.err, kPassword)) << outcome.err;
      EXPECT_FALSE (has (server.record ().tls, "LOGOUT"));
      EXPECT_FALSE (has (server.record ().tls, "QUIT"));
    }
}

TEST_F (Connect, KeepsATranscriptWithoutSecretsForItsOwnerOnly)
{
  const std::string path = sandbox.write ("transcript", "old");
  const std::string long_line (200000, 'x');
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("220 clear\r\n");
    peer.read_line ();
    peer.send ("250 STARTTLS\r\n");
    peer.read_line ();
    peer.send ("220 go\r\n");
    if (!peer.start_tls (tls))
      return;
    peer.read_line ();
    peer.send ("250 hello\r\n");
    peer.read_line ();
    peer.send ("334 Y2hhbGxlbmdl\r\n");
    peer.read_line ();
    peer.send ("235 \x1b[2Jin\r\n");
    peer.read_until ("QUIT\r\n");
    peer.send ("221 " + long_line + "\r\nhalf");
  });
  chmod (path.c_str (), 0644);
  Outcome outcome
      = connect (server.port (), { "--tls=starttls", "--protocol=smtp", "--transcript=" + path },
                 "EHLO me\nAUTH LOGIN aW5pdGlhbA==\nc2VjcmV0\n" + long_line + "\nQUIT\n");
  std::string kept = read_file (path);
  struct stat info = {};

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  ASSERT_EQ (stat (path.c_str (), &info), 0);
  EXPECT_EQ (info.st_mode & 0777, 0600u);
  for (const std::string &line :
       { std::string ("< 220 clear\n"), std::string ("> STARTTLS\n"), std::string ("* sealed: "),
         std::string ("> EHLO me\n"), std::string ("> AUTH LOGIN ***\n"), std::string ("> ***\n"),
         std::string ("< 334 ***\n"), std::string ("< 235 \\x1B[2Jin\n"),
         "< 221 " + long_line + "\n", std::string ("< half\n") })
    EXPECT_TRUE (has (kept, line)) << line.substr (0, 60) << " in\n" << kept.substr (0, 2000);
  for (const char *secret : { "aW5pdGlhbA", "c2VjcmV0", "Y2hhbGxlbmdl", "old" })
    EXPECT_FALSE (has (kept, secret)) << secret;
}

TEST_F (Connect, SaysThatItCannotKeepATranscriptBeforeItConnects)
{
  EXPECT_EQ (connect (unused_port (), { "--tls=implicit", "--transcript=/nowhere/x" }).status, 73);

  ScriptedServer server ([&] (Peer &peer) { peer.start_tls (tls); });
  Outcome outcome = connect (server.port (), { "--tls=implicit", "--transcript=/dev/full" });

  EXPECT_EQ (outcome.status, 74) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "/dev/full")) << outcome.err;
}

TEST_F (Connect, SaysThatTheLogInWasRefused)
{
  std::string secret = sandbox.write ("secret", std::string (kPassword) + "\n");
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("220 hi\r\n");
    peer.read_line ();
    peer.send ("250-hi\r\n250 AUTH PLAIN\r\n");
    peer.read_line ();
    peer.send ("535 no\r\n");
    peer.read_all ();
  });

  sandbox.configure ("[account work]\naddress=jane@example.org\nca-file=" + test_ca ().ca_file ()
                     + "\npassword=file:" + secret
                     + "\nsend=submissions://localhost:" + std::to_string (server.port ()) + "\n");
  Outcome outcome = sandbox.run ({ "connect", "--login", "work" }, "never said\n");

  server.stop ();
  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_FALSE (has (server.record ().tls, "never said"));
}

TEST_F (Connect, SaysWhyItCannotWrite)
{
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("* OK ready\r\n");
    peer.read_all ();
  });
  std::string command = "exec \"$POSTSEAL\" ";
  for (const std::string &argument : arguments (server.port (), { "--tls=implicit" }))
    command += " '" + argument + "'";
  command += " </dev/null >/dev/full";
  int status = system (command.c_str ());

  EXPECT_TRUE (WIFEXITED (status));
  EXPECT_EQ (WEXITSTATUS (status), 74);
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "postseal check ACCOUNT" against scripted peers: what is told of each fault, and what is never
   sent. */
#include "scenario/check-account-fixture.h"
#include "scenario/terminal.h"

namespace postseal_test
{

/* --- what is fine --- */

TEST_F (CheckAccount, SaysOfAnHonestServerStepByStepThatItIs)
{
  ServerTls tls = with ({});
  ScriptedServer server (honest_imap (tls));

  configure ("imap", server.port ());
  EXPECT_EQ (check (), 0) << outcome_.out << outcome_.err;
  server.stop ();
  EXPECT_STREQ (json_object_get_string_member (document (), "target"), "work");
  EXPECT_EQ (ids ("bad"), Ids ());
  EXPECT_EQ (ids ("warn"), Ids ());
  EXPECT_EQ (steps ("failed"), Ids ());
  EXPECT_EQ (steps ("skipped"), (Ids{ "sign-in", "use" }));
  EXPECT_EQ (steps ("ok"), (Ids{ "resolve", "connect", "greeting", "upgrade", "tls", "certificate",
                                 "trust", "name", "resumption", "capabilities", "mechanisms" }));
  for (const char *timed : { "resolve", "connect", "greeting", "upgrade", "tls", "trust",
                             "resumption", "capabilities" })
    EXPECT_GE (json_object_get_int_member (step (timed), "milliseconds"), 0) << timed;
  EXPECT_EQ (text ("connect"), "127.0.0.1:" + std::to_string (server.port ()));
  for (const auto &[name, words] :
       { std::pair ("greeting", "ready"), std::pair ("greeting", "in clear"),
         std::pair ("upgrade", "STARTTLS is offered"), std::pair ("tls", "TLS 1.3, "),
         std::pair ("tls", "ECDHE"), std::pair ("certificate", "for localhost; issued by CN="),
         std::pair ("certificate", "days left"),
         std::pair ("trust", test_ca ().ca_file ().c_str ()), std::pair ("name", "localhost"),
         std::pair ("capabilities", "SASL-IR"), std::pair ("mechanisms", "SCRAM-SHA-256-PLUS"),
         std::pair ("mechanisms", "tls-exporter") })
    EXPECT_TRUE (has (text (name), words)) << name << ": " << text (name);
}

TEST_F (CheckAccount, SignsNobodyInAndLearnsNothing)
{
  ServerTls tls = with ({});
  ScriptedServer server (honest_imap (tls));

  configure ("imap", server.port ());
  EXPECT_EQ (check (), 0) << outcome_.err;
  server.stop ();
  ASSERT_EQ (server.connections (), 3u) << "and one that only looks";
  EXPECT_FALSE (server.record (0).is_resumed);
  EXPECT_TRUE (server.record (1).is_resumed) << "asked with a connection of its own";
  for (unsigned i : { 0u, 1u })
    EXPECT_EQ (server.record (i).clear, "a1 STARTTLS\r\n");
  EXPECT_EQ (server.record (0).tls, "c1 CAPABILITY\r\nc2 LOGOUT\r\n");
  EXPECT_EQ (sandbox.files ("state"), Ids ());
}

TEST_F (CheckAccount, TellsAServerThatDoesNotResume)
{
  ServerTls tls{ test_ca ().issue () };
  ScriptedServer server (honest_imaps (tls));

  configure ("imaps", server.port ());
  EXPECT_EQ (check (), 0) << outcome_.err;
  EXPECT_EQ (result ("resumption"), "none");
  EXPECT_TRUE (has_id ("info", "no-resumption"));
  EXPECT_TRUE (has (text ("greeting"), "within TLS")) << text ("greeting");
  EXPECT_EQ (result ("upgrade"), "none");
}

TEST_F (CheckAccount, SpeaksPop3AndSmtp)
{
  ServerTls tls = with ({});
  ScriptedServer pop3 ([&] (Peer &peer) {
    peer.send ("+OK ready\r\n");
    while (auto line = peer.read_line ())
      {
        peer.send (*line == "CAPA" ? "+OK\r\nUIDL\r\nSTLS\r\n.\r\n" : "+OK\r\n");
        if (*line == "STLS")
          break;
      }
    if (!peer.start_tls (tls))
      return;
    while (auto line = peer.read_line ())
      peer.send (*line == "CAPA" ? "+OK\r\nUIDL\r\nUSER\r\nSASL PLAIN\r\n.\r\n" : "+OK\r\n");
  });
  ScriptedServer smtp ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("220-one\r\n220 two\r\n");
    while (auto line = peer.read_line ())
      peer.send (line->rfind ("EHLO", 0) == 0 ? "250-me\r\n250-SIZE\r\n250 AUTH PLAIN LOGIN\r\n"
                                              : "221 bye\r\n");
  });

  configure ("pop3", pop3.port (),
             "send=submissions://jane@localhost:" + std::to_string (smtp.port ()) + "\n");
  EXPECT_EQ (check (), 0) << outcome_.out;
  pop3.stop ();
  smtp.stop ();
  EXPECT_EQ (text ("capabilities").rfind ("UIDL, USER, SASL PLAIN; only before TLS: STLS", 0), 0u)
      << text ("capabilities");
  EXPECT_TRUE (has (text ("mechanisms"), "the command USER, PLAIN")) << text ("mechanisms");
  EXPECT_EQ (text ("capabilities", "send"), "SIZE, AUTH PLAIN LOGIN");
  EXPECT_EQ (pop3.record ().tls, "CAPA\r\nQUIT\r\n");
  EXPECT_EQ (smtp.record ().tls, "EHLO [127.0.0.1]\r\nQUIT\r\n");
  EXPECT_EQ (ids ("bad"), Ids ());
  expect_no_credentials (pop3);
  expect_no_credentials (smtp);
}

/* --- what is refused --- */

struct Fault
{
  CertOptions options;
  const char *step;
  const char *words;
};

TEST_F (CheckAccount, NamesTheStepAtWhichACertificateFails)
{
  CertOptions other, expired, early, self_signed;

  other.dns = { "other.example.org" };
  expired.valid_until = -1800;
  early.valid_from = 3600;
  self_signed.self_signed = true;
  for (const Fault &fault :
       { Fault{ other, "name", "other.example.org" }, Fault{ expired, "certificate", "expired on" },
         Fault{ early, "certificate", "valid only from" },
         Fault{ self_signed, "trust", "self-signed" } })
    {
      ServerTls tls = with (fault.options);
      ScriptedServer server (honest_imap (tls));

      SCOPED_TRACE (fault.words);
      configure ("imap", server.port ());
      EXPECT_EQ (check (), 76) << outcome_.out;
      server.stop ();
      EXPECT_STREQ (json_object_get_string_member (document (), "verdict"), "bad");
      EXPECT_EQ (steps ("failed"), (Ids{ fault.step }));
      EXPECT_TRUE (has (text (fault.step), fault.words)) << text (fault.step);
      EXPECT_TRUE (has (finding ("account-refused", "text"), fault.words));
      EXPECT_NE (finding ("account-refused", "advice"), "");
      EXPECT_TRUE (has (text ("certificate"), "for ")) << "shown, though it is refused";
      EXPECT_EQ (result ("capabilities"), "skipped");
      expect_no_credentials (server);
    }
}

TEST_F (CheckAccount, SaysOfAWrongNameThatTheRestIsRight)
{
  CertOptions other;
  other.dns = { "other.example.org" };
  ServerTls tls = with (other);
  ScriptedServer server (honest_imaps (tls));

  configure ("imaps", server.port ());
  EXPECT_EQ (check (), 76);
  EXPECT_EQ (result ("certificate"), "ok");
  EXPECT_EQ (result ("trust"), "ok");
  EXPECT_EQ (result ("name"), "failed");
}

TEST_F (CheckAccount, NamesAnotherKeyThanThePinnedOne)
{
  ServerTls tls = with ({});
  ScriptedServer server (honest_imaps (tls));
  const std::string other = test_ca ().issue ().pin;

  configure ("imaps", server.port (), "pin=" + other + "\n");
  EXPECT_EQ (check (), 76);
  EXPECT_EQ (steps ("failed"), (Ids{ "pin" }));
  configure ("imaps", server.port (), "pin=" + other + ";" + tls.identity.pin + "\n");
  EXPECT_EQ (check (), 0) << outcome_.out;
  EXPECT_EQ (result ("pin"), "ok");
}

/* What a server can do wrong before TLS. */
struct Vestibule
{
  const char *greeting;
  const char *capabilities;
  const char *answer; /* to STARTTLS, behind its tag */
  const char *step;
  const char *words;
  Ids bad;
};

TEST_F (CheckAccount, NamesTheStepAtWhichAnUpgradeFails)
{
  for (const Vestibule &one :
       { Vestibule{ "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n",
                    "IMAP4rev1 LOGINDISABLED",
                    "BAD what\r\n",
                    "upgrade",
                    "does not offer STARTTLS",
                    { "account-refused", "starttls-missing" } },
         Vestibule{ "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi\r\n",
                    kClear.c_str (),
                    "NO not now\r\n",
                    "upgrade",
                    "offers STARTTLS and then refused",
                    { "account-refused", "starttls-refused" } },
         Vestibule{ "* OK hi\r\n",
                    kClear.c_str (),
                    "OK go\r\n* OK injected\r\n",
                    "upgrade",
                    "added data",
                    { "account-refused", "resp-injection" } },
         Vestibule{ "* PREAUTH hi\r\n",
                    kClear.c_str (),
                    "NO not now\r\n",
                    "greeting",
                    "PREAUTH",
                    { "account-refused", "preauth" } },
         Vestibule{ "SSH-2.0-OpenSSH\r\n", "", "", "greeting", "SSH-2.0", { "account-refused" } } })
    {
      ScriptedServer server ([&] (Peer &peer) {
        peer.send (one.greeting);
        serve_imap_in_clear (peer, one.capabilities, one.answer);
        peer.read_all ();
      });

      SCOPED_TRACE (one.words);
      configure ("imap", server.port ());
      EXPECT_EQ (check (), 76) << outcome_.out;
      server.stop ();
      EXPECT_EQ (steps ("failed"), (Ids{ one.step })) << outcome_.out;
      for (const std::string &id : one.bad)
        EXPECT_TRUE (has_id ("bad", id)) << id << " in\n" << outcome_.out;
      EXPECT_TRUE (has (finding ("account-refused", "text"), one.words)) << outcome_.out;
      EXPECT_NE (finding ("account-refused", "advice"), "");
      expect_no_credentials (server);
    }
}

TEST_F (CheckAccount, TellsAllFaultsOfACertificateAndNotOnlyTheFirst)
{
  CertOptions options;
  options.dns = { "other.example.org" };
  options.valid_until = -1800;
  ServerTls tls = with (options);
  ScriptedServer server (honest_imap (tls));

  configure ("imap", server.port ());
  EXPECT_EQ (check (), 76);
  EXPECT_EQ (ids ("bad"), (Ids{ "account-refused", "cert-expired", "cert-name" }));
}

TEST_F (CheckAccount, SaysWhatToSetWhereTlsStartsOtherwise)
{
  ServerTls tls = with ({});
  ScriptedServer server (honest_imap (tls));

  configure ("imaps", server.port ());
  EXPECT_EQ (check (), 76) << outcome_.out;
  EXPECT_TRUE (has (finding ("account-refused", "advice"),
                    "receive=imap://jane@localhost:" + std::to_string (server.port ())))
      << outcome_.out;
}

TEST_F (CheckAccount, KeepsApartWhatIsNotThere)
{
  configure ("imaps", unused_port ());
  EXPECT_EQ (check (), 75) << outcome_.out;
  EXPECT_EQ (ids ("unknown"), (Ids{ "account-unreachable" }));
  EXPECT_EQ (ids ("bad"), Ids ());
  EXPECT_EQ (steps ("failed"), (Ids{ "connect" }));
  EXPECT_FALSE (has (sandbox.run ({ "check", "work" }).out, "nothing to complain of"))
      << "nothing is known of it";
}

TEST_F (CheckAccount, TellsMistakesInTheSettings)
{
  configure ("imaps", unused_port (), "ca-file=/nowhere/ca.pem\n");
  EXPECT_EQ (check (), 78) << outcome_.out << outcome_.err;
  EXPECT_EQ (ids ("bad"), (Ids{ "account-refused" }));
  EXPECT_EQ (steps ("failed"), Ids ()) << "nobody has been asked for anything";
  EXPECT_EQ (sandbox.run ({ "check", "--as=account", "club" }).status, 78);
}

TEST_F (CheckAccount, TellsThatNoWayToSignInIsLeft)
{
  ServerTls tls = with ({});
  ScriptedServer server (honest_imap (tls, "IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2"));

  configure ("imap", server.port ());
  EXPECT_EQ (check (), 76) << outcome_.out;
  EXPECT_EQ (ids ("bad"), (Ids{ "login-mechanism" }));
}

TEST_F (CheckAccount, TellsWhatTheServerDidBetterBeforeAndLeavesThatAsItIs)
{
  ServerTls strong{ test_ca ().issue () }, weak = strong;
  std::atomic<bool> is_weak{ false };
  ScriptedServer server (
      [&] (Peer &peer) { serve_implicit (peer, kProtocols[0], is_weak ? weak : strong); });

  weak.priority = "NORMAL:-VERS-TLS1.3";
  configure ("imaps", server.port ());
  Outcome outcome = sandbox.run ({ "fetch", "work" });
  ASSERT_EQ (outcome.status, 0) << outcome.err;
  const Ids files = sandbox.files ("state");
  std::map<std::string, std::string> before;
  for (const std::string &file : files)
    before[file] = read_file (sandbox.home () + "/state/" + file);

  is_weak = true;
  EXPECT_EQ (check (), 0) << outcome_.out;
  EXPECT_TRUE (has_id ("warn", "account-changed")) << outcome_.out;
  EXPECT_TRUE (has (finding ("account-changed", "text"), "TLS 1.3")) << outcome_.out;
  EXPECT_EQ (sandbox.files ("state"), files);
  for (const auto &[file, content] : before)
    EXPECT_EQ (read_file (sandbox.home () + "/state/" + file), content) << file;
}

/* --- signing in --- */

TEST_F (CheckAccount, TriesARefusedPasswordOnce)
{
  ServerTls tls = with ({});
  ScriptedServer imap ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("* OK ready\r\n");
    while (auto line = peer.read_line ())
      {
        const std::string tag = line->substr (0, line->find (' '));

        if (line->find ("CAPABILITY") != std::string::npos)
          peer.send ("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n" + tag + " OK done\r\n");
        else
          peer.send (tag + " NO [AUTHENTICATIONFAILED] no\r\n");
      }
  });
  ScriptedServer smtp ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("220 ready\r\n");
    while (auto line = peer.read_line ())
      peer.send (line->rfind ("EHLO", 0) == 0 ? "250-me\r\n250 AUTH PLAIN\r\n" : "221 bye\r\n");
  });

  configure ("imaps", imap.port (),
             "send=submissions://jane@localhost:" + std::to_string (smtp.port ()) + "\n");
  EXPECT_EQ (check ({ "--login", "work" }), 77) << outcome_.out << outcome_.err;
  imap.stop ();
  smtp.stop ();
  EXPECT_EQ (ids ("bad"), (Ids{ "login-refused" }));
  EXPECT_EQ (ids ("unknown"), (Ids{ "login-unknown" }));
  EXPECT_EQ (result ("sign-in"), "failed");
  EXPECT_EQ (result ("sign-in", "send"), "skipped");
  EXPECT_TRUE (has (finding ("login-refused", "advice"), "as “password”"));
  expect_no_credentials (smtp);
  EXPECT_FALSE (has (outcome_.out, kPassword));
}

/* --- what a hostile server can do to the reader --- */

TEST_F (CheckAccount, IsNotHeldUpByAServerThatDoesNotStopTalking)
{
  ServerTls tls = with ({});
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("* OK ready\r\n");
    peer.read_line ();
    for (int i = 0; i < 5000; i++)
      peer.send ("* OK and another thing\r\n");
    peer.read_all ();
  });

  configure ("imaps", server.port ());
  EXPECT_EQ (check (), 76) << outcome_.err;
  EXPECT_EQ (result ("capabilities"), "unknown");
  EXPECT_TRUE (has_id ("good", "account-ok"));
  EXPECT_TRUE (has_id ("bad", "use-refused"));
}

TEST_F (CheckAccount, DoesNotCallASealedServerFineThatIsNone)
{
  for (const auto &[greeting, status, id] :
       { std::tuple (std::string ("HTTP/1.1 400 Bad Request\r\n\r\n"), 76, "use-refused"),
         std::tuple (std::string (1 << 20, 'x') + "\r\n", 76, "use-refused"),
         std::tuple (std::string ("* BYE too busy\r\n"), 75, "use-unknown"),
         std::tuple (std::string (), 75, "use-unknown") })
    {
      ServerTls tls = with ({});
      ScriptedServer server ([&, text = greeting] (Peer &peer) {
        if (!peer.start_tls (tls))
          return;
        peer.send (text);
        if (!text.empty ())
          peer.read_all ();
      });

      SCOPED_TRACE (greeting.substr (0, 20));
      configure ("imaps", server.port ());
      EXPECT_EQ (check (), status) << outcome_.out;
      EXPECT_EQ (result ("capabilities"), "unknown");
      EXPECT_TRUE (has_id (status == 76 ? "bad" : "unknown", id)) << outcome_.out;
    }
}

TEST_F (CheckAccount, CallsASilentServerUnknown)
{
  ScriptedServer server ([&] (Peer &peer) { peer.stall (); });

  configure ("imap", server.port (), "timeout=1s\n");
  EXPECT_EQ (check (), 75) << outcome_.out;
  EXPECT_EQ (ids ("bad"), Ids ());
  EXPECT_EQ (ids ("unknown"), (Ids{ "account-unreachable", "silent" }));
  EXPECT_EQ (steps ("failed"), (Ids{ "greeting" }));
}

TEST_F (CheckAccount, ShowsNoEscapes)
{
  ServerTls tls = with ({});
  ScriptedServer server ([&] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("* OK \x1b[2Jready\r\n");
    serve_imap (peer, "IMAP4rev1 \x1b]0;x\x07 AUTH=\x1b[2J");
  });

  configure ("imaps", server.port ());
  for (const char *option : { "--json", "--verbose" })
    {
      Outcome outcome = sandbox.run ({ "check", option, "work" });

      EXPECT_EQ (outcome.status, 0) << outcome.err;
      EXPECT_FALSE (has (outcome.out + outcome.err, "\x1b"));
      EXPECT_TRUE (has (outcome.out, "x1B[2Jready")) << outcome.out;
    }
}

/* --- how it is shown --- */

TEST_F (CheckAccount, SaysWithWordsInAPipeWhatSymbolsSayOnATerminal)
{
  ServerTls tls = with ({});
  ScriptedServer server (honest_imap (tls));

  configure ("imap", server.port ());
  Outcome outcome = sandbox.run ({ "check", "work" });
  EXPECT_TRUE (has (outcome.out, "ok: 127.0.0.1")) << outcome.out;
  EXPECT_FALSE (has (outcome.out, "✓")) << outcome.out;
  EXPECT_FALSE (has (outcome.out, "\x1b")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "work: nothing to complain of")) << outcome.out;

  Terminal terminal (sandbox, { "check", "work" });
  EXPECT_EQ (WEXITSTATUS (terminal.finish ()), 0);
  EXPECT_TRUE (has (terminal.seen (), "✓ 127.0.0.1")) << terminal.seen ();
}

TEST_F (CheckAccount, ShowsWhatIsSaidOnRequest)
{
  ServerTls tls = with ({});
  ScriptedServer server (honest_imap (tls));

  configure ("imap", server.port ());
  Outcome outcome = sandbox.run ({ "check", "--verbose", "work" });
  for (const char *line : { "work receive > a1 STARTTLS\n", "work receive < a1 OK go\n",
                            "work receive > c1 CAPABILITY\n", "work receive * sealed: " })
    EXPECT_TRUE (has (outcome.err, line)) << outcome.err;
  EXPECT_EQ (sandbox.run ({ "check", "work" }).err, "");
}

TEST_F (CheckAccount, LooksAtAllAccountsWhenNoneIsNamed)
{
  ServerTls tls = with ({});
  ScriptedServer server (honest_imap (tls));
  const std::string port = std::to_string (server.port ());
  const std::string deliver = "deliver=maildir:" + sandbox.home () + "/Mail\n";

  sandbox.configure (section ("one", "receive=imap://jane@localhost:" + port + "\n" + deliver)
                     + section ("two", "receive=imaps://jane@localhost:"
                                           + std::to_string (unused_port ()) + "\n" + deliver));
  EXPECT_EQ (check ({}), 75) << outcome_.out;
  JsonArray *all = json_node_get_array (json_parser_get_root (parser_));
  ASSERT_EQ (json_array_get_length (all), 2u);
  EXPECT_STREQ (json_object_get_string_member (json_array_get_object_element (all, 1), "target"),
                "two");
}

TEST_F (CheckAccount, TellsWhatGoesInClear)
{
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("220 hi\r\n");
    while (auto line = peer.read_line ())
      peer.send (line->rfind ("EHLO", 0) == 0    ? "250-me\r\n250 SIZE\r\n"
                 : line->rfind ("START", 0) == 0 ? "502 no\r\n"
                                                 : "221 bye\r\n");
  });
  const std::string send = "send=smtp://localhost:" + std::to_string (server.port ()) + "\n";

  for (const auto &[lines, level, id] :
       { std::tuple ("auth=none\nsend-tls=opportunistic\n", "warn", "account-open"),
         std::tuple ("auth=none\nsend-tls=loopback\n", "info", "account-loopback") })
    {
      sandbox.configure ("[account work]\naddress=jane@example.org\n" + send + lines);
      EXPECT_EQ (check (), 0) << outcome_.out << outcome_.err;
      EXPECT_EQ (ids (level), (Ids{ id })) << outcome_.out;
      EXPECT_EQ (ids ("good"), Ids ());
      EXPECT_EQ (result ("tls", "send"), "none");
      EXPECT_EQ (text ("capabilities", "send"), "SIZE");
    }
}

} // namespace postseal_test

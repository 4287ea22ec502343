/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dial-fixture.h"

using namespace postseal_test;

namespace
{

/* Whatever the server does, nothing but the request for TLS is ever heard in clear. */
class HostileServer : public DialFixture
{
protected:
  /* Dials @server, expecting failure with @code; checks what was said in clear. */
  void
  expect_refusal (ScriptedServer &server,
                  PostsealTlsError code,
                  PostsealTlsStart start = POSTSEAL_TLS_START_UPGRADE,
                  PostsealProtocol protocol = POSTSEAL_PROTOCOL_IMAP)
  {
    EXPECT_FALSE (dial (protocol, start, server.port ()));
    EXPECT_TLS_ERROR (code);
    server.stop ();
    if (start == POSTSEAL_TLS_START_IMPLICIT)
      return;
    std::string clear = server.all_clear ();
    /* After an agreed upgrade the ClientHello may follow, in scripts that do not serve it. */
    std::string words = clear.substr (0, clear.find ('\x16'));
    EXPECT_TRUE (words.empty () || words == "a1 STARTTLS\r\n" || words == "STLS\r\n"
                 || words == "EHLO [127.0.0.1]\r\n" || words == "EHLO [127.0.0.1]\r\nSTARTTLS\r\n")
        << words;
  }

  void
  expect_message (const char *part)
  {
    ASSERT_NE (error, nullptr);
    EXPECT_NE (std::string (error->message).find (part), std::string::npos) << error->message;
  }

  ServerTls good{ test_ca ().issue () };
};

ScriptedServer::Script
saying (const std::string &greeting, const std::string &answer = "")
{
  return [=] (Peer &peer) {
    peer.send (greeting);
    if (!answer.empty () && peer.read_line ())
      peer.send (answer);
    peer.read_all ();
  };
}

} // namespace

/* RFC 9051 section 7.1.4 */
TEST_F (HostileServer, ImapPreauthEndsTheConnection)
{
  ScriptedServer server (saying ("* PREAUTH welcome\r\n"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_PREAUTH);
  EXPECT_EQ (server.all_clear (), "");
}

TEST_F (HostileServer, RefusalIsNotFallenBackFrom)
{
  ScriptedServer server (saying ("* OK hello\r\n", "a1 NO not today\r\n"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_REFUSED);
  expect_message ("unauthenticated");
}

/* RFC 3207 section 6: asked for although not offered, and the error says that the offer was
 * missing. */
TEST_F (HostileServer, MissingOfferIsNamed)
{
  ScriptedServer server (
      saying ("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n", "a1 BAD unknown\r\n"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_NOT_OFFERED);
  EXPECT_EQ (server.all_clear (), "a1 STARTTLS\r\n");
}

TEST_F (HostileServer, ByeIsReportedWithItsWords)
{
  ScriptedServer server (saying ("* BYE full\x1b[31m\r\n"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_VESTIBULE);
  expect_message ("full\\x1B[31m");
}

/* RFC 9051 section 11.3, RFC 2221 section 4.2 */
TEST_F (HostileServer, AlertsAndReferralsAreForNobodysEyes)
{
  ScriptedServer server (
      saying ("* OK [ALERT] call 555-1234\r\n", "a1 NO [REFERRAL imap://555-1234/] go there\r\n"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_REFUSED);
  EXPECT_EQ (std::string (error->message).find ("555-1234"), std::string::npos);
  EXPECT_EQ (heard.find ("555-1234"), std::string::npos) << heard;
}

/* RFC 9325 section 3.2: response injection */
TEST_F (HostileServer, WholeLineBehindTheAnswerIsInjection)
{
  ScriptedServer server (saying ("* OK hello\r\n", "a1 OK go\r\n* OK [CAPABILITY X] mine\r\n"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_INJECTED);
  EXPECT_EQ (server.all_clear (), "a1 STARTTLS\r\n") << "not even a ClientHello";
}

TEST_F (HostileServer, HalfALineBehindTheAnswerIsInjection)
{
  ScriptedServer server (saying ("* OK hello\r\n", "a1 OK go\r\n*"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_INJECTED);
}

TEST_F (HostileServer, LaterTextInClearIsInjection)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("* OK hello\r\n");
    peer.read_line ();
    peer.send ("a1 OK go\r\n");
    peer.read_bytes (16); /* the ClientHello is on its way */
    peer.send ("* OK mine\r\n");
    peer.read_all ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_INJECTED);
}

TEST_F (HostileServer, DataBeforeTlsEndsTheConnection)
{
  ScriptedServer server (saying ("* OK hello\r\n", "* LIST () \"/\" INBOX\r\na1 OK go\r\n"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_VESTIBULE);
}

TEST_F (HostileServer, StatusAndCapabilitiesBeforeTheAnswerAreForgotten)
{
  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("* OK [CAPABILITY IMAP4rev1] hello\r\n");
    peer.read_line ();
    peer.send (
        "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* NO [ALERT] hm\r\na1 OK [CAPABILITY X] go\r\n");
    peer.start_tls (good);
    peer.read_all ();
  });

  EXPECT_TRUE (dial_imap (server)) << error->message;
}

TEST_F (HostileServer, SilentGreetingEndsInTimeAndMentionsTls)
{
  ScriptedServer server ([] (Peer &peer) { peer.stall (); });

  timeout_ms = 50;
  expect_refusal (server, POSTSEAL_TLS_ERROR_VESTIBULE);
  expect_message ("TLS from the first byte");
}

TEST_F (HostileServer, SilenceAfterTheUpgradeRequestEndsInTime)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("* OK hello\r\n");
    peer.stall ();
  });

  timeout_ms = 50;
  expect_refusal (server, POSTSEAL_TLS_ERROR_VESTIBULE);
  expect_message ("0.05 seconds");
}

/* Each byte is progress, the line never ends: the state's deadline does not care. */
TEST_F (HostileServer, DribbledGreetingEndsInTime)
{
  ScriptedServer server ([] (Peer &peer) {
    for (int i = 0; i < 400; i++)
      {
        peer.send (" ");
        g_usleep (1000);
      }
    peer.read_all ();
  });

  timeout_ms = 50;
  expect_refusal (server, POSTSEAL_TLS_ERROR_VESTIBULE);
}

TEST_F (HostileServer, EndlessTalkHitsTheLimit)
{
  ScriptedServer server (saying ("* OK " + std::string (100000, 'x')));

  expect_refusal (server, POSTSEAL_TLS_ERROR_VESTIBULE);
  expect_message ("without end");
}

TEST_F (HostileServer, ClosedBeforeGreeting)
{
  ScriptedServer server ([] (Peer &peer) { peer.close (); });

  expect_refusal (server, POSTSEAL_TLS_ERROR_VESTIBULE);
}

TEST_F (HostileServer, TlsOnAPlainPortIsNamed)
{
  ScriptedServer server (saying (std::string ("\x15\x03\x01\x00\x02\x02\x28", 7)));

  expect_refusal (server, POSTSEAL_TLS_ERROR_WRONG_START);
  expect_message ("TLS from the first byte");
}

TEST_F (HostileServer, PlainTextOnATlsPortIsNamed)
{
  ScriptedServer server (saying ("* OK hello\r\n"));

  expect_refusal (server, POSTSEAL_TLS_ERROR_WRONG_START, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("answers in plain text");
}

TEST_F (HostileServer, StalledHandshakeEndsInTime)
{
  ScriptedServer server (saying ("* OK hello\r\n", "a1 OK go\r\n"));

  timeout_ms = 60;
  expect_refusal (server, POSTSEAL_TLS_ERROR_INTERRUPTED);
  expect_message ("handshake");
}

TEST_F (HostileServer, StalledImplicitHandshakeMentionsStarttls)
{
  ScriptedServer server ([] (Peer &peer) { peer.stall (); });

  timeout_ms = 60;
  expect_refusal (server, POSTSEAL_TLS_ERROR_INTERRUPTED, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("STARTTLS");
}

TEST_F (HostileServer, GarbageHandshakeIsNamed)
{
  ScriptedServer server (saying ("* OK hello\r\n", "a1 OK go\r\n"));
  ScriptedServer garbage ([] (Peer &peer) {
    peer.send ("* OK hello\r\n");
    peer.read_line ();
    peer.send ("a1 OK go\r\n");
    peer.read_bytes (5);
    peer.send (std::string ("\x80\xff\xfe\x00\x01\x02\x03\x04\x05\x06", 10));
    peer.read_all ();
  });

  expect_refusal (garbage, POSTSEAL_TLS_ERROR_HANDSHAKE);
  expect_message ("garbage");
}

TEST_F (HostileServer, GarbageInsideRecordsIsAHandshakeError)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.read_bytes (5);
    peer.send (std::string ("\x16\x03\x03\x00\x05\x63\x00\x00\x01\x00", 10));
    peer.read_all ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
}

TEST_F (HostileServer, FloodOfWarningAlertsEndsInTime)
{
  ScriptedServer server ([] (Peer &peer) {
    std::string alerts;

    for (int i = 0; i < 1000; i++)
      alerts += std::string ("\x15\x03\x03\x00\x02\x01\x5a", 7);
    for (int i = 0; i < 100; i++)
      peer.send (alerts);
    peer.read_all ();
  });

  timeout_ms = 200;
  expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
}

TEST_F (HostileServer, ConnectionClosedInHandshake)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.read_bytes (5);
    peer.cut ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_INTERRUPTED, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("closed the connection during");
}

TEST_F (HostileServer, ConnectionResetInHandshake)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.read_bytes (5);
    peer.reset ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_INTERRUPTED, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("closed the connection during");
}

/* RFC 8996, RFC 9325 section 3.1.1 and 3.1.3: refused, and not tried again with less. */
TEST_F (HostileServer, OldVersionsAreRefusedWithoutASecondTry)
{
  for (const char *version : { "TLS1.0", "TLS1.1" })
    {
      good.priority = std::string ("NORMAL:-VERS-ALL:+VERS-") + version;
      ScriptedServer server ([&] (Peer &peer) {
        EXPECT_FALSE (peer.start_tls (good));
        peer.read_all ();
      });

      expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
      expect_message ("versions below 1.2");
      EXPECT_EQ (server.connections (), 1u);
    }
}

/* A ServerHello that just says 1.1, whatever we offered. */
TEST_F (HostileServer, AnswerWithAnOldVersionIsRefused)
{
  ScriptedServer server ([] (Peer &peer) {
    std::string hello ("\x02\x00\x00\x46\x03\x02", 6);

    peer.read_bytes (5);
    hello += std::string (32, 'r') + std::string ("\x20", 1) + std::string (32, 's');
    hello += std::string ("\xc0\x13\x00", 3);
    peer.send (std::string ("\x16\x03\x02\x00\x4a", 5) + hello);
    peer.read_all ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("versions below 1.2");
}

TEST_F (HostileServer, TlsMin13RefusesTls12)
{
  good.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
  ScriptedServer server ([&] (Peer &peer) {
    EXPECT_FALSE (peer.start_tls (good));
    peer.read_all ();
  });

  policy->min = POSTSEAL_TLS_MIN_1_3;
  expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("TLS 1.3");
}

/* RFC 9325 section 3.5, RFC 7627 */
TEST_F (HostileServer, Tls12WithoutExtendedMasterSecretIsRefused)
{
  good.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH";
  ScriptedServer server ([&] (Peer &peer) {
    peer.start_tls (good);
    EXPECT_EQ (peer.read_all (), "");
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("extended master secret");
}

/* RFC 9325 section 3.5, RFC 5746 */
TEST_F (HostileServer, Tls12WithoutSecureRenegotiationIsRefused)
{
  good.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION";
  ScriptedServer server ([&] (Peer &peer) {
    EXPECT_FALSE (peer.start_tls (good));
    peer.read_all ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("secure renegotiation");
}

TEST_F (HostileServer, StaticRsaKeyExchangeIsRefused)
{
  CertOptions options;
  options.key = CertOptions::Key::Rsa2048;
  options.key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT;
  ServerTls rsa{ test_ca ().issue (options), "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA" };
  ScriptedServer server ([&] (Peer &peer) {
    EXPECT_FALSE (peer.start_tls (rsa));
    peer.read_all ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
}

TEST_F (HostileServer, AlertInsteadOfServerHelloIsNamed)
{
  good.refuses_handshake = true;
  ScriptedServer server ([&] (Peer &peer) {
    peer.start_tls (good);
    peer.read_all ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_START_IMPLICIT);
  expect_message ("Handshake failed");
}

/* RFC 2595 section 4 */
TEST_F (HostileServer, Pop3RefusalsAndInjection)
{
  ScriptedServer refuses (saying ("+OK <1.2@apop>\r\n", "-ERR no\r\n"));
  expect_refusal (refuses, POSTSEAL_TLS_ERROR_REFUSED, POSTSEAL_TLS_START_UPGRADE,
                  POSTSEAL_PROTOCOL_POP3);
  EXPECT_EQ (refuses.all_clear (), "STLS\r\n");

  ScriptedServer injects (saying ("+OK hi\r\n", "+OK go\r\n+OK mine"));
  expect_refusal (injects, POSTSEAL_TLS_ERROR_INJECTED, POSTSEAL_TLS_START_UPGRADE,
                  POSTSEAL_PROTOCOL_POP3);

  ScriptedServer unwilling (saying ("-ERR go away\r\n"));
  expect_refusal (unwilling, POSTSEAL_TLS_ERROR_VESTIBULE, POSTSEAL_TLS_START_UPGRADE,
                  POSTSEAL_PROTOCOL_POP3);
}

/* RFC 3207 section 4 */
TEST_F (HostileServer, SmtpWithoutOfferIsStillAsked)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("220-hello\r\n220 there\r\n");
    peer.read_line ();
    peer.send ("250-mx\r\n250 SIZE\r\n");
    peer.read_line ();
    peer.send ("502 what\r\n");
    peer.read_all ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_NOT_OFFERED, POSTSEAL_TLS_START_UPGRADE,
                  POSTSEAL_PROTOCOL_SMTP);
  EXPECT_EQ (server.all_clear (), "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
}

TEST_F (HostileServer, SmtpInjectionBehindTheAnswer)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("220 hello\r\n");
    peer.read_line ();
    peer.send ("250-mx\r\n250 STARTTLS\r\n");
    peer.read_line ();
    peer.send ("220 go\r\n250 mine\r\n");
    peer.read_all ();
  });

  expect_refusal (server, POSTSEAL_TLS_ERROR_INJECTED, POSTSEAL_TLS_START_UPGRADE,
                  POSTSEAL_PROTOCOL_SMTP);
}

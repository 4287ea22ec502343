/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test of an account, step by step, against servers honest and not. */
#include "scenario/live-test-fixture.h"

#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scenario/toy-imap.h"
#include "scenario/toy-pop3.h"
#include "scenario/toy-submission.h"

namespace postseal_test
{

static const bool kReceiving = false, kSending = true;

using Words = std::vector<std::string>;

TEST_F (LiveTest, PassesStepByStepOnBothSides)
{
  ToyImap imap;
  ToySubmission smtp;

  imap.mailboxes["INBOX"].add ("Subject: one\r\n\r\nx\r\n");
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  make ();
  EXPECT_EQ (states (kReceiving), "WWWWW");
  EXPECT_EQ (states (kSending), "WWWWW");
  start ();
  EXPECT_TRUE (finish ());
  EXPECT_EQ (error, nullptr);
  EXPECT_EQ (states (kReceiving), "PPPPP");
  EXPECT_EQ (states (kSending), "PPPPP");
  EXPECT_EQ (trouble (kReceiving), -1);
  EXPECT_EQ (trouble (kSending), -1);
  EXPECT_EQ (detail (kReceiving, POSTSEAL_TEST_RESOLVE), "127.0.0.1");
  EXPECT_EQ (detail (kReceiving, POSTSEAL_TEST_CONNECT),
             "127.0.0.1:" + std::to_string (imap.port ()));
  EXPECT_EQ (
      detail (kReceiving, POSTSEAL_TEST_SEAL).find ("TLS 1.3, vouched for by Postseal Test Root, "),
      0u);
  EXPECT_EQ (detail (kReceiving, POSTSEAL_TEST_SIGN_IN), "PLAIN");
  EXPECT_EQ (detail (kReceiving, POSTSEAL_TEST_MAILBOX), "1 message");
  EXPECT_EQ (detail (kSending, POSTSEAL_TEST_ENVELOPE), "");
  EXPECT_STREQ (postseal_live_test_get_seal (test, TRUE)->mechanism, "PLAIN");
  EXPECT_GT (postseal_test_step_get_seconds (step (kReceiving, POSTSEAL_TEST_SEAL)), 0);
}

TEST_F (LiveTest, TellsEachStepInItsTurn)
{
  ToyImap imap;

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  EXPECT_TRUE (run ());
  Words wanted;
  for (const char *kind : { "0", "1", "2", "3", "4" })
    for (const char *state : { " running", " passed" })
      wanted.push_back (std::string ("receiving ") + kind + state);
  EXPECT_EQ (told, wanted);
}

TEST_F (LiveTest, ChangesNothingAnywhere)
{
  ToyImap imap;
  ToySubmission smtp;

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_TRUE (run ());
  see_off ([&] { smtp.settle (); });
  EXPECT_EQ (imap.count ("SELECT"), 0u);
  EXPECT_EQ (imap.count ("EXAMINE"), 1u);
  EXPECT_EQ (smtp.count ("MAIL FROM:<jane@example.org>"), 1u);
  EXPECT_EQ (smtp.count ("RCPT TO:<jane@example.org>"), 1u);
  EXPECT_EQ (smtp.count ("RSET"), 1u);
  EXPECT_EQ (smtp.count ("DATA") + smtp.count ("BDAT"), 0u);
  EXPECT_EQ (smtp.violations (), Words{});
  EXPECT_FALSE (std::filesystem::exists (sandbox.home () + "/state")) << "nothing learned";
}

TEST_F (LiveTest, CountsAMaildropByStat)
{
  ToyPop3 pop3;

  pop3.messages = { { "a", "x\r\n" }, { "b", "x\r\n" } };
  receive (POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_IMPLICIT, pop3.port ());
  EXPECT_TRUE (run ());
  EXPECT_EQ (states (kReceiving), "PPPPP");
  EXPECT_EQ (detail (kReceiving, POSTSEAL_TEST_MAILBOX), "2 messages");
  EXPECT_EQ (pop3.count ("LIST") + pop3.count ("UIDL"), 0u);
}

TEST_F (LiveTest, NeedsNoSecretWhereNobodySignsIn)
{
  ToySubmission smtp (ToySubmission::Start::Upgrade);

  smtp.demands_login = false;
  send (POSTSEAL_TLS_START_UPGRADE, smtp.port ());
  account->auth_none = TRUE;
  EXPECT_TRUE (run (""));
  EXPECT_EQ (states (kSending), "PPPP") << "no step to sign in";
  EXPECT_EQ (smtp.count ("AUTH"), 0u);
}

/* --- the password --- */

static bool
reject_imap (const ToyImap::Call &call)
{
  if (call.verb != "AUTHENTICATE")
    return false;
  call.peer.send (call.tag + " NO [AUTHENTICATIONFAILED] Wrong, and you said it\r\n");
  return true;
}

TEST_F (LiveTest, TriesATypedPasswordOnce)
{
  ToyImap imap;
  ToySubmission smtp;

  imap.hook = reject_imap;
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_FALSE (run ("mistyped-91"));
  EXPECT_EQ (error, nullptr);
  EXPECT_EQ (states (kReceiving), "PPPFS");
  EXPECT_EQ (states (kSending), "PPPSS");
  EXPECT_EQ (trouble (kReceiving), POSTSEAL_TROUBLE_PASSWORD);
  EXPECT_EQ (trouble (kSending), -1);
  EXPECT_STREQ (postseal_live_test_get_trouble (test, FALSE)->said, "Wrong, and you said it");
  EXPECT_EQ (imap.count ("AUTHENTICATE"), 1u);
  EXPECT_EQ (smtp.count ("AUTH"), 0u);
}

TEST_F (LiveTest, TriesATypedPasswordThereWhereItWasNotTriedYet)
{
  ToySubmission smtp;

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kReceiving), "PFSSS");
  EXPECT_EQ (states (kSending), "PPPPP");
}

TEST_F (LiveTest, WaitsForTheVerdictOnATypedPassword)
{
  ToyImap imap;
  ToySubmission smtp;
  bool was_tried_early = false;

  imap.hook = [&] (const ToyImap::Call &call) {
    if (call.verb == "AUTHENTICATE")
      {
        g_usleep (100000); /* long enough for the other side to come to its password */
        was_tried_early = smtp.count ("AUTH") > 0;
      }
    return false;
  };
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_TRUE (run ());
  EXPECT_FALSE (was_tried_early);
}

TEST_F (LiveTest, UsesTheStoredPasswordOnBothSides)
{
  ToyImap imap;
  ToySubmission smtp;

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_TRUE (run (""));
}

TEST_F (LiveTest, TellsThatNoPasswordIsStored)
{
  ToyImap imap;

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  g_free (account->password);
  account->password = g_strdup (("file:" + sandbox.home () + "/none").c_str ());
  EXPECT_FALSE (run (""));
  EXPECT_EQ (states (kReceiving), "PPPFS");
  EXPECT_EQ (trouble (kReceiving), POSTSEAL_TROUBLE_NO_SECRET);
}

TEST_F (LiveTest, TellsWhatSendingSaysOfThePassword)
{
  ToySubmission smtp;

  smtp.answer ("AUTH", 0, "535 5.7.8 not you");
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kSending), "PPPFS");
  EXPECT_EQ (trouble (kSending), POSTSEAL_TROUBLE_PASSWORD);
  EXPECT_TRUE (postseal_live_test_get_trouble (test, TRUE)->is_sending);
}

/* What is known of providers is read where nobody waits for a slow disk: here it comes only while
   the main loop runs. */
TEST_F (LiveTest, MainLoopWaitsForNoFileOfProviders)
{
  const std::string path = sandbox.home () + "/mail-providers.conf";
  GSource *disk = g_timeout_source_new (1);
  ToyImap imap;

  imap.hook = reject_imap;
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  ASSERT_EQ (mkfifo (path.c_str (), 0600), 0);
  g_setenv ("POSTSEAL_DATA_DIR", sandbox.home ().c_str (), TRUE);
  g_source_set_callback (
      disk,
      [] (gpointer data) -> gboolean {
        int fd = open (static_cast<const char *> (data), O_WRONLY | O_NONBLOCK | O_CLOEXEC);

        if (fd >= 0)
          close (fd);
        return G_SOURCE_CONTINUE;
      },
      const_cast<char *> (path.c_str ()), nullptr);
  g_source_attach (disk, loop.context ());
  EXPECT_FALSE (run ());
  EXPECT_EQ (trouble (kReceiving), POSTSEAL_TROUBLE_PASSWORD);
  g_source_destroy (disk);
  g_source_unref (disk);
  g_unsetenv ("POSTSEAL_DATA_DIR");
}

/* --- what a signed-in user may not do --- */

TEST_F (LiveTest, TellsAnInboxThatDoesNotOpen)
{
  ToyImap imap;

  imap.hook = [] (const ToyImap::Call &call) {
    if (call.verb != "EXAMINE")
      return false;
    call.peer.send (call.tag + " NO [NOPERM] not yours\r\n");
    return true;
  };
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kReceiving), "PPPPF");
  EXPECT_STREQ (postseal_live_test_get_trouble (test, FALSE)->said, "not yours");
}

TEST_F (LiveTest, TellsASenderThatIsNotAllowed)
{
  ToySubmission smtp;

  smtp.answer ("MAIL", 0, "553 5.7.1 not your address");
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kSending), "PPPPF");
  EXPECT_EQ (trouble (kSending), POSTSEAL_TROUBLE_SENDER);
  EXPECT_EQ (smtp.count ("RCPT"), 0u);
}

/* Postfix asks who the sender is only then ("smtpd_delay_reject"). */
TEST_F (LiveTest, TellsASenderThatIsRefusedWithTheRecipient)
{
  ToySubmission smtp;

  smtp.answer ("RCPT", 0, "553 5.7.1 <jane@example.org>: Sender address rejected: not owned");
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kSending), "PPPPF");
  EXPECT_EQ (trouble (kSending), POSTSEAL_TROUBLE_SENDER);
}

TEST_F (LiveTest, PassesARecipientThatIsOnlyPutOff)
{
  ToySubmission smtp;

  smtp.answer ("RCPT", 0, "451 4.7.1 greylisted");
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_TRUE (run ());
  EXPECT_NE (detail (kSending, POSTSEAL_TEST_ENVELOPE).find ("451 4.7.1 greylisted"),
             std::string::npos);
  EXPECT_EQ (smtp.count ("RSET"), 1u);
}

TEST_F (LiveTest, PassesARecipientThatIsRefusedWithARemark)
{
  ToySubmission smtp;

  smtp.answer ("RCPT", 0, "550 5.1.1 nobody here");
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  EXPECT_TRUE (run ());
  EXPECT_NE (detail (kSending, POSTSEAL_TEST_ENVELOPE).find ("550 5.1.1 nobody here"),
             std::string::npos);
}

/* --- how far a connection comes --- */

TEST_F (LiveTest, TellsANameThatIsNone)
{
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, 993, "nowhere.invalid");
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kReceiving), "FSSSS");
  EXPECT_NE (trouble (kReceiving), -1);
}

TEST_F (LiveTest, TellsThatNobodyListens)
{
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ());
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kReceiving), "PFSSS");
  EXPECT_EQ (trouble (kReceiving), POSTSEAL_TROUBLE_REFUSED);
}

TEST_F (LiveTest, TellsASilentServer)
{
  ScriptedServer server ([] (Peer &peer) { peer.stall (); });

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, server.port ());
  account->timeout_ms = 1000;
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kReceiving), "PPFSS");
}

TEST_F (LiveTest, TellsAMissingStarttls)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n");
    peer.read_line ();
    peer.send ("a1 BAD unknown\r\n");
    peer.read_all ();
  });

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, server.port ());
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kReceiving), "PPFSS");
  EXPECT_EQ (trouble (kReceiving), POSTSEAL_TROUBLE_NO_TLS);
  EXPECT_EQ (server.all_clear ().find (kPassword), std::string::npos);
}

TEST_F (LiveTest, NamesTheStartOfTlsThatWorks)
{
  ToyImap imap;

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, imap.port ());
  account->timeout_ms = 2500;
  EXPECT_FALSE (run ());
  EXPECT_EQ (states (kReceiving), "PPFSS");
  const PostsealTrouble *found = postseal_live_test_get_trouble (test, FALSE);
  ASSERT_NE (found->better, nullptr) << report ();
  EXPECT_EQ (found->better->start, POSTSEAL_TLS_START_IMPLICIT);
  EXPECT_EQ (found->better->port, imap.port ());
  EXPECT_EQ (found->remedy, POSTSEAL_REMEDY_ENDPOINT);
  EXPECT_EQ (imap.count ("AUTHENTICATE"), 0u);
}

TEST_F (LiveTest, CanBeCancelledWhileItLooksForAnotherPort)
{
  ScriptedServer server ([] (Peer &peer) {
    if (peer.index () == 0)
      peer.send ("nonsense\r\n");
    peer.stall ();
  });

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, server.port ());
  make ();
  start ();
  EXPECT_TRUE (loop.wait_for ([&] { return states (kReceiving) == "PPFSS"; }));
  g_cancellable_cancel (cancellable);
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

/* --- certificates --- */

class LiveTestCertificate : public LiveTest
{
protected:
  /* The report is to have @facts. */
  void
  expect_trouble (const ServerTls &tls, PostsealTroubleKind kind, const Words &facts)
  {
    ScriptedServer server ([&] (Peer &peer) {
      peer.start_tls (tls);
      peer.read_all ();
    });

    receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, server.port ());
    EXPECT_FALSE (run ());
    EXPECT_EQ (states (kReceiving), "PPFSS");
    EXPECT_EQ (trouble (kReceiving), kind) << report ();
    for (const std::string &fact : facts)
      EXPECT_NE (report ().find (fact), std::string::npos) << fact << "\n" << report ();
    EXPECT_NE (report ().find (tls.identity.pin), std::string::npos);
    EXPECT_EQ (postseal_live_test_get_seal (test, FALSE), nullptr);
    server.stop ();
    EXPECT_EQ (server.record ().tls, "");
  }

  static ServerTls
  with (const std::function<void (CertOptions &options)> &change)
  {
    CertOptions options;

    change (options);
    return { test_ca ().issue (options) };
  }
};

TEST_F (LiveTestCertificate, ThatHasExpired)
{
  expect_trouble (with ([] (CertOptions &options) {
                    options.valid_from = -7200;
                    options.valid_until = -3600;
                  }),
                  POSTSEAL_TROUBLE_EXPIRED, { "cert-not-after", "cert-not-before" });
}

TEST_F (LiveTestCertificate, ThatIsNotValidYet)
{
  expect_trouble (with ([] (CertOptions &options) { options.valid_from = 86400; }),
                  POSTSEAL_TROUBLE_NOT_YET_VALID, { "cert-not-after", "cert-not-before" });
}

TEST_F (LiveTestCertificate, ThatIsForOtherNames)
{
  expect_trouble (with ([] (CertOptions &options) {
                    options.dns = { "a.example", "b.example" };
                  }),
                  POSTSEAL_TROUBLE_WRONG_NAME, { "a.example, b.example" });
}

TEST_F (LiveTestCertificate, OfAnUnknownIssuer)
{
  TestCa stranger ("Stranger");

  expect_trouble ({ stranger.issue () }, POSTSEAL_TROUBLE_UNKNOWN_ISSUER, { "CN=Stranger Root" });
}

TEST_F (LiveTestCertificate, ThatIsSignedByItself)
{
  expect_trouble (with ([] (CertOptions &options) { options.self_signed = true; }),
                  POSTSEAL_TROUBLE_UNKNOWN_ISSUER, { "cert-self-signed" });
}

/* --- being cancelled --- */

class LiveTestCancel : public LiveTest, public testing::WithParamInterface<int>
{
};

TEST_P (LiveTestCancel, EndsAllConnectionsAtOnce)
{
  ToyImap imap;
  ToySubmission smtp;

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  make ();
  g_signal_connect (step (GetParam () >= 10, (PostsealTestKind)(GetParam () % 10)), "notify::state",
                    G_CALLBACK (+[] (PostsealTestStep *one, GParamSpec *, gpointer data) {
                      if (postseal_test_step_get_state (one) == POSTSEAL_TEST_RUNNING)
                        g_cancellable_cancel (G_CANCELLABLE (data));
                    }),
                    cancellable);
  start ();
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  for (bool sending : { false, true })
    EXPECT_EQ (states (sending).find_first_of ("WRF"), std::string::npos) << states (sending);
  EXPECT_EQ (trouble (kReceiving), -1);
  EXPECT_EQ (trouble (kSending), -1);
  see_off ([&] {
    imap.settle ();
    smtp.settle ();
  });
}

INSTANTIATE_TEST_SUITE_P (Steps,
                          LiveTestCancel,
                          testing::Values (0, 1, 2, 3, 4, 10, 11, 12, 13, 15));

TEST_F (LiveTest, CanBeCancelledBeforeItBegins)
{
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ());
  g_cancellable_cancel (cancellable);
  EXPECT_FALSE (run ());
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

/* --- the report --- */

static std::string
encode (const std::string &bytes)
{
  g_autofree char *text = g_base64_encode ((const guchar *)bytes.data (), bytes.size ());

  return text;
}

static bool
has_secret (const std::string &text, const std::string &secret)
{
  using namespace std::string_literals;

  return text.find (secret) != std::string::npos || text.find (encode (secret)) != std::string::npos
         || text.find (encode ("\0"s + kUser + "\0"s + secret)) != std::string::npos;
}

TEST_F (LiveTest, ReportsEverythingButTheSecret)
{
  ToyImap imap;
  ToySubmission smtp;

  smtp.answer ("MAIL", 0, "553 5.7.1 not your address");
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  for (const char *typed : { kPassword, "" })
    {
      EXPECT_FALSE (run (typed));
      const std::string text = report ();
      for (const char *wanted :
           { "Postseal 0.1.0", "== Receiving ==", "== Sending ==", "receive=imaps://",
             "tls-min=1.2", "Open the inbox", "failed", "553 5.7.1 not your address", "EXAMINE",
             "EHLO", "cert-issuer", "TLS 1.3" })
        EXPECT_NE (text.find (wanted), std::string::npos) << wanted << "\n" << text;
      EXPECT_FALSE (has_secret (text, kPassword)) << text;
      EXPECT_TRUE (g_utf8_validate (text.c_str (), -1, nullptr));
    }
}

TEST_F (LiveTest, ReportsNoSecretThatAServerRepeats)
{
  using namespace std::string_literals;

  std::string secret;
  ToyImap imap;

  imap.hook = [&] (const ToyImap::Call &call) {
    if (call.verb != "AUTHENTICATE")
      return false;
    call.peer.send ("* OK you sent " + call.words + "\r\n" + call.tag + " NO " + secret + " and "
                    + encode (secret) + " and " + encode ("\0"s + kUser + "\0"s + secret)
                    + " are wrong\r\n");
    return true;
  };
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  /* Typed, and stored. */
  for (const std::string &typed : { "canary-5500-bird"s, ""s })
    {
      secret = typed.empty () ? kPassword : typed;
      EXPECT_FALSE (run (typed));
      EXPECT_FALSE (has_secret (report (), secret)) << report ();
      EXPECT_NE (report ().find ("*** and *** and *** are wrong"), std::string::npos) << report ();
    }
}

/* As in "user=…", "auth=Bearer …", or behind another name. */
TEST_F (LiveTest, ReportsNoSecretInsideOfAnotherBase64Text)
{
  std::string repeated;
  ToyImap imap;

  imap.hook = [&] (const ToyImap::Call &call) {
    if (call.verb != "AUTHENTICATE")
      return false;
    call.peer.send (call.tag + " NO " + repeated + "\r\n");
    return true;
  };
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  for (size_t offset : { 1, 2, 3 })
    {
      repeated = encode (std::string (offset, 'x') + kPassword + "yyy");
      EXPECT_FALSE (run (""));
      EXPECT_EQ (report ().find (repeated), std::string::npos) << report ();
    }
}

/* What stands at @bytes, mapped or not. */
static std::string
peek (const char *bytes, size_t length)
{
  std::string copy (length, '\0');
  const iovec to = { copy.data (), length };
  const iovec from = { const_cast<char *> (bytes), length };

  return process_vm_readv (getpid (), &to, 1, &from, 1, 0) < 0 ? "" : copy;
}

/* Whoever shows it may keep it for hours. */
TEST_F (LiveTest, HoldsNoSecretAfterItsEnd)
{
  ToyImap imap;
  ToySubmission smtp;
  PostsealCredential *secret = postseal_credential_new (kPassword, -1);
  const char *bytes = postseal_credential_get (secret);

  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  send (POSTSEAL_TLS_START_IMPLICIT, smtp.port ());
  test = postseal_live_test_new (account, secret);
  postseal_credential_unref (secret);
  start ();
  EXPECT_EQ (peek (bytes, strlen (kPassword)), kPassword);
  EXPECT_TRUE (finish ());
  see_off ([&] {
    imap.settle ();
    smtp.settle ();
  });
  EXPECT_NE (peek (bytes, strlen (kPassword)), kPassword);
  EXPECT_NE (report ().find ("== Sending =="), std::string::npos);
}

TEST_F (LiveTest, ReportsBeforeAnythingWasTried)
{
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ());
  make ();
  EXPECT_NE (report ().find ("waiting  Sign in"), std::string::npos) << report ();
  EXPECT_EQ (trouble (kReceiving), -1);
  EXPECT_EQ (postseal_live_test_get_seal (test, TRUE), nullptr);
}

TEST_F (LiveTest, PassesAnAccountWithoutServers)
{
  EXPECT_TRUE (run ());
  EXPECT_EQ (g_list_model_get_n_items (postseal_live_test_get_steps (test)), 0u);
}

TEST_F (LiveTest, ReportsATalkativeServerInBrief)
{
  ToyImap imap;

  imap.hook = [] (const ToyImap::Call &call) {
    if (call.verb == "EXAMINE")
      for (int i = 0; i < 5000; i++)
        call.peer.send ("* OK " + std::string (500, 'x') + "\r\n");
    return false;
  };
  receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, imap.port ());
  EXPECT_TRUE (run ());
  EXPECT_LT (report ().size (), 400000u);
}

} // namespace postseal_test

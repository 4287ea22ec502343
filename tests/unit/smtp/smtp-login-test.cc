// SPDX-License-Identifier: LGPL-2.1-or-later
#include "smtp-peer.h"

#include "support/scram-server.h"

using std::string;
using Lines = std::vector<string>;

class SmtpLogin : public Smtp
{
};

TEST_F (SmtpLogin, ReadsTheGreetingOfAnImplicitLink)
{
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (server.lines, (Lines{ "EHLO [127.0.0.1]", "AUTH PLAIN " PLAIN_RESPONSE }));
  EXPECT_EQ (transcript.substr (0, transcript.find ('\n')), "< 220 mail.example.org ESMTP");
  EXPECT_TRUE (postseal_smtp_session_get_caps (session)->has_pipelining);
  EXPECT_STREQ (postseal_smtp_session_get_seal (session)->mechanism, "PLAIN");
}

TEST_F (SmtpLogin, SpeaksFirstWhereTheUpgradeHasHadTheGreeting) // RFC 3207 section 4.2
{
  awaits_greeting = false;
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (server.lines[0], "EHLO [127.0.0.1]");
}

TEST_F (SmtpLogin, SaysNothingBeforeTheGreeting)
{
  greeting = "";
  open ();
  login ();
  run_turns (20);
  EXPECT_EQ (server.lines, Lines{});
  say ("220-one\r\n220 two\r\n");
  EXPECT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "login ok");
}

TEST_F (SmtpLogin, ReplyBehindTheGreetingIsNoReplyToEhlo)
{
  greeting = "220 hello\r\n250-mail.example.org\r\n250 AUTH PLAIN\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL)) << message ();
}

TEST_F (SmtpLogin, GreetingSaysWhetherToComeAgain)
{
  const struct
  {
    const char *greeting;
    int code;
  } cases[] = {
    { "421 4.3.2 full house\r\n", POSTSEAL_SMTP_ERROR_BUSY },
    { "450 later\r\n", POSTSEAL_SMTP_ERROR_BUSY },
    { "554 5.7.1 no service for you\r\n", POSTSEAL_SMTP_ERROR_REFUSED },
    { "250 mail.example.org\r\n", POSTSEAL_SMTP_ERROR_PROTOCOL },
    { "354 go on\r\n", POSTSEAL_SMTP_ERROR_PROTOCOL },
    { "+OK ready\r\n", POSTSEAL_SMTP_ERROR_PROTOCOL },
    { "220\n", POSTSEAL_SMTP_ERROR_PROTOCOL },
    { "\r\n", POSTSEAL_SMTP_ERROR_PROTOCOL },
  };

  for (const auto &test : cases)
    {
      greeting = test.greeting;
      EXPECT_TRUE (fails_with (POSTSEAL_SMTP_ERROR, test.code)) << test.greeting << message ();
      EXPECT_EQ (server.lines, Lines{});
      reset ();
    }
}

TEST_F (SmtpLogin, AnswerToEhloSaysWhetherToComeAgain)
{
  const struct
  {
    const char *reply;
    int code;
  } cases[] = {
    { "421 4.3.2 closing\r\n", POSTSEAL_SMTP_ERROR_BUSY },
    { "451 4.3.0 later\r\n", POSTSEAL_SMTP_ERROR_BUSY },
    { "550 5.7.1 blocked\r\n", POSTSEAL_SMTP_ERROR_REFUSED },
    { "502 what\r\n", POSTSEAL_SMTP_ERROR_REFUSED },
    { "354 go\r\n", POSTSEAL_SMTP_ERROR_PROTOCOL },
    { "250-a\r\n550 b\r\n", POSTSEAL_SMTP_ERROR_PROTOCOL },
  };

  for (const auto &test : cases)
    {
      server.script["EHLO"] = test.reply;
      EXPECT_TRUE (fails_with (POSTSEAL_SMTP_ERROR, test.code)) << test.reply << message ();
      EXPECT_EQ (server.lines.size (), 1u);
      reset ();
    }
}

TEST_F (SmtpLogin, FloodOfLinesIsCutOff)
{
  string flood;

  for (int i = 0; i < 10000; i++)
    flood += "250-X-FEATURE-" + std::to_string (i) + "\r\n";
  server.script["EHLO"] = flood;
  EXPECT_TRUE (fails_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL)) << message ();
  reset ();
  server.script["EHLO"] = "250-" + string (1 << 20, 'x');
  EXPECT_TRUE (fails_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL)) << message ();
}

TEST_F (SmtpLogin, WithoutAuthenticatorThereIsNoAuth)
{
  has_auth = false;
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (server.lines, Lines{ "EHLO [127.0.0.1]" });
  server.script["MAIL"] = "530 5.7.0 Authentication required\r\n";
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "permanent 530 5.7.0");
  EXPECT_EQ (one.text (), "The server wants a log-in: Authentication required");
}

TEST_F (SmtpLogin, NothingOfferedIsNothingSent)
{
  offer ({ "PIPELINING" });
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM));
  EXPECT_NE (message ().find ("no AUTH"), string::npos);
  EXPECT_EQ (server.lines.size (), 1u);
}

TEST_F (SmtpLogin, RepliesToAuthAreToldApart) // RFC 4954 section 6
{
  const struct
  {
    const char *reply;
    GQuark domain;
    int code;
  } cases[] = {
    { "535 5.7.8 wrong", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
    { "534 5.7.9 too weak", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM },
    { "504 5.5.4 unknown", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM },
    { "538 5.7.11 encrypt", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM },
    { "500 what", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM },
    { "454 4.7.0 later", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "432 4.7.12 transition", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "451 later", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "421 4.3.2 closing", POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY },
    { "354 go", POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL },
    { "hello", POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL },
  };

  for (const auto &test : cases)
    {
      server.script["AUTH PLAIN " PLAIN_RESPONSE] = string (test.reply) + "\r\n";
      EXPECT_TRUE (fails_with (test.domain, test.code)) << test.reply << ": " << message ();
      EXPECT_EQ (server.lines.size (), 2u) << test.reply;
      EXPECT_EQ (message ().find ("secret"), string::npos);
      reset ();
    }
}

TEST_F (SmtpLogin, MechanismThatIsRefusedAsSuchGivesWayToTheNext)
{
  for (const char *reply : { "504 5.5.4 unknown\r\n", "534 5.7.9 too weak\r\n" })
    {
      mechanisms = { "LOGIN", "PLAIN" };
      offer ({ "AUTH LOGIN PLAIN" });
      server.script["AUTH LOGIN"] = reply;
      EXPECT_TRUE (succeeds ()) << message ();
      EXPECT_EQ (server.lines,
                 (Lines{ "EHLO [127.0.0.1]", "AUTH LOGIN", "AUTH PLAIN " PLAIN_RESPONSE }));
      reset ();
    }
}

TEST_F (SmtpLogin, WrongPasswordIsNotTriedByAnotherMechanism)
{
  mechanisms = { "LOGIN", "PLAIN" };
  offer ({ "AUTH LOGIN PLAIN" });
  server.script["AUTH LOGIN"] = "535 5.7.8 no\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED));
  EXPECT_EQ (server.lines.size (), 2u);
}

TEST_F (SmtpLogin, TransitionIsMadeByPlainOnce) // RFC 4954 section 6: 432
{
  mechanisms = { "SCRAM-SHA-256", "LOGIN", "PLAIN" };
  offer ({ "AUTH SCRAM-SHA-256 LOGIN PLAIN" });
  server.script["AUTH"] = "432 4.7.12 transition needed\r\n";
  EXPECT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (server.lines.size (), 3u);
  EXPECT_EQ (server.lines[2], "AUTH PLAIN " PLAIN_RESPONSE);
  reset ();
  server.script["AUTH PLAIN " PLAIN_RESPONSE] = "432 4.7.12 transition needed\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY)) << message ();
  EXPECT_EQ (server.lines.size (), 3u);
}

TEST_F (SmtpLogin, ChallengesAreAnsweredInBase64) // RFC 4954 section 4
{
  mechanisms = { "LOGIN" };
  offer ({ "AUTH LOGIN" });
  server.script["AUTH LOGIN"] = "334 VXNlcm5hbWU6\r\n";
  server.script["amFuZQ=="] = "334 UGFzc3dvcmQ6\r\n";
  server.script["c2VjcmV0"] = "235 2.7.0 welcome\r\n";
  EXPECT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (server.lines, (Lines{ "EHLO [127.0.0.1]", "AUTH LOGIN", "amFuZQ==", "c2VjcmV0" }));
  for (const char *hidden : { "amFuZQ==", "c2VjcmV0", "VXNlcm5hbWU6" })
    EXPECT_EQ (transcript.find (hidden), string::npos) << transcript;
  EXPECT_NE (transcript.find ("> ***\n< 334 ***\n> ***\n< 235"), string::npos) << transcript;
}

TEST_F (SmtpLogin, MalformedChallengeIsCancelled) // RFC 4954 section 4
{
  mechanisms = { "LOGIN" };
  offer ({ "AUTH LOGIN" });
  server.script["*"] = "501 5.7.0 cancelled\r\n";
  for (const char *challenge :
       { "334 not base64!\r\n", "334 VXNlcm5hbWU\r\n", "334-VXNl\r\n334 cm5h\r\n" })
    {
      server.script["AUTH LOGIN"] = challenge;
      EXPECT_TRUE (fails_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL)) << message ();
      EXPECT_EQ (server.lines, (Lines{ "EHLO [127.0.0.1]", "AUTH LOGIN", "*" }));
      reset ();
    }
}

TEST_F (SmtpLogin, ChallengeAfterACancellationEndsIt)
{
  mechanisms = { "LOGIN" };
  offer ({ "AUTH LOGIN" });
  server.script["AUTH LOGIN"] = "334 !\r\n";
  server.script["*"] = "334 VXNlcm5hbWU6\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL)) << message ();
  EXPECT_EQ (server.lines.size (), 3u);
}

TEST_F (SmtpLogin, LongInitialResponseWaitsForTheChallenge) // RFC 4954 section 4: 512 octets
{
  size_t n_direct = 0;

  // "AUTH PLAIN " + base64 + CR LF is 509 for up to 372 octets of response, 513 above.
  for (size_t length : { 366, 367 })
    {
      string response = use_long_password (length);

      server.script["AUTH PLAIN"] = "334 \r\n";
      server.script["AUTH PLAIN " + response] = "235 ok\r\n";
      server.script[response] = "235 ok\r\n";
      EXPECT_TRUE (succeeds ()) << message ();
      for (const string &line : server.lines)
        EXPECT_TRUE (line.size () + 2 <= 512 || line.find (' ') == string::npos);
      n_direct += server.lines.size () == 2;
      reset ();
    }
  EXPECT_EQ (n_direct, 1u);
}

TEST_F (SmtpLogin, EmptyInitialResponseIsAnEqualsSign) // RFC 4954 section 4
{
  mechanisms = { "EXTERNAL" };
  has_certificate = true;
  offer ({ "AUTH EXTERNAL" });
  server.script["AUTH EXTERNAL ="] = "235 2.7.0 welcome\r\n";
  EXPECT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (server.lines[1], "AUTH EXTERNAL =");
}

TEST_F (SmtpLogin, ScramServerProvesItselfByAnExtraChallenge) // RFC 4954 section 4
{
  for (bool is_forged : { false, true })
    {
      postseal_test::ScramServer scram ("secret");
      int n_steps = 0;

      scram.forges_signature = is_forged;
      offer ({ "AUTH SCRAM-SHA-256 PLAIN" });
      server.answer = [&] (const string &line) -> string {
        const string auth_command = "AUTH SCRAM-SHA-256 ";

        if (line.rfind (auth_command, 0) == 0)
          {
            string first = postseal_test::base64_decode (line.substr (auth_command.size ()));

            n_steps = 1;
            return "334 " + postseal_test::base64_encode (scram.first (first)) + "\r\n";
          }
        if (n_steps == 0)
          return "";
        if (n_steps++ == 1)
          {
            std::optional<string> last = scram.final (postseal_test::base64_decode (line));

            return "334 " + postseal_test::base64_encode (last.value_or ("e=other")) + "\r\n";
          }
        EXPECT_EQ (line, "");
        return "235 2.7.0 welcome\r\n";
      };
      if (is_forged)
        EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER)) << message ();
      else
        EXPECT_TRUE (succeeds ()) << message ();
      EXPECT_EQ (server.lines.size (), is_forged ? 3u : 4u);
      reset ();
    }
}

TEST_F (SmtpLogin, RefusalWhileTheAnswerIsBeingMadeIsTheEnd)
{
  mechanisms = { "SCRAM-SHA-256", "PLAIN" };
  postseal_test::ScramServer scram ("secret");

  offer ({ "AUTH SCRAM-SHA-256 PLAIN" });
  server.answer = [&] (const string &line) -> string {
    if (line.rfind ("AUTH SCRAM", 0) != 0)
      return "";
    string first = postseal_test::base64_decode (line.substr (19));

    return "334 " + postseal_test::base64_encode (scram.first (first))
           + "\r\n504 5.5.4 or rather not\r\n";
  };
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM)) << message ();
  EXPECT_EQ (server.lines.size (), 2u);
}

TEST_F (SmtpLogin, SuccessInTheMiddleOfTheExchangeIsNoSuccess) // RFC 5802 section 5
{
  mechanisms = { "SCRAM-SHA-256" };
  offer ({ "AUTH SCRAM-SHA-256" });
  server.script["AUTH"] = "235 2.7.0 come in\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER)) << message ();
  EXPECT_EQ (postseal_smtp_session_get_seal (session)->mechanism, nullptr);
  EXPECT_TRUE (is_dropped ());
}

TEST_F (SmtpLogin, SecretsAreNotInTheTranscript)
{
  ASSERT_TRUE (succeeds ());
  EXPECT_NE (transcript.find ("> AUTH ***\n"), string::npos) << transcript;
  EXPECT_EQ (transcript.find (PLAIN_RESPONSE), string::npos);
}

TEST_F (SmtpLogin, SilenceOfTheServerEndsIt)
{
  server.script["AUTH PLAIN " PLAIN_RESPONSE] = "";
  server.answer = [&] (const string &line) -> string {
    is_holding = line.rfind ("AUTH", 0) == 0;
    return "";
  };
  open (30);
  login ();
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (SmtpLogin, CanBeCancelledAtAnyTurn) { cancel_at_every_turn (); }

TEST_F (SmtpLogin, CancelledBeforehandSaysNothing)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  awaits_greeting = false;
  open ();
  g_cancellable_cancel (cancellable);
  login (cancellable);
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  EXPECT_EQ (server.lines, Lines{});
}

TEST_F (SmtpLogin, LeavingInTheMiddleEndsItOnce) { leave_at_every_turn (); }

TEST_F (SmtpLogin, TellsHowItSignsInAndWhatTheServerSaysToIt)
{
  server.script["AUTH PLAIN " PLAIN_RESPONSE] = "535-5.7.8 Wrong,\r\n535 5.7.8 jane\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED)) << message ();
  EXPECT_EQ (facts, "stage=sign-in\nmechanism=PLAIN\nsaid=535 5.7.8 Wrong, jane\n");
}

TEST_F (SmtpLogin, TellsTheWordsOfAServerThatLeaves)
{
  greeting = "421 4.3.2 full house\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY)) << message ();
  EXPECT_EQ (facts, "stage=sign-in\nsaid=421 4.3.2 full house\n");
}

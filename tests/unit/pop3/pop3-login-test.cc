// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pop3-peer.h"

using std::string;
using Lines = std::vector<string>;

class Pop3Login : public Pop3
{
};

TEST_F (Pop3Login, ReadsTheGreetingOfAnImplicitLink)
{
  open_and_login ();
  EXPECT_EQ (transcript.substr (0, transcript.find ('\n')), "< +OK ready");
  EXPECT_TRUE (postseal_pop3_session_has_capability (session, "UIDL"));
  EXPECT_FALSE (postseal_pop3_session_has_capability (session, "STLS"));
  EXPECT_STREQ (postseal_pop3_session_get_seal (session)->mechanism, "PLAIN");
}

TEST_F (Pop3Login, SpeaksFirstWhereTheUpgradeHasHadTheGreeting) // RFC 2595 section 4
{
  awaits_greeting = false;
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (lines, (Lines{ "CAPA", "AUTH PLAIN " PLAIN_RESPONSE }));
}

TEST_F (Pop3Login, AsksNothingBeforeTheGreeting)
{
  greeting = "";
  open ();
  login ();
  run_turns (20);
  EXPECT_EQ (lines, Lines{});
  say ("+OK\r\n");
  EXPECT_TRUE (run_to (1));
}

TEST_F (Pop3Login, RefusalAtTheDoorSaysWhetherToComeAgain)
{
  greeting = "-ERR [SYS/TEMP] full house\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_BUSY)) << message ();
  EXPECT_NE (message ().find ("“[SYS/TEMP] full house”"), string::npos);
}

TEST_F (Pop3Login, GreetingOfAnotherProtocolIsAnError)
{
  greeting = "220 smtp.example.org ESMTP\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL)) << message ();
  EXPECT_NE (message ().find ("220 smtp.example.org"), string::npos);
}

TEST_F (Pop3Login, ServerWithoutCapaGetsUserAndPassOneByOne) // RFC 2449 section 5
{
  script.erase ("CAPA");
  script["USER jane"] = "+OK\r\n";
  script["PASS secret"] = "+OK\r\n";
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (lines, (Lines{ "CAPA", "USER jane", "PASS secret" }));
  EXPECT_EQ (flights, (std::vector<size_t>{ 1, 1, 1 }));
  EXPECT_STREQ (postseal_pop3_session_get_seal (session)->mechanism, "POP3-USER");
}

TEST_F (Pop3Login, UserAndPassShareAFlightWherePipeliningIsOffered)
{
  script["CAPA"] = "+OK\r\nUSER\r\nPIPELINING\r\n.\r\n";
  script["USER jane"] = "+OK\r\n";
  script["PASS secret"] = "+OK\r\n";
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (flights, (std::vector<size_t>{ 1, 2 }));
}

TEST_F (Pop3Login, PassIsNotSentAfterARefusedUser)
{
  script.erase ("CAPA");
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED));
  EXPECT_EQ (lines, (Lines{ "CAPA", "USER jane" }));
}

TEST_F (Pop3Login, PasswordWithALineEndIsNeverSent)
{
  script.erase ("CAPA");
  script["USER"] = "+OK\r\n";
  password = "one\rDELE 1";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS)) << message ();
  EXPECT_EQ (lines, Lines{ "CAPA" });
}

TEST_F (Pop3Login, RefusalsAreToldApartByTheirCodes) // RFC 2449 section 8, RFC 3206
{
  const struct
  {
    const char *reply;
    GQuark domain;
    int code;
  } cases[] = {
    { "-ERR wrong password", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
    { "-ERR [AUTH] wrong", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
    { "-ERR [X-ODD] wrong", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
    { "-ERR [IN-USE] wait", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "-ERR [login-delay] wait", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "-ERR [SYS/TEMP/DB] wait", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "-ERR [SYS/PERM] gone", POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_REFUSED },
  };

  for (const auto &test : cases)
    {
      script["AUTH PLAIN " PLAIN_RESPONSE] = string (test.reply) + "\r\n";
      EXPECT_TRUE (fails_with (test.domain, test.code)) << test.reply << ": " << message ();
      EXPECT_EQ (lines.size (), 2u) << "the secret is not tried by weaker means";
      EXPECT_EQ (message ().find ("secret"), string::npos);
      reset ();
    }
}

TEST_F (Pop3Login, MechanismTheServerDoesNotKnowIsPassedOver)
{
  mechanisms = { "LOGIN", "PLAIN" };
  script["CAPA"] = "+OK\r\nSASL LOGIN PLAIN\r\n.\r\n";
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (lines, (Lines{ "CAPA", "AUTH LOGIN", "AUTH PLAIN " PLAIN_RESPONSE }));
}

TEST_F (Pop3Login, RefusalIsReportedWhenNoMechanismIsLeft)
{
  mechanisms = { "LOGIN" };
  script["CAPA"] = "+OK\r\nSASL LOGIN\r\n.\r\n";
  script["AUTH LOGIN"] = "-ERR not today\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED)) << message ();
  EXPECT_NE (message ().find ("not today"), string::npos);
}

TEST_F (Pop3Login, NothingOfferedIsNothingSent)
{
  script["CAPA"] = "+OK\r\nUIDL\r\n.\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM));
  EXPECT_EQ (lines, Lines{ "CAPA" });
}

TEST_F (Pop3Login, ChallengesAreAnsweredInBase64) // RFC 5034 section 4
{
  mechanisms = { "LOGIN" };
  script["CAPA"] = "+OK\r\nSASL LOGIN\r\n.\r\n";
  script["AUTH LOGIN"] = "+ VXNlcm5hbWU6\r\n";
  script["amFuZQ=="] = "+ UGFzc3dvcmQ6\r\n";
  script["c2VjcmV0"] = "+OK\r\n";
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (lines, (Lines{ "CAPA", "AUTH LOGIN", "amFuZQ==", "c2VjcmV0" }));
  for (const char *hidden : { "amFuZQ==", "c2VjcmV0", "VXNlcm5hbWU6" })
    EXPECT_EQ (transcript.find (hidden), string::npos);
}

TEST_F (Pop3Login, MalformedChallengeIsCancelled) // RFC 5034 section 4
{
  mechanisms = { "LOGIN" };
  script["CAPA"] = "+OK\r\nSASL LOGIN\r\n.\r\n";
  script["AUTH LOGIN"] = "+ not base64!\r\n";
  script["*"] = "-ERR cancelled\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL)) << message ();
  EXPECT_EQ (lines, (Lines{ "CAPA", "AUTH LOGIN", "*" }));
}

TEST_F (Pop3Login, LongInitialResponseWaitsForTheChallenge) // RFC 5034 section 4: 255 octets
{
  // "AUTH PLAIN " + base64 + CR LF is 255 for 181 or 182 bytes of response, 259 above.
  for (size_t length : { 175, 176 })
    {
      string response = use_long_password (length);

      script["AUTH PLAIN"] = "+ \r\n";
      script["AUTH PLAIN " + response] = "+OK\r\n";
      script[response] = "+OK\r\n";
      EXPECT_TRUE (succeeds ()) << message ();
      for (const string &line : lines)
        EXPECT_TRUE (line.size () + 2 <= 255 || line.find (' ') == string::npos);
      EXPECT_EQ (lines.size (), response.size () + 13 <= 255 ? 2u : 3u);
      reset ();
    }
}

TEST_F (Pop3Login, SuccessInTheMiddleOfTheExchangeIsNoSuccess) // RFC 5802 section 5
{
  mechanisms = { "SCRAM-SHA-256" };
  script["CAPA"] = "+OK\r\nSASL SCRAM-SHA-256\r\n.\r\n";
  script["AUTH"] = "+OK come in\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER)) << message ();
  EXPECT_EQ (postseal_pop3_session_get_seal (session)->mechanism, nullptr);
  EXPECT_TRUE (is_dropped ());
}

TEST_F (Pop3Login, ScramRefusedBeforeAnyProofMayBeFollowedByAnother)
{
  mechanisms = { "SCRAM-SHA-256", "PLAIN" };
  script["CAPA"] = "+OK\r\nSASL SCRAM-SHA-256 PLAIN\r\n.\r\n";
  script["AUTH"] = "-ERR unknown mechanism\r\n";
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (lines.size (), 3u);
}

TEST_F (Pop3Login, ScramRefusedForItsUserIsFinal)
{
  mechanisms = { "SCRAM-SHA-256", "PLAIN" };
  script["CAPA"] = "+OK\r\nSASL SCRAM-SHA-256 PLAIN\r\n.\r\n";
  script["AUTH"] = "-ERR [AUTH] no such user\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED));
  EXPECT_EQ (lines.size (), 2u);
}

TEST_F (Pop3Login,
        CapabilitiesAreAskedAgainOnlyWhereTheyDependOnTheUser) // RFC 2449 sections 6.5, 6.7
{
  answer = [&] (const string &line) -> string {
    if (line != "CAPA")
      return look_up (line);
    return lines.size () == 1 ? "+OK\r\nSASL PLAIN\r\nLOGIN-DELAY 60 USER\r\n.\r\n"
                              : "+OK\r\nSASL PLAIN\r\nLOGIN-DELAY 900\r\n.\r\n";
  };
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (lines.size (), 3u);
  EXPECT_EQ (postseal_pop3_session_get_login_delay (session), 900u);
}

TEST_F (Pop3Login, Utf8IsAskedForBeforeSigningIn) // RFC 6856 section 2.1
{
  script["CAPA"] = "+OK\r\nSASL PLAIN\r\nUTF8\r\nPIPELINING\r\n.\r\n";
  script["UTF8"] = "-ERR not now\r\n";
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (lines, (Lines{ "CAPA", "UTF8", "AUTH PLAIN " PLAIN_RESPONSE }));
}

TEST_F (Pop3Login, SecretsAreNotInTheTranscript)
{
  open_and_login ();
  EXPECT_NE (transcript.find ("> AUTH ***\n"), string::npos) << transcript;
  EXPECT_EQ (transcript.find (PLAIN_RESPONSE), string::npos);
  EXPECT_NE (transcript.find ("< PIPELINING\n"), string::npos);
}

TEST_F (Pop3Login, SilenceWhileTheSecretIsLookedUpIsNobodysFault)
{
  ASSERT_TRUE (succeeds (40)) << message ();
  g_usleep (60000);
  settle ();
  list ();
  ASSERT_TRUE (run_to (2));
  EXPECT_EQ (outcomes[1], "list ok");
}

TEST_F (Pop3Login, SilenceOfTheServerEndsIt)
{
  script["AUTH PLAIN " PLAIN_RESPONSE] = "";
  open (30);
  login ();
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (Pop3Login, CanBeCancelledAtAnyTurn) { cancel_at_every_turn (); }

TEST_F (Pop3Login, LeavingInTheMiddleEndsItOnce) { leave_at_every_turn (); }

TEST_F (Pop3Login, TellsHowItSignsInAndWhatTheServerSaysToIt)
{
  script["CAPA"] = "+OK\r\nSASL PLAIN\r\n.\r\n";
  script["AUTH PLAIN " PLAIN_RESPONSE] = "-ERR [AUTH] Wrong, jane\r\n";
  EXPECT_TRUE (fails_with (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED)) << message ();
  EXPECT_EQ (facts, "stage=sign-in\nmechanism=PLAIN\nsaid=[AUTH] Wrong, jane\n");
}

TEST_F (Pop3Login, TellsNothingOfARefusalThatMattersToNobody)
{
  script.erase ("CAPA");
  script["USER jane"] = "+OK\r\n";
  script["PASS secret"] = "+OK\r\n";
  ASSERT_TRUE (succeeds ()) << message ();
  EXPECT_EQ (facts, "stage=sign-in\nmechanism=POP3-USER\n");
}

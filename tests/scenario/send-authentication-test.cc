/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signing in to send: each answer of RFC 4954 section 6, and a server that is left in peace. */
#include "scenario/submission.h"
#include "support/scram-server.h"

namespace postseal_test
{

class SendAuthentication : public Submission
{
protected:
  using Reply = std::optional<std::string>;
  using Call = ToySubmission::Call;

  void
  expect_kept (const std::string &state)
  {
    EXPECT_EQ (states (), state);
    EXPECT_EQ (taken (), "");
    EXPECT_EQ (reports ().size (), 0u);
  }
  /* All that the server has heard. */
  std::string
  heard ()
  {
    std::string all;

    server.stop ();
    for (unsigned i = 0; i < server.connections (); i++)
      all += server.server ().record (i).tls;
    return all;
  }
};

TEST_F (SendAuthentication, EachMechanismSignsIn)
{
  for (const char *mechanism : { "PLAIN", "LOGIN", "SCRAM-SHA-256" })
    {
      ToySubmission toy;

      SCOPED_TRACE (mechanism);
      toy.offer (std::string ("AUTH X-UNKNOWN ") + mechanism);
      configure ("submissions", toy.port ());
      EXPECT_EQ (send ().status, 0);
      toy.stop ();
      EXPECT_EQ (toy.deliveries ().size (), 1u);
      EXPECT_EQ (toy.count (std::string ("AUTH ") + mechanism), 1u);
      EXPECT_EQ (toy.violations (), std::vector<std::string> ());
    }
}

TEST_F (SendAuthentication, TheOldSpellingIsUnderstood)
{
  server.withdraw ("AUTH");
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb == "EHLO")
      return "250-toy\r\n250-AUTH=PLAIN LOGIN\r\n250 8BITMIME\r\n";
    return call.verb == "AUTH" ? Reply ("235 2.7.0 welcome\r\n") : std::nullopt;
  };
  expects_violations = true; /* the toy does not know what its hook has offered */
  EXPECT_EQ (send ().status, 0);
  EXPECT_EQ (server.count ("AUTH PLAIN"), 1u);
}

TEST_F (SendAuthentication, AScramServerThatProvesNothingGetsNothing)
{
  server.offer ("AUTH SCRAM-SHA-256 PLAIN");
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "AUTH")
      return std::nullopt;
    return "235 2.7.0 welcome\r\n";
  };
  enqueue ();
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 76) << outcome.err;
  expect_kept ("blocked");
  EXPECT_EQ (server.count ("AUTH"), 1u);
  EXPECT_EQ (server.count ("MAIL"), 0u);
}

TEST_F (SendAuthentication, WhoHasDoneScramCannotGoBackToThePassword)
{
  server.offer ("AUTH SCRAM-SHA-256 PLAIN");
  EXPECT_EQ (send ().status, 0);
  server.offer ("AUTH PLAIN LOGIN");
  enqueue (message ("two"));
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_EQ (states (), "blocked");
  EXPECT_EQ (server.count ("AUTH PLAIN") + server.count ("AUTH LOGIN"), 0u);
}

TEST_F (SendAuthentication, AWrongPasswordIsTriedOnceAndTheServerLeftInPeace)
{
  server.password = "another";
  std::string id = enqueue ();
  Outcome outcome = flush ();

  expect_outcome (outcome, 77, "wrong user or password");
  EXPECT_EQ (server.count ("AUTH"), 1u) << "not with LOGIN after PLAIN";
  expect_kept ("blocked");
  EXPECT_NE (show (id).reason.find ("wrong user or password"), std::string::npos)
      << show (id).reason;
  for (int i = 0; i < 3; i++)
    flush_due ();
  enqueue (message ("two"));
  flush_due ();
  EXPECT_EQ (server.connections (), 1u) << "nothing of its own accord, new mail or not";
  EXPECT_EQ (flush ().status, 77) << "but when the user says so";
  EXPECT_EQ (server.connections (), 2u);
  server.password = kPassword;
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one two");
  enqueue (message ("three"));
  EXPECT_EQ (flush_due ().status, 0) << "the pause is over";
  EXPECT_EQ (taken (), "one two three");
}

TEST_F (SendAuthentication, TheProgramThatWaitsIsToldAndTheMessageKept)
{
  server.password = "another";
  Outcome outcome = send ();

  expect_outcome (outcome, 77, "wrong user or password");
  EXPECT_NE (outcome.out.find ("stays queued"), std::string::npos) << outcome.out;
  expect_kept ("blocked");
}

struct AuthReply
{
  const char *name;
  const char *reply;
  int status;
  const char *state;
  unsigned attempts; /* AUTH commands */
};

/* For failures. */
static std::ostream &
operator<< (std::ostream &stream, const AuthReply &reply)
{
  return stream << reply.reply;
}

class AuthReplies : public SendAuthentication, public testing::WithParamInterface<AuthReply>
{
};

INSTANTIATE_TEST_SUITE_P (
    Rfc4954,
    AuthReplies,
    testing::Values (AuthReply{ "Rejected535", "535 5.7.8 no", 77, "blocked", 1 },
                     AuthReply{ "TooWeak534", "534 5.7.9 no", 77, "blocked", 2 },
                     AuthReply{ "Unknown504", "504 5.5.4 no", 77, "blocked", 2 },
                     AuthReply{ "Temporary454", "454 4.7.0 no", 75, "queued", 1 },
                     AuthReply{ "Closing421", "421 4.3.2 no", 75, "queued", 1 },
                     AuthReply{ "Temporary451", "451 4.3.0 no", 75, "queued", 1 },
                     AuthReply{ "Transition432", "432 4.7.12 no", 75, "queued", 1 },
                     AuthReply{ "Encryption538", "538 5.7.11 no", 77, "blocked", 1 },
                     AuthReply{ "Whatever550", "550 5.0.0 no", 77, "blocked", 1 },
                     AuthReply{ "Demanded530", "530 5.7.0 no", 77, "blocked", 1 }),
    [] (const auto &parameter) { return std::string (parameter.param.name); });

TEST_P (AuthReplies, MeanWhatTheRfcSays)
{
  const AuthReply &parameter = GetParam ();

  server.answer ("AUTH", 0, parameter.reply);
  enqueue ();
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, parameter.status) << outcome.err;
  EXPECT_NE (outcome.err.find ("localhost"), std::string::npos) << outcome.err;
  EXPECT_EQ (server.count ("AUTH"), parameter.attempts);
  expect_kept (parameter.state);
  server.behave ();
  EXPECT_EQ (flush ().status, 0) << "nothing of it sticks";
  EXPECT_EQ (taken (), "one");
}

/* RFC 4954 section 6: the password has to go over once in plain. */
TEST_F (SendAuthentication, ATransitionIsDoneWithPlainOnce)
{
  server.offer ("AUTH SCRAM-SHA-256 PLAIN");
  server.answer ("AUTH", 1, "432 4.7.12 a password transition is needed");
  EXPECT_EQ (send ().status, 0);
  EXPECT_EQ (server.count ("AUTH PLAIN"), 1u);
  EXPECT_EQ (taken (), "one");
}

TEST_F (SendAuthentication, AMechanismThatIsNotThereAfterAllGivesWayToTheNext)
{
  server.answer ("AUTH", 1, "504 5.5.4 unrecognized");
  EXPECT_EQ (send ().status, 0);
  EXPECT_EQ (server.count ("AUTH LOGIN"), 1u);
}

TEST_F (SendAuthentication, WithoutAnOfferThereIsNoLogInAndNoMail)
{
  server.withdraw ("AUTH");
  enqueue ();
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_EQ (server.count ("AUTH") + server.count ("MAIL"), 0u);
  expect_kept ("blocked");
  EXPECT_EQ (heard ().find (kPassword), std::string::npos);
}

TEST_F (SendAuthentication, AMechanismTheUserChoseIsTheOnlyOne)
{
  configure ("auth=SCRAM-SHA-256\n");
  enqueue ();
  EXPECT_EQ (flush ().status, 77);
  EXPECT_EQ (server.count ("AUTH"), 0u);
}

/* A server that forgets in mid-session, or wants more than it said. */
TEST_F (SendAuthentication, ADemandForALogInAfterTheLogInKeepsTheMessage)
{
  server.answer ("MAIL", 1, "530 5.7.0 Authentication required");
  enqueue ();
  Outcome outcome = flush ();

  EXPECT_NE (outcome.status, 0);
  EXPECT_EQ (taken (), "");
  EXPECT_EQ (reports ().size (), 0u) << "not the message's fault";
  EXPECT_EQ (list ().size (), 1u);
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one");
}

TEST_F (SendAuthentication, AMissingSecretIsSaidBeforeAnythingIsAsked)
{
  configure ("password=file:" + sandbox.home () + "/nowhere\n");
  enqueue ();
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_EQ (server.count ("AUTH"), 0u);
  expect_kept ("blocked");
}

TEST_F (SendAuthentication, ChallengesWithoutEndAreNotAnswered)
{
  server.offer ("AUTH PLAIN");
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "AUTH")
      return std::nullopt;
    for (int i = 0; i < 100; i++)
      {
        call.peer.send ("334 bW9yZQ==\r\n");
        if (call.peer.read_line ().value_or ("*") == "*")
          break;
      }
    return "501 5.5.2 cancelled\r\n";
  };
  enqueue ();
  Outcome outcome = flush ();

  EXPECT_NE (outcome.status, 0);
  EXPECT_LT (outcome.seconds, 4);
  EXPECT_EQ (taken (), "");
  EXPECT_EQ (list ().size (), 1u);
}

TEST_F (SendAuthentication, TheTranscriptHasNoSecret)
{
  using namespace std::string_literals;

  for (const char *mechanism : { "PLAIN", "LOGIN" })
    {
      server.offer ("AUTH "s + mechanism);
      enqueue ();
      Outcome outcome = queue ({ "flush", "--verbose" });

      EXPECT_EQ (outcome.status, 0);
      EXPECT_NE ((outcome.err + outcome.out).find ("EHLO"), std::string::npos) << outcome.err;
      for (const std::string &secret : { std::string (kPassword), base64_encode (kPassword),
                                         base64_encode ("\0"s + kUser + "\0"s + kPassword) })
        EXPECT_EQ ((outcome.err + outcome.out).find (secret), std::string::npos) << outcome.err;
    }
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several messages on their way at once: no answer and no recipient may go to the wrong one. */
#include <set>

#include "scenario/submission.h"

namespace postseal_test
{

class SendWindow : public Submission
{
protected:
  using Reply = std::optional<std::string>;
  using Call = ToySubmission::Call;

  std::vector<std::string> ids;

  /* @n messages "m0", "m1" ... each to "r0@example.net", "r1@example.net" ... */
  void
  enqueue_many (unsigned n)
  {
    for (unsigned i = 0; i < n; i++)
      ids.push_back (enqueue (message ("m" + std::to_string (i)),
                              { "r" + std::to_string (i) + "@example.net" }));
  }

  /* Whatever was delivered went to whom it was for, once. */
  void
  expect_rightly_delivered ()
  {
    std::set<std::string> names;

    for (const ToySubmission::Delivery &delivery : server.deliveries ())
      {
        std::string name = delivery.field ("Subject");

        EXPECT_EQ (delivery.recipients,
                   std::vector<std::string>{ "r" + name.substr (1) + "@example.net" });
        EXPECT_TRUE (names.insert (name).second) << name << " came twice";
      }
  }
};

TEST_F (SendWindow, RefusalsInTheMiddleConcernTheirMessageOnly)
{
  const struct
  {
    const char *verb;
    unsigned nth;
    const char *reply;
  } refusals[] = {
    { "MAIL", 2, "550 5.7.1 not this one" },    { "RCPT", 4, "550 5.7.1 not this one" },
    { "CONTENT", 5, "554 5.7.1 not this one" }, { "RCPT", 7, "450 4.7.1 not now" },
    { "CONTENT", 7, "451 4.7.1 not now" },
  };

  for (bool is_chunked : { true, false })
    {
      ToySubmission toy;

      SCOPED_TRACE (is_chunked);
      if (!is_chunked)
        toy.withdraw ("CHUNKING");
      configure ("submissions", toy.port ());
      for (const auto &refusal : refusals)
        toy.answer (refusal.verb, refusal.nth, refusal.reply);
      ids.clear ();
      enqueue_many (12);
      Outcome outcome = flush ();
      toy.settle ();

      EXPECT_EQ (outcome.status, 69) << outcome.err;
      EXPECT_EQ (toy.connections (), 1u);
      unsigned n_bounced = 0, n_queued = 0, n_sent = 0;
      for (unsigned i = 0; i < ids.size (); i++)
        {
          std::string state = show (ids[i]).state;

          n_bounced += state == "bounced";
          n_queued += state == "queued";
          n_sent += state == "sent";
        }
      EXPECT_EQ (n_bounced, 3u);
      EXPECT_EQ (n_queued, 2u);
      EXPECT_EQ (n_sent, 7u);
      EXPECT_EQ (toy.deliveries ().size (), 7u);
      EXPECT_EQ (show (ids[1]).state, "bounced") << "the second MAIL was its";
      for (const ToySubmission::Delivery &delivery : toy.deliveries ())
        EXPECT_EQ (delivery.recipients,
                   std::vector<std::string>{ "r" + delivery.field ("Subject").substr (1)
                                             + "@example.net" });
      toy.behave ();
      EXPECT_EQ (flush ().status, 0);
      EXPECT_EQ (states (), "");
      toy.stop ();
      EXPECT_EQ (toy.violations (), std::vector<std::string> ());
    }
}

/* Who does not forget may give the next message to the wrong people. */
TEST_F (SendWindow, AServerThatDoesNotForgetIsLeft)
{
  server.answer ("RSET", 1, "500 5.5.1 what?");
  enqueue_many (4);
  Outcome outcome = flush ();

  EXPECT_NE (outcome.status, 0);
  EXPECT_NE (outcome.err.find ("RSET"), std::string::npos) << outcome.err;
  for (int i = 0; i < 4 && !states ().empty (); i++)
    flush ();
  EXPECT_EQ (states (), "");
  std::set<std::string> names;
  for (const ToySubmission::Delivery &delivery : server.deliveries ())
    {
      std::string name = delivery.field ("Subject");

      EXPECT_EQ (delivery.recipients,
                 std::vector<std::string>{ "r" + name.substr (1) + "@example.net" });
      names.insert (name);
    }
  EXPECT_EQ (names.size (), 4u);
  EXPECT_EQ (reports ().size (), 0u);
}

TEST_F (SendWindow, TheUsersWordMeetsARunningWindow)
{
  enqueue_many (3);
  server.hook = [&] (const Call &call) -> Reply {
    for (const char *word : { "hold", "remove" })
      if (call.verb == "CONTENT" && call.nth == 1)
        {
          EXPECT_EQ (sandbox.run ({ "queue", word, ids[2] }).status, 75);
        }
    return std::nullopt;
  };
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "m0 m1 m2");
  expect_rightly_delivered ();
}

TEST_F (SendWindow, WhatIsHeldStaysAndTheRestGoes)
{
  enqueue_many (3);
  EXPECT_EQ (queue ({ "hold", ids[1] }).status, 0);
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "m0 m2");
  EXPECT_EQ (states (), "held");
  EXPECT_EQ (queue ({ "release", ids[1] }).status, 0);
  EXPECT_EQ (flush_due ().status, 0);
  EXPECT_EQ (taken (), "m0 m2 m1");
}

TEST_F (SendWindow, HundredsGoOverOneConnectionEachOnce)
{
  enqueue_many (150);
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (server.connections (), 1u);
  EXPECT_EQ (server.deliveries ().size (), 150u);
  expect_rightly_delivered ();
}

TEST_F (SendWindow, AServerThatClosesAfterEachMessageGetsThemAll)
{
  server.answer ("RSET", 0, "421 4.7.0 one message is enough");
  enqueue_many (5);
  for (int i = 0; i < 6 && !states ().empty (); i++)
    flush ();
  EXPECT_EQ (states (), "");
  expect_rightly_delivered ();
  EXPECT_EQ (server.deliveries ().size (), 5u);
}

TEST_F (SendWindow, OddWordsOfAServerMakeNoOddOutput)
{
  server.answer ("RCPT", 1, "450 4.1.1 \xff\xfe\"quote\\ \xe2\x80\xae reversed");
  enqueue_many (1);
  EXPECT_EQ (flush ().status, 75);
  ASSERT_EQ (list ().size (), 1u) << "readable JSON";
  EXPECT_EQ (list ()[0].recipients.at (0).text.find ('\xff'), std::string::npos);
  server.answer ("RCPT", 2, "550 5.1.1 \xff\xfe\"quote\\ \xe2\x80\xae reversed\t\x80");
  EXPECT_EQ (flush ().status, 69);
  ASSERT_EQ (reports ().size (), 1u);
  EXPECT_EQ (reports ()[0].find ('\xff'), std::string::npos);
}

/* RFC 5321 section 3.4, 3.5.3: further ways of saying yes. */
TEST_F (SendWindow, EverySuccessIsOne)
{
  server.answer ("RCPT", 1, "251 2.1.5 will forward to elsewhere");
  server.answer ("RCPT", 2, "252 2.1.5 cannot verify, will try");
  server.answer ("CONTENT", 1, "250");
  server.answer ("CONTENT", 2, "250-2.0.0 taken\r\n250-\r\n250 ");
  enqueue_many (2);
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (states (), "");
  expect_rightly_delivered ();
}

TEST_F (SendWindow, AThirdKindOfAnswerIsNoSuccess)
{
  server.withdraw ("CHUNKING");
  for (const char *verb : { "MAIL", "RCPT", "CONTENT" })
    {
      SCOPED_TRACE (verb);
      server.behave ();
      server.answer (verb, 0, "354 go on");
      std::string id = enqueue ();
      Outcome outcome = flush ();

      EXPECT_NE (outcome.status, 0);
      EXPECT_LT (outcome.seconds, 5);
      EXPECT_NE (show (id).state, "sent");
      EXPECT_EQ (queue ({ "remove", id }).status, 0);
    }
  EXPECT_EQ (taken (), "");
}

/* A refusal that does not wait for the end of the message. */
TEST_F (SendWindow, AnEarlyRefusalIsHeard)
{
  for (bool is_chunked : { false, true })
    {
      ToySubmission toy;
      const std::string verb = is_chunked ? "BDAT" : "DATA";

      SCOPED_TRACE (verb);
      if (!is_chunked)
        toy.withdraw ("CHUNKING");
      configure ("submissions", toy.port ());
      toy.hook = [&] (const Call &call) -> Reply {
        if (call.verb != verb || call.nth > 1)
          return std::nullopt;
        if (!is_chunked)
          call.peer.send ("354 go on\r\n");
        call.peer.read_bytes (100000);
        return "552 5.3.4 that is too much for us\r\n";
      };
      std::string id = enqueue (message ("m0", std::string (2000000, '\n')));
      Outcome outcome = flush ();
      toy.stop ();

      EXPECT_NE (outcome.status, 0);
      EXPECT_NE (outcome.err.find ("too much for us"), std::string::npos) << outcome.err;
      EXPECT_NE (show (id).state, "sent");
      EXPECT_LT (outcome.seconds, 10);
      queue ({ "remove", "--all" });
    }
}

/* What is offered and then not known: who does not know BDAT takes the message for commands. */
TEST_F (SendWindow, ALieInEhloEndsTheConversationAndKeepsTheMessage)
{
  server.hook = [] (const Call &call) -> Reply {
    return call.verb == "CONTENT" ? Reply ("502 5.5.1 command not implemented\r\n") : std::nullopt;
  };
  enqueue_many (2);
  expect_outcome (flush (), 76, "BDAT");
  EXPECT_EQ (taken (), "");
  EXPECT_EQ (states ().find ("sent"), std::string::npos);
  EXPECT_EQ (list ().size (), 2u);
  server.behave ();
  EXPECT_EQ (flush ().status, 0);
  expect_rightly_delivered ();
  EXPECT_EQ (states (), "");
}

TEST_F (SendWindow, APartialRefusalOfTheContentGoesToThoseWhoWereLeft)
{
  server.answer ("RCPT", 2, "450 4.2.1 busy");
  server.answer ("CONTENT", 1, "554 5.7.1 spam");
  std::string id = enqueue (message ("m0"), { "a@example.net", "b@example.net" });
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 69) << outcome.err;
  QueueEntry entry = show (id);
  EXPECT_EQ (entry.recipients.at (0).state, "refused");
  EXPECT_EQ (entry.recipients.at (1).state, "pending");
  EXPECT_EQ (entry.recipients.at (1).code, 450);
  EXPECT_EQ (entry.state, "queued");
  EXPECT_EQ (reports ().size (), 1u);
}

/* --- what EHLO may say --- */

TEST_F (SendWindow, StrangeOffersAreSurvived)
{
  const std::string offers[] = {
    "250-LIMITS RCPTMAX=0 MAILMAX=0\r\n",
    "250-LIMITS RCPTMAX=-1 MAILMAX=99999999999999999999 RCPTDOMAINMAX=x\r\n",
    "250-LIMITS\r\n250-LIMITS RCPTMAX\r\n250-LIMITS =\r\n",
    "250-SIZE 18446744073709551616\r\n",
    "250-FUTURERELEASE\r\n250-DELIVERBY x\r\n",
    "250-\r\n250- \r\n250-=\r\n250-\x01\x02\r\n",
    "250-BINARYMIME\r\n250-X" + std::string (20000, 'Y') + "\r\n",
    "250-AUTH\r\n250-AUTH=\r\n250-AUTH " + std::string (5000, 'Z') + "\r\n",
    "250-PIPELINING PIPELINING\r\n250-PIPELINING\r\n",
  };

  for (const std::string &offer : offers)
    {
      SCOPED_TRACE (offer.substr (0, 60));
      server.behave ();
      server.hook = [&] (const Call &call) -> Reply {
        return call.verb == "EHLO" ? Reply ("250-toy\r\n" + offer + "250 AUTH PLAIN\r\n")
                                   : std::nullopt;
      };
      std::string id = enqueue ();
      Outcome outcome = flush ();
      EXPECT_EQ (outcome.status, 0) << outcome.err;
      EXPECT_EQ (show (id).state, "sent");
    }
}

TEST_F (SendWindow, WhatIsSaidBeforeWeSpeakIsNotBelieved)
{
  for (const std::string &verb : { std::string ("GREETING"), std::string ("EHLO") })
    {
      SCOPED_TRACE (verb);
      server.behave ();
      server.hook = [&] (const Call &call) -> Reply {
        if (call.verb != verb)
          return std::nullopt;
        return (verb == "GREETING" ? "220 toy\r\n250-toy\r\n250 AUTH PLAIN\r\n"
                                   : "250-toy\r\n250 AUTH PLAIN\r\n")
               + std::string ("235 2.7.0 welcome\r\n250 ok\r\n250 ok\r\n250 taken\r\n");
      };
      std::string id = enqueue ();
      Outcome outcome = flush ();

      EXPECT_NE (outcome.status, 0);
      EXPECT_NE (show (id).state, "sent");
      EXPECT_EQ (taken (), "");
      EXPECT_EQ (queue ({ "remove", id }).status, 0);
    }
  expects_violations = true; /* the toy has its own idea of what was offered */
}

TEST_F (SendWindow, AnUnreadableChallengeIsCancelled)
{
  server.hook = [&] (const Call &call) -> Reply {
    if (call.verb != "AUTH")
      return std::nullopt;
    call.peer.send ("334 this is no base64!!\r\n");
    return call.peer.read_line ().value_or ("") == "*" ? "501 5.7.0 cancelled\r\n"
                                                       : "535 5.7.8 no\r\n";
  };
  enqueue_many (1);
  Outcome outcome = flush ();

  EXPECT_NE (outcome.status, 0);
  EXPECT_EQ (list ().size (), 1u);
  EXPECT_EQ (taken (), "");
  server.behave ();
  EXPECT_EQ (flush ().status, 0);
}

TEST_F (SendWindow, AServerThatHangsUpWithItsRefusalIsUnderstood)
{
  server.hook = [&] (const Call &call) -> Reply {
    if (call.verb != "AUTH")
      return std::nullopt;
    call.peer.send ("535 5.7.8 wrong user or password\r\n");
    call.peer.close ();
    return "";
  };
  enqueue_many (1);
  expect_outcome (flush (), 77, "wrong user or password");
  EXPECT_EQ (states (), "blocked");
}

} // namespace postseal_test

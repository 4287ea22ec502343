/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections that end, stall and lie at any moment: nothing is lost, and what may come twice says
   so. */
#include <csignal>
#include <set>
#include <thread>

#include "scenario/submission.h"
#include "support/network-proxy.h"

namespace postseal_test
{

/* For large messages, which a busy machine takes its time for. */
const std::string kPatient = "timeout=60s\n";

class SendConnection : public Submission
{
protected:
  using Reply = std::optional<std::string>;
  using Call = ToySubmission::Call;

  std::vector<std::string>
  enqueue_three ()
  {
    std::vector<std::string> ids;

    for (const char *name : { "one", "two", "three" })
      ids.push_back (enqueue (message (name)));
    return ids;
  }

  /* More than the kernel takes on its own. */
  static std::string
  large ()
  {
    std::string body;

    while (body.size () < 20000000)
      body += std::string (900, 'x') + "\n";
    return body;
  }

  /* Each of the three is there, once, or told to be in doubt. */
  void
  expect_none_lost (ToySubmission &toy, const std::vector<std::string> &ids)
  {
    const char *const names[] = { "one", "two", "three" };
    std::map<std::string, unsigned> counts;

    for (const ToySubmission::Delivery &delivery : toy.deliveries ())
      counts[delivery.field ("Message-ID")]++;
    EXPECT_EQ (counts.size (), ids.size ());
    for (size_t i = 0; i < ids.size (); i++)
      {
        QueueEntry entry = show (ids[i]);
        unsigned count = counts[std::string ("<") + names[i] + "@example.org>"];

        EXPECT_EQ (entry.state, "sent");
        EXPECT_TRUE (count == 1 || (count > 1 && entry.may_be_doubled)) << names[i] << count;
      }
    EXPECT_EQ (states (), "");
    EXPECT_EQ (reports ().size (), 0u);
    EXPECT_EQ (toy.violations (), std::vector<std::string> ());
  }
};

/* RFC 5321 section 4.5.3.2.6, 6.1. */
TEST_F (SendConnection, AfterTheEndOfTheMessageItIsInDoubt)
{
  for (bool is_chunked : { true, false })
    {
      SCOPED_TRACE (is_chunked);
      server.behave ();
      if (!is_chunked)
        server.withdraw ("CHUNKING");
      server.hook = [] (const Call &call) -> Reply {
        if (call.verb != "CONTENT")
          return std::nullopt;
        call.peer.cut ();
        return "250 2.0.0 taken, and nobody hears\r\n";
      };
      std::string id = enqueue ();
      Outcome outcome = flush ();

      expect_outcome (outcome, 75, "more than once");
      EXPECT_EQ (states (), "in-doubt");
      EXPECT_TRUE (show (id).may_be_doubled);
      server.behave ();
      EXPECT_EQ (flush_due ().status, 0);
      EXPECT_EQ (flush ().status, 0);
      EXPECT_EQ (states (), "");
      EXPECT_TRUE (show (id).may_be_doubled);
    }
  ASSERT_EQ (taken (), "one one one one");
  for (const ToySubmission::Delivery &delivery : server.deliveries ())
    EXPECT_EQ (delivery.content, server.deliveries ()[0].content) << "Message-ID and all";
}

/* What it says of itself is not said of those that were not even begun. */
TEST_F (SendConnection, OneInDoubtIsAloneInIt)
{
  server.withdraw ("PIPELINING");
  server.offer ("LIMITS MAILMAX=2");
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "CONTENT")
      return std::nullopt;
    call.peer.cut ();
    return "250 2.0.0 taken, and nobody hears\r\n";
  };
  std::vector<std::string> ids = enqueue_three ();
  EXPECT_EQ (flush ().status, 75);
  EXPECT_EQ (states (), "in-doubt queued queued");
  for (int i = 1; i < 3; i++)
    {
      QueueEntry entry = show (ids[i]);

      EXPECT_FALSE (entry.may_be_doubled) << i;
      EXPECT_EQ (entry.reason.find ("all of the message"), std::string::npos) << entry.reason;
    }
}

TEST_F (SendConnection, BeforeTheEndOfTheMessageItIsNot)
{
  configure (kPatient);
  server.withdraw ("CHUNKING");
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "DATA" || call.nth > 1)
      return std::nullopt;
    call.peer.send ("354 go on\r\n");
    call.peer.read_bytes (400000);
    call.peer.cut ();
    return "";
  };
  enqueue (message ("one", large ()));
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_EQ (states (), "queued");
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one");
}

TEST_F (SendConnection, InMidChunkItIsNotInDoubt)
{
  configure (kPatient);
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "BDAT" || call.nth > 1)
      return std::nullopt;
    call.peer.reset ();
    return "";
  };
  enqueue (message ("one", large ()));
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_EQ (states (), "queued");
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one");
}

/* A reply that is not whole says nothing. */
TEST_F (SendConnection, HalfAReplyIsNone)
{
  for (const char *half :
       { "2", "250", "250 2.0.0 tak", "250-2.0.0 more\r\n", "250 2.0.0 taken\r" })
    {
      SCOPED_TRACE (half);
      server.behave ();
      server.hook = [&] (const Call &call) -> Reply {
        if (call.verb != "CONTENT")
          return std::nullopt;
        call.peer.send (half);
        call.peer.cut ();
        return "";
      };
      std::string id = enqueue ();
      expect_outcome (flush (), 75, "more than once");
      EXPECT_EQ (states (), "in-doubt");
      EXPECT_EQ (queue ({ "remove", id }).status, 0);
    }
}

TEST_F (SendConnection, HalfARefusalIsNone)
{
  server.hook = [&] (const Call &call) -> Reply {
    if (call.verb != "RCPT" || call.nth > 1)
      return std::nullopt;
    call.peer.send ("550-5.1.1 no such user\r\n550 5.1");
    call.peer.cut ();
    return "";
  };
  enqueue ();
  EXPECT_EQ (flush ().status, 75);
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one");
  EXPECT_EQ (reports ().size (), 0u);
}

/* --- silence --- */

/* With CHUNKING all of a message goes out with its envelope: whoever is silent then may have it. */
TEST_F (SendConnection, SilenceAtAnyStepEndsInTime)
{
  for (const std::string step : { "GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "CONTENT" })
    {
      SCOPED_TRACE (step);
      server.behave ();
      server.withdraw (step == "MAIL" ? "CHUNKING" : "");
      server.hook = [&] (const Call &call) -> Reply {
        if (call.verb != step)
          return std::nullopt;
        call.peer.stall ();
        return "";
      };
      std::string id = enqueue ();
      Outcome outcome = flush ();

      EXPECT_EQ (outcome.status, 75) << outcome.err;
      EXPECT_NE (outcome.err.find ("localhost"), std::string::npos) << outcome.err;
      EXPECT_LT (outcome.seconds, 15);
      EXPECT_EQ (show (id).state, step == "CONTENT" ? "in-doubt" : "queued");
      EXPECT_EQ (queue ({ "remove", id }).status, 0);
    }
}

TEST_F (SendConnection, SilenceToAMessageOnItsWayLeavesItInDoubt)
{
  for (const std::string step : { "MAIL", "RCPT" })
    {
      server.behave ();
      server.hook = [&] (const Call &call) -> Reply {
        if (call.verb != step)
          return std::nullopt;
        call.peer.stall ();
        return "";
      };
      std::string id = enqueue ();
      expect_outcome (flush (), 75, "more than once");
      EXPECT_EQ (show (id).state, "in-doubt");
      EXPECT_EQ (queue ({ "remove", id }).status, 0);
    }
}

TEST_F (SendConnection, SilenceAfterDataEndsInTime)
{
  server.withdraw ("CHUNKING");
  server.hook = [&] (const Call &call) -> Reply {
    if (call.verb != "DATA")
      return std::nullopt;
    call.peer.stall ();
    return "";
  };
  enqueue ();
  EXPECT_EQ (flush ().status, 75);
  EXPECT_EQ (states (), "queued") << "nothing of it went out";
}

TEST_F (SendConnection, AServerThatNeverReadsIsLeft)
{
  for (bool is_chunked : { true, false })
    {
      ToySubmission deaf;

      if (!is_chunked)
        deaf.withdraw ("CHUNKING");
      configure ("submissions", deaf.port ());
      deaf.hook = [&] (const Call &call) -> Reply {
        if (call.verb != (is_chunked ? "MAIL" : "DATA"))
          return std::nullopt;
        call.peer.send (is_chunked ? "250 ok\r\n" : "354 go on\r\n");
        call.peer.freeze ();
        return "";
      };
      std::string id = enqueue (message ("one", large ()));
      Outcome outcome = sandbox.run ({ "queue", "flush" }, "", {}, 20);

      deaf.stop ();
      EXPECT_EQ (outcome.status, 75) << outcome.err;
      EXPECT_LT (outcome.seconds, 15);
      EXPECT_EQ (show (id).state, "queued") << "it never went out whole";
    }
}

TEST_F (SendConnection, AServerThatDribblesIsSatOut)
{
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb == "CONTENT" || call.verb == "MAIL")
      call.peer.send_slowly ("250-2.0.0 it takes\r\n250-2.0.0 its time\r\n");
    return std::nullopt;
  };
  expect_sent (send ());
}

/* --- rubbish --- */

TEST_F (SendConnection, RubbishEndsTheConversation)
{
  const std::string kinds[] = {
    "hello there\r\n",
    "150 not in SMTP\r\n",
    "650 nor this\r\n",
    "25\r\n",
    "\r\n",
    "250-one\r\n251 two\r\n",
    "999 no\r\n",
    std::string ("\0\0\0\0\r\n", 6),
    std::string (200000, 'x'),
  };

  server.withdraw ("CHUNKING");
  for (const std::string step : { "EHLO", "MAIL", "CONTENT" })
    for (const std::string &rubbish : kinds)
      {
        SCOPED_TRACE (step + ": " + rubbish.substr (0, 20));
        server.behave ();
        server.hook = [&] (const Call &call) -> Reply {
          if (call.verb != step)
            return std::nullopt;
          call.peer.send (rubbish);
          call.peer.stall ();
          return "";
        };
        std::string id = enqueue ();
        Outcome outcome = flush ();

        EXPECT_EQ (outcome.status, step == std::string ("CONTENT") ? 75 : 76) << outcome.err;
        EXPECT_EQ (outcome.err.find ("silent"), std::string::npos) << outcome.err;
        EXPECT_EQ (show (id).state, step == std::string ("CONTENT") ? "in-doubt" : "queued");
        EXPECT_EQ (queue ({ "remove", id }).status, 0);
      }
}

TEST_F (SendConnection, EndlessRepliesEndTheConversation)
{
  server.withdraw ("CHUNKING");
  for (const std::string step : { "GREETING", "EHLO", "MAIL", "CONTENT" })
    {
      SCOPED_TRACE (step);
      server.behave ();
      server.hook = [&] (const Call &call) -> Reply {
        if (call.verb != step)
          return std::nullopt;
        for (int i = 0; i < 20000; i++)
          call.peer.send (call.verb == "GREETING" ? "220-and so on\r\n" : "250-and so on\r\n");
        call.peer.stall ();
        return "";
      };
      std::string id = enqueue ();
      Outcome outcome = flush ();

      EXPECT_EQ (outcome.status, step == std::string ("CONTENT") ? 75 : 76) << outcome.err;
      EXPECT_EQ (outcome.err.find ("silent"), std::string::npos) << "a limit, not a time-out";
      EXPECT_EQ (queue ({ "remove", id }).status, 0);
    }
}

/* A reply to what was not said yet belongs to nothing. */
TEST_F (SendConnection, RepliesAheadOfTheirCommandsAreNotBelieved)
{
  server.withdraw ("CHUNKING");
  server.withdraw ("PIPELINING");
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "MAIL")
      return std::nullopt;
    call.peer.send ("250 ok\r\n250 ok\r\n354 go on\r\n250 2.0.0 taken\r\n");
    call.peer.stall ();
    return "";
  };
  enqueue ();
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_EQ (states (), "queued");
  EXPECT_EQ (taken (), "");
}

/* --- two at once, and death --- */

TEST_F (SendConnection, TwoSendersAtOnceSendEachMessageOnce)
{
  for (int i = 0; i < 30; i++)
    enqueue (message ("m" + std::to_string (i)));
  std::vector<std::thread> others;
  std::vector<int> statuses (4);
  for (int &status : statuses)
    others.emplace_back ([&] {
      status = sandbox.run ({ "queue", "flush", "--due" }, "", {}, 30).status;
    });
  for (std::thread &other : others)
    other.join ();
  server.settle ();
  EXPECT_EQ (statuses, std::vector<int> (4, 0));
  EXPECT_EQ (states (), "");
  std::set<std::string> names;
  for (const ToySubmission::Delivery &delivery : server.deliveries ())
    EXPECT_TRUE (names.insert (delivery.field ("Subject")).second) << delivery.field ("Subject");
  EXPECT_EQ (names.size (), 30u);
}

TEST_F (SendConnection, WhatComesWhileItIsSendingGoesAlong)
{
  server.hook = [&] (const Call &call) -> Reply {
    if (call.verb == "CONTENT" && call.nth == 1)
      {
        enqueue (message ("late"));
        EXPECT_EQ (sandbox.run ({ "queue", "flush", "--due" }).status, 0);
      }
    return std::nullopt;
  };
  enqueue ();
  EXPECT_EQ (flush_due ().status, 0);
  EXPECT_EQ (taken (), "one late") << "whoever leaves looks once more";
  EXPECT_EQ (states (), "");
}

/* Strikes at the Nth thing that the server hears, for every N; then the next run mends it. */
TEST_F (SendConnection, DeathAtAnyStepLosesNothing)
{
  bool goes_on = true;
  unsigned at = 0;

  for (; goes_on && at < 60; at++)
    {
      ToySubmission toy;
      unsigned seen = 0;

      SCOPED_TRACE (at);
      goes_on = false;
      configure ("submissions", toy.port ());
      std::vector<std::string> ids = enqueue_three ();
      toy.hook = [&] (const Call &) -> Reply {
        if (seen++ == at)
          {
            goes_on = true;
            sandbox.signal (SIGKILL);
          }
        return std::nullopt;
      };
      sandbox.run ({ "queue", "flush" }, "", {}, 30);
      toy.behave ();
      for (const QueueEntry &entry : list ())
        EXPECT_TRUE (entry.state == "queued" || entry.state == "in-doubt") << entry.state;
      EXPECT_EQ (sandbox.run ({ "queue", "flush" }, "", {}, 30).status, 0);
      toy.settle ();
      expect_none_lost (toy, ids);
    }
  EXPECT_GT (at, 8u);
}

TEST_F (SendConnection, ACutAtAnyStepLosesNothing)
{
  bool goes_on = true;
  unsigned at = 0;

  for (; goes_on && at < 60; at++)
    {
      ToySubmission toy;
      unsigned seen = 0;

      SCOPED_TRACE (at);
      goes_on = false;
      configure ("submissions", toy.port ());
      std::vector<std::string> ids = enqueue_three ();
      toy.hook = [&] (const Call &call) -> Reply {
        if (seen++ == at)
          {
            goes_on = true;
            call.peer.cut ();
          }
        return std::nullopt;
      };
      Outcome outcome = sandbox.run ({ "queue", "flush" }, "", {}, 30);
      toy.behave ();
      EXPECT_TRUE (outcome.status == 75 || (outcome.status == 0 && states ().empty ()))
          << outcome.status << outcome.err;
      EXPECT_EQ (sandbox.run ({ "queue", "flush" }, "", {}, 30).status, 0);
      toy.settle ();
      expect_none_lost (toy, ids);
    }
  EXPECT_GT (at, 8u);
}

/* The network breaks at some byte of what the server says, in the handshake or in mid-reply. */
TEST_F (SendConnection, AResetAtAnyByteLosesNothing)
{
  bool is_whole = false;
  unsigned n_doubtful = 0;

  for (unsigned at = 300; !is_whole && at < 6000; at += 61)
    {
      ToySubmission toy;
      NetworkProxy proxy (toy.port (),
                          { "--cut-after", std::to_string (at), "--rtt", at % 2 ? "0" : "6" });

      SCOPED_TRACE (at);
      configure ("submissions", (unsigned short)proxy.port ());
      std::vector<std::string> ids = enqueue_three ();
      Outcome outcome = sandbox.run ({ "queue", "flush" }, "", {}, 30);
      is_whole = outcome.status == 0;
      EXPECT_TRUE (outcome.status == 75 || outcome.status == 76 || is_whole)
          << outcome.status << outcome.err;
      proxy.stop ();
      toy.settle ();
      for (const QueueEntry &entry : list ())
        {
          n_doubtful += entry.may_be_doubled;
          EXPECT_NE (entry.state, "blocked") << "a cut proves nothing about the server's TLS";
        }
      configure ("submissions", toy.port ());
      outcome = sandbox.run ({ "queue", "flush" }, "", {}, 30);
      EXPECT_EQ (outcome.status, 0) << outcome.err;
      toy.settle ();
      expect_none_lost (toy, ids);
    }
  EXPECT_TRUE (is_whole);
  EXPECT_GT (n_doubtful, 0u) << "else nothing was tried";
}

/* Interrupted by the user, a message that has not gone out is due as before. */
TEST_F (SendConnection, AnInterruptedRunIsNoAttempt)
{
  configure (kPatient);
  server.hook = [&] (const Call &call) -> Reply {
    if (call.verb != "MAIL" || call.nth > 1)
      return std::nullopt;
    sandbox.signal (SIGINT);
    call.peer.stall ();
    return "";
  };
  std::string id = enqueue (message ("one", large ()));
  Outcome outcome = flush ();

  EXPECT_NE (outcome.status, 0);
  EXPECT_EQ (states (), "queued");
  EXPECT_EQ (show (id).attempts, 0);
  EXPECT_EQ (flush_due ().status, 0);
  EXPECT_EQ (taken (), "one");
}

/* --- the window --- */

/* Some servers, Dovecot 2.3's submission service among them, do not survive a second message on its
   way. */
TEST_F (SendConnection, AServerThatCannotTakeAWindowGetsOneByOneAndIsRemembered)
{
  std::map<unsigned, unsigned> contents;
  server.hook = [&] (const Call &call) -> Reply {
    if (call.verb != "CONTENT" || !call.peer.has_more ())
      return std::nullopt;
    contents[call.peer.index ()]++;
    call.peer.cut ();
    return "";
  };
  for (int i = 0; i < 20; i++)
    enqueue (message ("m" + std::to_string (i)));
  flush ();
  for (int i = 0; i < 5 && !states ().empty (); i++)
    flush ();
  EXPECT_EQ (states (), "");
  std::set<std::string> names;
  for (const ToySubmission::Delivery &delivery : server.deliveries ())
    EXPECT_TRUE (names.insert (delivery.field ("Subject")).second);
  EXPECT_EQ (names.size (), 20u);
  unsigned connections = server.connections (), crashes = contents.size ();
  EXPECT_LE (crashes, 1u) << "tried once";
  for (int i = 0; i < 5; i++)
    enqueue (message ("n" + std::to_string (i)));
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (server.connections (), connections + 1) << "and remembered";
  EXPECT_EQ (contents.size (), crashes);
}

TEST_F (SendConnection, NobodyThereIsNoFailedAttempt)
{
  configure ("submissions", unused_port ());
  std::string id = enqueue ();
  Outcome outcome = flush ();

  expect_outcome (outcome, 75, "localhost");
  EXPECT_EQ (states (), "queued");
  EXPECT_EQ (show (id).attempts, 0) << "being offline is no attempt";
  configure ();
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one");
}

} // namespace postseal_test

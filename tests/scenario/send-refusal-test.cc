/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server says no to, at each step, for now and for good: the message is sent, or kept, or
   somebody is told. */
#include "scenario/submission.h"

namespace postseal_test
{

class SendRefusal : public Submission
{
protected:
  /* All by DATA, or by BDAT. */
  void
  use_data ()
  {
    server.withdraw ("CHUNKING");
  }
};

TEST_F (SendRefusal, AnHonestServerTakesTheMessageByteForByte)
{
  Outcome outcome = send (message ("one", ".dot\n..dots\n\nlast\n"));

  expect_sent (outcome);
  ToySubmission::Delivery delivery = server.deliveries ().at (0);
  EXPECT_EQ (delivery.content,
             "From: Jane <jane@example.org>\r\nTo: bob@example.net\r\nSubject: one\r\n"
             "Date: Thu, 1 Jan 2026 12:00:00 +0000\r\nMessage-ID: <one@example.org>\r\n\r\n"
             ".dot\r\n..dots\r\n\r\nlast\r\n");
  EXPECT_EQ (delivery.sender, "jane@example.org");
  EXPECT_EQ (delivery.recipients, std::vector<std::string>{ "bob@example.net" });
  EXPECT_FALSE (delivery.is_clear);
}

TEST_F (SendRefusal, ByDataTheSameBytesArrive)
{
  use_data ();
  expect_sent (send (message ("one", ".dot\n..dots\n\n.\nlast")));
  std::string content = server.deliveries ().at (0).content;

  EXPECT_NE (content.find ("\r\n\r\n.dot\r\n..dots\r\n\r\n.\r\nlast\r\n"), std::string::npos)
      << content;
}

TEST_F (SendRefusal, AServerWithoutAnyExtensionButAuthWillDo)
{
  for (const char *keyword :
       { "PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES" })
    server.withdraw (keyword);
  for (const char *name : { "one", "two", "three" })
    enqueue (message (name));
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (taken (), "one two three");
  EXPECT_EQ (server.connections (), 1u);
}

/* RFC 5321 section 4.2.1: 4yz is tried again, the same command not at once. */
class ForNow : public SendRefusal, public testing::WithParamInterface<const char *>
{
};

INSTANTIATE_TEST_SUITE_P (
    Steps,
    ForNow,
    testing::Values ("GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BDAT", "CONTENT"),
    [] (const auto &parameter) { return std::string (parameter.param); });

TEST_P (ForNow, ARefusalKeepsTheMessageAndTriesItLater)
{
  const std::string step = GetParam ();
  std::string body (step == "BDAT" ? 700000 : 10, '\n');

  if (step == "DATA")
    use_data ();
  server.answer (step, 1, step == "AUTH" ? "454 4.7.0 gone fishing" : "451 4.3.0 gone fishing");
  Outcome outcome = send (message ("one", body));

  expect_outcome (outcome, 75, "gone fishing");
  EXPECT_EQ (states (), "queued");
  EXPECT_EQ (taken (), "");
  EXPECT_EQ (reports ().size (), 0u);
  QueueEntry entry = list ().at (0);
  EXPECT_NE (entry.reason.find ("gone fishing"), std::string::npos) << entry.reason;
  EXPECT_EQ (flush_due ().status, 0);
  EXPECT_EQ (server.connections (), 1u) << "its time has not come";
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one");
  EXPECT_EQ (states (), "");
}

/* RFC 5321 section 3.8: 421 may come at any time. */
TEST_P (ForNow, AServerThatClosesEndsTheConversation)
{
  const std::string step = GetParam ();
  std::string body (step == "BDAT" ? 700000 : 10, '\n');

  if (step == "DATA")
    use_data ();
  server.answer (step, 1, "421 4.3.2 closing down");
  enqueue (message ("one", body));
  enqueue (message ("two", body));
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_NE (outcome.err.find ("closing down"), std::string::npos) << outcome.err;
  EXPECT_EQ (states (), "queued queued");
  EXPECT_EQ (taken (), "");
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one two");
  EXPECT_EQ (states (), "");
}

class ForGood : public SendRefusal, public testing::WithParamInterface<const char *>
{
};

INSTANTIATE_TEST_SUITE_P (Steps,
                          ForGood,
                          testing::Values ("MAIL", "RCPT", "DATA", "BDAT", "CONTENT"),
                          [] (const auto &parameter) { return std::string (parameter.param); });

TEST_P (ForGood, ARefusalEndsInAReport)
{
  const std::string step = GetParam ();
  std::string body (step == "BDAT" ? 700000 : 10, '\n');

  if (step == "DATA")
    use_data ();
  server.answer (step, 1, "554 5.7.1 we do not like you");
  enqueue (message ("one", body));
  enqueue (message ("two"));
  Outcome outcome = flush ();

  expect_outcome (outcome, 69, "we do not like you");
  EXPECT_EQ (taken (), "two") << "one bad message stops no other";
  EXPECT_EQ (states (), "");
  ASSERT_EQ (reports ().size (), 1u);
  std::string report = reports ()[0];
  for (const char *piece :
       { "Action: failed", "Status: 5.7.1", "Final-Recipient: rfc822; bob@example.net",
         "smtp; 554 5.7.1 we do not like you", "multipart/report", "Message-ID: <one@example.org>",
         "we do not like you" })
    EXPECT_NE (report.find (piece), std::string::npos) << piece << " is not in: " << report;
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "two");
}

/* RFC 5321 section 3.1: 554 in place of a greeting says nothing about this message. */
TEST_F (SendRefusal, AServerThatIsNoneKeepsTheMessage)
{
  for (const char *step : { "GREETING", "EHLO" })
    {
      SCOPED_TRACE (step);
      server.behave ();
      server.answer (step, 0, "554 5.3.2 no service here");
      Outcome outcome = send ();

      expect_outcome (outcome, 69, "no service here");
      EXPECT_EQ (reports ().size (), 0u);
      EXPECT_EQ (taken (), "");
    }
  EXPECT_EQ (states (), "queued queued");
}

/* RFC 5321 section 4.1.1.10: nothing that comes after the 250 undoes it. */
TEST_F (SendRefusal, TroubleWithQuitUndoesNothing)
{
  for (const char *reply : { "421 4.3.2 gone", "550 5.0.0 never", "rubbish" })
    {
      server.behave ();
      server.answer ("QUIT", 0, reply);
      EXPECT_EQ (send ().status, 0) << reply;
    }
  server.behave ();
  server.hook = [] (const ToySubmission::Call &call) -> std::optional<std::string> {
    if (call.verb != "QUIT")
      return std::nullopt;
    call.peer.cut ();
    return "";
  };
  EXPECT_EQ (send ().status, 0);
  EXPECT_EQ (taken (), "one one one one");
  EXPECT_EQ (states (), "");
}

/* RFC 5321 section 3.3: each recipient has a fate of its own. */
TEST_F (SendRefusal, RecipientsFareDifferently)
{
  server.answer ("RCPT", 2, "550 5.1.1 no such user");
  server.answer ("RCPT", 3, "450 4.2.1 mailbox busy");
  std::string id = enqueue (message (),
                            { "a@example.net", "b@example.net", "c@example.net", "d@example.net" });
  Outcome outcome = flush ();

  expect_outcome (outcome, 69, "no such user");
  ASSERT_EQ (server.deliveries ().size (), 1u);
  EXPECT_EQ (server.deliveries ()[0].recipients,
             (std::vector<std::string>{ "a@example.net", "d@example.net" }));
  EXPECT_EQ (states (), "queued");
  QueueEntry entry = show (id);
  ASSERT_EQ (entry.recipients.size (), 4u);
  EXPECT_EQ (entry.recipients[0].state, "delivered");
  EXPECT_EQ (entry.recipients[1].state, "refused");
  EXPECT_EQ (entry.recipients[1].code, 550);
  EXPECT_EQ (entry.recipients[1].status, "5.1.1");
  EXPECT_EQ (entry.recipients[2].state, "pending");
  EXPECT_EQ (entry.recipients[2].code, 450);
  EXPECT_EQ (entry.recipients[3].state, "delivered");
  ASSERT_EQ (reports ().size (), 1u) << "at once, not when the last has been heard";
  EXPECT_NE (reports ()[0].find ("b@example.net"), std::string::npos);
  EXPECT_EQ (reports ()[0].find ("Final-Recipient: rfc822; c@example.net"), std::string::npos);

  EXPECT_EQ (flush ().status, 0);
  ASSERT_EQ (server.deliveries ().size (), 2u);
  EXPECT_EQ (server.deliveries ()[1].recipients, std::vector<std::string>{ "c@example.net" });
  EXPECT_EQ (server.deliveries ()[1].field ("Message-ID"), "<one@example.org>");
  EXPECT_EQ (states (), "");
  EXPECT_EQ (reports ().size (), 1u) << "told once";
}

/* RFC 5321 section 4.5.3.1.10: the rest goes in another transaction, at once. */
TEST_F (SendRefusal, TooManyRecipientsGoInFurtherTransactions)
{
  for (const char *reply : { "452 4.5.3 too many recipients", "552 5.5.3 too many recipients" })
    {
      ToySubmission::Start start = ToySubmission::Start::Implicit;
      ToySubmission narrow (start);
      unsigned taken_here = 0;

      SCOPED_TRACE (reply);
      configure ("submissions", narrow.port ());
      narrow.hook = [&] (const ToySubmission::Call &call) -> std::optional<std::string> {
        if (call.verb == "MAIL")
          taken_here = 0;
        if (call.verb == "RCPT" && ++taken_here > 2)
          return std::string (reply) + "\r\n";
        return std::nullopt;
      };
      enqueue (message (), { "a@example.net", "b@example.net", "c@example.net", "d@example.net",
                             "e@example.net" });
      Outcome outcome = flush ();

      narrow.settle ();
      EXPECT_EQ (outcome.status, 0) << outcome.err;
      ASSERT_EQ (narrow.deliveries ().size (), 3u);
      EXPECT_EQ (narrow.deliveries ()[2].recipients, std::vector<std::string>{ "e@example.net" });
      EXPECT_EQ (narrow.connections (), 1u);
      EXPECT_EQ (states (), "");
      EXPECT_EQ (narrow.violations (), std::vector<std::string> ());
    }
  EXPECT_EQ (reports ().size (), 0u);
}

/* What becomes of the others at once does not hide it. */
TEST_F (SendRefusal, ARefusalInAMessageThatGoesOnIsAnError)
{
  server.answer ("RCPT", 1, "550 5.1.1 no such user");
  server.answer ("RCPT", 3, "452 4.5.3 too many recipients");
  enqueue (message (), { "a@example.net", "b@example.net", "c@example.net" });
  expect_outcome (flush (), 69, "no such user");
  EXPECT_EQ (server.deliveries ().size (), 2u);
  EXPECT_EQ (states (), "");
  EXPECT_EQ (reports ().size (), 1u);
}

TEST_F (SendRefusal, AFullMailboxIsTriedLaterAndDoesNotGoRound)
{
  server.hook = [] (const ToySubmission::Call &call) -> std::optional<std::string> {
    if (call.verb == "RCPT" && call.line.find ("full@") != std::string::npos)
      return "452 4.2.2 mailbox full\r\n";
    return std::nullopt;
  };
  enqueue (message (), { "full@example.net", "b@example.net" });
  Outcome outcome = flush ();

  expect_outcome (outcome, 75, "mailbox full");
  ASSERT_EQ (server.deliveries ().size (), 1u);
  EXPECT_LE (server.count ("MAIL"), 2u);
  EXPECT_EQ (states (), "queued");
}

TEST_F (SendRefusal, NoRoomAtAllIsTriedLater)
{
  server.answer ("MAIL", 1, "452 4.3.1 insufficient system storage");
  enqueue ();
  expect_outcome (flush (), 75, "insufficient system storage");
  EXPECT_EQ (states (), "queued");
  EXPECT_EQ (server.count ("MAIL"), 1u);
}

TEST_F (SendRefusal, TooBigAfterAllIsForGood)
{
  for (const char *step : { "MAIL", "CONTENT" })
    {
      server.behave ();
      server.answer (step, 0, "552 5.3.4 too big");
      enqueue ();
      expect_outcome (flush (), 69, "too big");
    }
  EXPECT_EQ (states (), "");
  EXPECT_EQ (reports ().size (), 2u);
}

/* RFC 2920 section 3.1: DATA was sent along and is taken though nobody is there to get it. */
TEST_F (SendRefusal, ReadinessWithoutRecipientsGetsALoneDot)
{
  use_data ();
  server.answer ("RCPT", 1, "550 5.1.1 no such user");
  server.answer ("DATA", 1, "354 go on all the same");
  enqueue (message ("one"));
  enqueue (message ("two"));
  expect_outcome (flush (), 69, "no such user");
  EXPECT_EQ (taken (), "two");
  EXPECT_EQ (states (), "");
  EXPECT_EQ (reports ().size (), 1u);
}

TEST_F (SendRefusal, AServerThatTakesWhatNobodyGetsIsNotBelieved)
{
  use_data ();
  server.answer ("RCPT", 1, "450 4.1.1 later");
  server.answer ("DATA", 1, "354 go on all the same");
  server.hook = [] (const ToySubmission::Call &call) -> std::optional<std::string> {
    return call.verb == "CONTENT" ? std::optional<std::string> ("250 2.0.0 taken\r\n")
                                  : std::nullopt;
  };
  enqueue ();
  expect_outcome (flush (), 75, "later");
  EXPECT_EQ (states (), "queued");
}

TEST_F (SendRefusal, GreylistingIsPatientlySatOut)
{
  for (unsigned nth : { 1, 2 })
    server.answer ("RCPT", nth, "451 4.7.1 greylisted, come back later");
  std::string id = enqueue ();

  expect_outcome (flush (), 75, "greylisted");
  int64_t first = show (id).next_attempt;
  expect_outcome (flush (), 75, "greylisted");
  QueueEntry entry = show (id);
  EXPECT_EQ (entry.attempts, 2);
  EXPECT_GT (entry.next_attempt, first) << "less and less often";
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one");
  EXPECT_EQ (reports ().size (), 0u);
}

TEST_F (SendRefusal, WhatTheServerSaysCannotPaintTheTerminal)
{
  server.answer ("RCPT", 1, "550-5.1.1 first\x1b[2Jline\r\n550 5.1.1 \x07second");
  enqueue ();
  Outcome outcome = flush ();

  expect_outcome (outcome, 69, "first");
  EXPECT_EQ ((outcome.err + outcome.out).find ('\x1b'), std::string::npos) << outcome.err;
  EXPECT_EQ ((outcome.err + outcome.out).find ('\x07'), std::string::npos) << outcome.err;
  ASSERT_EQ (reports ().size (), 1u);
  EXPECT_EQ (reports ()[0].find ('\x1b'), std::string::npos);
}

/* --- who is told --- */

TEST_F (SendRefusal, NobodyIsToldWhoDidNotWantToBe)
{
  server.answer ("RCPT", 0, "550 5.1.1 no such user");
  std::string id = enqueue (message (), { "--notify", "never", "bob@example.net" });

  expect_outcome (flush (), 69, "no such user");
  EXPECT_EQ (reports ().size (), 0u);
  EXPECT_EQ (states (), "") << "nothing is left to be done";
}

/* RFC 5321 section 4.5.5: a report is never reported on. */
TEST_F (SendRefusal, TheNullSenderIsNotTold)
{
  server.answer ("RCPT", 0, "550 5.1.1 no such user");
  enqueue (message (), { "-a", "work", "-f", "<>", "bob@example.net" });
  expect_outcome (flush (), 69, "no such user");
  EXPECT_EQ (reports ().size (), 0u);
}

TEST_F (SendRefusal, WithoutAPlaceForReportsTheMessageStays)
{
  configure ("deliver=\n");
  server.answer ("RCPT", 1, "550 5.1.1 no such user");
  std::string id = enqueue ();

  expect_outcome (flush (), 69, "no such user");
  EXPECT_EQ (states (), "failed");
  EXPECT_EQ (flush_due ().status, 0);
  EXPECT_EQ (server.connections (), 1u) << "for good is for good";
  EXPECT_EQ (queue ({ "flush", id }).status, 0) << "until the user asks";
  EXPECT_EQ (taken (), "one");
  EXPECT_EQ (states (), "");
}

TEST_F (SendRefusal, AReportThatCannotBeDeliveredKeepsTheMessage)
{
  sandbox.write ("file", "");
  configure ("deliver=maildir:" + sandbox.home () + "/file/Mail\n");
  server.answer ("RCPT", 1, "550 5.1.1 no such user");
  enqueue ();
  Outcome outcome = flush ();

  EXPECT_NE (outcome.status, 0);
  EXPECT_NE (outcome.err.find ("no such user"), std::string::npos) << outcome.err;
  EXPECT_EQ (states (), "failed");
}

TEST_F (SendRefusal, AReportHasTheHeaderAloneWhereThatWasWished)
{
  server.answer ("RCPT", 0, "550 5.1.1 no such user");
  enqueue (message ("one", "very private\n"),
           { "--return", "headers", "--envelope-id", "E-1", "bob@example.net" });
  flush ();
  ASSERT_EQ (reports ().size (), 1u);
  EXPECT_EQ (reports ()[0].find ("very private"), std::string::npos);
  EXPECT_NE (reports ()[0].find ("text/rfc822-headers"), std::string::npos) << reports ()[0];
  EXPECT_NE (reports ()[0].find ("Original-Envelope-Id: E-1"), std::string::npos);
}

} // namespace postseal_test

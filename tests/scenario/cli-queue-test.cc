/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/outbox-fixture.h"
#include "support/scripted-server.h"

#include <chrono>
#include <filesystem>
#include <thread>

using postseal_test::has;
using postseal_test::Json;
using postseal_test::OutboxTest;
using postseal_test::Outcome;

class CliQueue : public OutboxTest
{
};

TEST_F (CliQueue, ThatIsEmptySaysSo)
{
  Outcome people = postseal ({ "queue" });
  Outcome programs = postseal ({ "queue", "list", "--json" });
  Outcome done = postseal ({ "queue", "--done" });
  Outcome flush = postseal ({ "queue", "flush" });

  EXPECT_EQ (people.status, 0);
  EXPECT_EQ (people.out, "The outbox is empty\n");
  EXPECT_EQ (Json (programs.out).size (), 0u);
  EXPECT_EQ (done.out, "Nothing was sent of late\n");
  EXPECT_EQ (flush.status, 0) << flush.err;
  EXPECT_EQ (flush.out, "The outbox is empty\n");
}

TEST_F (CliQueue, ListsAlignedAndWithTotals)
{
  std::string first = queue ();
  std::string second
      = queue ({ "-a", "club", "bob@example.net", "carol@example.net", "dave@example.net" },
               "Subject: A subject that is much longer than what a table can "
               "show\n\nx\n");
  Outcome outcome = postseal ({ "queue" });
  std::vector<std::string> lines;

  for (size_t start = 0; start < outcome.out.size ();)
    {
      size_t end = outcome.out.find ('\n', start);

      lines.push_back (outcome.out.substr (start, end - start));
      start = end + 1;
    }
  ASSERT_EQ (lines.size (), 4u) << outcome.out;
  EXPECT_EQ (lines[0].find ("ID"), 0u);
  EXPECT_EQ (lines[1].find (first), 0u);
  EXPECT_EQ (lines[2].find (second), 0u);
  EXPECT_EQ (lines[0].find ("STATE"), lines[1].find ("queued"));
  EXPECT_EQ (lines[0].find ("ACCOUNT"), lines[2].find ("club"));
  EXPECT_EQ (lines[0].find ("TO"), lines[2].find ("bob@example.net and 2 more"));
  EXPECT_EQ (lines[0].find ("SUBJECT"), lines[2].find ("A subject that is much longer t…"));
  EXPECT_EQ (lines[0].find ("NEXT"), lines[1].find ("at once"));
  EXPECT_EQ (lines[3].find ("2 messages, "), 0u) << lines[3];
  EXPECT_TRUE (has (lines[3], ": 2 queued")) << lines[3];
}

TEST_F (CliQueue, ShowsOneByTheBeginningOfItsId)
{
  std::string id = queue ();
  Outcome outcome = postseal ({ "queue", "show", id.substr (0, id.size () - 1) });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "id           " + id + "\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "to           bob@example.net, waiting\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "subject      Tea at four\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "message-id   <tea@example.org>\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "by postseal send\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "attempts     none yet\n")) << outcome.out;
  EXPECT_FALSE (has (outcome.out, "beware")) << outcome.out;
}

TEST_F (CliQueue, KnowsNoMessageThatThereIsNot)
{
  std::string id = queue ();

  for (const char *verb : { "show", "hold", "release", "remove", "flush", "list" })
    {
      SCOPED_TRACE (verb);
      Outcome outcome = postseal ({ "queue", verb, "zzzz" });

      EXPECT_EQ (outcome.status, 64);
      EXPECT_TRUE (has (outcome.err, "zzzz")) << outcome.err;
      EXPECT_TRUE (has (outcome.err, "“postseal queue list” shows what there is")) << outcome.err;
    }
  EXPECT_EQ (list ()["0.id"], id);
}

TEST_F (CliQueue, WantsToKnowWhichMessages)
{
  for (const char *verb : { "hold", "release", "remove" })
    {
      Outcome none = postseal ({ "queue", verb });
      Outcome both = postseal ({ "queue", verb, "--all", "x" });

      EXPECT_EQ (none.status, 64);
      EXPECT_TRUE (has (none.err, "--all")) << none.err;
      EXPECT_EQ (both.status, 64);
      EXPECT_TRUE (has (both.err, "either --all or IDs")) << both.err;
    }
  EXPECT_EQ (postseal ({ "queue", "show" }).status, 64);
  EXPECT_EQ (postseal ({ "queue", "flush", "--due", "x" }).status, 64);
  EXPECT_TRUE (has (postseal ({ "queue", "relase" }).err, "did you mean “release”"));
}

TEST_F (CliQueue, HoldsAndReleases)
{
  std::string first = queue ();
  std::string second = queue ();
  Outcome hold = postseal ({ "queue", "hold", first });

  EXPECT_EQ (hold.status, 0) << hold.err;
  EXPECT_EQ (hold.out, first + " held\n");
  Json held = list ({ first });
  EXPECT_EQ (held["0.state"], "held");
  EXPECT_EQ (held["0.next-attempt"], "null");
  EXPECT_TRUE (has (postseal ({ "queue" }).out, "until it is released"));
  EXPECT_TRUE (has (postseal ({ "queue" }).out, ": 1 queued, 1 held\n"));

  Outcome release = postseal ({ "queue", "release", "--all", "--json" });
  Json released (release.out);
  EXPECT_EQ (released.size (), 1u);
  EXPECT_EQ (released["0.id"], first);
  EXPECT_EQ (released["0.state"], "queued");
  EXPECT_EQ (list ({ first })["0.state"], "queued");
}

TEST_F (CliQueue, WakesTheSenderAfterARelease)
{
  std::string id = queue ();
  std::string trace = sandbox.home () + "/woken";
  std::string program = sandbox.write ("wake", "#!/bin/sh\necho \"$@\" >" + trace + ".tmp\nmv "
                                                   + trace + ".tmp " + trace + "\n");

  std::filesystem::permissions (program, std::filesystem::perms::owner_all);
  ASSERT_EQ (postseal ({ "queue", "hold", id }).status, 0);
  ASSERT_FALSE (std::filesystem::exists (trace));
  Outcome outcome = sandbox.run ({ "queue", "release", id }, "", { { "POSTSEAL", program } });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  for (int i = 0; i < 1000 && !std::filesystem::exists (trace); i++)
    std::this_thread::sleep_for (std::chrono::milliseconds (10));
  EXPECT_EQ (postseal_test::read_file (trace), "queue flush --due\n");
}

TEST_F (CliQueue, RemovesWithoutATrace)
{
  std::string first = queue ();
  std::string second = queue ();
  Outcome outcome = postseal ({ "queue", "remove", first });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, first + " removed\n");
  EXPECT_EQ (list ().size (), 1u);
  EXPECT_EQ (postseal ({ "queue", "show", first }).status, 64);
  EXPECT_EQ (postseal ({ "queue", "remove", "--all" }).out, second + " removed\n");
  EXPECT_TRUE (sandbox.files ("state/postseal/outbox/queue").empty ());
}

TEST_F (CliQueue, LeavesAloneWhatIsBeingSent)
{
  std::string id = queue ();
  std::string other = queue ();

  start_sending ("work", id);
  Outcome remove = postseal ({ "queue", "remove", id, other });
  EXPECT_EQ (remove.status, 75);
  EXPECT_EQ (remove.out, other + " removed\n");
  EXPECT_TRUE (has (remove.err, id)) << remove.err;
  EXPECT_EQ (postseal ({ "queue", "hold", id }).status, 75);
  Json entries = list ();
  EXPECT_EQ (entries.size (), 1u);
  EXPECT_EQ (entries["0.state"], "sending");
  EXPECT_TRUE (has (postseal ({ "queue" }).out, "being sent now"));

  release_lock ();
  EXPECT_EQ (list ()["0.state"], "in-doubt");
}

TEST_F (CliQueue, TellsWhyAMessageWaits)
{
  std::string id = queue ();

  finish (id, POSTSEAL_OUTBOX_QUEUED, 451);
  Json entries = list ();
  EXPECT_EQ (entries["0.state"], "queued");
  EXPECT_EQ (entries["0.attempts"], "1");
  EXPECT_EQ (entries["0.last-attempt"], "1700000000");
  EXPECT_EQ (entries["0.next-attempt"], "4102444800");
  EXPECT_EQ (entries["0.recipients.0.state"], "pending");
  EXPECT_EQ (entries["0.recipients.0.code"], "451");
  EXPECT_EQ (entries["0.recipients.0.status"], "4.7.1");
  EXPECT_EQ (entries["0.recipients.0.text"], "server's words");
  EXPECT_EQ (entries["0.recipients.0.time"], "1700000000");
  EXPECT_EQ (entries["0.seal.confidentiality"], "verified");
  EXPECT_TRUE (has (postseal ({ "queue" }).out, "at 2100-01-01 00:00: 451 4.7.1 server's words"));

  Outcome shown = postseal ({ "queue", "show", id });
  EXPECT_TRUE (has (shown.out, "bob@example.net, waiting 2023-11-14 22:13: 451 4.7.1 server's "
                               "words\n"))
      << shown.out;
  EXPECT_TRUE (has (shown.out, "attempts     1, the last at 2023-11-14 22:13\n")) << shown.out;
  EXPECT_TRUE (has (shown.out, "TLS 1.3")) << shown.out;
}

TEST_F (CliQueue, SaysWhatBlocksAMessage)
{
  std::string id = queue ();

  finish (id, POSTSEAL_OUTBOX_BLOCKED, 0, "smtp.example.org:587 does not offer TLS");
  Json entries = list ();
  EXPECT_EQ (entries["0.state"], "blocked");
  EXPECT_EQ (entries["0.reason"], "smtp.example.org:587 does not offer TLS");
  EXPECT_TRUE (has (postseal ({ "queue" }).out, "blocked"));
  EXPECT_TRUE (has (postseal ({ "queue" }).out, "does not offer TLS"));
}

TEST_F (CliQueue, WarnsOfWhatWentInClearAndOfWhatMayComeTwice)
{
  std::string id = queue ();

  finish (id, POSTSEAL_OUTBOX_IN_DOUBT, 0, "The connection was lost", true, true);
  Json entries = list ();
  EXPECT_EQ (entries["0.in-clear"], "true");
  EXPECT_EQ (entries["0.may-be-doubled"], "true");
  EXPECT_EQ (entries["0.seal.confidentiality"], "none");
  Outcome shown = postseal ({ "queue", "show", id });
  EXPECT_TRUE (has (shown.out, "beware       It went in clear, without TLS")) << shown.out;
  EXPECT_TRUE (has (shown.out, "may arrive twice, with the same Message-ID")) << shown.out;
}

TEST_F (CliQueue, RemembersWhatHasLeft)
{
  std::string id = queue ();
  std::string other = queue ();

  finish (id, POSTSEAL_OUTBOX_SENT, 250);
  EXPECT_EQ (list ().size (), 1u);
  Json done = list ({ "--done" });
  EXPECT_EQ (done.size (), 1u);
  EXPECT_EQ (done["0.id"], id);
  EXPECT_EQ (done["0.state"], "sent");
  EXPECT_EQ (done["0.subject"], "Tea at four");
  EXPECT_TRUE (has (postseal ({ "queue", "list", "--done" }).out, "OUTCOME"));
  Outcome shown = postseal ({ "queue", "show", id });
  EXPECT_EQ (shown.status, 0) << shown.err;
  EXPECT_TRUE (has (shown.out, "state        sent\n")) << shown.out;
  EXPECT_TRUE (has (shown.out, "to           bob@example.net, accepted 2023-11-14 22:13: 250 "
                               "2.7.1 server's words\n"))
      << shown.out;

  Outcome text = postseal ({ "queue", "show", "--message", id });
  EXPECT_EQ (text.status, 64);
  EXPECT_EQ (text.out, "");
  EXPECT_TRUE (has (text.err, "no longer there: it was sent")) << text.err;
  Outcome flush = postseal ({ "queue", "flush", id });
  EXPECT_EQ (flush.status, 64);
  EXPECT_TRUE (has (flush.err, "has left the outbox: it was sent")) << flush.err;
}

TEST_F (CliQueue, ListsIdsForTheShell)
{
  std::string first = queue ();
  std::string second = queue ();

  EXPECT_EQ (postseal ({ "queue", "list", "--ids" }).out, first + "\n" + second + "\n");
}

TEST_F (CliQueue, NamesTheAccountThatIsGoneAndGoesOnWithTheOthers)
{
  queue ({ "-a", "club", "bob@example.net" });
  std::string id = queue ();

  sandbox.configure ("[account work]\naddress=jane@example.org\nsend=submission://localhost:"
                     + std::to_string (postseal_test::unused_port ())
                     + "\npassword=command:/bin/echo secret\n");
  Outcome outcome = postseal ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 78);
  EXPECT_TRUE (has (outcome.err, "“club”, which is no longer in ")) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "postseal: work: ")) << outcome.err;
  EXPECT_EQ (list ().size (), 2u);

  Outcome silent = postseal ({ "queue", "flush", "--due" });
  EXPECT_EQ (silent.status, 78);
  EXPECT_EQ (silent.out + silent.err, "");
}

TEST_F (CliQueue, ThatNobodyAnswersForKeepsItsMessages)
{
  configure (postseal_test::unused_port (), "password=command:/bin/echo secret\n");
  std::string id = queue ();
  Outcome outcome = postseal ({ "queue", "flush" });

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "localhost")) << outcome.err;
  EXPECT_EQ (list ()["0.state"], "queued");
}

TEST_F (CliQueue, IsSummedUpByStatus)
{
  finish (queue (), POSTSEAL_OUTBOX_BLOCKED, 0, "smtp.example.org:587 does not offer TLS");
  finish (queue (), POSTSEAL_OUTBOX_FAILED, 550);
  postseal ({ "queue", "hold", queue () });
  queue ();
  queue ();
  Outcome people = postseal ({ "status", "work" });
  Json programs (postseal ({ "status", "--json" }).out);

  EXPECT_EQ (people.status, 0) << people.err;
  EXPECT_TRUE (has (people.out, "outbox      2 waiting, 1 blocked, 1 held, 1 failed: "
                                "smtp.example.org:587 does not offer TLS\n"))
      << people.out;
  EXPECT_TRUE (has (people.out, "sent with   TLS 1.3")) << people.out;
  EXPECT_EQ (programs["0.outbox.messages"], "5");
  EXPECT_EQ (programs["0.outbox.waiting"], "2");
  EXPECT_EQ (programs["0.outbox.blocked"], "1");
  EXPECT_EQ (programs["0.outbox.failed"], "1");
  EXPECT_EQ (programs["0.outbox.seal.name"], "smtp.example.org");
  EXPECT_EQ (programs["1.account"], "club");
  EXPECT_EQ (programs["1.outbox.messages"], "0");
}

TEST_F (CliQueue, IsNotMadeByStatus)
{
  Outcome outcome = postseal ({ "status" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "outbox      empty\n")) << outcome.out;
  EXPECT_FALSE (std::filesystem::exists (sandbox.home () + "/state/postseal/outbox"));
}

TEST_F (CliQueue, ThatIsDamagedIsSaidAndTheRestIsShown)
{
  std::string id = queue ();

  sandbox.write ("state/postseal/outbox/queue/zzzzzzzzzz", "garbage\n");
  Outcome outcome = postseal ({ "queue" });
  EXPECT_EQ (outcome.status, 74);
  EXPECT_TRUE (has (outcome.err, "zzzzzzzzzz")) << outcome.err;
  EXPECT_TRUE (has (outcome.out, id)) << outcome.out;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/limits.h"
#include "open-outbox.h"

namespace fs = std::filesystem;

class OutboxCommit : public OpenOutbox
{
};
TEST_F (OutboxCommit, AMarkIsSendingWhileItsSenderLivesAndInDoubtAfterwards)
{
  open ();
  std::string id = put (), other = put ();
  PostsealLockFile *sender = lock ();

  EXPECT_EQ (mark ({ id }), Ids{});
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_SENDING);
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{ other });
  EXPECT_EQ (list (POSTSEAL_OUTBOX_WAITING), Ids{ other });
  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), (Ids{ id, other }));
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), 0);

  postseal_lock_file_release (sender);
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_EQ (entry->state, POSTSEAL_OUTBOX_IN_DOUBT);
  EXPECT_TRUE (entry->is_doubtful);
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), (Ids{ id, other }));
}

TEST_F (OutboxCommit, ANewSenderIsNotTakenForTheOneThatIsGone)
{
  open ();
  std::string id = put (), elsewhere = put ("home");
  postseal_lock_file_release ((lock ()));
  EXPECT_EQ (mark ({ id, elsewhere }), Ids{});

  g_autoptr (PostsealLockFile) sender = lock ();
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_IN_DOUBT) << "its marker is gone, though the lock is held";
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE, "work"), Ids{ id });
  EXPECT_EQ (mark ({ id }), Ids{});
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_SENDING);
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_TRUE (entry->is_doubtful) << "it may have been accepted the first time";
}

TEST_F (OutboxCommit, OneSenderAtATimeForAnAccount)
{
  g_autoptr (PostsealLockFile) sender = lock ();
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_outbox_lock ("work", &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  g_autoptr (PostsealLockFile) other = lock ("home");
}

TEST_F (OutboxCommit, LookingTurnsNoSenderAway)
{
  std::atomic<bool> is_over{ false };
  open ();
  std::string id = put ();
  EXPECT_EQ (mark ({ id }), Ids{});

  std::thread observer ([&] {
    g_autoptr (PostsealOutbox) own = postseal_outbox_open (nullptr);
    while (!is_over)
      {
        g_auto (GStrv) ids
            = postseal_outbox_list (own, nullptr, POSTSEAL_OUTBOX_DUE, NOW, nullptr, nullptr);
      }
  });
  for (int i = 0; i < 100; i++)
    {
      g_autoptr (GError) error = nullptr;
      g_autoptr (PostsealLockFile) sender = postseal_outbox_lock ("work", &error);

      EXPECT_NE (sender, nullptr) << error->message;
      EXPECT_EQ (mark ({ id }), Ids{});
    }
  is_over = true;
  observer.join ();
}

TEST_F (OutboxCommit, OutcomesAreKeptAndTellWhenItIsNextTried)
{
  open ();
  std::string id = put ("work", { "ann@example.net", "bob@example.net", "joe@example.net" });
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  PostsealOutboxOutcome outcome = make_outcome (entry, POSTSEAL_OUTBOX_QUEUED);

  entry->recipients[0].progress = POSTSEAL_OUTBOX_DELIVERED;
  entry->recipients[0].code = 250;
  entry->recipients[0].time = NOW;
  entry->recipients[2].code = 451;
  entry->recipients[2].status = g_strdup ("4.7.1");
  entry->recipients[2].text = g_strdup ("greylisted");
  entry->recipients[2].time = NOW;
  outcome.next_attempt = NOW + 300;
  outcome.reason = "The server asks to wait";
  outcome.seal = "tls=1.3 ...";
  outcome.was_clear = TRUE;
  outcome.bounce = "1.bounce";
  EXPECT_EQ (mark ({ id }), Ids{});
  commit (outcome);

  open ();
  g_autoptr (PostsealOutboxEntry) again = load (id);
  EXPECT_EQ (again->state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_EQ (again->attempts, 1u);
  EXPECT_EQ (again->last_attempt, NOW);
  EXPECT_EQ (again->next_attempt, NOW + 300);
  EXPECT_STREQ (again->reason, "The server asks to wait");
  EXPECT_STREQ (again->seal, "tls=1.3 ...");
  EXPECT_STREQ (again->bounce, "1.bounce");
  EXPECT_TRUE (again->was_clear);
  EXPECT_FALSE (again->is_doubtful);
  EXPECT_EQ (again->recipients[0].progress, POSTSEAL_OUTBOX_DELIVERED);
  EXPECT_EQ (again->recipients[0].code, 250u);
  EXPECT_EQ (again->recipients[1].progress, POSTSEAL_OUTBOX_PENDING);
  EXPECT_EQ (again->recipients[1].time, 0);
  EXPECT_EQ (again->recipients[2].code, 451u);
  EXPECT_STREQ (again->recipients[2].status, "4.7.1");
  EXPECT_STREQ (again->recipients[2].text, "greylisted");

  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{});
  EXPECT_EQ (list (POSTSEAL_OUTBOX_WAITING), Ids{ id });
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), NOW + 300);
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE, nullptr, NOW + 300), Ids{ id });

  /* Being offline does not count, and keeps the seal. */
  PostsealOutboxOutcome offline = make_outcome (again, POSTSEAL_OUTBOX_QUEUED);
  offline.counts_as_attempt = FALSE;
  offline.time = NOW + 400;
  offline.is_doubtful = TRUE;
  commit (offline);
  offline.is_doubtful = FALSE;
  commit (offline);
  g_autoptr (PostsealOutboxEntry) last = load (id);
  EXPECT_EQ (last->attempts, 1u);
  EXPECT_EQ (last->last_attempt, NOW);
  EXPECT_EQ (last->reason, nullptr);
  EXPECT_STREQ (last->seal, "tls=1.3 ...");
  EXPECT_TRUE (last->is_doubtful) << "once doubtful, always";
}

TEST_F (OutboxCommit, EachFilterListsItsStates)
{
  open ();
  std::string queued = put (), doubted = put (), blocked = put (), failed = put (), held = put (),
              sent = put (), bounced = put ();

  settle (queued, POSTSEAL_OUTBOX_QUEUED);
  settle (doubted, POSTSEAL_OUTBOX_IN_DOUBT);
  settle (blocked, POSTSEAL_OUTBOX_BLOCKED);
  settle (failed, POSTSEAL_OUTBOX_FAILED);
  EXPECT_TRUE (postseal_outbox_hold (outbox, held.c_str (), nullptr));
  settle (sent, POSTSEAL_OUTBOX_SENT);
  settle (bounced, POSTSEAL_OUTBOX_BOUNCED);

  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), (Ids{ queued, doubted, blocked, failed, held }));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), (Ids{ queued, doubted, blocked }));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_WAITING), (Ids{ queued, doubted, blocked, failed }));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE), (Ids{ bounced, sent }));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE, "work"), (Ids{ bounced, sent }));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE, "home"), (Ids{}));
  EXPECT_EQ (mark ({ queued, doubted, blocked, failed, held, sent, bounced }),
             (Ids{ held, sent, bounced }));
  EXPECT_EQ (mark ({ "0000000000", "nonsense" }), (Ids{ "0000000000", "nonsense" }));

  for (int value = POSTSEAL_OUTBOX_QUEUED; value <= POSTSEAL_OUTBOX_BOUNCED; value++)
    EXPECT_NE (postseal_outbox_state_name ((PostsealOutboxState)value), nullptr);
  EXPECT_STREQ (postseal_outbox_state_name (POSTSEAL_OUTBOX_IN_DOUBT), "in-doubt");
  EXPECT_STREQ (postseal_outbox_state_name (POSTSEAL_OUTBOX_BOUNCED), "bounced");
}

TEST_F (OutboxCommit, WhatIsSentIsGoneButRemembered)
{
  open ();
  std::string id = put ("work", { "ann@example.net", "bob@example.net" });
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);
    PostsealOutboxOutcome outcome = make_outcome (entry, POSTSEAL_OUTBOX_SENT);
    outcome.seal = "seal";
    entry->recipients[0].code = 250;
    entry->recipients[0].progress = POSTSEAL_OUTBOX_DELIVERED;
    EXPECT_EQ (mark ({ id }), Ids{});
    commit (outcome);
  }
  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{});
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), -1);
  reopen_after_removal ();

  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_EQ (entry->state, POSTSEAL_OUTBOX_SENT);
  EXPECT_EQ (entry->envelope, nullptr);
  EXPECT_STREQ (entry->account, "work");
  EXPECT_STREQ (entry->sender, "jane@example.org");
  EXPECT_STREQ (entry->subject, "Grüße, 100 %");
  EXPECT_STREQ (entry->seal, "seal");
  EXPECT_EQ (entry->length, 21u);
  ASSERT_EQ (entry->n_recipients, 2u);
  EXPECT_STREQ (entry->recipients[0].recipient->address, "ann@example.net");
  EXPECT_EQ (entry->recipients[0].code, 250u);
  EXPECT_STREQ (entry->recipients[1].recipient->address, "bob@example.net");

  /* A week later nobody remembers. */
  execute ("UPDATE entry SET finished = "
           + std::to_string (g_get_real_time () / G_USEC_PER_SEC - 5));
  open ();
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE), Ids{ id });
  execute (
      "UPDATE entry SET finished = "
      + std::to_string (g_get_real_time () / G_USEC_PER_SEC - POSTSEAL_LIMIT_OUTBOX_MEMORY_S - 5));
  open ();
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE), Ids{});
  EXPECT_EQ (load_failure (id), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
}

TEST_F (OutboxCommit, RecipientsAreRememberedThoughNobodyNamesThem)
{
  open ();
  std::string id = put ("work", { "ann@example.net", "bob@example.net" });
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);
    PostsealOutboxOutcome outcome = make_outcome (entry, POSTSEAL_OUTBOX_QUEUED);
    entry->recipients[1].progress = POSTSEAL_OUTBOX_REFUSED;
    entry->recipients[1].code = 550;
    commit (outcome);
    outcome.n_recipients = 0;
    outcome.state = POSTSEAL_OUTBOX_BOUNCED;
    commit (outcome);
  }
  reopen_after_removal ();
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  ASSERT_EQ (entry->n_recipients, 2u);
  EXPECT_STREQ (entry->recipients[0].recipient->address, "ann@example.net");
  EXPECT_EQ (entry->recipients[1].code, 550u);
  EXPECT_EQ (entry->attempts, 2u);
}

TEST_F (OutboxCommit, AReportIsUnfinishedUntilItHasBeenDelivered)
{
  open ();
  std::string id = put (), other = put ("home");
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  PostsealOutboxOutcome outcome = make_outcome (entry, POSTSEAL_OUTBOX_FAILED);

  outcome.bounce = "1.report";
  commit (outcome);
  settle (other, POSTSEAL_OUTBOX_FAILED);
  g_auto (GStrv) unfinished = postseal_outbox_list_unfinished_reports (outbox, "work", nullptr);
  ASSERT_EQ (g_strv_length (unfinished), 1u);
  EXPECT_EQ (unfinished[0], id);
  g_auto (GStrv) elsewhere = postseal_outbox_list_unfinished_reports (outbox, "home", nullptr);
  EXPECT_EQ (g_strv_length (elsewhere), 0u);

  settle (id, POSTSEAL_OUTBOX_BOUNCED);
  g_auto (GStrv) finished = postseal_outbox_list_unfinished_reports (outbox, "work", nullptr);
  EXPECT_EQ (g_strv_length (finished), 0u);
}

TEST_F (OutboxCommit, AMarkOnWhatWasRemovedMeanwhileFailsForThatOneOnly)
{
  open ();
  std::string removed = put (), held = put (), good = put ();
  g_autoptr (PostsealOutboxEntry) first = load (removed);
  g_autoptr (PostsealOutboxEntry) second = load (held);
  g_autoptr (PostsealOutboxEntry) third = load (good);
  const PostsealOutboxEntry *marks[] = { first, second, third };
  g_auto (GStrv) unmarked = nullptr;

  EXPECT_TRUE (postseal_outbox_remove (outbox, removed.c_str (), nullptr));
  EXPECT_TRUE (postseal_outbox_hold (outbox, held.c_str (), nullptr));
  EXPECT_TRUE (postseal_outbox_commit (outbox, nullptr, 0, marks, 3, &unmarked, nullptr));
  ASSERT_EQ (g_strv_length (unmarked), 2u);
  EXPECT_EQ (unmarked[0], removed);
  EXPECT_EQ (unmarked[1], held);
  EXPECT_EQ (load_failure (removed), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
}

TEST_F (OutboxCommit, AFileThatOutlivedItsSendingIsRemovedAndNeverSentAgain)
{
  open ();
  std::string id = put ();
  std::string content = read (place ("queue/" + id));
  settle (id, POSTSEAL_OUTBOX_SENT);
  reopen_after_removal ();
  std::ofstream (place ("queue/" + id)) << content;

  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{});
  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{});
  EXPECT_EQ (mark ({ id }), Ids{ id });
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_SENT);
  open ();
  EXPECT_TRUE (names ("queue").empty ());
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE), Ids{ id });
}

TEST_F (OutboxCommit, AnotherMessageOfTheSameNameIsNotTakenForOneThatWasSent)
{
  open ();
  std::string id = put (), other = put ("home", { "x@example.com" });
  settle (id, POSTSEAL_OUTBOX_SENT);
  open ();
  execute ("UPDATE entry SET arrived = arrived - 1");
  fs::rename (place ("queue/" + other), place ("queue/" + id));

  open ();
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{ id }) << "the clock was set back";
}

TEST_F (OutboxCommit, AnEntryWhoseFileWasTakenAwayIsForgotten)
{
  open ();
  std::string id = put ();
  settle (id, POSTSEAL_OUTBOX_QUEUED);
  fs::remove (place ("queue/" + id));

  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{});
  EXPECT_EQ (load_failure (id), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
  EXPECT_EQ (mark ({ id }), Ids{ id });
  open ();
  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{});
}

TEST_F (OutboxCommit, OldDraftsAreSweptAndYoungOnesAreNot)
{
  open ();
  std::ofstream (place ("tmp/old")) << "half";
  std::ofstream (place ("tmp/young")) << "half";
  struct utimbuf times;
  times.actime = times.modtime = time (nullptr) - POSTSEAL_LIMIT_OUTBOX_DRAFT_S - 60;
  ASSERT_EQ (utime (place ("tmp/old").c_str (), &times), 0);

  open ();
  EXPECT_EQ (names ("tmp"), Ids{ "young" });
}

TEST_F (OutboxCommit, ManyProgramsPutInWhileOneSends)
{
  constexpr int WRITERS = 8, EACH = 25;
  std::vector<std::thread> writers;
  std::set<std::string> sent;

  open ();
  for (int i = 0; i < WRITERS; i++)
    writers.emplace_back ([] {
      for (int j = 0; j < EACH; j++)
        put ();
    });
  g_autoptr (PostsealLockFile) sender = lock ();
  for (int rounds = 0; sent.size () < WRITERS * EACH && rounds < 10000; rounds++)
    {
      Ids due = list (POSTSEAL_OUTBOX_DUE);
      EXPECT_TRUE (problems.empty ()) << problems[0];
      EXPECT_EQ (mark (due), Ids{});
      for (const auto &id : due)
        {
          settle (id, POSTSEAL_OUTBOX_SENT);
          EXPECT_TRUE (sent.insert (id).second) << "twice: " << id;
        }
    }
  for (auto &writer : writers)
    writer.join ();
  EXPECT_EQ (sent.size (), size_t (WRITERS * EACH));
  reopen_after_removal ();
}

TEST_F (OutboxCommit, EightAtOnceOpenAnOutboxThatIsNotThereYet)
{
  std::vector<pid_t> children;

  for (int i = 0; i < 8; i++)
    {
      pid_t child = fork ();
      if (child == 0)
        {
          g_autoptr (GError) error = nullptr;
          PostsealOutbox *own = postseal_outbox_open (&error);
          if (own == nullptr)
            g_printerr ("%s\n", error->message);
          bool is_good
              = own != nullptr && postseal_outbox_pause_account (own, "work", NOW, "x", &error);
          postseal_outbox_free (own);
          _exit (is_good ? 0 : 1);
        }
      children.push_back (child);
    }
  for (pid_t child : children)
    {
      int status = 0;
      waitpid (child, &status, 0);
      EXPECT_EQ (status, 0);
    }
  guint failures = 0;
  open ();
  postseal_outbox_get_pause (outbox, "work", &failures, nullptr, nullptr);
  EXPECT_EQ (failures, 8u);
}

/* Either the user's removal comes first, or the sender's mark. */
TEST_F (OutboxCommit, RemovingAndMarkingAtOnceNeverBothSucceed)
{
  open ();
  g_autoptr (PostsealLockFile) sender = lock ();
  PostsealOutbox *user = postseal_outbox_open (nullptr);
  ASSERT_NE (user, nullptr);
  int removed = 0;

  for (int i = 0; i < 60; i++)
    {
      std::string id = put ();
      std::atomic<bool> starts{ false };
      bool is_removed = false;
      std::thread remover ([&] {
        while (!starts)
          ;
        is_removed = postseal_outbox_remove (user, id.c_str (), nullptr);
      });
      starts = true;
      bool is_marked = mark ({ id }).empty ();
      remover.join ();
      EXPECT_NE (is_marked, is_removed) << id;
      EXPECT_EQ (fs::exists (place ("queue/" + id)), is_marked);
      removed += is_removed;
    }
  postseal_outbox_free (user);
  RecordProperty ("removed", removed);
}

/* Another network: whoever waited for one waits no longer; whoever was put off by the server does.
 */
TEST_F (OutboxCommit, HastensWhatHadNoNetwork)
{
  open ();
  std::string offline = put ();
  std::string greylisted = put ();
  std::string others = put ("home");
  for (const auto &id : { offline, others })
    {
      g_autoptr (PostsealOutboxEntry) entry = load (id);
      PostsealOutboxOutcome outcome = make_outcome (entry, POSTSEAL_OUTBOX_QUEUED);

      outcome.counts_as_attempt = FALSE;
      outcome.is_offline = TRUE;
      outcome.next_attempt = NOW + 300;
      commit (outcome);
    }
  settle (greylisted, POSTSEAL_OUTBOX_QUEUED, NOW + 300);
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{});
  ASSERT_TRUE (postseal_outbox_hasten (outbox, "work", nullptr));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{ offline });
  g_autoptr (PostsealOutboxEntry) entry = load (offline);
  EXPECT_EQ (entry->attempts, 0u);
  EXPECT_EQ (entry->last_attempt, 0);
  EXPECT_EQ (entry->since, NOW) << "trying has begun";
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/limits.h"
#include "base/lock-file.h"
#include "outbox-fixture.h"

namespace fs = std::filesystem;
using Ids = std::vector<std::string>;

namespace
{

constexpr gint64 NOW = 1800000000;

class Outbox : public OutboxFixture
{
protected:
  void
  TearDown () override
  {
    g_clear_pointer (&outbox, postseal_outbox_free);
    OutboxFixture::TearDown ();
  }

  void
  open ()
  {
    g_autoptr (GError) error = nullptr;

    g_clear_pointer (&outbox, postseal_outbox_free);
    outbox = postseal_outbox_open (&error);
    ASSERT_NE (outbox, nullptr) << error->message;
  }

  Ids
  list (PostsealOutboxFilter filter, const char *account = nullptr, gint64 now = NOW)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (GPtrArray) found = nullptr;
    g_auto (GStrv) ids = postseal_outbox_list (outbox, account, filter, now, &found, &error);
    Ids list;

    EXPECT_NE (ids, nullptr) << error->message;
    problems.clear ();
    for (guint i = 0; found != nullptr && i < found->len; i++)
      problems.push_back (static_cast<const char *> (found->pdata[i]));
    for (gsize i = 0; ids != nullptr && ids[i] != nullptr; i++)
      list.push_back (ids[i]);
    return list;
  }

  PostsealOutboxEntry *
  load (const std::string &id)
  {
    g_autoptr (GError) error = nullptr;
    PostsealOutboxEntry *entry = postseal_outbox_load (outbox, id.c_str (), &error);

    EXPECT_NE (entry, nullptr) << error->message;
    return entry;
  }

  PostsealOutboxState
  state (const std::string &id)
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);

    return entry != nullptr ? entry->state : POSTSEAL_OUTBOX_HELD;
  }

  int
  load_failure (const std::string &id)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id.c_str (), &error);

    EXPECT_EQ (entry, nullptr);
    return error != nullptr && error->domain == POSTSEAL_OUTBOX_ERROR ? error->code : -1;
  }

  /* Marks, asserting that the commit works. Returns: those that could not be */
  Ids
  mark (const Ids &ids)
  {
    std::vector<const char *> marks;
    g_autoptr (GError) error = nullptr;
    g_auto (GStrv) unmarked = nullptr;
    Ids failed;

    for (const auto &id : ids)
      marks.push_back (id.c_str ());
    marks.push_back (nullptr);
    EXPECT_TRUE (postseal_outbox_commit (outbox, nullptr, 0, marks.data (), &unmarked, &error))
        << error->message;
    for (gsize i = 0; unmarked != nullptr && unmarked[i] != nullptr; i++)
      failed.push_back (unmarked[i]);
    return failed;
  }

  static PostsealOutboxOutcome
  make_outcome (const PostsealOutboxEntry *entry, PostsealOutboxState state)
  {
    PostsealOutboxOutcome outcome = {};

    outcome.id = entry->id;
    outcome.state = state;
    outcome.recipients = entry->recipients;
    outcome.n_recipients = entry->n_recipients;
    outcome.counts_as_attempt = TRUE;
    outcome.time = NOW;
    return outcome;
  }

  void
  commit (const PostsealOutboxOutcome &outcome)
  {
    g_autoptr (GError) error = nullptr;

    EXPECT_TRUE (postseal_outbox_commit (outbox, &outcome, 1, nullptr, nullptr, &error))
        << error->message;
  }

  void
  settle (const std::string &id, PostsealOutboxState state, gint64 next_attempt = 0)
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);
    PostsealOutboxOutcome outcome = make_outcome (entry, state);

    outcome.next_attempt = next_attempt;
    commit (outcome);
  }

  PostsealLockFile *
  lock (const char *account = "work")
  {
    g_autoptr (GError) error = nullptr;
    PostsealLockFile *taken = postseal_outbox_lock (account, &error);

    EXPECT_NE (taken, nullptr) << error->message;
    return taken;
  }

  /* For what no program of ours does. */
  void
  execute (const std::string &sql)
  {
    sqlite3 *db = nullptr;

    ASSERT_EQ (sqlite3_open (place ("index.db").c_str (), &db), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (db, sql.c_str (), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg (db);
    sqlite3_close (db);
  }

  PostsealOutbox *outbox = nullptr;
  std::vector<std::string> problems;
};

} // namespace

TEST_F (Outbox, MakesAnIndexThatOthersCannotRead)
{
  struct stat status;

  open ();
  for (const char *name : { "index.db", "index.db-wal" })
    {
      ASSERT_EQ (stat (place (name).c_str (), &status), 0) << name;
      EXPECT_EQ (status.st_mode & 07777, 0600u) << name;
    }
  EXPECT_TRUE (list (POSTSEAL_OUTBOX_ALL).empty ());
  EXPECT_TRUE (list (POSTSEAL_OUTBOX_DONE).empty ());
}

TEST_F (Outbox, WhatHasNotBeenTriedIsDue)
{
  open ();
  std::string one = put ("work");
  std::string two = put ("home", { "ann@example.net", "bob@example.net" });

  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), (Ids{ one, two }));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), (Ids{ one, two }));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), (Ids{ one, two })) << "once more, from memory";
  EXPECT_EQ (list (POSTSEAL_OUTBOX_WAITING, "home"), (Ids{ two }));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE, "nobody"), (Ids{}));

  g_autoptr (PostsealOutboxEntry) entry = load (two);
  EXPECT_EQ (entry->state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_STREQ (entry->account, "home");
  EXPECT_STREQ (entry->sender, "jane@example.org");
  EXPECT_STREQ (entry->subject, "Grüße, 100 %");
  EXPECT_EQ (entry->arrived, 1700000000);
  EXPECT_EQ (entry->attempts, 0u);
  EXPECT_EQ (entry->next_attempt, 0);
  ASSERT_EQ (entry->n_recipients, 2u);
  EXPECT_STREQ (entry->recipients[1].recipient->address, "bob@example.net");
  EXPECT_EQ (entry->recipients[1].progress, POSTSEAL_OUTBOX_PENDING);
  EXPECT_EQ (entry->path, place ("queue/" + two));
}

TEST_F (Outbox, AHeldBackMessageIsDueWhenItsTimeHasCome)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  envelope->hold_until = NOW + 100;
  open ();
  std::string id = put (envelope);

  for (bool has_row : { false, true })
    {
      EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{ id });
      EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{});
      EXPECT_EQ (list (POSTSEAL_OUTBOX_WAITING), Ids{}) << "a flush does not send it early";
      EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE, nullptr, NOW + 100), Ids{ id });
      EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), NOW + 100);
      EXPECT_EQ (postseal_outbox_next_due (outbox, NOW + 100, nullptr), 0);
      if (!has_row)
        settle (id, POSTSEAL_OUTBOX_QUEUED);
    }
}

TEST_F (Outbox, IdsMayBeShortenedWhileTheyFitOneOnly)
{
  open ();
  std::string one = put (), two = put ();
  size_t common = 0;

  while (one[common] == two[common])
    common++;
  g_autoptr (PostsealOutboxEntry) entry = load (two.substr (0, common + 1));
  EXPECT_EQ (entry->id, two);
  EXPECT_EQ (load_failure (two.substr (0, common)), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
  EXPECT_EQ (load_failure (""), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
  EXPECT_EQ (load_failure ("../../x"), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
  EXPECT_EQ (load_failure ("0000000000"), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
  EXPECT_EQ (load_failure (two + "0"), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
}

/* --- sending --- */

TEST_F (Outbox, AMarkIsSendingWhileItsSenderLivesAndInDoubtAfterwards)
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

TEST_F (Outbox, ANewSenderIsNotTakenForTheOneThatIsGone)
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

TEST_F (Outbox, OneSenderAtATimeForAnAccount)
{
  g_autoptr (PostsealLockFile) sender = lock ();
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_outbox_lock ("work", &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  g_autoptr (PostsealLockFile) other = lock ("home");
}

TEST_F (Outbox, LookingTurnsNoSenderAway)
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

TEST_F (Outbox, OutcomesAreKeptAndTellWhenItIsNextTried)
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
  {
    g_auto (GStrv) reports = postseal_outbox_list_unfinished_reports (outbox, "work", nullptr);
    ASSERT_EQ (g_strv_length (reports), 1u);
    EXPECT_EQ (reports[0], id);
    PostsealOutboxOutcome told = make_outcome (again, POSTSEAL_OUTBOX_QUEUED);
    told.counts_as_attempt = FALSE;
    told.next_attempt = NOW + 300;
    commit (told);
    g_auto (GStrv) none = postseal_outbox_list_unfinished_reports (outbox, "work", nullptr);
    EXPECT_EQ (g_strv_length (none), 0u) << "the report has been delivered";
  }
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

TEST_F (Outbox, EachFilterListsItsStates)
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

TEST_F (Outbox, WhatIsSentIsGoneButRemembered)
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
  EXPECT_TRUE (names ("queue").empty ());
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), -1);

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

TEST_F (Outbox, AFileThatOutlivedItsSendingIsRemovedAndNeverSentAgain)
{
  open ();
  std::string id = put ();
  std::string content = read (place ("queue/" + id));
  settle (id, POSTSEAL_OUTBOX_SENT);
  std::ofstream (place ("queue/" + id)) << content;

  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{});
  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{});
  EXPECT_EQ (mark ({ id }), Ids{ id });
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_SENT);
  open ();
  EXPECT_TRUE (names ("queue").empty ());
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE), Ids{ id });
}

TEST_F (Outbox, AnotherMessageOfTheSameNameIsNotTakenForOneThatWasSent)
{
  open ();
  std::string id = put (), other = put ("home", { "x@example.com" });
  settle (id, POSTSEAL_OUTBOX_SENT);
  execute ("UPDATE entry SET arrived = arrived - 1");
  fs::rename (place ("queue/" + other), place ("queue/" + id));

  open ();
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{ id }) << "the clock was set back";
}

TEST_F (Outbox, AnEntryWhoseFileWasTakenAwayIsForgotten)
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

TEST_F (Outbox, OldDraftsAreSweptAndYoungOnesAreNot)
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

/* --- damage --- */

TEST_F (Outbox, WhatIsNoMessageIsNamedAndLeftAlone)
{
  open ();
  std::string good = put (), cut = put (), head = put ();
  std::string text = read (place ("queue/" + cut));
  std::ofstream (place ("queue/" + cut)) << text.substr (0, text.size () - 1);
  std::ofstream (place ("queue/" + head)) << "Postseal-Outbox: 1\n";
  std::ofstream (place ("queue/README")) << "hello";
  std::ofstream (place ("queue/1234567890"));
  fs::create_directory (place ("queue/1234567891"));
  ASSERT_EQ (mkfifo (place ("queue/1234567892").c_str (), 0600), 0);
  ASSERT_EQ (symlink ("/etc/passwd", place ("queue/1234567893").c_str ()), 0);

  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{ good });
  EXPECT_EQ (problems.size (), 7u);
  for (const char *name : { "README", cut.c_str (), head.c_str (), "1234567890", "1234567891",
                            "1234567892", "1234567893" })
    EXPECT_TRUE (std::any_of (problems.begin (), problems.end (), [&] (const std::string &problem) {
      return problem.find (place ("queue/" + std::string (name))) != std::string::npos;
    })) << name;
  EXPECT_EQ (load_failure (cut), POSTSEAL_OUTBOX_ERROR_DAMAGED);
  EXPECT_EQ (load_failure ("1234567892"), POSTSEAL_OUTBOX_ERROR_DAMAGED);
  EXPECT_EQ (mark ({ good, cut, "1234567890" }), (Ids{ cut, "1234567890" }));
  EXPECT_EQ (names ("queue").size (), 8u);
  EXPECT_TRUE (postseal_outbox_remove (outbox, cut.c_str (), nullptr))
      << "it can be removed all the same";
  EXPECT_EQ (names ("queue").size (), 7u);
}

TEST_F (Outbox, AnIndexThatCannotBeUnderstoodIsAnError)
{
  open ();
  g_clear_pointer (&outbox, postseal_outbox_free);
  for (const char *sql : { "PRAGMA user_version = 2", "PRAGMA application_id = 7" })
    {
      g_autoptr (GError) error = nullptr;

      execute (sql);
      EXPECT_EQ (postseal_outbox_open (&error), nullptr);
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED));
    }
  g_autoptr (GError) error = nullptr;
  std::ofstream (place ("index.db")) << std::string (5000, 'x');
  EXPECT_EQ (postseal_outbox_open (&error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED));
  EXPECT_NE (strstr (error->message, place ("index.db").c_str ()), nullptr) << error->message;
}

/* --- the user's word --- */

TEST_F (Outbox, AHeldMessageIsNotTriedUntilReleased)
{
  open ();
  std::string fresh = put (), tried = put ();
  settle (tried, POSTSEAL_OUTBOX_QUEUED, NOW + 1000);

  for (const auto &id : { fresh, tried })
    {
      EXPECT_TRUE (postseal_outbox_hold (outbox, id.c_str (), nullptr));
      EXPECT_TRUE (postseal_outbox_hold (outbox, id.c_str (), nullptr)) << "twice is fine";
      EXPECT_EQ (state (id), POSTSEAL_OUTBOX_HELD);
    }
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE, nullptr, NOW + 9999), Ids{});
  EXPECT_EQ (list (POSTSEAL_OUTBOX_WAITING), Ids{});
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), -1);
  EXPECT_EQ (mark ({ fresh, tried }), (Ids{ fresh, tried }));
  settle (tried, POSTSEAL_OUTBOX_BLOCKED);
  EXPECT_EQ (state (tried), POSTSEAL_OUTBOX_HELD) << "an outcome does not release it";

  for (const auto &id : { fresh, tried })
    {
      EXPECT_TRUE (postseal_outbox_release (outbox, id.c_str (), nullptr));
      EXPECT_TRUE (postseal_outbox_release (outbox, id.c_str (), nullptr));
    }
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), (Ids{ fresh, tried })) << "at once";
}

TEST_F (Outbox, HoldingWhatIsInDoubtKeepsTheDoubt)
{
  open ();
  std::string id = put ();
  EXPECT_EQ (mark ({ id }), Ids{});
  EXPECT_TRUE (postseal_outbox_hold (outbox, id.c_str (), nullptr));
  EXPECT_TRUE (postseal_outbox_release (outbox, id.c_str (), nullptr));
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_EQ (entry->state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_TRUE (entry->is_doubtful);
}

TEST_F (Outbox, ARemovedMessageIsReallyGone)
{
  open ();
  std::string fresh = put (), tried = put (), sent = put ();
  settle (tried, POSTSEAL_OUTBOX_FAILED);
  settle (sent, POSTSEAL_OUTBOX_SENT);

  for (const auto &id : { fresh, tried, sent })
    {
      g_autoptr (GError) error = nullptr;

      EXPECT_TRUE (postseal_outbox_remove (outbox, id.c_str (), &error)) << error->message;
      EXPECT_EQ (load_failure (id), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
      EXPECT_FALSE (postseal_outbox_remove (outbox, id.c_str (), nullptr)) << "once only";
    }
  EXPECT_TRUE (names ("queue").empty ());
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE), Ids{});
  EXPECT_EQ (mark ({ fresh, tried }), (Ids{ fresh, tried }));
}

TEST_F (Outbox, NobodyInterferesWithWhatIsBeingSent)
{
  open ();
  std::string id = put ();
  g_autoptr (PostsealLockFile) sender = lock ();
  EXPECT_EQ (mark ({ id }), Ids{});

  for (auto change : { postseal_outbox_hold, postseal_outbox_release, postseal_outbox_remove })
    {
      g_autoptr (GError) error = nullptr;

      EXPECT_FALSE (change (outbox, id.c_str (), &error));
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_BUSY));
    }
  EXPECT_EQ (names ("queue"), Ids{ id });
  g_clear_pointer (&sender, postseal_lock_file_release);
  EXPECT_TRUE (postseal_outbox_remove (outbox, id.c_str (), nullptr));
}

TEST_F (Outbox, WhatHasLeftCannotBeHeld)
{
  open ();
  std::string id = put ();
  settle (id, POSTSEAL_OUTBOX_SENT);

  for (auto change : { postseal_outbox_hold, postseal_outbox_release })
    {
      g_autoptr (GError) error = nullptr;

      EXPECT_FALSE (change (outbox, id.c_str (), &error));
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN));
    }
}

TEST_F (Outbox, AnOutcomeOfWhatWasRemovedChangesNothing)
{
  open ();
  std::string id = put ();
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_TRUE (postseal_outbox_remove (outbox, id.c_str (), nullptr));
  commit (make_outcome (entry, POSTSEAL_OUTBOX_QUEUED));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{});
  EXPECT_EQ (load_failure (id), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
}

/* --- accounts --- */

TEST_F (Outbox, KnowsTheAccountsThatHaveSomething)
{
  g_auto (GStrv) none = nullptr;
  g_auto (GStrv) some = nullptr;

  open ();
  std::string id = put ("done");
  settle (id, POSTSEAL_OUTBOX_SENT);
  none = postseal_outbox_list_accounts (outbox, nullptr);
  EXPECT_EQ (g_strv_length (none), 0u);
  settle (put ("work"), POSTSEAL_OUTBOX_FAILED);
  put ("home");
  put ("work");
  some = postseal_outbox_list_accounts (outbox, nullptr);
  ASSERT_EQ (g_strv_length (some), 2u);
  EXPECT_STREQ (some[0], "work");
  EXPECT_STREQ (some[1], "home");
}

TEST_F (Outbox, RemembersWhyAnAccountIsPaused)
{
  g_autofree char *reason = nullptr;
  guint failures = 7;

  open ();
  EXPECT_EQ (postseal_outbox_get_pause (outbox, "work", &failures, &reason, nullptr), 0);
  EXPECT_EQ (failures, 0u);
  EXPECT_EQ (reason, nullptr);
  EXPECT_TRUE (postseal_outbox_pause_account (outbox, "work", NOW, "refused", nullptr));
  EXPECT_TRUE (postseal_outbox_pause_account (outbox, "work", NOW + 60, "refused again", nullptr));
  open ();
  EXPECT_EQ (postseal_outbox_get_pause (outbox, "work", &failures, &reason, nullptr), NOW + 60);
  EXPECT_EQ (failures, 2u);
  EXPECT_STREQ (reason, "refused again");
  EXPECT_EQ (postseal_outbox_get_pause (outbox, "home", nullptr, nullptr, nullptr), 0);
  EXPECT_TRUE (postseal_outbox_pause_account (outbox, "work", 0, nullptr, nullptr));
  g_clear_pointer (&reason, g_free);
  EXPECT_EQ (postseal_outbox_get_pause (outbox, "work", &failures, &reason, nullptr), 0);
  EXPECT_EQ (failures, 0u);
  EXPECT_EQ (reason, nullptr);
}

/* --- the message --- */

TEST_F (Outbox, ReadsTheMessageOrItsBeginning)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  std::string text = "Subject: x\r\n\r\n" + std::string (5000, 'a') + "\r\n";
  int fd = 7;

  open ();
  std::string id = put (envelope, text);
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  g_autoptr (GBytes) whole = postseal_outbox_read (entry, text.size (), &fd, nullptr);
  ASSERT_NE (whole, nullptr);
  EXPECT_EQ (fd, -1);
  EXPECT_EQ (
      std::string ((const char *)g_bytes_get_data (whole, nullptr), g_bytes_get_size (whole)),
      text);

  g_autoptr (GBytes) begin = postseal_outbox_read (entry, 100, &fd, nullptr);
  char rest[8192];
  ASSERT_GE (fd, 0);
  EXPECT_EQ (g_bytes_get_size (begin), 100u);
  EXPECT_EQ (std::string (rest, ::read (fd, rest, sizeof rest)), text.substr (100));
  close (fd);

  g_autoptr (GError) error = nullptr;
  ASSERT_EQ (truncate (entry->path, (off_t)entry->offset + 50), 0);
  EXPECT_EQ (postseal_outbox_read (entry, 100, &fd, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED));
  g_clear_error (&error);
  fs::remove (entry->path);
  EXPECT_EQ (postseal_outbox_read (entry, 100, &fd, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN));
}

/* --- several at once --- */

TEST_F (Outbox, ManyProgramsPutInWhileOneSends)
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
  EXPECT_TRUE (names ("queue").empty ());
}

TEST_F (Outbox, EightAtOnceOpenAnOutboxThatIsNotThereYet)
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
TEST_F (Outbox, RemovingAndMarkingAtOnceNeverBothSucceed)
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

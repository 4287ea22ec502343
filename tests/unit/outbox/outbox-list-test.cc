/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "open-outbox.h"

namespace fs = std::filesystem;

class OutboxList : public OpenOutbox
{
};

TEST_F (OutboxList, MakesAnIndexThatOthersCannotRead)
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

/* fcntl(2): closing any descriptor of a file takes away all locks of the process on it. */
TEST_F (OutboxList, AnIndexOpenedTwiceKeepsItsLocks)
{
  std::string path = place ("index.db");

  open ();
  postseal_outbox_free (postseal_outbox_open (nullptr));
  pid_t child = fork ();
  if (child == 0)
    {
      /* SQLite's shared range: every open index holds a lock there. */
      struct flock lock = {};
      int fd = ::open (path.c_str (), O_RDWR);
      lock.l_type = F_WRLCK;
      lock.l_whence = SEEK_SET;
      lock.l_start = 0x40000002;
      lock.l_len = 510;
      _exit (fcntl (fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 0 : 1);
    }
  int status = -1;
  ASSERT_EQ (waitpid (child, &status, 0), child);
  EXPECT_EQ (status, 0) << "another program would take the index for unused";
}

TEST_F (OutboxList, WhatHasNotBeenTriedIsDue)
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

TEST_F (OutboxList, AMessageToBeHeldIsDueAllTheSame)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  envelope->hold_until = NOW + 100;
  open ();
  std::string id = put (envelope);

  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{ id }) << "its sender knows whether the server can";
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), 0);
  settle (id, POSTSEAL_OUTBOX_QUEUED, NOW + 100);
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{});
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), NOW + 100);
}

/* Put off on a machine that began in 2036, until its clock was set. */
TEST_F (OutboxList, WhatWasPutOffByAWrongClockIsDue)
{
  const gint64 decade = 10 * 365 * 86400;
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  open ();
  std::string put_off = put (), soon = put ();

  envelope->hold_until = NOW + decade;
  std::string wished = put (envelope);
  settle (put_off, POSTSEAL_OUTBOX_QUEUED, NOW + decade);
  settle (soon, POSTSEAL_OUTBOX_QUEUED, NOW + 4 * 3600);
  settle (wished, POSTSEAL_OUTBOX_QUEUED, NOW + decade);
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{ put_off });
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), 0);
}

TEST_F (OutboxList, IdsMayBeShortenedWhileTheyFitOneOnly)
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

TEST_F (OutboxList, WhatIsNoMessageIsNamedAndLeftAlone)
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

TEST_F (OutboxList, AnIndexThatCannotBeUnderstoodIsAnError)
{
  open ();
  g_clear_pointer (&outbox, postseal_outbox_free);
  for (const char *sql : { "PRAGMA user_version = 3", "PRAGMA application_id = 7" })
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

TEST_F (OutboxList, UnderstandsAnIndexOfTheVersionBefore)
{
  open ();
  std::string id = put ();
  std::string untried = put ();
  settle (id, POSTSEAL_OUTBOX_QUEUED);
  ASSERT_TRUE (postseal_outbox_hold (outbox, untried.c_str (), nullptr));
  g_clear_pointer (&outbox, postseal_outbox_free);
  execute ("ALTER TABLE entry DROP COLUMN since; ALTER TABLE entry DROP COLUMN is_offline;"
           "PRAGMA user_version = 1");
  open ();
  g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id.c_str (), nullptr);
  ASSERT_NE (entry, nullptr);
  EXPECT_EQ (entry->since, entry->arrived);
  g_autoptr (PostsealOutboxEntry) other = postseal_outbox_load (outbox, untried.c_str (), nullptr);
  EXPECT_EQ (other->since, 0);
}

TEST_F (OutboxList, SumsUpEachAccount)
{
  open ();
  put ("work");
  settle (put ("work"), POSTSEAL_OUTBOX_QUEUED, NOW + 300);
  settle (put ("work"), POSTSEAL_OUTBOX_FAILED);
  settle (put ("home"), POSTSEAL_OUTBOX_BLOCKED, NOW + 900);
  ASSERT_TRUE (postseal_outbox_hold (outbox, put ("home").c_str (), nullptr));
  g_autoptr (GArray) summaries = postseal_outbox_summarize (outbox, NOW, nullptr);
  ASSERT_EQ (summaries->len, 2u);
  const auto *work = &g_array_index (summaries, PostsealOutboxSummary, 0);
  const auto *home_account = &g_array_index (summaries, PostsealOutboxSummary, 1);
  EXPECT_STREQ (work->account, "work");
  EXPECT_EQ (work->next_due, 0);
  EXPECT_EQ (work->waiting, 2u);
  EXPECT_EQ (work->failed, 1u);
  EXPECT_STREQ (home_account->account, "home");
  EXPECT_EQ (home_account->next_due, NOW + 900);
  EXPECT_EQ (home_account->waiting, 1u);
  EXPECT_EQ (home_account->failed, 0u);
}

/* A sender that is killed changes nothing in the outbox. */
TEST_F (OutboxList, LooksAgainSoonAtWhatASenderHasUnderWay)
{
  open ();
  std::string id = put ("work");
  PostsealLockFile *sender = postseal_outbox_lock ("work", nullptr);
  ASSERT_NE (sender, nullptr);
  EXPECT_EQ (mark ({ id }), Ids{});
  g_autoptr (GArray) while_it_lives = postseal_outbox_summarize (outbox, NOW, nullptr);
  ASSERT_EQ (while_it_lives->len, 1u);
  gint64 next = g_array_index (while_it_lives, PostsealOutboxSummary, 0).next_due;
  EXPECT_GT (next, NOW);
  EXPECT_LE (next, NOW + 300);
  postseal_lock_file_release (sender);
  g_autoptr (GArray) afterwards = postseal_outbox_summarize (outbox, NOW, nullptr);
  EXPECT_EQ (g_array_index (afterwards, PostsealOutboxSummary, 0).next_due, 0);
}

TEST_F (OutboxList, KnowsTheAccountsThatHaveSomething)
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

TEST_F (OutboxList, RemembersWhyAnAccountIsPaused)
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

TEST_F (OutboxList, WhatWasBlockedIsDueWhenThePauseOfItsAccountEnds)
{
  open ();
  std::string blocked = put ("work"), other = put ("home"), waiting = put ("work");
  settle (blocked, POSTSEAL_OUTBOX_BLOCKED, NOW + 500);
  settle (other, POSTSEAL_OUTBOX_BLOCKED, NOW + 500);
  settle (waiting, POSTSEAL_OUTBOX_QUEUED, NOW + 500);
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{});
  EXPECT_TRUE (postseal_outbox_pause_account (outbox, "work", 0, nullptr, nullptr));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{ blocked });
}

TEST_F (OutboxList, ReadsTheMessageOrItsBeginning)
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

TEST_F (OutboxList, ListsWhileEntriesAreLoaded)
{
  open ();
  std::string id = put ();

  ASSERT_TRUE (postseal_outbox_begin_loading (outbox, nullptr));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), Ids{ id });
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_QUEUED);
  postseal_outbox_end_loading (outbox);
  EXPECT_EQ (mark ({ id }), Ids{});
}

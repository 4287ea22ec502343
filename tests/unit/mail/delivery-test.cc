/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "delivery-fixture.h"

#include "base/limits.h"
#include "base/lock-file.h"

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace postseal_test;

using Delivery = DeliveryTest;
using Strings = std::vector<std::string>;
using Uids = std::vector<guint32>;

/* As many messages as may wait to be settled before the next one is begun. */
static const guint32 MANY = 4 * POSTSEAL_BATCH_MESSAGES;

TEST_F (Delivery, AConfirmedMessageArrivesWithLineFeedsOnly)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  EXPECT_EQ (mailbox->next_uid, 1u);
  EXPECT_FALSE (mailbox->is_new_validity);
  run.add (mailbox->id, 1, "Subject: a\r\n\r\nbody\r\r\nlone\rcr\r\n");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  EXPECT_EQ (run.flush (), "");

  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "Subject: a\n\nbody\r\nlone\rcr\n" }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
  ASSERT_EQ (run.settled.size (), 1u);
  EXPECT_TRUE (run.settled[0].is_delivered);
  EXPECT_EQ (run.settled[0].uid, 1u);
  EXPECT_EQ (run.settled[0].size, 30u);
}

TEST_F (Delivery, TheResultNamesTheFileOfWhatIsNew)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();
  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();

  ASSERT_EQ (run.settled.size (), 2u);
  EXPECT_EQ (run.settled[0].file, maildir () + "/new/" + list (maildir () + "/new").at (0));
  EXPECT_FALSE (run.settled[0].was_there);
  EXPECT_EQ (run.settled[1].file, "");
  EXPECT_TRUE (run.settled[1].was_there);
}

TEST_F (Delivery, NoFileIsNamedWhereOtherSinksPutIt)
{
  Session run (loop, state (), "mbox:" + (dir / "mbox"));
  Mailbox mailbox = run.open_mailbox ();

  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();
  ASSERT_EQ (run.settled.size (), 1u);
  EXPECT_FALSE (run.settled[0].was_there);
  EXPECT_EQ (run.settled[0].file, "");
}

static unsigned
count_open_files ()
{
  return (unsigned)list ("/proc/self/fd").size ();
}

TEST_F (Delivery, OpeningAMailboxAgainHoldsNothingMore)
{
  Session run (loop, state (), spec ());
  Mailbox first = run.open_mailbox ();
  unsigned before = count_open_files ();

  for (unsigned i = 0; i < 20; i++)
    EXPECT_EQ (run.open_mailbox ()->id, first->id);
  EXPECT_EQ (count_open_files (), before);
}

TEST_F (Delivery, AMailboxWhoseFolderWasRemovedIsMadeAnew)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  std::filesystem::remove_all (maildir ());
  mailbox = run.open_mailbox ();
  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  EXPECT_EQ (run.flush (), "");
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "one" }));
}

TEST_F (Delivery, TheResultsComeBeforeTheFlushIsOver)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  for (guint32 uid = 1; uid <= 600; uid++)
    run.add (mailbox->id, uid, "x\r\n" + std::to_string (uid));
  postseal_delivery_confirm (run.get (), mailbox->id, 601);
  EXPECT_EQ (run.flush (), "");
  EXPECT_EQ (run.n_delivered (), 600u);
  EXPECT_EQ (list (maildir () + "/new").size (), 600u);
}

TEST_F (Delivery, TheFileNameHoldsHashesAndNoSlashOrColon)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  run.add (mailbox->id, 1, "same");
  run.add (mailbox->id, 2, "same");
  postseal_delivery_confirm (run.get (), mailbox->id, 3);
  run.flush ();

  Strings names = list (maildir () + "/new");
  std::vector<Strings> parts;

  ASSERT_EQ (names.size (), 2u);
  for (const auto &name : names)
    {
      g_auto (GStrv) groups = g_regex_split_simple (
          "^[0-9]+\\.M[0-9]{6}P[0-9]+Q[0-9]+_([0-9a-f]{16})_([0-9a-f]{16})\\.[-.A-Za-z0-9]+$",
          name.c_str (), G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT);

      ASSERT_EQ (g_strv_length (groups), 4u) << name; /* nothing, the two groups, nothing */
      parts.push_back ({ groups[1], groups[2] });
    }
  EXPECT_NE (parts[0][0], parts[1][0]); /* another UID */
  EXPECT_EQ (parts[0][1], parts[1][1]); /* the same content */
}

TEST_F (Delivery, WhatIsNotConfirmedGoesAway)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  run.add (mailbox->id, 1, "one");
  postseal_delivery_reject (run.get ());
  run.add (mailbox->id, 2, "two");
  postseal_delivery_confirm (run.get (), mailbox->id, 0);
  run.add (mailbox->id, 3, "three");
  postseal_delivery_begin (run.get (), mailbox->id, "seal", nullptr);
  postseal_delivery_write (run.get (), "half", 4);
  EXPECT_EQ (run.flush (), "");

  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "two" }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
  EXPECT_EQ (run.settled.size (), 1u);
}

TEST_F (Delivery, AnAbortedMessageLeavesNoFileAndTheNextOneIsWhole)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();
  std::string big (300000, 'b');

  postseal_delivery_begin (run.get (), mailbox->id, "seal", nullptr);
  postseal_delivery_write (run.get (), big.data (), big.size ());
  postseal_delivery_abort (run.get ());
  postseal_delivery_begin (run.get (), mailbox->id, "seal", nullptr);
  postseal_delivery_write (run.get (), "x", 1);
  postseal_delivery_abort (run.get ());
  run.add (mailbox->id, 9, "whole");
  postseal_delivery_confirm (run.get (), mailbox->id, 10);
  run.flush ();

  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "whole" }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
}

TEST_F (Delivery, BytesSurviveWhateverPiecesTheyComeIn)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();
  std::string wire;
  std::string file;
  PostsealMessageId id = { 1, nullptr, 0, 0 };
  size_t at = 0;

  for (int i = 0; i < 40000; i++)
    {
      wire += std::string (static_cast<size_t> (i % 11), static_cast<char> (i)) + "\r\n";
      file += std::string (static_cast<size_t> (i % 11), static_cast<char> (i)) + "\n";
    }
  wire += '\r';
  file += '\r';
  postseal_delivery_begin (run.get (), mailbox->id, "seal", nullptr);
  for (size_t n = 1; at < wire.size (); at += n, n = n % 65537 + 13)
    postseal_delivery_write (run.get (), wire.data () + at, std::min (n, wire.size () - at));
  postseal_delivery_end (run.get (), &id);
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();

  /* A lone CR as the byte between two line ends makes "CR CR LF" and the like here, too. */
  std::string expected;
  for (size_t i = 0; i < wire.size (); i++)
    if (wire[i] != '\r' || i + 1 == wire.size () || wire[i + 1] != '\n')
      expected += wire[i];
  ASSERT_EQ (list (maildir () + "/new").size (), 1u);
  EXPECT_TRUE (contents (maildir () + "/new")[0] == expected);
  EXPECT_EQ (run.settled[0].size, wire.size ());
}

TEST_F (Delivery, EmptyMessagesAreMessages)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  run.add (mailbox->id, 1, "");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "" }));
}

TEST_F (Delivery, ATraceHeaderStandsInFrontAsItIs)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  run.trace = "Received: from there\n\tby here\n";
  run.add (mailbox->id, 1, "A: b\r\n\r\n");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();
  EXPECT_EQ (contents (maildir () + "/new"),
             Strings ({ "Received: from there\n\tby here\nA: b\n\n" }));
  EXPECT_EQ (run.settled[0].size, 8u);
}

TEST_F (Delivery, ProgressRetriesAndDueMessagesAreRemembered)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  {
    Session run (loop, state (), spec ());
    Mailbox mailbox = run.open_mailbox ();
    guint32 retries[] = { 9, 4 };

    run.add (mailbox->id, 1, "one", 1111);
    run.add (mailbox->id, 2, "two");
    postseal_delivery_confirm (run.get (), mailbox->id, 10);
    postseal_delivery_set_retries (run.get (), mailbox->id, retries, 2);
    postseal_delivery_set_progress (run.get (), mailbox->id, 0, 77);
    EXPECT_EQ (run.close (), "");
  }
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ("INBOX", 7, now + 10);

  EXPECT_EQ (mailbox->next_uid, 10u);
  EXPECT_EQ (mailbox->highest_modseq, 77u);
  EXPECT_EQ (Session::to_vector<guint32> (mailbox->retries), Uids ({ 4, 9 }));
  ASSERT_EQ (mailbox->due->len, 2u);
  EXPECT_EQ (g_array_index (mailbox->due, PostsealLedgerDue, 0).uid, 1u);
  EXPECT_EQ (g_array_index (mailbox->due, PostsealLedgerDue, 0).size, 1111u);
  EXPECT_EQ (g_array_index (mailbox->due, PostsealLedgerDue, 1).size, 3u);
  EXPECT_EQ (run.open_mailbox ("INBOX", 7, now - 10)->due->len, 0u);
  EXPECT_EQ (mailbox->known->len, 0u);
}

TEST_F (Delivery, ARetriedMessageLeavesTheList)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();
  guint32 retries[] = { 3, 5 };

  postseal_delivery_set_progress (run.get (), mailbox->id, 8, 0);
  postseal_delivery_set_retries (run.get (), mailbox->id, retries, 2);
  run.add (mailbox->id, 3, "three");
  postseal_delivery_confirm (run.get (), mailbox->id, 0);
  run.flush ();
  EXPECT_EQ (Session::to_vector<guint32> (run.open_mailbox ()->retries), Uids ({ 5 }));
}

TEST_F (Delivery, ForgottenMessagesAreNotDueAgain)
{
  gint64 later = g_get_real_time () / G_USEC_PER_SEC + 10;
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();
  PostsealMessageId gone = { 1, nullptr, 0, 0 };

  run.add (mailbox->id, 1, "one");
  run.add (mailbox->id, 2, "two");
  postseal_delivery_confirm (run.get (), mailbox->id, 3);
  postseal_delivery_forget (run.get (), mailbox->id, &gone, 1);
  mailbox = run.open_mailbox ("INBOX", 7, later);
  ASSERT_EQ (mailbox->due->len, 1u);
  EXPECT_EQ (g_array_index (mailbox->due, PostsealLedgerDue, 0).uid, 2u);
}

TEST_F (Delivery, AnotherUidValidityIsANewMailbox)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ("INBOX", 7);

  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  mailbox = run.open_mailbox ("INBOX", 8);
  EXPECT_TRUE (mailbox->is_new_validity);
  EXPECT_EQ (mailbox->next_uid, 1u);
  EXPECT_EQ (mailbox->known->len, 0u);
  run.add (mailbox->id, 1, "another one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "another one", "one" }));
}

TEST_F (Delivery, WhatIsDeliveredAheadOfProgressIsKnownAndNotDeliveredTwice)
{
  {
    Session run (loop, state (), spec ());
    Mailbox mailbox = run.open_mailbox ();

    run.add (mailbox->id, 5, "five\r\n");
    postseal_delivery_confirm (run.get (), mailbox->id, 0);
    run.close ();
  }
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  EXPECT_EQ (Session::to_vector<guint32> (mailbox->known), Uids ({ 5 }));
  run.add (mailbox->id, 5, "five\r\n");
  run.add (mailbox->id, 6, "six");
  run.add (mailbox->id, 6, "six");
  postseal_delivery_confirm (run.get (), mailbox->id, 7);
  run.flush ();
  EXPECT_EQ (run.n_delivered (), 3u);
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "five\n", "six" }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
}

TEST_F (Delivery, PeekTellsWithoutMakingAnything)
{
  Session run (loop, state (), spec ());
  guint32 validity = 99;
  guint32 next = 99;
  gboolean has_work = TRUE;

  auto peek = [&] (gint64 due_before) {
    postseal_delivery_peek_mailbox_async (run.get (), "INBOX", due_before, nullptr,
                                          AsyncLoop::on_ready, &loop);
    EXPECT_TRUE (postseal_delivery_peek_mailbox_finish (run.get (), loop.wait (), &validity, &next,
                                                        &has_work, nullptr));
  };
  peek (G_MININT64);
  EXPECT_EQ (next, 0u);
  EXPECT_FALSE (has_work);
  EXPECT_FALSE (g_file_test (maildir ().c_str (), G_FILE_TEST_EXISTS));

  Mailbox mailbox = run.open_mailbox ();
  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();
  peek (G_MININT64);
  EXPECT_EQ (validity, 7u);
  EXPECT_EQ (next, 2u);
  EXPECT_FALSE (has_work);
  peek (G_MAXINT64);
  EXPECT_TRUE (has_work);
}

TEST_F (Delivery, Pop3ListingsAreHeldAgainstWhatWasDelivered)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ("", 0);
  std::vector<PostsealDeliveryListed> listed = { { "b", 0, 3 }, { "a", 0, 3 }, { "a", 1, 3 } };

  EXPECT_EQ (run.compare (mailbox->id, listed).fresh, std::vector<guint> ({ 0, 1, 2 }));
  run.add_uidl (mailbox->id, "a", "1st", 0);
  run.add_uidl (mailbox->id, "a", "2nd", 1);
  run.add_uidl (mailbox->id, "b", "longer than listed", 0, 3);
  listed.push_back ({ "c", 0, 5 });
  EXPECT_EQ (run.compare (mailbox->id, listed).fresh, std::vector<guint> ({ 3 }));
  EXPECT_EQ (run.compare (mailbox->id, listed, G_MAXINT64).due, std::vector<guint> ({ 0, 1, 2 }));
  listed[1].size = 4; /* another message under a used UIDL */
  EXPECT_EQ (run.compare (mailbox->id, listed, G_MAXINT64).fresh, std::vector<guint> ({ 1, 3 }));
  EXPECT_EQ (run.compare (mailbox->id, listed, G_MAXINT64).due, std::vector<guint> ({ 0, 2 }));
}

TEST_F (Delivery, AUidlThatIsNotListedAnyMoreIsForgotten)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ("", 0);
  std::vector<PostsealDeliveryListed> both = { { "a", 0, 3 }, { "b", 0, 3 } };
  PostsealMessageId deleted = { 0, "b", 0, 0 };

  run.add_uidl (mailbox->id, "a", "one");
  run.add_uidl (mailbox->id, "b", "two");
  EXPECT_TRUE (run.compare (mailbox->id, both).fresh.empty ());
  EXPECT_TRUE (run.compare (mailbox->id, { { "a", 0, 3 } }).fresh.empty ());
  EXPECT_EQ (run.compare (mailbox->id, both).fresh, std::vector<guint> ({ 1 }));
  run.add_uidl (mailbox->id, "b", "two");
  postseal_delivery_forget (run.get (), mailbox->id, &deleted, 1);
  EXPECT_EQ (run.compare (mailbox->id, both).fresh, std::vector<guint> ({ 1 }));
  EXPECT_TRUE (run.compare (mailbox->id, {}).fresh.empty ());
  EXPECT_EQ (run.compare (mailbox->id, both).fresh, std::vector<guint> ({ 0, 1 }));
}

TEST_F (Delivery, FoldersGoWhereTheLayoutSays)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ("Lists/Dev");

  run.add (mailbox->id, 1, "in a folder");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();
  EXPECT_EQ (contents (maildir () + "/.Lists.Dev/new"), Strings ({ "in a folder" }));
  EXPECT_TRUE (
      g_file_test ((maildir () + "/.Lists.Dev/maildirfolder").c_str (), G_FILE_TEST_EXISTS));
  EXPECT_EQ (list (maildir ()), Strings ({ ".Lists.Dev", "cur", "new", "tmp" }));
}

TEST_F (Delivery, ABatchMayHoldMessagesOfSeveralMailboxes)
{
  Session run (loop, state (), spec (), POSTSEAL_LAYOUT_FS);
  Mailbox inbox = run.open_mailbox ("INBOX");
  Mailbox other = run.open_mailbox ("A/B");

  run.add (inbox->id, 1, "i1");
  postseal_delivery_confirm (run.get (), inbox->id, 2);
  run.add (other->id, 1, "o1");
  postseal_delivery_confirm (run.get (), other->id, 2);
  run.add (inbox->id, 2, "i2");
  postseal_delivery_confirm (run.get (), inbox->id, 3);
  run.flush ();
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "i1", "i2" }));
  EXPECT_EQ (contents (maildir () + "/A/B/new"), Strings ({ "o1" }));
  EXPECT_EQ (run.open_mailbox ("INBOX")->next_uid, 3u);
  EXPECT_EQ (run.open_mailbox ("A/B")->next_uid, 2u);
}

TEST_F (Delivery, TheSecondOneIsToldWhoHasTheAccount)
{
  Session first (loop, state (), spec ());
  Session second (loop, state (), spec ());

  ASSERT_NE (first.get (), nullptr);
  ASSERT_EQ (second.get (), nullptr);
  EXPECT_TRUE (g_error_matches (second.open_error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  EXPECT_NE (strstr (second.open_error->message, "postseal test (process "), nullptr);
}

TEST_F (Delivery, AClosedOneLetsTheNextOneIn)
{
  {
    Session first (loop, state (), spec ());
    EXPECT_EQ (first.close (), "");
    EXPECT_NE (first.flush (), "");
  }
  Session second (loop, state (), spec ());
  EXPECT_NE (second.get (), nullptr);
}

TEST_F (Delivery, AFullQueueStopsTheReaderUntilItIsDrained)
{
  const std::string mbox = dir / "mbox";
  Session run (loop, state (), "mbox:" + mbox);
  Mailbox mailbox = run.open_mailbox ();
  const std::string block (POSTSEAL_DELIVERY_HIGH_WATER + 1, 'x');
  PostsealMessageId id = { MANY + 1, nullptr, 0, 0 };

  /* While another program has the mbox, nothing is settled, and behind so much of that no message
     is begun: the disk cannot keep up, however fast it is. */
  spill (mbox + ".lock", "");
  for (guint32 uid = 1; uid <= MANY; uid++)
    run.add (mailbox->id, uid, "small");
  postseal_delivery_confirm (run.get (), mailbox->id, MANY + 1);
  postseal_delivery_begin (run.get (), mailbox->id, "seal", nullptr);
  EXPECT_FALSE (postseal_delivery_write (run.get (), block.data (), block.size ()));
  EXPECT_EQ (run.n_drained, 0u);

  unlink ((mbox + ".lock").c_str ());
  EXPECT_TRUE (loop.wait_for ([&] { return run.n_drained == 1; }));
  postseal_delivery_end (run.get (), &id);
  postseal_delivery_confirm (run.get (), mailbox->id, MANY + 2);
  EXPECT_EQ (run.flush (), "");
  EXPECT_EQ (run.n_drained, 1u);
  ASSERT_EQ (run.settled.size (), MANY + 1u);
  EXPECT_EQ (run.settled.back ().size, block.size ());
}

TEST_F (Delivery, ABatchIsSettledInTimeWithoutAFlush)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  EXPECT_TRUE (loop.wait_for ([&] { return run.settled.size () == 1; }, 10 * POSTSEAL_BATCH_MS));
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "one" }));
}

TEST_F (Delivery, AnAbandonedOneSettlesWhatWasConfirmedAndLetsGo)
{
  PostsealLockFile *lock = nullptr;
  {
    AsyncLoop own;
    Session run (own, state (), spec ());
    Mailbox mailbox = run.open_mailbox ();

    run.add (mailbox->id, 1, "one");
    postseal_delivery_confirm (run.get (), mailbox->id, 2);
    run.add (mailbox->id, 2, "two");
    run.abandon ();
  }
  while (lock == nullptr) /* the test's time-out ends it */
    {
      lock = postseal_lock_file_acquire ((state () + "/lock").c_str (), "test", nullptr);
      g_thread_yield ();
    }
  postseal_lock_file_release (lock);
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "one" }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
}

TEST_F (Delivery, FilesAndDirectoriesAreForTheUserOnly)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();
  struct stat status;

  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.flush ();
  for (const char *name : { "", "/new", "/cur", "/tmp" })
    {
      ASSERT_EQ (stat ((maildir () + name).c_str (), &status), 0);
      EXPECT_EQ (status.st_mode & 07777, 0700u) << name;
    }
  ASSERT_EQ (stat ((maildir () + "/new/" + list (maildir () + "/new")[0]).c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 07777, 0600u);
  ASSERT_EQ (stat ((state () + "/ledger.sqlite").c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 07777, 0600u);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "delivery-fixture.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sqlite3.h>
#include <unistd.h>

using namespace postseal_test;
using Strings = std::vector<std::string>;

/* Disks that are full, read-only or broken. Some need a file system of their own. */
class Failure : public DeliveryTest
{
protected:
  /* A file system of @size bytes at dir/name; FALSE where we may not mount. */
  bool
  mount_small (const std::string &name, const char *size)
  {
    std::string path = dir / name;

    g_mkdir_with_parents (path.c_str (), 0700);
    if (mount ("tmpfs", path.c_str (), "tmpfs", 0, (std::string ("size=") + size).c_str ()) != 0)
      return false;
    mounted_.push_back (path);
    return true;
  }

  ~Failure () override
  {
    for (const auto &path : mounted_)
      umount2 (path.c_str (), MNT_DETACH);
  }

private:
  std::vector<std::string> mounted_;
};

TEST_F (Failure, AFullDiskStopsTheAccountAndLeavesNothingHalf)
{
  if (!mount_small ("Mail", "1m"))
    GTEST_SKIP () << "may not mount";
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();
  std::string big (400000, 'x');

  for (guint32 uid = 1; uid <= 5; uid++)
    {
      run.add (mailbox->id, uid, big);
      postseal_delivery_confirm (run.get (), mailbox->id, uid + 1);
    }
  EXPECT_NE (run.flush ().find ("No space left on device; make room there"), std::string::npos);
  EXPECT_EQ (run.failures.size (), 1u);
  EXPECT_EQ (run.settled.size (), 5u);
  EXPECT_EQ (run.n_delivered (), 2u);
  EXPECT_EQ (list (maildir () + "/new").size (), 2u);
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
  for (const auto &content : contents (maildir () + "/new"))
    EXPECT_TRUE (content == big);
  run.close ();

  /* With room again the rest comes, and nothing twice. */
  umount2 (maildir ().c_str (), MNT_DETACH);
  Session again (loop, state (), spec ());
  mailbox = again.open_mailbox ();
  EXPECT_EQ (mailbox->next_uid + mailbox->known->len, 3u);
}

TEST_F (Failure, AFullDiskUnderTheLedgerDeliversNothing)
{
  if (!mount_small ("state", "256k"))
    GTEST_SKIP () << "may not mount";
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  spill (state () + "/ballast", std::string (250000, 'x'));
  for (guint32 uid = 1; uid <= 50; uid++)
    run.add (mailbox->id, uid, "content");
  postseal_delivery_confirm (run.get (), mailbox->id, 51);
  EXPECT_NE (run.flush ().find ("Cannot write the record of delivered mail"), std::string::npos);
  EXPECT_EQ (run.n_delivered (), 0u);
  EXPECT_TRUE (list (maildir () + "/new").empty ());
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
  run.close ();

  unlink ((state () + "/ballast").c_str ());
  Session again (loop, state (), spec ());
  mailbox = again.open_mailbox ();
  EXPECT_EQ (mailbox->next_uid, 1u);
  EXPECT_EQ (mailbox->known->len, 0u);
  for (guint32 uid = 1; uid <= 50; uid++)
    again.add (mailbox->id, uid, "content");
  postseal_delivery_confirm (again.get (), mailbox->id, 51);
  EXPECT_EQ (again.flush (), "");
  EXPECT_EQ (list (maildir () + "/new").size (), 50u);
}

TEST_F (Failure, AFileSizeLimitIsLikeAFullDisk)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();
  std::string big (3 << 20, 'x');
  struct rlimit before;
  struct rlimit small;

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 2 << 20;
  setrlimit (RLIMIT_FSIZE, &small);
  run.add (mailbox->id, 1, "small");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  run.add (mailbox->id, 2, big);
  postseal_delivery_confirm (run.get (), mailbox->id, 3);
  EXPECT_NE (run.flush ().find ("File too large"), std::string::npos);
  setrlimit (RLIMIT_FSIZE, &before);

  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "small" }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
  ASSERT_EQ (run.settled.size (), 2u);
  EXPECT_TRUE (run.settled[0].is_delivered);
  EXPECT_NE (run.settled[1].error.find ("File too large"), std::string::npos);
}

TEST_F (Failure, AReadOnlyMaildirIsAnErrorWithARemedy)
{
  std::string error;

  if (!mount_small ("Mail", "1m"))
    GTEST_SKIP () << "may not mount";
  mount (nullptr, maildir ().c_str (), nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
  Session run (loop, state (), spec ());
  EXPECT_EQ (run.open_mailbox ("INBOX", 7, 0, &error), nullptr);
  EXPECT_NE (error.find ("Read-only file system; make it writable"), std::string::npos) << error;
}

TEST_F (Failure, AMaildirThatBecomesReadOnlyLosesNothing)
{
  if (!mount_small ("Mail", "1m"))
    GTEST_SKIP () << "may not mount";
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  mount (nullptr, maildir ().c_str (), nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
  run.add (mailbox->id, 1, "one");
  postseal_delivery_confirm (run.get (), mailbox->id, 2);
  EXPECT_NE (run.flush ().find ("Read-only file system"), std::string::npos);
  EXPECT_EQ (run.n_delivered (), 0u);
  run.close ();
  mount (nullptr, maildir ().c_str (), nullptr, MS_REMOUNT, nullptr);

  Session again (loop, state (), spec ());
  EXPECT_EQ (again.open_mailbox ()->next_uid, 1u);
}

/* new/ is on another file system, so that only the rename fails: after the intents. */
TEST_F (Failure, ARenameThatFailsLeavesTheDecisionToTheNextRun)
{
  {
    Session run (loop, state (), spec ());
    run.open_mailbox ();
  }
  if (!mount_small ("Mail/new", "1m"))
    GTEST_SKIP () << "may not mount";
  {
    Session run (loop, state (), spec ());
    Mailbox mailbox = run.open_mailbox ();

    run.add (mailbox->id, 1, "one");
    run.add (mailbox->id, 2, "two");
    postseal_delivery_confirm (run.get (), mailbox->id, 3);
    EXPECT_NE (run.flush ().find ("Invalid cross-device link"), std::string::npos);
    EXPECT_EQ (run.n_delivered (), 0u);
    EXPECT_EQ (run.settled.size (), 2u);
  }
  EXPECT_EQ (list (maildir () + "/tmp").size (), 2u);
  umount2 ((maildir () + "/new").c_str (), MNT_DETACH);

  Session again (loop, state (), spec ());
  Mailbox mailbox = again.open_mailbox ();
  EXPECT_EQ (mailbox->next_uid, 1u);
  EXPECT_EQ (Session::to_vector<guint32> (mailbox->known), std::vector<guint32> ({ 1, 2 }));
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "one", "two" }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
}

TEST_F (Failure, AMessageThatVanishesFromTmpIsKeptForAnotherTime)
{
  Session run (loop, state (), spec ());
  Mailbox mailbox = run.open_mailbox ();

  run.add (mailbox->id, 1, "one");
  run.add (mailbox->id, 2, "two");
  /* In order with the messages: they have been written when it answers. */
  run.open_mailbox ("Other");
  Strings staged = list (maildir () + "/tmp");
  ASSERT_EQ (staged.size (), 2u);
  std::string victim = slurp (maildir () + "/tmp/" + staged[0]) == "one" ? staged[0] : staged[1];
  unlink ((maildir () + "/tmp/" + victim).c_str ());
  postseal_delivery_confirm (run.get (), mailbox->id, 3);
  EXPECT_EQ (run.flush (), "");

  EXPECT_EQ (run.n_delivered (), 1u);
  EXPECT_NE (run.settled[0].error.find ("vanished"), std::string::npos);
  mailbox = run.open_mailbox ();
  EXPECT_EQ (mailbox->next_uid, 3u);
  EXPECT_EQ (Session::to_vector<guint32> (mailbox->retries), std::vector<guint32> ({ 1 }));
  /* The caller's own list does not drop it. */
  postseal_delivery_set_retries (run.get (), mailbox->id, nullptr, 0);
  EXPECT_EQ (Session::to_vector<guint32> (run.open_mailbox ()->retries),
             std::vector<guint32> ({ 1 }));
}

TEST_F (Failure, ADamagedLedgerIsNamedAndKept)
{
  std::string path = state () + "/ledger.sqlite";

  spill (path, std::string (8192, 'x'));
  Session run (loop, state (), spec ());
  ASSERT_EQ (run.get (), nullptr);
  EXPECT_TRUE (
      g_error_matches (run.open_error, POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_DAMAGED));
  EXPECT_NE (strstr (run.open_error->message, path.c_str ()), nullptr);
  EXPECT_EQ (slurp (path), std::string (8192, 'x'));
}

TEST_F (Failure, ADatabaseOfAnotherProgramIsRefused)
{
  sqlite3 *db = nullptr;

  g_mkdir_with_parents (state ().c_str (), 0700);
  ASSERT_EQ (sqlite3_open ((state () + "/ledger.sqlite").c_str (), &db), SQLITE_OK);
  sqlite3_exec (db, "CREATE TABLE other (x)", nullptr, nullptr, nullptr);
  sqlite3_close (db);
  Session run (loop, state (), spec ());
  ASSERT_EQ (run.get (), nullptr);
  EXPECT_TRUE (
      g_error_matches (run.open_error, POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_DAMAGED));
}

TEST_F (Failure, AnUnknownMailboxIsAnErrorAndNoCrash)
{
  Session run (loop, state (), spec ());

  run.add (4711, 1, "one");
  postseal_delivery_confirm (run.get (), 4711, 2);
  EXPECT_NE (run.flush (), "");
  EXPECT_EQ (run.n_delivered (), 0u);
}

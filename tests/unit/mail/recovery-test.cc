/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "delivery-fixture.h"

#include "base/digest.h"
#include "mail/ledger-private.h"
#include "mail/message-name.h"

#include <sqlite3.h>

using namespace postseal_test;
using Strings = std::vector<std::string>;

/* The states that a crash can leave behind, made by hand: intents in the ledger, and files. */
class Recovery : public DeliveryTest
{
protected:
  ~Recovery () override { _postseal_ledger_set_boot_id (nullptr); }

  std::string
  owner ()
  {
    g_autofree char *real = realpath (state ().c_str (), nullptr);
    g_autofree char *hash = _postseal_message_name_owner ("jane", real);

    return hash;
  }

  /* An intent for UID @uid, recorded under the boot @boot. Returns: its names */
  struct Names
  {
    std::string staged; /* path */
    std::string name;
  };

  Names
  intend (guint32 uid,
          const std::string &content,
          const std::string &boot = "this boot",
          bool is_maildir = true)
  {
    for (const char *name : { "", "/tmp", "/new", "/cur" })
      g_mkdir_with_parents ((maildir () + name).c_str (), 0700);
    g_mkdir_with_parents ((state () + "/spool").c_str (), 0700);
    _postseal_ledger_set_boot_id (boot.c_str ());

    g_autoptr (PostsealLedger) ledger
        = postseal_ledger_open ((state () + "/ledger.sqlite").c_str (), nullptr);
    PostsealLedgerMailbox mailbox;
    gboolean is_changed;
    guint8 digest[POSTSEAL_DIGEST_LENGTH];
    PostsealDigest *sum = postseal_digest_new ();

    postseal_ledger_open_mailbox (ledger, "INBOX", 7, &mailbox, &is_changed, nullptr);
    postseal_digest_update (sum, content.data (), content.size ());
    postseal_digest_finish (sum, digest);

    g_autofree char *staged_name = _postseal_message_name_make_staged (owner ().c_str ());
    g_autofree char *name
        = _postseal_message_name_make ("jane", "INBOX", 7, uid, nullptr, 0, digest);
    std::string staged = (is_maildir ? maildir () + "/tmp/" : state () + "/spool/") + staged_name;
    std::string path = maildir ();
    PostsealLedgerMessage message = {};

    message.mailbox = mailbox.id;
    message.uid = uid;
    message.size = content.size ();
    message.digest = digest;
    message.name = name;
    message.staged = staged.c_str ();
    message.path = is_maildir ? path.c_str () : nullptr;
    EXPECT_TRUE (postseal_ledger_begin (ledger, nullptr));
    EXPECT_TRUE (postseal_ledger_add_intent (ledger, &message, nullptr));
    EXPECT_TRUE (postseal_ledger_commit (ledger, nullptr));
    return { staged, name };
  }

  /* What the next run sees: the notes, and which UIDs it must not fetch. */
  std::vector<guint32>
  recover (Strings *notes = nullptr, const std::string &boot = "this boot")
  {
    _postseal_ledger_set_boot_id (boot.c_str ());
    Session run (loop, state (), spec ());

    EXPECT_NE (run.get (), nullptr) << (run.open_error ? run.open_error->message : "");
    if (notes != nullptr)
      *notes = run.notes ();
    return Session::to_vector<guint32> (run.open_mailbox ()->known);
  }

  void
  execute (const char *sql)
  {
    sqlite3 *db = nullptr;

    ASSERT_EQ (sqlite3_open ((state () + "/ledger.sqlite").c_str (), &db), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close (db);
  }

  using Uids = std::vector<guint32>;
};

TEST_F (Recovery, AFileStillInTmpIsDeliveredNow)
{
  Names names = intend (1, "content");
  Strings notes;

  spill (names.staged, "content");
  EXPECT_EQ (recover (&notes), Uids ({ 1 }));
  EXPECT_EQ (list (maildir () + "/new"), Strings ({ names.name }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
  EXPECT_EQ (notes, Strings ({ "1 message of an interrupted run was delivered" }));
}

TEST_F (Recovery, AlsoAfterAPowerCut)
{
  Names names = intend (1, "content", "boot before");

  spill (names.staged, "content");
  EXPECT_EQ (recover (), Uids ({ 1 }));
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "content" }));
}

TEST_F (Recovery, ATornFileInTmpIsFetchedAgain)
{
  Names names = intend (1, "content", "boot before");
  Strings notes;

  spill (names.staged, "cont");
  EXPECT_EQ (recover (&notes), Uids ());
  EXPECT_TRUE (list (maildir () + "/new").empty ());
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
  EXPECT_EQ (notes, Strings ({ "1 message of an interrupted run is fetched again" }));
}

TEST_F (Recovery, AFileGoneFromTmpWasDeliveredWhateverAReaderDidSince)
{
  intend (1, "content");
  EXPECT_EQ (recover (), Uids ({ 1 }));
}

TEST_F (Recovery, AfterAPowerCutItCountsOnlyWhenFound)
{
  intend (1, "lost", "boot before");
  Names in_new = intend (2, "in new", "boot before");
  Names in_cur = intend (3, "in cur", "boot before");
  Strings notes;

  spill (maildir () + "/new/" + in_new.name, "in new");
  spill (maildir () + "/cur/" + in_cur.name + ",S=6:2,FS", "in cur");
  spill (maildir () + "/cur/1.someone.else:2,S", "x");
  EXPECT_EQ (recover (&notes), Uids ({ 2, 3 }));
  EXPECT_EQ (notes, Strings ({ "2 messages of an interrupted run were delivered",
                               "1 message of an interrupted run is fetched again" }));
}

TEST_F (Recovery, AnOldIntentIsNotTrustedBecauseReadersClearTmp)
{
  intend (1, "content");
  execute ("UPDATE intent SET made_at = made_at - 3 * 86400");
  EXPECT_EQ (recover (), Uids ());
}

TEST_F (Recovery, AMaildirThatIsGoneAltogetherProvesNothing)
{
  intend (1, "content");
  std::filesystem::remove_all (maildir ());
  EXPECT_EQ (recover (), Uids ());
}

TEST_F (Recovery, AFileThatIsInTmpAndInNewIsOneMessage)
{
  Names names = intend (1, "content");

  spill (names.staged, "content"); /* stopped between link and unlink */
  spill (maildir () + "/new/" + names.name, "content");
  EXPECT_EQ (recover (), Uids ({ 1 }));
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "content" }));
  EXPECT_TRUE (list (maildir () + "/tmp").empty ());
}

TEST_F (Recovery, AStrangersFileOfThatNameIsNotReplaced)
{
  Names names = intend (1, "content");

  spill (names.staged, "content");
  spill (maildir () + "/new/" + names.name, "strange");
  EXPECT_EQ (recover (), Uids ({ 1 }));
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "content", "strange" }));
}

TEST_F (Recovery, WhatAProgramMayHaveGotIsFetchedAgainAndSaid)
{
  Names names = intend (1, "content", "this boot", false);
  Strings notes;

  spill (names.staged, "content");
  EXPECT_EQ (recover (&notes), Uids ());
  EXPECT_EQ (notes, Strings ({ "1 message of an interrupted run may be delivered twice" }));
  EXPECT_TRUE (list (state () + "/spool").empty ());
}

TEST_F (Recovery, IntentsAreSettledOnce)
{
  Strings notes;

  intend (1, "content");
  recover ();
  recover (&notes);
  EXPECT_TRUE (notes.empty ());
}

TEST_F (Recovery, OrphansInTmpAreSweptButNotThoseOfOthers)
{
  recover ();
  g_autofree char *ours = _postseal_message_name_make_staged (owner ().c_str ());
  g_autofree char *other = _postseal_message_name_make_staged ("0123456789abcdef");

  spill (maildir () + "/tmp/" + ours, "half");
  spill (maildir () + "/tmp/" + other, "another account's");
  spill (maildir () + "/tmp/1.2.host", "another program's");
  recover ();
  EXPECT_EQ (contents (maildir () + "/tmp"),
             Strings ({ "another account's", "another program's" }));
}

TEST_F (Recovery, StagedFilesOfThisRunAreNotOrphans)
{
  Session run (loop, state (), spec (), POSTSEAL_LAYOUT_SINGLE);
  Mailbox inbox = run.open_mailbox ("INBOX");

  run.add (inbox->id, 1, "one");
  run.open_mailbox ("Other"); /* the same Maildir */
  postseal_delivery_confirm (run.get (), inbox->id, 2);
  EXPECT_EQ (run.flush (), "");
  EXPECT_EQ (contents (maildir () + "/new"), Strings ({ "one" }));
}

TEST_F (Recovery, AnInterruptedRetryIsNoRetryAnyMore)
{
  Names names = intend (3, "content");

  execute ("INSERT INTO retry VALUES ((SELECT id FROM mailbox), 3), ((SELECT id FROM mailbox), 4);"
           "UPDATE mailbox SET next_uid = 9");
  spill (names.staged, "content");
  Session run (loop, state (), spec ());
  EXPECT_EQ (Session::to_vector<guint32> (run.open_mailbox ()->retries), Uids ({ 4 }));
}

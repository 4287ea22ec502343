/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger.h"
#include "temp-dir.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

using namespace postseal_test;

namespace
{

class Ledger : public testing::Test
{
protected:
  Ledger ()
  {
    path = dir / "ledger.sqlite";
    ledger = postseal_ledger_open (path.c_str (), nullptr);
  }

  ~Ledger () override { postseal_ledger_close (ledger); }

  void
  reopen ()
  {
    postseal_ledger_close (ledger);
    ledger = postseal_ledger_open (path.c_str (), nullptr);
    ASSERT_NE (ledger, nullptr);
  }

  gint64
  open_mailbox (const char *name, guint32 validity)
  {
    PostsealLedgerMailbox mailbox = {};
    gboolean is_changed;

    EXPECT_TRUE (
        postseal_ledger_open_mailbox (ledger, name, validity, &mailbox, &is_changed, nullptr));
    return mailbox.id;
  }

  PostsealLedgerMessage
  message (gint64 mailbox, guint32 uid, const char *uidl = nullptr)
  {
    PostsealLedgerMessage row = {};

    row.mailbox = mailbox;
    row.uid = uid;
    row.uidl = uidl;
    row.size = 10;
    row.digest = digest;
    row.name = "name";
    row.staged = "/staged";
    return row;
  }

  void
  deliver (PostsealLedgerMessage row, gint64 when)
  {
    ASSERT_TRUE (postseal_ledger_add_intent (ledger, &row, nullptr));
    ASSERT_TRUE (postseal_ledger_mark_delivered (ledger, &row, when, nullptr));
  }

  TempDir dir;
  std::string path;
  PostsealLedger *ledger;
  guint8 digest[32] = { 1, 2, 3 };
};

} // namespace

TEST_F (Ledger, ARolledBackTransactionLeavesNothing)
{
  gint64 mailbox = open_mailbox ("INBOX", 1);
  PostsealLedgerMessage row = message (mailbox, 1);
  gboolean knows = TRUE;
  unsigned n = 0;

  ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
  deliver (row, 5);
  postseal_ledger_rollback (ledger);
  EXPECT_TRUE (postseal_ledger_knows (ledger, &row, &knows, nullptr));
  EXPECT_FALSE (knows);
  ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
  ASSERT_TRUE (postseal_ledger_add_intent (ledger, &row, nullptr));
  ASSERT_TRUE (postseal_ledger_commit (ledger, nullptr));
  reopen ();
  EXPECT_TRUE (postseal_ledger_foreach_intent (
      ledger,
      [] (const PostsealLedgerMessage *, gboolean is_recent, gpointer data) {
        EXPECT_TRUE (is_recent);
        ++*static_cast<unsigned *> (data);
      },
      &n, nullptr));
  EXPECT_EQ (n, 1u);
}

TEST_F (Ledger, ProgressNeverGoesBack)
{
  gint64 mailbox = open_mailbox ("INBOX", 1);
  PostsealLedgerMailbox stored = {};
  gboolean has_work;

  postseal_ledger_set_progress (ledger, mailbox, 10, 100, nullptr);
  postseal_ledger_set_progress (ledger, mailbox, 5, 0, nullptr);
  postseal_ledger_set_progress (ledger, mailbox, 0, G_MAXUINT64, nullptr);
  ASSERT_TRUE (
      postseal_ledger_peek_mailbox (ledger, "INBOX", G_MININT64, &stored, &has_work, nullptr));
  EXPECT_EQ (stored.next_uid, 10u);
  EXPECT_EQ (stored.highest_modseq, 100u);
}

TEST_F (Ledger, OtherContentUnderAUidIsNotKnown)
{
  gint64 mailbox = open_mailbox ("INBOX", 1);
  PostsealLedgerMessage row = message (mailbox, 1);
  gboolean knows = FALSE;

  deliver (row, 5);
  postseal_ledger_knows (ledger, &row, &knows, nullptr);
  EXPECT_TRUE (knows);
  digest[0]++;
  postseal_ledger_knows (ledger, &row, &knows, nullptr);
  EXPECT_FALSE (knows);
}

/* The caller's list may be older than what the ledger knows. */
TEST_F (Ledger, WhatIsDeliveredIsNoRetry)
{
  gint64 mailbox = open_mailbox ("INBOX", 1);
  PostsealLedgerMessage row = message (mailbox, 1);
  const guint32 uids[] = { 1, 2 };

  deliver (row, 5);
  ASSERT_TRUE (postseal_ledger_set_retries (ledger, mailbox, uids, 2, nullptr));
  ASSERT_TRUE (postseal_ledger_add_retry (ledger, mailbox, 1, nullptr));
  g_autoptr (GArray) retries = postseal_ledger_get_retries (ledger, mailbox, nullptr);
  ASSERT_EQ (retries->len, 1u);
  EXPECT_EQ (g_array_index (retries, guint32, 0), 2u);
}

TEST_F (Ledger, RewindingForgetsWhatIsNotNamed)
{
  gint64 mailbox = open_mailbox ("INBOX", 1);
  gint64 other = open_mailbox ("Other", 1);
  const guint32 found[] = { 2, 7 };
  PostsealLedgerMailbox stored = {};
  gboolean has_work;

  for (guint32 uid : { 1u, 2u, 3u })
    {
      PostsealLedgerMessage row = message (mailbox, uid);

      deliver (row, 5);
    }
  PostsealLedgerMessage elsewhere = message (other, 1);
  deliver (elsewhere, 5);
  postseal_ledger_set_progress (ledger, mailbox, 10, 100, nullptr);
  ASSERT_TRUE (postseal_ledger_rewind (ledger, mailbox, found, 2, nullptr));
  g_autoptr (GArray) known = postseal_ledger_get_known (ledger, mailbox, 0, nullptr);
  g_autoptr (GArray) others = postseal_ledger_get_known (ledger, other, 0, nullptr);
  ASSERT_EQ (known->len, 1u);
  EXPECT_EQ (g_array_index (known, guint32, 0), 2u);
  EXPECT_EQ (others->len, 1u);
  ASSERT_TRUE (
      postseal_ledger_peek_mailbox (ledger, "INBOX", G_MININT64, &stored, &has_work, nullptr));
  EXPECT_EQ (stored.next_uid, 1u);
  EXPECT_EQ (stored.highest_modseq, 0u);
}

TEST_F (Ledger, MailboxesDoNotKnowEachOther)
{
  gint64 inbox = open_mailbox ("INBOX", 1);
  gint64 other = open_mailbox ("Other", 1);
  g_autoptr (GArray) known = nullptr;

  deliver (message (inbox, 1), 5);
  known = postseal_ledger_get_known (ledger, other, 1, nullptr);
  EXPECT_EQ (known->len, 0u);
}

TEST_F (Ledger, TheSameSealIsStoredOnce)
{
  gint64 a = postseal_ledger_add_seal (ledger, "a", nullptr);
  gint64 b = postseal_ledger_add_seal (ledger, "b", nullptr);

  EXPECT_NE (a, 0);
  EXPECT_NE (a, b);
  reopen ();
  EXPECT_EQ (postseal_ledger_add_seal (ledger, "a", nullptr), a);
}

TEST_F (Ledger, TheSummaryTellsTheLastSeal)
{
  gint64 inbox = open_mailbox ("INBOX", 1);
  gint64 pop3 = open_mailbox ("", 0);
  PostsealLedgerSummary summary = {};
  PostsealLedgerMessage first = message (inbox, 1);
  PostsealLedgerMessage second = message (pop3, 0, "u");

  EXPECT_TRUE (postseal_ledger_summarize (ledger, &summary, nullptr));
  EXPECT_EQ (summary.delivered, 0u);
  EXPECT_EQ (summary.last_seal, nullptr);
  first.seal = postseal_ledger_add_seal (ledger, "old", nullptr);
  second.seal = postseal_ledger_add_seal (ledger, "new", nullptr);
  deliver (second, 20);
  deliver (first, 10);
  EXPECT_TRUE (postseal_ledger_summarize (ledger, &summary, nullptr));
  EXPECT_EQ (summary.delivered, 2u);
  EXPECT_EQ (summary.last_delivered_at, 20);
  EXPECT_STREQ (summary.last_seal, "new");
  g_free (summary.last_seal);
}

TEST_F (Ledger, AHundredThousandUidlsAreComparedAndStaySmall)
{
  const unsigned n = 100000;
  gint64 mailbox = open_mailbox ("", 0);
  std::vector<std::string> uidls;
  std::vector<PostsealLedgerListed> listed;
  g_autoptr (GArray) fresh = nullptr;
  g_autoptr (GArray) due = nullptr;

  for (unsigned i = 0; i < n; i++)
    uidls.push_back (std::to_string (i * 2654435761u) + "-uidl");
  ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
  for (unsigned i = 0; i < n; i++)
    {
      listed.push_back ({ uidls[i].c_str (), 0, 10 });
      if (i % 1000 != 7)
        deliver (message (mailbox, 0, uidls[i].c_str ()), 5);
    }
  ASSERT_TRUE (postseal_ledger_commit (ledger, nullptr));

  gint64 start = g_get_monotonic_time ();
  ASSERT_TRUE (postseal_ledger_compare (ledger, mailbox, listed.data (), n, G_MININT64, &fresh,
                                        &due, nullptr));
  RecordProperty ("compare_ms", static_cast<int> ((g_get_monotonic_time () - start) / 1000));
  ASSERT_EQ (fresh->len, n / 1000);
  for (unsigned i = 0; i < fresh->len; i++)
    EXPECT_EQ (g_array_index (fresh, guint, i), i * 1000 + 7);
  EXPECT_EQ (due->len, 0u);
  reopen (); /* the log is written back */
  EXPECT_LT (std::filesystem::file_size (path), n * 80);
}

TEST_F (Ledger, AHundredThousandUidsStaySmall)
{
  const unsigned n = 100000;
  gint64 mailbox = open_mailbox ("INBOX", 1);

  ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
  for (unsigned i = 1; i <= n; i++)
    deliver (message (mailbox, i), 1700000000);
  ASSERT_TRUE (postseal_ledger_commit (ledger, nullptr));
  reopen ();
  EXPECT_LT (std::filesystem::file_size (path), n * 50);
}

TEST_F (Ledger, ItIsReadWhileAnotherOneHasItOpen)
{
  g_autoptr (PostsealLedger) reader = postseal_ledger_open (path.c_str (), nullptr);
  PostsealLedgerSummary summary = {};
  gint64 mailbox = open_mailbox ("INBOX", 1);

  ASSERT_NE (reader, nullptr);
  ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
  deliver (message (mailbox, 1), 5);
  EXPECT_TRUE (postseal_ledger_summarize (reader, &summary, nullptr));
  EXPECT_EQ (summary.delivered, 0u);
  ASSERT_TRUE (postseal_ledger_commit (ledger, nullptr));
  EXPECT_TRUE (postseal_ledger_summarize (reader, &summary, nullptr));
  EXPECT_EQ (summary.delivered, 1u);
}

TEST_F (Ledger, AMessageIsFoundByItsContentWithTheSealItWasFetchedWith)
{
  gint64 mailbox = open_mailbox ("INBOX", 1);
  gint64 pop3 = open_mailbox ("", 0);
  PostsealLedgerMessage row = message (mailbox, 7);
  const guint8 content[32] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8 };
  const guint8 other[32] = { 0xff, 1, 2, 3, 4, 5, 6, 8 };

  ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
  row.content = content;
  row.seal = postseal_ledger_add_seal (ledger, "voucher=ca\n", nullptr);
  deliver (row, 500);
  row = message (pop3, 0, "a");
  row.content = content;
  row.seal = postseal_ledger_add_seal (ledger, "voucher=dane\n", nullptr);
  deliver (row, 600);
  row = message (mailbox, 8);
  row.seal = 1;
  deliver (row, 700);
  ASSERT_TRUE (postseal_ledger_adopt_uid (ledger, mailbox, 9, 10, 800, nullptr));
  ASSERT_TRUE (postseal_ledger_commit (ledger, nullptr));

  g_autoptr (GPtrArray) found = postseal_ledger_find_content (ledger, content, nullptr);
  ASSERT_EQ (found->len, 2u);
  auto first = static_cast<PostsealLedgerSighting *> (g_ptr_array_index (found, 0));
  auto second = static_cast<PostsealLedgerSighting *> (g_ptr_array_index (found, 1));
  EXPECT_STREQ (first->mailbox, "");
  EXPECT_EQ (first->delivered_at, 600);
  EXPECT_STREQ (first->seal, "voucher=dane\n");
  EXPECT_STREQ (second->mailbox, "INBOX");
  EXPECT_STREQ (second->seal, "voucher=ca\n");
  g_autoptr (GPtrArray) none = postseal_ledger_find_content (ledger, other, nullptr);
  EXPECT_EQ (none->len, 0u);
  const guint8 adopted[32] = {};
  g_autoptr (GPtrArray) prior = postseal_ledger_find_content (ledger, adopted, nullptr);
  EXPECT_EQ (prior->len, 0u) << "what another program has fetched was not seen here";
}

TEST_F (Ledger, WhatIsGoneFromTheServerIsStillFoundByItsContent)
{
  gint64 mailbox = open_mailbox ("INBOX", 1);
  gint64 pop3 = open_mailbox ("", 0);
  PostsealLedgerMessage row = message (mailbox, 7);
  PostsealLedgerMailbox anew = {};
  gboolean is_changed = FALSE, knows = TRUE;

  ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
  row.seal = postseal_ledger_add_seal (ledger, "voucher=ca\n", nullptr);
  deliver (row, 500);
  row = message (pop3, 0, "a");
  row.seal = 1;
  deliver (row, 600);
  ASSERT_TRUE (postseal_ledger_forget_uidl (ledger, pop3, "a", 0, nullptr));
  EXPECT_TRUE (postseal_ledger_knows (ledger, &row, &knows, nullptr));
  EXPECT_FALSE (knows) << "another message may have this UIDL now";
  ASSERT_TRUE (postseal_ledger_commit (ledger, nullptr));
  ASSERT_TRUE (postseal_ledger_open_mailbox (ledger, "INBOX", 2, &anew, &is_changed, nullptr));
  EXPECT_TRUE (is_changed);

  g_autoptr (GPtrArray) found = postseal_ledger_find_content (ledger, digest, nullptr);
  ASSERT_EQ (found->len, 2u);
  EXPECT_EQ (static_cast<PostsealLedgerSighting *> (g_ptr_array_index (found, 0))->delivered_at,
             600);
  auto second = static_cast<PostsealLedgerSighting *> (g_ptr_array_index (found, 1));
  EXPECT_STREQ (second->mailbox, "INBOX");
  EXPECT_STREQ (second->seal, "voucher=ca\n");
}

/* A ledger as it was made before there was a memory of what is gone. */
TEST_F (Ledger, AnOlderLedgerGetsAMemory)
{
  gint64 pop3 = open_mailbox ("", 0);
  PostsealLedgerMessage row = message (pop3, 0, "a");
  sqlite3 *handle = nullptr;

  row.seal = postseal_ledger_add_seal (ledger, "voucher=ca\n", nullptr);
  deliver (row, 500);
  ASSERT_EQ (sqlite3_open (path.c_str (), &handle), SQLITE_OK);
  EXPECT_EQ (sqlite3_exec (handle,
                           "DROP TRIGGER message_departs; DROP TRIGGER pop3_message_departs;"
                           "DROP TABLE departed;",
                           nullptr, nullptr, nullptr),
             SQLITE_OK);
  sqlite3_close (handle);
  g_autoptr (GPtrArray) still = postseal_ledger_find_content (ledger, digest, nullptr);
  EXPECT_EQ (still->len, 1u) << "without a memory, too";
  reopen ();
  ASSERT_TRUE (postseal_ledger_forget_uidl (ledger, pop3, "a", 0, nullptr));
  g_autoptr (GPtrArray) found = postseal_ledger_find_content (ledger, digest, nullptr);
  EXPECT_EQ (found->len, 1u);
}

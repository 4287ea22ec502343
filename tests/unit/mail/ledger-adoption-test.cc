/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger.h"
#include "temp-dir.h"

#include <gtest/gtest.h>
#include <vector>

using namespace postseal_test;

namespace
{

class LedgerAdoption : public testing::Test
{
protected:
  LedgerAdoption ()
  {
    path = dir / "ledger.sqlite";
    ledger = postseal_ledger_open (path.c_str (), nullptr);
  }

  ~LedgerAdoption () override { postseal_ledger_close (ledger); }

  PostsealLedgerMailbox
  open_mailbox (const char *name, guint32 validity)
  {
    PostsealLedgerMailbox mailbox = {};
    gboolean is_changed = TRUE;

    EXPECT_TRUE (
        postseal_ledger_open_mailbox (ledger, name, validity, &mailbox, &is_changed, nullptr));
    EXPECT_FALSE (is_changed);
    return mailbox;
  }

  void
  adopt (gint64 mailbox, const char *uidl)
  {
    ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
    ASSERT_TRUE (postseal_ledger_adopt_uidl (ledger, mailbox, uidl, 100, nullptr));
    ASSERT_TRUE (postseal_ledger_commit (ledger, nullptr));
  }

  /* What is new, and what is due, of a listing. */
  std::pair<std::vector<guint>, std::vector<guint>>
  compare (gint64 mailbox, const std::vector<PostsealLedgerListed> &listed)
  {
    g_autoptr (GArray) fresh = nullptr;
    g_autoptr (GArray) due = nullptr;

    EXPECT_TRUE (postseal_ledger_compare (ledger, mailbox, listed.data (), listed.size (),
                                          G_MAXINT64, &fresh, &due, nullptr));
    return { to_vector<guint> (fresh), to_vector<guint> (due) };
  }

  template <typename T>
  static std::vector<T>
  to_vector (const GArray *array)
  {
    const T *first = reinterpret_cast<const T *> (array->data);
    return { first, first + array->len };
  }

  TempDir dir;
  std::string path;
  PostsealLedger *ledger;
};

using Indexes = std::vector<guint>;

TEST_F (LedgerAdoption, AnAdoptedUidlIsKnownWhateverItsSize)
{
  gint64 mailbox = open_mailbox ("pop", 0).id;

  adopt (mailbox, "b");
  EXPECT_EQ (compare (mailbox, { { "a", 0, 10 }, { "b", 0, 20 } }).first, Indexes ({ 0 }));
}

TEST_F (LedgerAdoption, TheSizeItIsFirstListedWithIsTheOneItHas)
{
  gint64 mailbox = open_mailbox ("pop", 0).id;

  adopt (mailbox, "b");
  compare (mailbox, { { "b", 0, 20 } });
  EXPECT_EQ (compare (mailbox, { { "b", 0, 20 } }).first, Indexes ());
  EXPECT_EQ (compare (mailbox, { { "b", 0, 21 } }).first, Indexes ({ 0 }));
}

TEST_F (LedgerAdoption, AnAdoptedUidlIsNeverDue)
{
  gint64 mailbox = open_mailbox ("pop", 0).id;

  adopt (mailbox, "b");
  EXPECT_EQ (compare (mailbox, { { "b", 0, 20 } }).second, Indexes ());
  EXPECT_EQ (compare (mailbox, { { "b", 0, 20 } }).second, Indexes ());
}

TEST_F (LedgerAdoption, ASecondMessageUnderAnAdoptedUidlIsNew)
{
  gint64 mailbox = open_mailbox ("pop", 0).id;

  adopt (mailbox, "b");
  EXPECT_EQ (compare (mailbox, { { "b", 0, 20 }, { "b", 1, 30 } }).first, Indexes ({ 1 }));
}

TEST_F (LedgerAdoption, WhatIsNotListedAnyMoreIsForgotten)
{
  gint64 mailbox = open_mailbox ("pop", 0).id;

  adopt (mailbox, "b");
  compare (mailbox, {});
  EXPECT_EQ (compare (mailbox, { { "b", 0, 20 } }).first, Indexes ({ 0 }));
}

TEST_F (LedgerAdoption, WhatWasDeliveredFromHereStaysAsItIs)
{
  gint64 mailbox = open_mailbox ("pop", 0).id;
  guint8 digest[32] = { 1 };
  PostsealLedgerMessage row = {};

  row.mailbox = mailbox;
  row.uidl = "b";
  row.size = 20;
  row.digest = digest;
  row.name = "name";
  row.staged = "/staged";
  ASSERT_TRUE (postseal_ledger_add_intent (ledger, &row, nullptr));
  ASSERT_TRUE (postseal_ledger_mark_delivered (ledger, &row, 5, nullptr));
  adopt (mailbox, "b");
  EXPECT_EQ (compare (mailbox, { { "b", 0, 20 } }).second, Indexes ({ 0 }));
}

TEST_F (LedgerAdoption, AdoptedUidsAreKnownAndNeverDueNorCounted)
{
  gint64 mailbox = open_mailbox ("imap", 7).id;
  PostsealLedgerSummary summary = {};

  ASSERT_TRUE (postseal_ledger_begin (ledger, nullptr));
  ASSERT_TRUE (postseal_ledger_adopt_uid (ledger, mailbox, 3, 0, 100, nullptr));
  ASSERT_TRUE (postseal_ledger_adopt_uid (ledger, mailbox, 5, 0, 100, nullptr));
  ASSERT_TRUE (postseal_ledger_commit (ledger, nullptr));
  g_autoptr (GArray) known = postseal_ledger_get_known (ledger, mailbox, 1, nullptr);
  g_autoptr (GArray) due = postseal_ledger_get_due (ledger, mailbox, G_MAXINT64, nullptr);
  EXPECT_EQ (to_vector<guint32> (known), std::vector<guint32> ({ 3, 5 }));
  EXPECT_EQ (due->len, 0u);
  ASSERT_TRUE (postseal_ledger_summarize (ledger, &summary, nullptr));
  EXPECT_EQ (summary.delivered, 0u);
  EXPECT_EQ (summary.last_delivered_at, 0);
}

TEST_F (LedgerAdoption, AMailboxAwaitsSeenUntilItIsAdopted)
{
  const PostsealLedgerDue seen[] = { { 2, 20 }, { 4, 40 } };

  ASSERT_TRUE (postseal_ledger_await_seen (ledger, "imap", nullptr));
  PostsealLedgerMailbox mailbox = open_mailbox ("imap", 7);
  EXPECT_EQ (mailbox.uid_validity, 0u);
  EXPECT_EQ (open_mailbox ("imap", 7).uid_validity, 0u); /* a crash in between changes nothing */
  ASSERT_TRUE (postseal_ledger_adopt_seen (ledger, mailbox.id, 7, seen, 2, 100, nullptr));
  mailbox = open_mailbox ("imap", 7);
  EXPECT_EQ (mailbox.uid_validity, 7u);
  g_autoptr (GArray) known = postseal_ledger_get_known (ledger, mailbox.id, 1, nullptr);
  g_autoptr (GArray) due = postseal_ledger_get_due (ledger, mailbox.id, G_MAXINT64, nullptr);
  EXPECT_EQ (to_vector<guint32> (known), std::vector<guint32> ({ 2, 4 }));
  EXPECT_EQ (due->len, 0u);
}

TEST_F (LedgerAdoption, AKnownMailboxAwaitsNothing)
{
  open_mailbox ("imap", 7);
  ASSERT_TRUE (postseal_ledger_await_seen (ledger, "imap", nullptr));
  EXPECT_EQ (open_mailbox ("imap", 7).uid_validity, 7u);
}

} // namespace

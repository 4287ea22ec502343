/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/seen-file.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace
{

std::vector<std::string>
strings_of (const GPtrArray *list)
{
  std::vector<std::string> all;

  for (guint i = 0; i < list->len; i++)
    all.push_back (static_cast<const char *> (g_ptr_array_index (list, i)));
  return all;
}

std::vector<guint32>
numbers_of (const GArray *list)
{
  const guint32 *first = reinterpret_cast<const guint32 *> (list->data);
  return { first, first + list->len };
}

using Strings = std::vector<std::string>;
using Numbers = std::vector<guint32>;

TEST (SeenFile, FetchidsAreOfOneUserAtOneHost)
{
  std::string text = "jane doe@example.org@pop.example.org u1\n"
                     "jane doe@example.org@POP.example.org u2\n"
                     "jane@pop.example.org u3\nnonsense\n";
  g_autoptr (GPtrArray) list = postseal_seen_file_read_fetchids (
      text.data (), text.size (), "jane doe@example.org", "pop.example.org");

  EXPECT_EQ (strings_of (list), Strings ({ "u1", "u2" }));
}

TEST (SeenFile, MpopsListsAreOfOneUserAtOneHost)
{
  std::string text = "# made by mpop\n 2 pop.example.org jane doe\nu1\nu2\n 1 other jane doe\nu3\n";
  g_autoptr (GPtrArray) list
      = postseal_seen_file_read_mpop (text.data (), text.size (), "jane doe", "pop.example.org");

  EXPECT_EQ (strings_of (list), Strings ({ "u1", "u2" }));
}

TEST (SeenFile, WhatClawsMailHasInPartIsNotKnown)
{
  std::string text = "u1\t1700000000\t0\nu2\t1700000000\t/tmp/partial\nu3\n";
  g_autoptr (GPtrArray) list = postseal_seen_file_read_claws (text.data (), text.size ());

  EXPECT_EQ (strings_of (list), Strings ({ "u1", "u3" }));
}

TEST (SeenFile, GetmailsIdsEndWithANul)
{
  std::string text = std::string ("u1\0001700000000\nu2\0001700000001\n", 28);
  g_autoptr (GPtrArray) list = postseal_seen_file_read_getmail (text.data (), text.size ());

  EXPECT_EQ (strings_of (list), Strings ({ "u1", "u2" }));
}

TEST (SeenFile, GetmailsUidsAreThoseOfOneValidity)
{
  std::string text = std::string ("7/5\0001\n7/3\0001\n6/9\0001\n7/INBOX/4\0001\nx\0001\n", 35);
  g_autoptr (GPtrArray) ids = postseal_seen_file_read_getmail (text.data (), text.size ());
  guint32 validity = 0;
  g_autoptr (GArray) uids = postseal_seen_file_split_getmail (ids, &validity);

  EXPECT_EQ (validity, 7u);
  EXPECT_EQ (numbers_of (uids), Numbers ({ 3, 4, 5 }));
}

TEST (SeenFile, MbsyncTellsWhatIsThereAndWhatWaits)
{
  std::string text = "FarUidValidity 12\nNearUidValidity 1\nMaxPulledUid 9\nMaxPushedUid 3\n\n"
                     "2 1 S\n3 2 \n5 0 ^\n7 0 XS\n0 4 F\n8 6 >\n";
  g_autoptr (PostsealMbsyncState) state
      = postseal_seen_file_read_mbsync (text.data (), text.size ());

  ASSERT_NE (state, nullptr);
  EXPECT_EQ (state->uid_validity, 12u);
  EXPECT_EQ (state->highest, 9u);
  EXPECT_EQ (numbers_of (state->uids), Numbers ({ 2, 3, 7 }));
  EXPECT_EQ (numbers_of (state->waiting), Numbers ({ 5, 8 }));
}

TEST (SeenFile, OldWordsOfMbsyncAreKnown)
{
  std::string text = "MasterUidValidity 12\nSlaveUidValidity 1\nMaxPulledUid 9\n\n";
  g_autoptr (PostsealMbsyncState) state
      = postseal_seen_file_read_mbsync (text.data (), text.size ());

  ASSERT_NE (state, nullptr);
  EXPECT_EQ (state->uid_validity, 12u);
  EXPECT_EQ (postseal_seen_file_read_mbsync ("x\n\n1 2 S\n", 10), nullptr);
}

TEST (SeenFile, WhatIsNoUidlIsPassedOver)
{
  std::string text = "jane@h " + std::string (71, 'x') + "\njane@h \x01\njane@h ok\n";
  g_autoptr (GPtrArray) list
      = postseal_seen_file_read_fetchids (text.data (), text.size (), "jane", "h");

  EXPECT_EQ (strings_of (list), Strings ({ "ok" }));
}

} // namespace

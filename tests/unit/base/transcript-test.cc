/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>

#include "base/transcript.h"

static void
append (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  static_cast<std::string *> (user_data)->append ("*><", kind, 1).append (line).append ("|");
}

TEST (Transcript, RecordsPrintableLinesInOrder)
{
  std::string text;
  g_autoptr (PostsealTranscript) transcript = postseal_transcript_new (append, &text, nullptr);

  postseal_transcript_note (transcript, "connected to %s", "::1");
  postseal_transcript_line (transcript, POSTSEAL_TRANSCRIPT_SENT, "QUIT", -1);
  postseal_transcript_line (transcript, POSTSEAL_TRANSCRIPT_RECEIVED, "+OK\x1b[2J rest", 7);
  EXPECT_EQ (text, "*connected to ::1|>QUIT|<+OK\\x1B[2J|");
}

TEST (Transcript, OfNobodyRecordsNothing)
{
  postseal_transcript_note (nullptr, "x");
  postseal_transcript_line (nullptr, POSTSEAL_TRANSCRIPT_SENT, "x", -1);
  EXPECT_EQ (postseal_transcript_ref (nullptr), nullptr);
  postseal_transcript_unref (nullptr);
}

static void
append_fact (const char *name, const char *value, gpointer user_data)
{
  static_cast<std::string *> (user_data)->append (name).append ("=").append (value).append ("|");
}

TEST (Transcript, TellsPrintableFactsWithTheUserDataOfTheLines)
{
  std::string text;
  g_autoptr (PostsealTranscript) transcript = postseal_transcript_new (append, &text, nullptr);

  postseal_transcript_set_fact_func (transcript, append_fact);
  postseal_transcript_fact (transcript, "stage", "connect");
  postseal_transcript_note (transcript, "connected");
  postseal_transcript_fact (transcript, "said", "no\x1b[2J");
  EXPECT_EQ (text, "stage=connect|*connected|said=no\\x1B[2J|");
}

TEST (Transcript, TellsNoFactThatIsNotThere)
{
  std::string text;
  g_autoptr (PostsealTranscript) transcript = postseal_transcript_new (append, &text, nullptr);

  postseal_transcript_set_fact_func (transcript, append_fact);
  postseal_transcript_fact (transcript, "address", nullptr);
  EXPECT_EQ (text, "");
}

TEST (Transcript, WantsFactsOnlyForSomebody)
{
  std::string text;
  g_autoptr (PostsealTranscript) transcript = postseal_transcript_new (append, &text, nullptr);

  EXPECT_FALSE (postseal_transcript_wants_facts (nullptr));
  postseal_transcript_fact (nullptr, "stage", "connect");
  EXPECT_FALSE (postseal_transcript_wants_facts (transcript));
  postseal_transcript_fact (transcript, "stage", "connect");
  EXPECT_EQ (text, "");
  postseal_transcript_set_fact_func (transcript, append_fact);
  EXPECT_TRUE (postseal_transcript_wants_facts (transcript));
}

TEST (Transcript, KeepsTheLatestOfEachFactAndAllNames)
{
  g_autoptr (GHashTable) facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (const char *name : { "cert-name", "stage" })
    for (const char *value : { "one", "two" })
      postseal_transcript_keep_fact (facts, name, value);
  EXPECT_STREQ (static_cast<const char *> (g_hash_table_lookup (facts, "cert-name")), "one, two");
  EXPECT_STREQ (static_cast<const char *> (g_hash_table_lookup (facts, "stage")), "two");
}

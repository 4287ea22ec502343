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

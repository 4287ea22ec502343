/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>

#include "setup/test-record-private.h"

class TestRecord : public ::testing::Test
{
protected:
  ~TestRecord () override { _postseal_test_record_free (record); }

  std::string
  fact (const char *name) const
  {
    auto value = static_cast<const char *> (g_hash_table_lookup (record->facts, name));

    return value != nullptr ? value : "-";
  }

  PostsealTestRecord *record = _postseal_test_record_new ();
};

TEST_F (TestRecord, KeepsTheLatestOfAFactAndAllNames)
{
  _postseal_test_record_fact (record, "stage", "connect");
  _postseal_test_record_fact (record, "stage", "verify");
  _postseal_test_record_fact (record, "cert-name", "a.example");
  _postseal_test_record_fact (record, "cert-name", "b.example");
  EXPECT_EQ (fact ("stage"), "verify");
  EXPECT_EQ (fact ("cert-name"), "a.example, b.example");
}

TEST_F (TestRecord, ForgetsWhatWasSaidToAnEarlierStep)
{
  _postseal_test_record_fact (record, "stage", "sign-in");
  _postseal_test_record_fact (record, "said", "not by this mechanism");
  _postseal_test_record_fact (record, "stage", "mailbox");
  EXPECT_EQ (fact ("said"), "-");
}

TEST_F (TestRecord, MarksWhoSaysWhat)
{
  _postseal_test_record_line (record, POSTSEAL_TRANSCRIPT_NOTE, "connected");
  _postseal_test_record_line (record, POSTSEAL_TRANSCRIPT_SENT, "a1 NOOP");
  _postseal_test_record_line (record, POSTSEAL_TRANSCRIPT_RECEIVED, "a1 OK");
  const std::string text = record->text->str;
  EXPECT_NE (text.find (" * connected\n"), std::string::npos) << text;
  EXPECT_NE (text.find (" > a1 NOOP\n"), std::string::npos) << text;
  EXPECT_NE (text.find (" < a1 OK\n"), std::string::npos) << text;
}

TEST_F (TestRecord, EndsWithAServerThatDoesNot)
{
  std::string line;
  for (int i = 0; i < 2000; i++)
    line += "\xc3\xa9";
  for (int i = 0; i < 5000; i++)
    _postseal_test_record_line (record, POSTSEAL_TRANSCRIPT_RECEIVED, line.c_str ());
  EXPECT_LT (record->text->len, 400 * 900u);
  EXPECT_TRUE (g_utf8_validate (record->text->str, -1, nullptr));
}

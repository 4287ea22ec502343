/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/key-history.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

#define FIRST_CA "CN=R3,O=Let\\, us\\+them,C=US"

class KeyHistory : public testing::Test
{
protected:
  ~KeyHistory () override { g_ptr_array_unref (keys_); }

  PostsealKeyNews
  meet (const char *key, const char *issuer, bool is_pinned = false)
  {
    const PostsealKeyNews news = postseal_key_history_judge (keys_, key, issuer, is_pinned);

    postseal_key_history_add (keys_, ++now_, news, key, issuer);
    return news;
  }

  std::string
  format () const
  {
    g_autofree char *text = postseal_key_history_format (keys_);

    return text;
  }

  GPtrArray *keys_ = postseal_key_history_parse (nullptr);
  gint64 now_ = 100;
};

TEST_F (KeyHistory, TellsARenewedCertificateFromAStrangers)
{
  EXPECT_EQ (meet ("sha256:A", FIRST_CA), POSTSEAL_KEY_FIRST);
  EXPECT_EQ (meet ("sha256:B", FIRST_CA), POSTSEAL_KEY_RENEWED);
  EXPECT_EQ (meet ("sha256:B", "CN=X,O=Others"), POSTSEAL_KEY_REISSUED);
  EXPECT_EQ (meet ("sha256:C", "CN=Y,O=Others"), POSTSEAL_KEY_RENEWED) << "known by now";
  EXPECT_EQ (meet ("sha256:D", "CN=R3,O=Let,C=US"), POSTSEAL_KEY_STRANGER)
      << "an escaped comma ends no name";
}

/* Authorities change between their intermediate certificates at will. */
TEST_F (KeyHistory, TakesTheOrganisationForTheIssuer)
{
  EXPECT_EQ (meet ("sha256:A", FIRST_CA), POSTSEAL_KEY_FIRST);
  EXPECT_NE (postseal_key_history_find (keys_, "sha256:A", "CN=E5,O=Let\\, us\\+them,C=US"),
             nullptr);
  EXPECT_EQ (meet ("sha256:B", "C=US+o=Let\\, us\\+them,CN=E5"), POSTSEAL_KEY_RENEWED);
}

TEST_F (KeyHistory, TakesTheWholeNameWhereThereIsNoOrganisation)
{
  EXPECT_EQ (meet ("sha256:A", "CN=Home"), POSTSEAL_KEY_FIRST);
  EXPECT_EQ (meet ("sha256:B", "CN=Home"), POSTSEAL_KEY_RENEWED);
  EXPECT_EQ (meet ("sha256:C", "CN=Elsewhere"), POSTSEAL_KEY_STRANGER);
  EXPECT_EQ (meet ("sha256:D", "O=,CN=x"), POSTSEAL_KEY_STRANGER) << "no name is nobody's";
  EXPECT_EQ (meet ("sha256:E", "O=,CN=y"), POSTSEAL_KEY_STRANGER);
}

TEST_F (KeyHistory, KnowsASpareOnlyAfterAnother)
{
  EXPECT_EQ (meet ("sha256:A", "CN=Home", true), POSTSEAL_KEY_FIRST);
  EXPECT_EQ (meet ("sha256:B", "CN=Elsewhere", true), POSTSEAL_KEY_SPARE);
}

TEST_F (KeyHistory, SurvivesItsFile)
{
  meet ("sha256:A", FIRST_CA);
  meet ("sha256:B", "CN=two\nlines");
  EXPECT_EQ (format (), "101 first sha256:A " FIRST_CA "\n102 stranger sha256:B CN=two lines");

  g_autoptr (GPtrArray) again = postseal_key_history_parse (format ().c_str ());
  g_autofree char *text = postseal_key_history_format (again);
  EXPECT_EQ (format (), text);
}

TEST_F (KeyHistory, PassesOverWhatIsNoEntry)
{
  g_autoptr (GPtrArray) read = postseal_key_history_parse (
      "\n1 first\nx first sha256:A CN=a\n-1 first sha256:A CN=a\n1 later sha256:A CN=a\n"
      "1 first  CN=a\n1 first sha256:A CN=a b");

  ASSERT_EQ (read->len, 1u);
  EXPECT_STREQ (((PostsealKeyEntry *)g_ptr_array_index (read, 0))->issuer, "CN=a b");
}

TEST_F (KeyHistory, ForgetsTheOldestFirst)
{
  for (int i = 0; i < 20; i++)
    meet (("sha256:" + std::to_string (i)).c_str (), "CN=Home");
  ASSERT_EQ (keys_->len, 16u);
  EXPECT_EQ (postseal_key_history_find (keys_, "sha256:3", "CN=Home"), nullptr);
  EXPECT_NE (postseal_key_history_find (keys_, "sha256:4", "CN=Home"), nullptr);
}

TEST_F (KeyHistory, MergesWhatTwoRunsHaveSeen)
{
  meet ("sha256:A", "CN=Home");
  g_autoptr (GPtrArray) other
      = postseal_key_history_parse ("5 first sha256:Z CN=Home\n101 first sha256:A CN=Home");

  postseal_key_history_merge (keys_, other);
  EXPECT_EQ (format (), "5 first sha256:Z CN=Home\n101 first sha256:A CN=Home");
}

} // namespace

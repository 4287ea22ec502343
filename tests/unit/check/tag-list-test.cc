/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/tag-list.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

std::string
find_flaw (const char *text)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (PostsealTagList) tags = postseal_tag_list_parse (text, &flaw);

  EXPECT_EQ (tags == nullptr, flaw != nullptr);
  return flaw != nullptr ? flaw : "";
}

/* RFC 6376 section 3.2: blanks mean nothing, the last semicolon may be there. */
TEST (TagList, ReadsNamesAndValuesWithoutTheBlanksAroundThem)
{
  for (const char *text : { "v=DMARC1;p=none", " v = DMARC1 ;\tp = none ; ", "v=DMARC1; p=none;" })
    {
      g_autofree char *flaw = nullptr;
      g_autoptr (PostsealTagList) tags = postseal_tag_list_parse (text, &flaw);

      ASSERT_NE (tags, nullptr) << text << flaw;
      EXPECT_EQ (postseal_tag_list_get_length (tags), 2u);
      EXPECT_STREQ (postseal_tag_list_get_name (tags, 1), "p");
      EXPECT_STREQ (postseal_tag_list_get (tags, "v"), "DMARC1");
      EXPECT_STREQ (postseal_tag_list_get (tags, "p"), "none");
      EXPECT_EQ (postseal_tag_list_get (tags, "P"), nullptr);
    }
}

TEST (TagList, TheFirstOfTwoCounts)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (PostsealTagList) tags = postseal_tag_list_parse ("p=a=b; p=c", &flaw);

  ASSERT_NE (tags, nullptr);
  EXPECT_STREQ (postseal_tag_list_get (tags, "p"), "a=b");
}

TEST (TagList, SaysWhatIsNoTag)
{
  EXPECT_NE (find_flaw ("v=1; nonsense").find ("“nonsense”"), std::string::npos);
  EXPECT_NE (find_flaw ("v=1;; p=2"), "");
  EXPECT_NE (find_flaw ("=1"), "");
  EXPECT_NE (find_flaw ("1a=1"), "");
  EXPECT_EQ (find_flaw (""), "");
}

TEST (TagList, KnowsARecordByItsWholeVersion)
{
  EXPECT_TRUE (postseal_tag_list_is_of ("v=DMARC1; p=none", "DMARC1"));
  EXPECT_TRUE (postseal_tag_list_is_of ("v = DMARC1", "DMARC1"));
  EXPECT_FALSE (postseal_tag_list_is_of ("v=DMARC10", "DMARC1"));
  EXPECT_FALSE (postseal_tag_list_is_of ("p=none; v=DMARC1", "DMARC1"));
  EXPECT_FALSE (postseal_tag_list_is_of ("version", "DMARC1"));
}

} // namespace

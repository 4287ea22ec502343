/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/sts-policy.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

PostsealStsPolicy *
parse (const std::string &text, std::string *ret_flaw = nullptr)
{
  g_autofree char *flaw = nullptr;
  PostsealStsPolicy *self = postseal_sts_policy_parse (text.c_str (), &flaw);

  EXPECT_EQ (self == nullptr, flaw != nullptr);
  if (ret_flaw != nullptr && flaw != nullptr)
    *ret_flaw = flaw;
  return self;
}

/* RFC 8461 section 3.2 */
TEST (StsPolicy, ReadsLinesHoweverTheyEnd)
{
  for (const char *text :
       { "version: STSv1\r\nmode: enforce\r\nmx: A.example\r\nmax_age: 86400\r\n",
         "version:STSv1\nmode:enforce\nmx:a.example\nmax_age:86400",
         "mx: a.example\nversion: STSv1\nfuture: x\nmode: enforce\nmode: none\n"
         "max_age: 86400\nmax_age: 1\n\n" })
    {
      g_autoptr (PostsealStsPolicy) policy = parse (text);

      ASSERT_NE (policy, nullptr) << text;
      EXPECT_EQ (policy->mode, POSTSEAL_STS_ENFORCE);
      EXPECT_EQ (policy->max_age_s, 86400u);
      EXPECT_TRUE (postseal_sts_policy_allows (policy, "a.EXAMPLE"));
    }
}

/* RFC 8461 section 4.1 */
TEST (StsPolicy, AStarIsExactlyOneLabel)
{
  g_autoptr (PostsealStsPolicy) policy
      = parse ("version: STSv1\nmode: testing\nmx: *.example.org\nmax_age: 0\n");

  ASSERT_NE (policy, nullptr);
  EXPECT_TRUE (postseal_sts_policy_allows (policy, "mx.example.org"));
  EXPECT_FALSE (postseal_sts_policy_allows (policy, "a.mx.example.org"));
  EXPECT_FALSE (postseal_sts_policy_allows (policy, "example.org"));
  EXPECT_FALSE (postseal_sts_policy_allows (policy, ".example.org"));
  EXPECT_FALSE (postseal_sts_policy_allows (policy, "mx.example.net"));
}

TEST (StsPolicy, SaysWhatIsWrong)
{
  const struct
  {
    const char *text;
    const char *word;
  } cases[] = {
    { "", "version" },
    { "<html>", "colon" },
    { "version: STSv2\nmode: none\nmax_age: 1\n", "version" },
    { "version: STSv1\nmode: on\nmax_age: 1\n", "mode" },
    { "version: STSv1\nmode: none\n", "max_age" },
    { "version: STSv1\nmode: none\nmax_age: 31557601\n", "max_age" },
    { "version: STSv1\nmode: none\nmax_age: -1\n", "max_age" },
    { "version: STSv1\nmode: enforce\nmax_age: 1\n", "(mx)" },
  };

  for (const auto &one : cases)
    {
      std::string flaw;
      g_autoptr (PostsealStsPolicy) policy = parse (one.text, &flaw);

      EXPECT_EQ (policy, nullptr) << one.text;
      EXPECT_NE (flaw.find (one.word), std::string::npos) << one.text << flaw;
    }
  g_autoptr (PostsealStsPolicy) off = parse ("version: STSv1\nmode: none\nmax_age: 1\n");
  EXPECT_NE (off, nullptr);
}

} // namespace

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/spf-record.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

bool
is_good (const std::string &terms)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (GPtrArray) parsed = postseal_spf_record_parse (("v=spf1 " + terms).c_str (), &flaw);

  EXPECT_EQ (parsed == nullptr, flaw != nullptr);
  return parsed != nullptr;
}

/* RFC 7208 section 4.5 */
TEST (SpfRecord, IsKnownByItsVersionAndABlank)
{
  EXPECT_TRUE (postseal_spf_record_is ("v=spf1"));
  EXPECT_TRUE (postseal_spf_record_is ("V=SPF1 -all"));
  EXPECT_FALSE (postseal_spf_record_is ("v=spf10 -all"));
  EXPECT_FALSE (postseal_spf_record_is (" v=spf1"));
  EXPECT_FALSE (postseal_spf_record_is ("v=spf2.0/pra -all"));
}

TEST (SpfRecord, ReadsEachTerm)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (GPtrArray) terms = postseal_spf_record_parse (
      "v=spf1 a mx:b.example/24 ?include:c.example ip4:192.0.2.0/24 ip6:2001:db8::/32 "
      "exists:%{i}.d.example unknown=x  ~ALL",
      &flaw);
  const struct
  {
    PostsealSpfKind kind;
    char qualifier;
    const char *value;
    gboolean asks;
  } wanted[] = {
    { POSTSEAL_SPF_A, '+', "", TRUE },
    { POSTSEAL_SPF_MX, '+', "b.example", TRUE },
    { POSTSEAL_SPF_INCLUDE, '?', "c.example", TRUE },
    { POSTSEAL_SPF_IP4, '+', "192.0.2.0/24", FALSE },
    { POSTSEAL_SPF_IP6, '+', "2001:db8::/32", FALSE },
    { POSTSEAL_SPF_EXISTS, '+', "%{i}.d.example", TRUE },
    { POSTSEAL_SPF_OTHER, '\0', "x", FALSE },
    { POSTSEAL_SPF_ALL, '~', nullptr, FALSE },
  };

  ASSERT_NE (terms, nullptr) << flaw;
  ASSERT_EQ (terms->len, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < terms->len; i++)
    {
      auto *term = static_cast<PostsealSpfTerm *> (terms->pdata[i]);

      EXPECT_EQ (term->kind, wanted[i].kind) << term->text;
      EXPECT_EQ (term->qualifier, wanted[i].qualifier) << term->text;
      EXPECT_STREQ (term->value, wanted[i].value) << term->text;
      EXPECT_EQ (postseal_spf_term_asks (term), wanted[i].asks) << term->text;
    }
}

TEST (SpfRecord, RedirectAsksAndExplanationsDoNot)
{
  g_autofree char *flaw = nullptr;
  g_autoptr (GPtrArray) terms
      = postseal_spf_record_parse ("v=spf1 redirect=a.example exp=b.example", &flaw);

  ASSERT_NE (terms, nullptr);
  EXPECT_TRUE (postseal_spf_term_asks (static_cast<PostsealSpfTerm *> (terms->pdata[0])));
  EXPECT_FALSE (postseal_spf_term_asks (static_cast<PostsealSpfTerm *> (terms->pdata[1])));
}

TEST (SpfRecord, WhatNobodyKnowsIsWrong)
{
  for (const char *terms : { "all:x", "include", "include:", "ip4", "ip4:192.0.2.256",
                             "ip4:192.0.2.0/33", "ip4:2001:db8::1", "ip6:192.0.2.1", "mxx",
                             "a:", "redirect=", "-", "ip4:192.0.2.0/", "exists", "=x", "1a=b" })
    EXPECT_FALSE (is_good (terms)) << terms;
  for (const char *terms : { "", "a/24", "a:b.example//64", "mx", "+mx -all", "x-y.z_1=" })
    EXPECT_TRUE (is_good (terms)) << terms;
}

} // namespace

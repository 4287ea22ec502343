// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/authentication-results.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"

using std::string;

namespace
{

// "id/version: method=result (reason) name=value ...; ...", with "?" behind when not all of it was
// understood.
string
read (const string &value)
{
  std::vector<char> bytes (value.begin (), value.end ());
  g_autoptr (PostsealAuthenticationResults) self
      = postseal_authentication_results_parse (bytes.data (), bytes.size ());
  string text = string (self->authserv_id != nullptr ? self->authserv_id : "-") + "/"
                + std::to_string (self->version) + ":";

  for (guint i = 0; i < self->results->len; i++)
    {
      auto result
          = static_cast<PostsealAuthenticationResult *> (g_ptr_array_index (self->results, i));

      text += string (i > 0 ? "; " : " ") + result->method + "=" + result->result;
      if (result->reason != nullptr)
        text += string (" (") + result->reason + ")";
      for (gsize j = 0; result->names[j] != nullptr; j++)
        text += string (" ") + result->names[j] + "=" + result->values[j];
    }
  return text + (self->is_whole ? "" : "?");
}

} // namespace

TEST (AuthenticationResults, TheExamplesOfRfc8601) // appendix B
{
  EXPECT_EQ (read (" example.org 1; none"), "example.org/1:");
  EXPECT_EQ (read (" example.com;\r\n          spf=pass smtp.mailfrom=example.net\r\n"),
             "example.com/1: spf=pass smtp.mailfrom=example.net");
  EXPECT_EQ (read ("example.com; auth=pass (cram-md5) smtp.auth=sender@example.net;\n"
                   " spf=pass smtp.mailfrom=example.net"),
             "example.com/1: auth=pass smtp.auth=sender@example.net; spf=pass "
             "smtp.mailfrom=example.net");
  EXPECT_EQ (read ("foo.example.net (foobar) 1 (baz);\n"
                   "    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\n"
                   "      policy (A dot can go here) . (like that) expired\n"
                   "      (this surprised me) = (as I wasn't expecting it) 1362471462"),
             "foo.example.net/1:?")
      << "comments within a name are not understood, and nothing is made up";
  EXPECT_EQ (read ("example.com; dkim=pass reason=\"good signature\" "
                   "header.i=@mail-router.example.net; dkim=fail reason=\"bad signature\" "
                   "header.i=@newyork.example.com"),
             "example.com/1: dkim=pass (good signature) header.i=@mail-router.example.net; "
             "dkim=fail (bad signature) header.i=@newyork.example.com");
}

TEST (AuthenticationResults, WhatGmailAndMicrosoftWrite)
{
  EXPECT_EQ (read ("mx.google.com;\r\n       dkim=pass header.i=@example.com header.s=2026 "
                   "header.b=ab/c+d==;\r\n       spf=pass (google.com: domain of alice@example.com "
                   "designates 192.0.2.1 as permitted sender) smtp.mailfrom=alice@example.com;\r\n"
                   "       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=example.com"),
             "mx.google.com/1: dkim=pass header.i=@example.com header.s=2026 header.b=ab/c+d==; "
             "spf=pass smtp.mailfrom=alice@example.com; dmarc=pass header.from=example.com");
  EXPECT_EQ (read ("spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=example.com; dkim=pass "
                   "(signature was verified)\r\n header.d=example.com;dmarc=pass action=none\r\n "
                   "header.from=example.com;compauth=pass reason=100"),
             "-/1: spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com; dmarc=pass "
             "action=none header.from=example.com; compauth=pass (100)?");
}

TEST (AuthenticationResults, QuotedStringsAndOtherVersions)
{
  EXPECT_EQ (read ("\"mx.example.org\"; dkim/1=pass header.d=\"a b\"; spf = fail"),
             "mx.example.org/1: dkim/1=pass header.d=a b; spf=fail");
  EXPECT_EQ (read ("mx.example.org; spf=pass smtp.mailfrom=\"a;b\"@example.com"),
             "mx.example.org/1: spf=pass smtp.mailfrom=\"a;b\"@example.com");
  EXPECT_EQ (read ("mx.example.org 2; spf=pass"), "mx.example.org/2: spf=pass");
  EXPECT_EQ (read ("mx.example.org x; spf=pass"), "mx.example.org/0: spf=pass");
}

TEST (AuthenticationResults, AResultInACommentIsNone)
{
  EXPECT_EQ (read ("mx.example.org; spf=fail (; dkim=pass header.d=example.com)"),
             "mx.example.org/1: spf=fail");
  EXPECT_EQ (read ("mx.example.org; spf=fail reason=\"; dkim=pass\""),
             "mx.example.org/1: spf=fail (; dkim=pass)");
  EXPECT_EQ (read ("mx.example.org; spf=fail (\\); dkim=pass"), "mx.example.org/1: spf=fail");
}

TEST (AuthenticationResults, WhatIsBrokenIsSaidToBeSo)
{
  EXPECT_EQ (read (""), "-/1:?");
  EXPECT_EQ (read (";;;"), "-/1:?");
  EXPECT_EQ (read ("mx.example.org"), "mx.example.org/1:");
  EXPECT_EQ (read ("mx.example.org; spf; dkim=; =x; dmarc=pass"), "mx.example.org/1: dmarc=pass?");
  EXPECT_EQ (read ("mx.example.org; spf=pass what smtp.mailfrom=a"),
             "mx.example.org/1: spf=pass smtp.mailfrom=a?");
  EXPECT_EQ (read ("mx.example.org; none=pass"), "mx.example.org/1: none=pass");
}

TEST (AuthenticationResults, ItHasLimits)
{
  string many = "mx.example.org", wide = "mx.example.org; spf=pass";

  for (int i = 0; i < POSTSEAL_LIMIT_AUTHENTICATION_RESULTS + 1; i++)
    many += "; a=b";
  for (int i = 0; i < POSTSEAL_LIMIT_AUTHENTICATION_PROPERTIES + 1; i++)
    wide += " c.d=e";
  for (const string &value : { many, wide, string (POSTSEAL_LIMIT_AUTHENTICATION_FIELD + 1, 'x') })
    {
      g_autoptr (PostsealAuthenticationResults) self
          = postseal_authentication_results_parse (value.data (), value.size ());

      EXPECT_FALSE (self->is_whole);
      EXPECT_LE (self->results->len, guint (POSTSEAL_LIMIT_AUTHENTICATION_RESULTS));
    }
}

TEST (AuthenticationResults, APropertyIsFoundByItsName)
{
  string value = "a; dkim=pass header.d=x Header.I=@y";
  g_autoptr (PostsealAuthenticationResults) self
      = postseal_authentication_results_parse (value.data (), value.size ());
  auto result = static_cast<PostsealAuthenticationResult *> (g_ptr_array_index (self->results, 0));

  EXPECT_STREQ (postseal_authentication_result_get (result, "header.i"), "@y");
  EXPECT_EQ (postseal_authentication_result_get (result, "header.s"), nullptr);
}

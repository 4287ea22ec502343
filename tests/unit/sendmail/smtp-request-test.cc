/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>

#include "sendmail/smtp-request.h"

namespace
{

class SmtpRequest : public testing::Test
{
protected:
  ~SmtpRequest () override { postseal_smtp_request_clear (&request); }

  PostsealSmtpRequestProblem
  mail (const std::string &text)
  {
    return postseal_smtp_request_parse_mail (&request, text.c_str ());
  }

  PostsealSmtpRequestProblem
  rcpt (const std::string &text)
  {
    return postseal_smtp_request_parse_rcpt (&request, text.c_str ());
  }

  PostsealSmtpRequest request = {};
};

/* RFC 5321 section 4.1.2. */
TEST_F (SmtpRequest, HoldsAPathInBrackets)
{
  ASSERT_EQ (mail ("<jane@example.org>"), POSTSEAL_SMTP_REQUEST_OK);
  EXPECT_STREQ (request.address, "jane@example.org");
  ASSERT_EQ (mail ("<>"), POSTSEAL_SMTP_REQUEST_OK);
  EXPECT_STREQ (request.address, "");
  ASSERT_EQ (mail ("  <a@b>"), POSTSEAL_SMTP_REQUEST_OK);
  ASSERT_EQ (rcpt ("<\"a>\\\"> b\"@example.org>  "), POSTSEAL_SMTP_REQUEST_OK);
  EXPECT_STREQ (request.address, "\"a>\\\"> b\"@example.org");
  for (const char *odd : { "", "jane@example.org", "<jane@example.org", "<\"jane>@example.org",
                           "<a@b>c", "<a@b>SIZE=1", "x<a@b>" })
    EXPECT_EQ (mail (odd), POSTSEAL_SMTP_REQUEST_SYNTAX) << odd;
}

TEST_F (SmtpRequest, HoldsParametersOfTheSender)
{
  ASSERT_EQ (mail ("<a@b> size=12345 BODY=8BITMIME RET=HDRS ENVID=QQ+2B1+3D SMTPUTF8"),
             POSTSEAL_SMTP_REQUEST_OK);
  EXPECT_EQ (request.size, 12345u);
  EXPECT_EQ (request.ret, POSTSEAL_SMTP_RETURN_HEADERS);
  EXPECT_STREQ (request.envid, "QQ+1=");
  EXPECT_TRUE (request.smtputf8);
  /* Nothing is left of it. */
  ASSERT_EQ (mail ("<a@b> RET=full body=7bit"), POSTSEAL_SMTP_REQUEST_OK);
  EXPECT_EQ (request.size, 0u);
  EXPECT_EQ (request.ret, POSTSEAL_SMTP_RETURN_FULL);
  EXPECT_EQ (request.envid, nullptr);
  EXPECT_FALSE (request.smtputf8);
}

TEST_F (SmtpRequest, HoldsParametersOfARecipient)
{
  ASSERT_EQ (rcpt ("<a@b> NOTIFY=SUCCESS,delay ORCPT=rfc822;a+2Bx@b"), POSTSEAL_SMTP_REQUEST_OK);
  EXPECT_EQ (request.notify, (guint)(POSTSEAL_SMTP_NOTIFY_SUCCESS | POSTSEAL_SMTP_NOTIFY_DELAY));
  ASSERT_EQ (rcpt ("<a@b> NOTIFY=NEVER"), POSTSEAL_SMTP_REQUEST_OK);
  EXPECT_EQ (request.notify, (guint)POSTSEAL_SMTP_NOTIFY_NEVER);
}

TEST_F (SmtpRequest, KnowsBadValues)
{
  for (const char *odd : { "SIZE=", "SIZE=x", "SIZE=-1", "SIZE=99999999999999999999", "SIZE",
                           "SIZE=1 SIZE=1", "BODY=BINARYMIME", "RET=", "RET=some", "ENVID=",
                           "ENVID=+2", "ENVID=+0A", "ENVID=+GG", "ENVID=a=b", "SMTPUTF8=yes" })
    EXPECT_EQ (mail (std::string ("<a@b> ") + odd), POSTSEAL_SMTP_REQUEST_VALUE) << odd;
  EXPECT_EQ (mail ("<a@b> ENVID=" + std::string (101, 'a')), POSTSEAL_SMTP_REQUEST_VALUE);
  for (const char *odd : { "NOTIFY=", "NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,NEVER", "NOTIFY=x",
                           "NOTIFY=SUCCESS,", "ORCPT=a@b", "ORCPT=;a@b" })
    EXPECT_EQ (rcpt (std::string ("<a@b> ") + odd), POSTSEAL_SMTP_REQUEST_VALUE) << odd;
}

TEST_F (SmtpRequest, KnowsWhatWasNotOffered)
{
  for (const char *odd : { "AUTH=<>", "REQUIRETLS", "HOLDFOR=5", "BY=1;R", "=", "NOTIFY=NEVER" })
    EXPECT_EQ (mail (std::string ("<a@b> ") + odd), POSTSEAL_SMTP_REQUEST_PARAMETER) << odd;
  EXPECT_EQ (rcpt ("<a@b> SIZE=1"), POSTSEAL_SMTP_REQUEST_PARAMETER);
}

} // namespace

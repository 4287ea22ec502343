/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/mail-headline.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/sandbox.h"

namespace
{

class MailHeadline : public testing::Test
{
protected:
  std::string
  read (const std::string &message)
  {
    g_autofree char *headline
        = postseal_mail_headline_read (sandbox.write ("mail", message).c_str ());

    return headline != nullptr ? headline : "(none)";
  }

  postseal_test::Sandbox sandbox;
};

} // namespace

TEST_F (MailHeadline, NamesSenderAndSubject)
{
  EXPECT_EQ (read ("Subject: Tea at four\r\nFrom: Jane Doe <jane@example.org>\r\n\r\nFrom: no\r\n"),
             "Jane Doe: Tea at four");
  EXPECT_EQ (read ("From: jane@example.org (Jane)\nSubject: Tea\n\n"), "jane@example.org: Tea");
  EXPECT_EQ (read ("From: <jane@example.org>\nSubject: Tea\n\n"), "jane@example.org: Tea");
  EXPECT_EQ (read ("From: \"Doe, \\\"J\\\" <x>\" <jane@example.org>\nSubject: Tea\n\n"),
             "Doe, \"J\" <x>: Tea");
  EXPECT_EQ (read ("From: (a, b) Jane <jane@example.org>, Joe <joe@example.org>\n\n"), "Jane");
}

/* RFC 2047, RFC 5322 section 2.2.3. */
TEST_F (MailHeadline, DecodesAndUnfolds)
{
  EXPECT_EQ (read ("From: =?UTF-8?Q?J=C3=B6rg?= <j@example.org>\n"
                   "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\n and more\n\n"),
             "Jörg: Grüße and more");
}

TEST_F (MailHeadline, ShowsNothingThatCannotBeSeen)
{
  EXPECT_EQ (read ("From: jane@example.org\nSubject: =?UTF-8?Q?a=0Ab=E2=80=AEc?=\n\n"),
             "jane@example.org: a\\x0Ab\\xE2\\x80\\xAEc");
}

TEST_F (MailHeadline, DoesWithoutEither)
{
  EXPECT_EQ (read ("Subject: Tea\n\n"), "Tea");
  EXPECT_EQ (read ("From: \"\nSubject:\n\n"), "(none)");
  EXPECT_EQ (read (""), "(none)");
  EXPECT_EQ (read ("\nSubject: in the body\n"), "(none)");
  EXPECT_EQ (read ("To: joe@example.org\nSubject: cut sho"), "cut sho");
}

TEST_F (MailHeadline, ReadsOnlyTheBeginningAndOnlyFiles)
{
  std::string pipe = sandbox.home () + "/pipe";

  EXPECT_EQ (read ("X: " + std::string (70000, 'x') + "\nSubject: late\n\n"), "(none)");
  ASSERT_EQ (mkfifo (pipe.c_str (), 0600), 0);
  EXPECT_EQ (postseal_mail_headline_read (pipe.c_str ()), nullptr);
  EXPECT_EQ (postseal_mail_headline_read ((sandbox.home () + "/gone").c_str ()), nullptr);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "submission-fixture.h"

namespace
{

using Strings = std::vector<std::string>;

class SubmissionAddress : public SubmissionFixture
{
protected:
  int
  submit_to (std::vector<const char *> given, const std::string &text = complete)
  {
    given.push_back (nullptr);
    submission.recipients = given.data ();
    int code = submit (text);
    submission.recipients = to_joe;
    return code;
  }

  int
  submit_from (const char *sender, const std::string &text = complete)
  {
    submission.sender = sender;
    return submit (text);
  }

  /* -t alone. */
  int
  submit_reading (const std::string &text)
  {
    submission.reads_recipients = TRUE;
    submission.recipients = nullptr;
    return submit (text);
  }
};

} // namespace

/* --- to whom --- */

TEST_F (SubmissionAddress, RecipientsGivenMayHaveNamesAndCommas)
{
  ASSERT_EQ (submit_to ({ "Joe <joe@example.com>, ann@example.com", "<bob@example.com>",
                          "joe@EXAMPLE.com", "\"a b\"@example.com" }),
             -1)
      << message;
  EXPECT_EQ (recipients (), (Strings{ "joe@example.com", "ann@example.com", "bob@example.com",
                                      "\"a b\"@example.com" }));
}

TEST_F (SubmissionAddress, ReadsRecipientsFromTheMessageInAddition)
{
  std::string text = "To: Joe <joe@example.com>, list: ann@example.com, (c) bob@example.com;\n"
                     "Cc:\n \"Doe, Jim\" <jim@example.com>\n"
                     "To: second@example.com\n"
                     "Bcc: secret@example.com\n"
                     "Reply-To: never@example.com\n"
                     "From: jane@example.org\n\nTo: body@example.com\n";

  submission.reads_recipients = TRUE;
  ASSERT_EQ (submit_to ({ "given@example.com" }, text), -1) << message;
  EXPECT_EQ (recipients (),
             (Strings{ "given@example.com", "joe@example.com", "ann@example.com", "bob@example.com",
                       "second@example.com", "jim@example.com", "secret@example.com" }));
  EXPECT_EQ (out.find ("secret"), std::string::npos);
  ASSERT_EQ (submit_reading ("Bcc: secret@example.com\n\nx\n"), -1) << "nothing but Bcc";
  EXPECT_EQ (recipients (), Strings{ "secret@example.com" });
  EXPECT_EQ (out.find ("To:"), std::string::npos) << "no empty To is left (RFC 5322 3.6.3)";
}

TEST_F (SubmissionAddress, WithoutRecipientsNothingIsSent)
{
  EXPECT_EQ (submit_to ({}), POSTSEAL_OUTBOX_ERROR_USAGE);
  for (const char *header : { "Subject: x\n", "To: undisclosed-recipients:;\n", "To:\n", "" })
    EXPECT_EQ (submit_reading (std::string (header) + "\nx\n"), POSTSEAL_OUTBOX_ERROR_MESSAGE);
}

TEST_F (SubmissionAddress, AddressesThatCannotBeUnderstoodAreRefusedWithTheirLine)
{
  EXPECT_EQ (submit_reading ("Subject: x\nTo: joe@example.com,\n \"open <ann@example.com>\n\nx\n"),
             POSTSEAL_OUTBOX_ERROR_MESSAGE)
      << "not to joe alone";
  EXPECT_NE (message.find ("line 2"), std::string::npos) << message;
}

TEST_F (SubmissionAddress, RefusesWhatCannotStandInACommand)
{
  for (const char *address :
       { "joe@example.com>\r\nRCPT TO:<ann@example.com", "joe\n@example.com", "joe@exa\x01mple.com",
         "", "<>", "bob", "joe@", "@example.com", "joe@example..com", "joe@-example.com", "a b@c.d",
         "joe@example.com\x7f" })
    {
      EXPECT_EQ (submit_to ({ "ann@example.com", address }), POSTSEAL_OUTBOX_ERROR_ADDRESS)
          << address;
      EXPECT_EQ (message.find ('\n'), std::string::npos) << message;
    }
  std::string longest = std::string (65, 'x') + "@example.com";
  EXPECT_EQ (submit_to ({ longest.c_str () }), POSTSEAL_OUTBOX_ERROR_ADDRESS);
}

/* What cron and other programs of this machine write to. */
TEST_F (SubmissionAddress, TheUserOfThisMachineIsWhoHasTheAccount)
{
  std::string own = std::string (g_get_user_name ()) + "@localhost";

  for (const char *name : { "root", "postmaster", "Root", g_get_user_name (), own.c_str (),
                            "root@localhost.localdomain" })
    {
      ASSERT_EQ (submit_to ({ name }), -1) << message;
      EXPECT_EQ (recipients (), Strings{ "jane@example.org" }) << name;
    }
  ASSERT_EQ (submit_reading ("To: root\nFrom: root (Cron Daemon)\nSubject: Cron\n\nx\n"), -1)
      << message;
  EXPECT_EQ (recipients (), Strings{ "jane@example.org" });
  EXPECT_STREQ (envelope->sender, "jane@example.org");
}

TEST_F (SubmissionAddress, TooManyRecipientsAreRefused)
{
  std::string to = "To: x@example.com";

  for (int i = 0; i < 10000; i++)
    to += ",\n x" + std::to_string (i) + "@example.com";
  EXPECT_EQ (submit_reading (to + "\n\nx\n"), POSTSEAL_OUTBOX_ERROR_MESSAGE);
  EXPECT_EQ (submit_reading (to.substr (0, to.rfind (',')) + "\n\nx\n"), -1) << message;
  EXPECT_EQ (recipients ().size (), 10000u);
}

/* --- from whom --- */

TEST_F (SubmissionAddress, TheAccountIsThatOfTheSenderElseOfTheAuthor)
{
  const std::string from_home = "From: jane@example.net\n\nx\n";

  ASSERT_EQ (submit (from_home), -1);
  EXPECT_STREQ (envelope->account, "home");
  EXPECT_STREQ (envelope->sender, "jane@example.net");
  ASSERT_EQ (submit_from ("jane@example.org", from_home), -1);
  EXPECT_STREQ (envelope->account, "work");
  EXPECT_STREQ (envelope->sender, "jane@example.org");
  ASSERT_EQ (submit_from ("<jane+tag@example.net>"), -1);
  EXPECT_STREQ (envelope->account, "home");
  EXPECT_STREQ (envelope->sender, "jane+tag@example.net");
  ASSERT_EQ (submit_from ("news@lists.example.org"), -1);
  EXPECT_STREQ (envelope->account, "work");
  EXPECT_STREQ (envelope->sender, "news@lists.example.org");
  submission.sender = nullptr;
  ASSERT_EQ (submit ("From: x@lists.example.org\n\nx\n"), -1);
  EXPECT_STREQ (envelope->sender, "jane@example.org") << "that of the account";
  ASSERT_EQ (submit ("From: boss@example.com, jane@example.net\nSender: jane@example.net\n\nx\n"),
             -1);
  EXPECT_STREQ (envelope->account, "home") << "one of the authors";
  ASSERT_EQ (submit ("From: boss@example.com\nSender: jane@example.net\n\nx\n"), -1);
  EXPECT_STREQ (envelope->account, "home") << "who sends for the author";
}

TEST_F (SubmissionAddress, NothingIsSentThroughAnAccountOfSomebodyElse)
{
  EXPECT_EQ (submit ("From: stranger@example.com\n\nx\n"), POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT);
  EXPECT_NE (message.find ("send-as"), std::string::npos);
  EXPECT_EQ (submit_from ("stranger@example.com"), POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT);
  submission.account = "nobody";
  EXPECT_EQ (submit (complete), POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT);
  submission.account = "home";
  EXPECT_EQ (submit_from ("stranger@example.com"), -1) << "the user says so";
  EXPECT_STREQ (envelope->account, "home");
  EXPECT_STREQ (envelope->sender, "stranger@example.com");
  EXPECT_EQ (submit_from (nullptr), -1);
  EXPECT_STREQ (envelope->sender, "jane@example.net") << "that of the account";
}

TEST_F (SubmissionAddress, ASenderThatOnlyThisMachineUnderstandsIsThatOfTheAccount)
{
  std::string here = std::string ("jane@") + g_get_host_name ();

  for (const char *sender : { "root", "MAILER-DAEMON", "jane@localhost", here.c_str () })
    {
      ASSERT_EQ (submit_from (sender, "From: jane@example.net\n\nx\n"), -1) << message;
      EXPECT_STREQ (envelope->account, "home") << sender;
      EXPECT_STREQ (envelope->sender, "jane@example.net") << sender;
      ASSERT_EQ (submit_from (sender, "Subject: x\n\nx\n"), -1) << message;
      EXPECT_STREQ (envelope->sender, "jane@example.org") << sender;
    }
}

TEST_F (SubmissionAddress, TheNullSenderStaysNull)
{
  for (const char *sender : { "", "<>" })
    {
      ASSERT_EQ (submit_from (sender, "From: jane@example.net\n\nx\n"), -1) << message;
      EXPECT_STREQ (envelope->sender, "");
      EXPECT_STREQ (envelope->account, "home");
      ASSERT_EQ (submit_from (sender, "Subject: x\n\nx\n"), -1);
      EXPECT_EQ (out.compare (0, 34, "From: Jane Doe <jane@example.org>\r"), 0) << out;
    }
}

TEST_F (SubmissionAddress, ASenderCannotBreakOutOfItsCommand)
{
  for (const char *sender : { "a@b>\r\nRCPT TO:<c@d", "x@lists.example.org\nDATA" })
    EXPECT_EQ (submit_from (sender), POSTSEAL_OUTBOX_ERROR_ADDRESS) << sender;
}

/* --- names --- */

TEST_F (SubmissionAddress, AFullNameIsQuotedOrEncodedWhereNeedBe)
{
  struct
  {
    const char *name;
    const char *field;
  } cases[] = {
    { "Jane X Doe", "From: Jane X Doe <jane@example.org>\r\n" },
    { "Doe, Jane", "From: \"Doe, Jane\" <jane@example.org>\r\n" },
    { "J. \"JJ\" \\", "From: \"J. \\\"JJ\\\" \\\\\" <jane@example.org>\r\n" },
    { "J\xc3\xb6rg", "From: =?UTF-8?B?SsO2cmc=?= <jane@example.org>\r\n" },
    { "=?fake?=", "From: \"=?fake?=\" <jane@example.org>\r\n" },
    { "a\nBcc: x@example.com", "From: \"a Bcc: x@example.com\" <jane@example.org>\r\n" },
    { "", "From: jane@example.org\r\n" },
  };

  for (const auto &one : cases)
    {
      submission.full_name = one.name;
      ASSERT_EQ (submit ("Subject: x\n\n"), -1) << message;
      EXPECT_EQ (out.compare (0, strlen (one.field), one.field), 0) << out;
    }
  std::string longest;
  for (int i = 0; i < 40; i++)
    longest += "\xe4\xb8\xad";
  submission.full_name = longest.c_str ();
  ASSERT_EQ (submit ("Subject: x\n\n"), -1) << message;
  std::smatch match;
  EXPECT_TRUE (std::regex_search (
      out, match,
      std::regex ("^From: (=\\?UTF-8\\?B\\?[A-Za-z0-9+/=]{1,60}\\?=\r\n )+<jane@example.org>\r\n")))
      << out;
}

TEST_F (SubmissionAddress, ResolvesWithoutReadingAMessage)
{
  g_autoptr (GError) error = nullptr;
  const char *account = nullptr;

  submission.sender = "jane@example.net";
  g_auto (GStrv) resolved = postseal_submission_resolve (&submission, senders, &account, &error);
  ASSERT_NE (resolved, nullptr) << error->message;
  EXPECT_STREQ (account, "home");
  EXPECT_STREQ (resolved[0], "joe@example.com");
  EXPECT_EQ (resolved[1], nullptr);
  submission.recipients = nobody;
  EXPECT_EQ (postseal_submission_resolve (&submission, senders, nullptr, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE));
}

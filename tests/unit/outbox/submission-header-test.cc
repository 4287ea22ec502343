/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "submission-fixture.h"

namespace
{

using Strings = std::vector<std::string>;

class SubmissionHeader : public SubmissionFixture
{
protected:
  bool
  has_line (const std::string &line) const
  {
    return ("\r\n" + out).find ("\r\n" + line + "\r\n") != std::string::npos;
  }

  size_t
  count (const std::string &text) const
  {
    size_t found = 0;

    for (size_t at = out.find (text); at != std::string::npos; at = out.find (text, at + 1))
      found++;
    return found;
  }
};

} // namespace

/* --- sending on: RFC 5322 section 3.6.6 --- */

TEST_F (SubmissionHeader, SendingOnTakesTheRecipientsOfTheTopMostBlock)
{
  std::string older = "Resent-From: first@example.com\nResent-To: older@example.com\n"
                      "Resent-Bcc: oldersecret@example.com\n";
  std::string original = "To: original@example.com\nFrom: author@example.com\n"
                         "Bcc: originalsecret@example.com\nSubject: x\n\nbody\n";

  submission.reads_recipients = TRUE;
  submission.recipients = nullptr;
  for (const char *between : { "", "Received: from x\n" })
    {
      std::string newest = "Resent-From: jane@example.net\nResent-To: new@example.com\n"
                           "Resent-Cc: copy@example.com\nResent-Bcc: newsecret@example.com\n";
      ASSERT_EQ (submit (newest + between + older + original), -1) << message;
      EXPECT_EQ (recipients (),
                 (Strings{ "new@example.com", "copy@example.com", "newsecret@example.com" }));
      EXPECT_STREQ (envelope->account, "home") << "who sends on, not who wrote";
      EXPECT_EQ (out.find ("secret"), std::string::npos) << out;
    }
}

TEST_F (SubmissionHeader, SendingOnAddsToTheBlockAndLeavesTheOriginalAlone)
{
  std::string original = "To: original@example.com\nFrom: author@example.com\nSubject: x\n\nbody\n";

  ASSERT_EQ (submit ("Received: by me\nResent-From: jane@example.org\nResent-To: new@example.com\n"
                     + original),
             -1)
      << message;
  EXPECT_TRUE (
      std::regex_match (out, std::regex ("Received: by me\r\n"
                                         "Resent-Date: [^\r]*\r\n"
                                         "Resent-Message-ID: <[0-9a-f]{40}@example\\.org>\r\n"
                                         "Resent-From: jane@example\\.org\r\n"
                                         "Resent-To: new@example\\.com\r\n"
                                         "To: original[^]*")))
      << out;
  EXPECT_EQ (count ("Date:"), 1u) << "the original has none, and gets none";
  EXPECT_EQ (out.substr (out.find ("To: original")), to_crlf (original));

  ASSERT_EQ (submit ("Resent-To: new@example.com\n" + original), -1) << message;
  EXPECT_TRUE (has_line ("Resent-From: Jane Doe <jane@example.org>"));
  EXPECT_STREQ (envelope->account, "work") << "the author is somebody else";
  std::string once = out;
  ASSERT_EQ (submit (once), -1);
  EXPECT_EQ (out, once) << "a second time adds nothing";
}

/* --- signatures --- */

TEST_F (SubmissionHeader, ASignedPartIsNeverTouched)
{
  for (const char *type :
       { "multipart/signed; micalg=pgp-sha256;\n protocol=\"application/pgp-signature\"",
         "application/pkcs7-mime; smime-type=signed-data", "application/pkcs7-signature" })
    {
      std::string rest = "Content-Type: " + std::string (type)
                         + "\nSubject: x\n\n--b\nContent-Type: text/plain\n\ntrailing  \n\n--b--\n";

      ASSERT_EQ (submit ("Bcc: secret@example.com\n" + rest), -1) << message;
      ASSERT_EQ (out.substr (out.find ("Content-Type:")), to_crlf (rest));
      EXPECT_EQ (count ("Message-ID: "), 1u) << "below the header is what it signs";
    }
}

TEST_F (SubmissionHeader, WhatADkimSignatureCoversIsLeftOrRefused)
{
  std::string with_date = "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x;\n"
                          "\th=From : To :Subject: d\n ate; bh=abc=; b=def=\n";
  std::string without = "DKIM-Signature: v=1; h=From:Subject; b=x\n";

  EXPECT_EQ (submit (with_date + complete), -1) << message;
  EXPECT_EQ (out, to_crlf (with_date + complete));
  EXPECT_EQ (submit (with_date + "From: jane@example.org\nMessage-ID: <1@x>\n\nx\n"),
             POSTSEAL_OUTBOX_ERROR_MESSAGE)
      << "it vouches that there is no date";
  EXPECT_NE (message.find ("Date"), std::string::npos) << message;
  EXPECT_EQ (submit (without + "From: jane@example.org\nSubject: x\n\nx\n"), -1) << message;
  EXPECT_EQ (count ("Date:"), 1u) << "not covered";
  EXPECT_EQ (submit (without + "Subject: x\n\nx\n"), POSTSEAL_OUTBOX_ERROR_MESSAGE);
  EXPECT_NE (message.find ("From"), std::string::npos) << message;

  EXPECT_EQ (submit (without + "Bcc: secret@example.com\n" + complete), -1);
  EXPECT_EQ (out, to_crlf (without + complete));
  EXPECT_EQ (submit ("DKIM-Signature: h=from:bCC\n" + std::string ("Bcc: secret@example.com\n")
                     + complete),
             POSTSEAL_OUTBOX_ERROR_MESSAGE);
  EXPECT_NE (message.find ("Bcc"), std::string::npos) << message;
  EXPECT_EQ (submit ("DKIM-Signature: h=from:bcc\n" + std::string (complete)), -1)
      << "nothing has to go";
}

/* --- for lists --- */

TEST_F (SubmissionHeader, DescribesItselfPrintably)
{
  std::string subject (300, 'x');

  ASSERT_EQ (submit ("Message-ID:\n <odd\x01id@example.org>\nSubject:  two\n\tlines \x1b[31m\n\n"),
             -1);
  EXPECT_STREQ (envelope->message_id, "<odd\\x01id@example.org>");
  EXPECT_STREQ (envelope->subject, "two lines \\x1B[31m");
  ASSERT_EQ (submit ("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe=1B?=\n\n"), -1);
  EXPECT_STREQ (envelope->subject, "Grüße\\x1B") << "RFC 2047";
  ASSERT_EQ (submit ("Subject: " + subject + "\n\n"), -1);
  EXPECT_EQ (g_utf8_strlen (envelope->subject, -1), 201);
  ASSERT_EQ (submit ("To: x@example.com\n\n"), -1);
  EXPECT_STREQ (envelope->subject, "");
}

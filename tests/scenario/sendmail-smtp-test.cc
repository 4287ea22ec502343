/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "postseal-sendmail -bs": SMTP on standard input and output. */
#include "scenario/sendmail-fixture.h"

namespace postseal_test
{

namespace
{

class SendmailSmtp : public SendmailProgram
{
protected:
  /* The codes of the replies to @lines, behind the greeting; of a multi-line one the last. */
  std::string
  talk (const std::string &lines)
  {
    std::string codes;

    outcome_ = run_with_stub ({ "-bs" }, lines);
    for (size_t at = 0, end; (end = outcome_.out.find ("\r\n", at)) != std::string::npos;
         at = end + 2)
      if (outcome_.out[at + 3] == ' ')
        codes += (codes.empty () ? "" : " ") + outcome_.out.substr (at, 3);
    EXPECT_EQ (codes.substr (0, 3), "220") << outcome_.out << outcome_.err;
    return codes.size () > 4 ? codes.substr (4) : "";
  }

  const std::string head_ = "EHLO desk\r\nMAIL FROM:<jane@example.org>\r\n"
                            "RCPT TO:<bob@example.com>\r\nDATA\r\n";
  Outcome outcome_;
};

TEST_F (SendmailSmtp, TakesAMessage)
{
  std::string text = on_the_wire (WHOLE);

  EXPECT_EQ (talk (head_ + text + "..dot\r\n.\r\nQUIT\r\n"), "250 250 250 354 250 221")
      << outcome_.out;
  EXPECT_EQ (outcome_.status, 0);
  Queued one = taken ();
  EXPECT_EQ (one.text, text + ".dot\r\n");
  EXPECT_EQ (one.sender, "jane@example.org");
  EXPECT_EQ (one.recipients, Strings{ "bob@example.com" });
  EXPECT_TRUE (has (outcome_.out, "Queued as " + one.id));
  EXPECT_EQ (calls (1), Strings{ "queue flush --due" });
}

TEST_F (SendmailSmtp, OffersWhatItCanDo)
{
  talk ("EHLO desk\r\nQUIT\r\n");
  for (const char *keyword : { "250-8BITMIME\r\n", "250-SIZE ", "250-DSN\r\n", "250-SMTPUTF8\r\n",
                               "250 ENHANCEDSTATUSCODES\r\n" })
    EXPECT_TRUE (has (outcome_.out, keyword)) << keyword;
  for (const char *keyword : { "PIPELINING", "AUTH", "STARTTLS", "CHUNKING" })
    EXPECT_FALSE (has (outcome_.out, keyword)) << keyword;
}

TEST_F (SendmailSmtp, TakesSeveralMessagesAndWakesOnce)
{
  std::string message = "MAIL FROM:<jane@example.org> SIZE=100 BODY=8BITMIME RET=FULL ENVID=x\r\n"
                        "RCPT TO:<bob@example.com> NOTIFY=NEVER\r\nDATA\r\n"
                        + on_the_wire (WHOLE) + ".\r\n";

  EXPECT_EQ (talk ("HELO desk\r\n" + message + message + "RSET\r\n" + message + "QUIT\r\n"),
             "250 250 250 354 250 250 250 354 250 250 250 250 354 250 221");
  auto all = queued ();
  ASSERT_EQ (all.size (), 3u);
  for (const auto &one : all)
    {
      EXPECT_EQ (one.notify, std::vector<guint>{ POSTSEAL_SMTP_NOTIFY_NEVER });
      EXPECT_EQ (one.envid, "x");
      EXPECT_EQ (one.ret, POSTSEAL_SMTP_RETURN_FULL);
    }
  EXPECT_EQ (calls (1).size (), 1u);
}

TEST_F (SendmailSmtp, TakesAsManyRecipientsAsThereAre)
{
  for (size_t count : { 2, 3, 4, 100 })
    {
      std::string lines = "EHLO desk\r\nMAIL FROM:<jane@example.org>\r\n";
      Strings recipients;

      for (size_t i = 0; i < count; i++)
        {
          recipients.push_back ("b" + std::to_string (i) + "@example.com");
          lines += "RCPT TO:<" + recipients.back () + ">\r\n";
        }
      talk (lines + "DATA\r\n" + on_the_wire (WHOLE) + ".\r\nQUIT\r\n");
      EXPECT_EQ (taken ().recipients, recipients);
      forget ();
    }
}

/* What was acknowledged is sent, whether or not goodbye was said. */
TEST_F (SendmailSmtp, WakesWithoutQuitToo)
{
  EXPECT_EQ (talk (head_ + on_the_wire (WHOLE) + ".\r\n"), "250 250 250 354 250");
  taken ();
  EXPECT_EQ (calls (1).size (), 1u);
}

TEST_F (SendmailSmtp, QueuesNoHalfMessage)
{
  for (const char *end : { "", "\r\n", "\r\n.", "\r\n.\r", "\n.\n", "\r\n.\n", "\n.\r\n" })
    {
      EXPECT_EQ (talk (head_ + "Subject: x\r\n\r\ntext" + end), "250 250 250 354") << end;
      EXPECT_EQ (queued ().size (), 0u);
    }
  EXPECT_FALSE (fs::exists (log_path ()));
}

/* SMTP smuggling: every combination of CR, LF and a dot, once with CR LF . CR LF behind it. */
TEST_F (SendmailSmtp, TakesOneMessageOrNoneWhateverTheLineEnds)
{
  const Strings ends = { "\r", "\n", "\r\n", "\n\r", "\r\r\n", "\n\n", "\r\r", "\n\r\n", "" };
  const std::string smuggled = "MAIL FROM:<jane@example.org>\r\nRCPT TO:<eve@example.com>\r\n"
                               "DATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n";

  for (const auto &before : ends)
    for (const auto &after : ends)
      {
        bool is_end = before.size () >= 2 && before.substr (before.size () - 2) == "\r\n"
                      && after.substr (0, 2) == "\r\n";

        if (is_end)
          continue;
        talk (head_ + "From: jane@example.org\r\nSubject: x\r\n\r\ntext" + before + "." + after
              + smuggled + "QUIT\r\n");
        for (const auto &one : queued ())
          {
            EXPECT_EQ (one.recipients, Strings{ "bob@example.com" });
            EXPECT_TRUE (has (one.text, "smuggled")) << "it is text of the one message";
            EXPECT_FALSE (has (one.text, "\n.\r\n"));
          }
        EXPECT_LE (queued ().size (), 1u);
        if (!before.empty () && before != "\r\n")
          {
            EXPECT_EQ (queued ().size (), 0u);
            EXPECT_TRUE (has (outcome_.out, "554 5.6.0")) << outcome_.out;
          }
        forget ();
      }
}

TEST_F (SendmailSmtp, RefusesLinesThatDoNotEndWithCrLf)
{
  EXPECT_EQ (talk ("EHLO desk\nEHLO desk\r\nMAIL FROM:<jane@example.org>\nNOOP\rQUIT\r\n"
                   "RCPT TO:<bob@example.com>\r\nQUIT\r\n"),
             "500 250 500 500 503 221")
      << outcome_.out;
  EXPECT_EQ (talk ("NOOP " + std::string (10000, 'x') + "\r\nQUIT\r\n"), "500 221");
}

TEST_F (SendmailSmtp, KeepsTheOrderOfCommands)
{
  EXPECT_EQ (talk ("MAIL FROM:<jane@example.org>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n"
                   "EHLO desk\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n"
                   "MAIL FROM:<jane@example.org>\r\nMAIL FROM:<jane@example.org>\r\nDATA\r\n"
                   "RCPT TO:<bob@example.com>\r\nRSET\r\nDATA\r\nQUIT\r\n"),
             "503 503 503 250 503 503 250 503 503 250 250 503 221")
      << outcome_.out;
}

TEST_F (SendmailSmtp, KnowsTheOtherCommands)
{
  EXPECT_EQ (talk ("NOOP\r\nNOOP x\r\nVRFY bob\r\nHELP\r\nEXPN x\r\nAUTH PLAIN =\r\nSTARTTLS\r\n"
                   "BDAT 5 LAST\r\nXYZZY\r\n\r\nDATA now\r\nHELO\r\nMAIL\r\nMAILFROM:<a@b>\r\n"
                   "quit\r\n"),
             "250 250 252 214 502 502 502 502 500 500 501 501 500 500 221")
      << outcome_.out;
}

TEST_F (SendmailSmtp, RefusesWhoIsNotAnAccount)
{
  EXPECT_EQ (talk ("EHLO desk\r\nMAIL FROM:<jane@example.org,jd@example.net>\r\n"
                   "MAIL FROM:<jane doe@example.org>\r\nMAIL FROM:<@a,@b:jane@example.org>\r\n"
                   "QUIT\r\n"),
             "250 553 553 553 221")
      << outcome_.out;
  EXPECT_EQ (talk ("EHLO desk\r\nMAIL FROM:<mallory@elsewhere.example>\r\nMAIL FROM:<>\r\n"
                   "RCPT TO:<>\r\nRCPT TO:<not an address>\r\nRCPT TO:<nobody-here>\r\n"
                   "RCPT TO:<bob@example.com, carol@example.com>\r\nRCPT TO:<postmaster,root>\r\n"
                   "RCPT TO:<postmaster>\r\nQUIT\r\n"),
             "250 550 250 553 553 553 553 553 250 221")
      << outcome_.out;
}

TEST_F (SendmailSmtp, ReadsParametersStrictly)
{
  EXPECT_EQ (talk ("EHLO desk\r\n"
                   "MAIL FROM:<jane@example.org> SIZE=x\r\n"
                   "MAIL FROM:<jane@example.org> FUTURE=1\r\n"
                   "MAIL FROM:<jane@example.org> SIZE=9000000000000\r\n"
                   "MAIL FROM:jane@example.org\r\n"
                   "MAIL FROM:<jane@example.org>\r\n"
                   "RCPT TO:<bob@example.com> NOTIFY=SOMETIMES\r\n"
                   "RCPT TO:<\xce\xb4@example.com>\r\n"
                   "RCPT TO:<bob@example.com> NOTIFY=SUCCESS ORCPT=rfc822;b@example.com\r\n"
                   "RCPT TO:<carol@example.com>\r\n"
                   "RSET\r\nMAIL FROM:<jane@example.org> SMTPUTF8\r\n"
                   "RCPT TO:<\xce\xb4@example.com>\r\n"
                   "QUIT\r\n"),
             "250 501 555 552 501 250 501 553 250 452 250 250 250 221")
      << outcome_.out;
}

TEST_F (SendmailSmtp, SaysWhatIsWrongWithAMessage)
{
  EXPECT_EQ (talk (head_ + ".\r\nQUIT\r\n"), "250 250 250 354 554 221") << outcome_.out;
  EXPECT_EQ (talk (head_ + "From: jane@example.org\r\n\r\n" + std::string (2000, 'x')
                   + "\r\n.\r\nQUIT\r\n"),
             "250 250 250 354 554 221")
      << outcome_.out;
  /* And has forgotten it. */
  EXPECT_EQ (talk (head_ + ".\r\nDATA\r\nQUIT\r\n"), "250 250 250 354 554 503 221");
  EXPECT_EQ (queued ().size (), 0u);
  EXPECT_TRUE (g_str_is_ascii (outcome_.out.c_str ()));
}

TEST_F (SendmailSmtp, TellsWhenTheDiskIsFull)
{
  std::string lines;

  for (int i = 0; i < 5000; i++)
    lines += "a line of forty letters and some more..\r\n";
  Outcome outcome = run_in_shell ("ulimit -f 64; exec \"$1\" -bs",
                                  head_ + on_the_wire (WHOLE) + lines + ".\r\nNOOP\r\nQUIT\r\n");

  EXPECT_TRUE (has (outcome.out, "\r\n452 4.3.1")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "\r\n221 ")) << outcome.out;
  EXPECT_EQ (queued ().size (), 0u);
}

TEST_F (SendmailSmtp, SpeaksToNobodyWithoutAccounts)
{
  fs::remove (postseal_.path ("config/postseal/accounts.conf"));
  Outcome outcome = run ({ "-bs" }, "QUIT\r\n");

  EXPECT_EQ (outcome.status, 78);
  EXPECT_EQ (outcome.out.substr (0, 4), "421 ");
}

} // namespace
} // namespace postseal_test

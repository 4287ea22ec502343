/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/resource.h>

#include <csignal>

#include "submission-fixture.h"

namespace
{

class Submission : public SubmissionFixture
{
};

using Strings = std::vector<std::string>;

} // namespace

TEST_F (Submission, ACompleteMessageGoesOutAsItCameIn)
{
  std::string text = std::string (complete) + "X-Odd:no space\n\tfolded  \n\n"
                     + "Body\n\n.\n..\n From me\nFrom you\n \n\t\nlast";

  ASSERT_EQ (submit (text), -1) << message;
  EXPECT_EQ (out, to_crlf (text) + "\r\n");
  EXPECT_STREQ (envelope->account, "work");
  EXPECT_STREQ (envelope->sender, "jane@example.org");
  EXPECT_STREQ (envelope->subject, "Test");
  EXPECT_STREQ (envelope->message_id, "<1@example.org>");
  EXPECT_EQ (recipients (), Strings{ "joe@example.com" });
  EXPECT_EQ (envelope->body, POSTSEAL_SMTP_BODY_7BIT);
  EXPECT_FALSE (envelope->is_international);
}

TEST_F (Submission, LineEndsBecomeCrLfHoweverTheyAreMixedAndCut)
{
  std::string text = std::string (complete) + "\nfirst\r\nsecond\n\r\n\nthird\r\n";
  std::string wanted = to_crlf (complete) + "\r\nfirst\r\nsecond\r\n\r\n\r\nthird\r\n";

  for (size_t piece : { 1, 2, 3, 7, 65536 })
    {
      ASSERT_EQ (submit (text, piece), -1) << message;
      EXPECT_EQ (out, wanted) << piece;
    }
  ASSERT_EQ (submit (wanted), -1);
  EXPECT_EQ (out, wanted) << "a second time changes nothing";
}

/* Real-world oddities that a sender must not repair. */
TEST_F (Submission, OddFieldsStayAsTheyAre)
{
  for (const char *odd : {
           "From: MAILER-DAEMON <>\n",
           "From:\n",
           "From  : spaced@example.com\n",
           "from: lower@lists.example.org\n",
           "From: a@lists.example.org\nFrom: b@lists.example.org\n",
       })
    {
      std::string text = std::string (odd)
                         + "Message-ID: not an id\nDate: yesterday\nno field at all\n"
                           "X-Last: x\n\nbody\n";

      submission.account = "work";
      ASSERT_EQ (submit (text), -1) << message << odd;
      EXPECT_EQ (out, to_crlf (text));
    }
}

TEST_F (Submission, AddsWhatIsAbsentInFront)
{
  ASSERT_EQ (submit ("Subject: Test\n\nbody\n"), -1) << message;
  std::smatch match;
  ASSERT_TRUE (std::regex_match (
      out, match,
      std::regex ("From: Jane Doe <jane@example\\.org>\r\n"
                  "Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d{1,2} [A-Z][a-z]{2} \\d{4} "
                  "\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}\r\n"
                  "Message-ID: (<[0-9a-f]{40}@example\\.org>)\r\n"
                  "Subject: Test\r\n\r\nbody\r\n")))
      << out;
  EXPECT_EQ (match[2], envelope->message_id);
  EXPECT_EQ (out.find (g_get_host_name ()), std::string::npos) << "no host name (RFC 5322 3.6.4)";

  std::string first = out;
  ASSERT_EQ (submit (first), -1);
  EXPECT_EQ (out, first) << "a second time adds nothing";
}

TEST_F (Submission, TheDateIsThatOfTheZone)
{
  const char *before = g_getenv ("TZ");
  std::string kept = before ? before : "";

  for (const auto &[zone, wanted] : std::map<std::string, std::string>{
           { "UTC", "+0000" }, { "XXX-05:30", "+0530" }, { "XXX+03:30", "-0330" } })
    {
      g_setenv ("TZ", zone.c_str (), TRUE);
      ASSERT_EQ (submit ("Subject: x\n\n"), -1);
      EXPECT_NE (out.find (" " + wanted + "\r\n"), std::string::npos) << out;
    }
  if (before)
    g_setenv ("TZ", kept.c_str (), TRUE);
  else
    g_unsetenv ("TZ");
}

TEST_F (Submission, TextWithoutAHeaderIsAllBody)
{
  for (const char *text : { "hello\nBcc: not a field\n\nworld\n", "hello", "\nBcc: no\n", "\r\nx\n",
                            " indented: text\nBcc: no\n" })
    {
      std::string body = text[0] == '\n' || text[0] == '\r' ? text : std::string ("\n") + text;

      ASSERT_EQ (submit (text), -1) << message;
      size_t end = out.find ("\r\n\r\n");
      body = std::regex_replace (to_crlf (body), std::regex ("\r\r"), "\r");
      if (body.compare (body.size () - 2, 2, "\r\n") != 0)
        body += "\r\n";
      EXPECT_EQ (out.substr (end + 2), body) << text;
      EXPECT_EQ (out.compare (0, 6, "From: "), 0);
    }
}

TEST_F (Submission, AHeaderWithoutABodyIsAMessage)
{
  ASSERT_EQ (submit (complete), -1);
  EXPECT_EQ (out, to_crlf (complete));
  std::string cut = std::string (complete).substr (0, strlen (complete) - 1);
  ASSERT_EQ (submit (cut, 1), -1);
  EXPECT_EQ (out, to_crlf (complete)) << "the last line is ended";
  ASSERT_EQ (submit (std::string (complete) + "\n"), -1);
  EXPECT_EQ (out, to_crlf (complete) + "\r\n");
}

TEST_F (Submission, AnMboxLineInFrontIsTakenOut)
{
  for (const char *line : { "From jane@example.org Thu Jan  1 00:00:00 2026\n", ">From jane x\n" })
    {
      for (size_t piece : { 1, 65536 })
        {
          ASSERT_EQ (submit (std::string (line) + complete + "\nFrom here\n", piece), -1);
          EXPECT_EQ (out, to_crlf (complete) + "\r\nFrom here\r\n");
        }
      ASSERT_EQ (submit (std::string (line) + "just text\n"), -1);
      EXPECT_NE (out.find ("\r\n\r\njust text\r\n"), std::string::npos) << out;
      EXPECT_EQ (out.find ("From jane"), std::string::npos);
    }
}

/* RFC 5322 section 3.6.3, RFC 5321 section 4.4. */
TEST_F (Submission, BlindCopiesAndReturnPathAreTakenOut)
{
  std::string text = "Return-Path: <secret@example.com>\n"
                     "bcc: secret@example.com,\n secret2@example.com\n"
                     + std::string (complete) + "Resent-Bcc: secret@example.com\n"
                     + "BCC : secret@example.com\nBcc:\n\nBcc: body\n";

  ASSERT_EQ (submit (text), -1) << message;
  EXPECT_EQ (out.find ("secret"), std::string::npos) << out;
  EXPECT_NE (out.find ("\r\n\r\nBcc: body\r\n"), std::string::npos);
  EXPECT_EQ (recipients (), Strings{ "joe@example.com" });
}

TEST_F (Submission, RefusesWhatMailCannotCarryAndSaysWhere)
{
  struct
  {
    std::string text;
    const char *line;
  } cases[] = {
    { std::string (complete) + "\nok\nlone\rreturn\n", "Line 8 " },
    { std::string (complete) + "\nok\nlast\r", "Line 8 " },
    { std::string (complete) + "\n" + std::string ("zero\0byte\n", 10), "Line 7 " },
    { std::string (complete) + "\n" + std::string (999, 'x') + "\n", "Line 7 " },
    { "Subject: \r x\n\nbody\n", "Line 1 " },
    { "Subject: x\nX: " + std::string (996, 'x') + "\n\n", "Line 2 " },
    { std::string (5000, 'x'), "Line 1 " },
    { "A: b\rBcc: secret@example.com\r\rbody\r", "Line 1 " },
  };

  for (const auto &one : cases)
    for (size_t piece : { 1, 65536 })
      {
        EXPECT_EQ (submit (one.text, piece), POSTSEAL_OUTBOX_ERROR_MESSAGE) << one.text;
        EXPECT_NE (message.find (one.line), std::string::npos) << message;
      }
  EXPECT_EQ (submit (std::string (complete) + "\n" + std::string (998, 'x') + "\n"), -1);
  EXPECT_EQ (submit (""), POSTSEAL_OUTBOX_ERROR_MESSAGE);
}

TEST_F (Submission, AHeaderWithoutEndIsRefused)
{
  std::string text = "A: b\n";

  while (text.size () < 1200000)
    text += "X-Field: value\n";
  EXPECT_EQ (submit (text + "\nbody\n"), POSTSEAL_OUTBOX_ERROR_MESSAGE);
  EXPECT_NE (message.find ("1 MiB"), std::string::npos);
  EXPECT_EQ (submit (text.substr (0, 900000) + "\n\nbody\n"), -1) << message;
}

/* RFC 5321 section 6.3. */
TEST_F (Submission, AMessageThatGoesInCirclesIsRefused)
{
  std::string received;

  for (int i = 0; i < 100; i++)
    received += "Received: from x by y\n";
  EXPECT_EQ (submit (received + complete), -1);
  EXPECT_EQ (out, to_crlf (received + complete)) << "and otherwise kept";
  EXPECT_EQ (submit ("received: once more\n" + received + complete), POSTSEAL_OUTBOX_ERROR_MESSAGE);
}

TEST_F (Submission, ADotEndsTheInputOnlyWhereAskedFor)
{
  std::string text = std::string (complete) + "\n..\n.x\n. \nx.\n.\nmore\n";
  std::string until = to_crlf (std::string (complete) + "\n..\n.x\n. \nx.\n");

  for (size_t piece : { 1, 2, 3, 65536 })
    {
      submission.dot_ends = FALSE;
      ASSERT_EQ (submit (text, piece), -1);
      EXPECT_EQ (out, to_crlf (text));
      submission.dot_ends = TRUE;
      ASSERT_EQ (submit (text, piece), -1);
      EXPECT_EQ (out, until);
      ASSERT_EQ (submit (to_crlf (text), piece), -1);
      EXPECT_EQ (out, until) << "CR LF, too";
    }
  ASSERT_EQ (submit (std::string (complete) + "\nx\n."), -1);
  EXPECT_EQ (out, to_crlf (std::string (complete) + "\nx\n"));
  EXPECT_EQ (submit (".\n"), POSTSEAL_OUTBOX_ERROR_MESSAGE) << "empty altogether";
  ASSERT_EQ (submit ("Subject: x\n.\nBcc: never read\n"), -1);
  EXPECT_EQ (out.find ("never"), std::string::npos);
}

TEST_F (Submission, UndoesDoubledDotsWhereAskedFor)
{
  std::string text = std::string (complete) + "\n..\n.\n...\n.x\n..x\nx..\n.. \n..\n..\n";
  std::string undone = to_crlf (std::string (complete) + "\n.\n.\n...\n.x\n..x\nx..\n.. \n.\n.\n");

  submission.undoes_dots = TRUE;
  for (size_t piece : { 1, 2, 3, 65536 })
    {
      ASSERT_EQ (submit (text, piece), -1);
      EXPECT_EQ (out, undone);
      ASSERT_EQ (submit (to_crlf (text), piece), -1);
      EXPECT_EQ (out, undone) << "CR LF, too";
    }
  for (const char *end : { ".", ".x", "...", "x.." })
    {
      ASSERT_EQ (submit (std::string (complete) + "\n" + end), -1);
      EXPECT_EQ (out, to_crlf (std::string (complete) + "\n" + end + "\n"))
          << "what is held back at the end";
    }
  ASSERT_EQ (submit (std::string (complete) + "\n.."), -1);
  EXPECT_EQ (out, to_crlf (std::string (complete) + "\n.\n"));
}

TEST_F (Submission, KnowsWhatTheMessageNeeds)
{
  std::string raw = std::string (complete) + "X-Name: \xc3\xbc\n";

  ASSERT_EQ (submit (std::string (complete) + "\nGr\xc3\xbc\xc3\x9f\x65\n"), -1);
  EXPECT_EQ (envelope->body, POSTSEAL_SMTP_BODY_8BIT);
  EXPECT_FALSE (envelope->is_international) << "only its body";
  ASSERT_EQ (submit (std::string (complete) + "\n\xff\xfe latin\n"), -1);
  EXPECT_EQ (envelope->body, POSTSEAL_SMTP_BODY_8BIT);
  ASSERT_EQ (submit (raw), -1);
  EXPECT_EQ (envelope->body, POSTSEAL_SMTP_BODY_8BIT);
  EXPECT_TRUE (envelope->is_international) << "RFC 6532";
  ASSERT_EQ (submit ("Bcc: J\xc3\xb6rg <secret@example.com>\n" + std::string (complete)), -1);
  EXPECT_EQ (envelope->body, POSTSEAL_SMTP_BODY_7BIT) << "what was taken out does not count";
  EXPECT_FALSE (envelope->is_international);

  const char *local[] = { "j\xc3\xb6rg@example.com", nullptr };
  const char *domain[] = { "joerg@b\xc3\xbc\x63her.example", nullptr };
  submission.recipients = local;
  ASSERT_EQ (submit (complete), -1);
  EXPECT_TRUE (envelope->is_international) << "RFC 6531 section 3.3";
  submission.recipients = domain;
  ASSERT_EQ (submit (complete), -1);
  EXPECT_FALSE (envelope->is_international) << "A-labels will do";
}

TEST_F (Submission, BinaryContentIsNotConverted)
{
  std::string header = to_crlf (complete) + "\r\n";
  std::string body ("a\nb\rc\0d\r\n\n", 11);

  submission.is_binary = TRUE;
  ASSERT_EQ (submit (header + body + std::string (5000, 'x')), -1) << message;
  EXPECT_EQ (out, header + body + std::string (5000, 'x'));
  EXPECT_EQ (envelope->body, POSTSEAL_SMTP_BODY_BINARY);
  EXPECT_EQ (submit (std::string (complete) + "\n" + body), POSTSEAL_OUTBOX_ERROR_MESSAGE);
}

TEST_F (Submission, KeepsWhatWasAskedFor)
{
  submission.notify = POSTSEAL_SMTP_NOTIFY_SUCCESS | POSTSEAL_SMTP_NOTIFY_FAILURE;
  submission.ret = POSTSEAL_SMTP_RETURN_HEADERS;
  submission.envid = "QQ 314159";
  submission.requiretls = TRUE;
  submission.hold_until = 1900000000;
  submission.deliver_by = 600;
  submission.deliver_by_mode = 'R';
  submission.deliver_by_trace = TRUE;
  submission.origin = "a test";
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  ASSERT_EQ (submit (complete), -1) << message;
  auto *recipient = static_cast<PostsealEnvelopeRecipient *> (envelope->recipients->pdata[0]);
  EXPECT_EQ (recipient->notify, submission.notify);
  EXPECT_EQ (envelope->ret, submission.ret);
  EXPECT_STREQ (envelope->envid, "QQ 314159");
  EXPECT_TRUE (envelope->requiretls);
  EXPECT_EQ (envelope->hold_until, 1900000000);
  EXPECT_EQ (envelope->deliver_by, 600);
  EXPECT_EQ (envelope->deliver_by_mode, 'R');
  EXPECT_TRUE (envelope->deliver_by_trace);
  EXPECT_STREQ (envelope->origin, "a test");
  EXPECT_GE (envelope->arrived, now);
}

TEST_F (Submission, OptionsThatContradictAreWrongUsage)
{
  submission.notify = POSTSEAL_SMTP_NOTIFY_NEVER | POSTSEAL_SMTP_NOTIFY_DELAY;
  EXPECT_EQ (submit (complete), POSTSEAL_OUTBOX_ERROR_USAGE) << "RFC 3461 section 4.1";
  submission.notify = POSTSEAL_SMTP_NOTIFY_NEVER;
  for (const char *envid : { "", "line\nbreak", "gr\xc3\xbc\xc3\x9f\x65" })
    {
      submission.envid = envid;
      EXPECT_EQ (submit (complete), POSTSEAL_OUTBOX_ERROR_USAGE) << envid;
    }
  std::string longest (101, 'x');
  submission.envid = longest.c_str ();
  EXPECT_EQ (submit (complete), POSTSEAL_OUTBOX_ERROR_USAGE);
  submission.envid = nullptr;
  submission.deliver_by_mode = 'R';
  EXPECT_EQ (submit (complete), POSTSEAL_OUTBOX_ERROR_USAGE) << "RFC 2852 section 4";
  submission.deliver_by_mode = 'N';
  EXPECT_EQ (submit (complete), -1);
}

TEST_F (Submission, WhatCannotBeReadIsAnInputError)
{
  g_autoptr (GError) error = nullptr;
  g_autofree char *id = nullptr;
  int fd = open ("/", O_RDONLY | O_CLOEXEC);

  EXPECT_FALSE (postseal_submission_run (&submission, senders, fd, &id, &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_INPUT));
  close (fd);
}

TEST_F (Submission, AFullDiskLeavesNothing)
{
  struct rlimit before, little;

  std::signal (SIGXFSZ, SIG_IGN);
  ASSERT_EQ (getrlimit (RLIMIT_FSIZE, &before), 0);
  little = before;
  little.rlim_cur = 100000;
  ASSERT_EQ (setrlimit (RLIMIT_FSIZE, &little), 0);
  int code = submit (std::string (complete) + "\n" + std::string (200000, '\n'));
  int head_only = submit (std::string (complete) + "\n" + std::string (30000, '\n'));
  setrlimit (RLIMIT_FSIZE, &before);
  EXPECT_EQ (code, POSTSEAL_OUTBOX_ERROR_DISK) << message;
  EXPECT_EQ (head_only, -1);
}

TEST_F (Submission, MemoryDoesNotGrowWithTheMessage)
{
  std::string line (76, 'x');
  std::string body;
  struct rusage usage;

  while (body.size () < 1 << 20)
    body += line + "\n";
  ASSERT_EQ (submit (std::string (complete) + "\n" + body), -1);
  getrusage (RUSAGE_SELF, &usage);
  long before = usage.ru_maxrss;
  g_autoptr (GError) error = nullptr;
  g_autofree char *id = nullptr;
  int ends[2];
  ASSERT_EQ (pipe (ends), 0);
  std::thread writer ([&] {
    std::string begin = std::string (complete) + "\n";
    EXPECT_GT (write (ends[1], begin.data (), begin.size ()), 0);
    for (int i = 0; i < 64; i++)
      EXPECT_GT (write (ends[1], body.data (), body.size ()), 0);
    close (ends[1]);
  });
  EXPECT_TRUE (postseal_submission_run (&submission, senders, ends[0], &id, &error));
  writer.join ();
  close (ends[0]);
  getrusage (RUSAGE_SELF, &usage);
  EXPECT_LT (usage.ru_maxrss - before, 4096) << "KiB, for 64 MiB";
}

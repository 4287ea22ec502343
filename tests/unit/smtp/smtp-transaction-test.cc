// SPDX-License-Identifier: LGPL-2.1-or-later
#include "smtp-peer.h"

#include <glib/gstdio.h>

using std::string;

namespace
{

enum class Mode
{
  CHUNKED, // PIPELINING and CHUNKING
  PIPELINED, // PIPELINING
  CHUNKED_LOCKSTEP, // CHUNKING
  LOCKSTEP,
};

string
name_of (const testing::TestParamInfo<Mode> &info)
{
  static const char *const names[] = { "Chunked", "Pipelined", "ChunkedLockstep", "Lockstep" };

  return names[static_cast<int> (info.param)];
}

const string small = "Subject: x\r\n\r\nhello\r\n";

} // namespace

// What holds however it goes out.
class SmtpTransaction : public Smtp, public testing::WithParamInterface<Mode>
{
protected:
  SmtpTransaction ()
  {
    std::vector<string> keywords = { "8BITMIME", "SIZE 0", "ENHANCEDSTATUSCODES", "AUTH PLAIN" };

    if (is_pipelined ())
      keywords.push_back ("PIPELINING");
    if (is_chunked ())
      keywords.push_back ("CHUNKING");
    offer (keywords);
  }

  bool
  is_pipelined () const
  {
    return GetParam () == Mode::CHUNKED || GetParam () == Mode::PIPELINED;
  }

  bool
  is_chunked () const
  {
    return GetParam () == Mode::CHUNKED || GetParam () == Mode::CHUNKED_LOCKSTEP;
  }

  // The name that the final reply has in the script.
  string
  last () const
  {
    return is_chunked () ? "LAST" : ".";
  }
};

TEST_P (SmtpTransaction, MessageArrivesOctetByOctet)
{
  const string contents[] = {
    small,
    "",
    "\r\n",
    ".\r\n",
    "..\r\n.a\r\n\r\n.\r\nMAIL FROM:<eve@example.com>\r\n",
    string (POSTSEAL_SMTP_CHUNK - 2, 'x') + "\r\n",
    string (POSTSEAL_SMTP_CHUNK - 2, 'x') + "\r\n.\r\n",
    string (POSTSEAL_SMTP_CHUNK - 1, 'x') + "\r\n.\r\n",
    string (POSTSEAL_SMTP_CHUNK, 'x') + "\r\n.\r\n",
    string (3 * POSTSEAL_SMTP_CHUNK, '.') + "\r\n",
  };
  size_t n = 0;

  open_and_login ();
  for (const string &content : contents)
    {
      Sent &one = send (content, { "joe@example.net", "ann@example.com" });

      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (one.verdict (0), "accepted 250 2.0.0") << one.reason ();
      EXPECT_EQ (one.verdict (1), "accepted 250 2.0.0");
      EXPECT_EQ (one.text (), "taken");
      ASSERT_EQ (server.messages.size (), ++n);
      EXPECT_TRUE (server.messages.back ().content == content) << content.size ();
      EXPECT_EQ (server.messages.back ().sender, "jane@example.org");
      EXPECT_EQ (server.messages.back ().recipients,
                 (std::vector<string>{ "joe@example.net", "ann@example.com" }));
    }
}

TEST_P (SmtpTransaction, RestOfTheContentComesFromTheFile)
{
  string content;
  g_autofree char *name = nullptr;
  int fd = g_file_open_tmp ("smtp-content-XXXXXX", &name, nullptr);

  ASSERT_GE (fd, 0);
  for (int i = 0; content.size () < 5 * POSTSEAL_SMTP_CHUNK / 2; i++)
    content += "." + std::to_string (i) + "\r\n";
  ASSERT_EQ (write (fd, "0123456", 7), 7);
  ASSERT_EQ (write (fd, content.data (), content.size ()), static_cast<ssize_t> (content.size ()));
  open_and_login ();
  for (size_t n_head : { size_t{ 0 }, size_t{ 100 }, size_t{ POSTSEAL_SMTP_CHUNK },
                         size_t{ POSTSEAL_SMTP_CHUNK + 1 }, content.size () - 1 })
    {
      Sent &one = prepare (content);

      g_clear_pointer (&one.message.content, g_bytes_unref);
      if (n_head > 0)
        one.message.content = g_bytes_new (content.data (), n_head);
      one.message.fd = fd;
      one.message.content_offset = 7 + n_head;
      start (one);
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (one.verdict (), "accepted 250 2.0.0") << one.reason ();
      ASSERT_FALSE (server.messages.empty ());
      EXPECT_TRUE (server.messages.back ().content == content) << n_head;
    }
  EXPECT_EQ (server.messages.size (), 5u);
  close (fd);
  g_unlink (name);
}

TEST_P (SmtpTransaction, ManyMessagesArriveInOrderWithTheirOwnRecipients)
{
  open_and_login ();
  for (int i = 0; i < 200; i++)
    send (small + std::to_string (i) + "\r\n", { "r" + std::to_string (i) + "@example.net" });
  ASSERT_TRUE (run_sent ());
  ASSERT_EQ (server.messages.size (), 200u);
  for (size_t i = 0; i < 200; i++)
    {
      EXPECT_EQ (server.messages[i].content, small + std::to_string (i) + "\r\n");
      EXPECT_EQ (server.messages[i].recipients,
                 (std::vector<string>{ "r" + std::to_string (i) + "@example.net" }));
    }
  EXPECT_EQ (dialogue ().find ("503"), string::npos);
}

TEST_P (SmtpTransaction, RefusalAtAnyStepIsThatMessagesAlone)
{
  const struct
  {
    const char *command; // "LAST": the final reply
    const char *reply;
    const char *verdict;
  } cases[] = {
    { "MAIL FROM:<bad@example.org>", "451 4.3.0 later", "temporary 451 4.3.0" },
    { "MAIL FROM:<bad@example.org>", "550 5.1.8 never", "permanent 550 5.1.8" },
    { "MAIL FROM:<bad@example.org>", "552 full", "permanent 552 5.0.0" },
    { "RCPT TO:<bad@example.net>", "450 4.2.1 greylisted", "temporary 450 4.2.1" },
    { "RCPT TO:<bad@example.net>", "550 5.1.1 unknown", "permanent 550 5.1.1" },
    { "RCPT TO:<bad@example.net>", "550 4.1.1 whatever", "permanent 550 5.0.0" },
    { "LAST", "452 4.3.1 no room", "temporary 452 4.3.1" },
    { "LAST", "554 5.6.0 content rejected", "permanent 554 5.6.0" },
    { "LAST", "599 strange", "permanent 599 5.0.0" },
  };
  int n_final = 0;

  for (const auto &test : cases)
    {
      bool is_last = string (test.command) == "LAST";

      n_final = 0;
      server.answer = [&] (const string &line) -> string {
        if (is_last && line == last ())
          return ++n_final == 2 ? string (test.reply) + "\r\n" : "";
        return line.rfind (test.command, 0) == 0 ? string (test.reply) + "\r\n" : "";
      };
      open_and_login ();
      Sent &first = send ("1\r\n");
      Sent &bad = send ("bad\r\n", { is_last ? "joe@example.net" : "bad@example.net" },
                        "bad@example.org");
      Sent &third = send ("3\r\n");
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (first.verdict (), "accepted 250 2.0.0") << test.command;
      EXPECT_EQ (bad.verdict (), test.verdict) << test.command;
      EXPECT_EQ (third.verdict (), "accepted 250 2.0.0") << test.command << dialogue ();
      EXPECT_EQ (contents (), (std::vector<string>{ "1\r\n", "3\r\n" })) << test.command;
      reset ();
    }
}

TEST_P (SmtpTransaction, RecipientsHaveTheirOwnAnswers) // RFC 5321 section 3.3
{
  server.script["RCPT TO:<later@example.net>"] = "450 4.2.0 busy\r\n";
  server.script["RCPT TO:<never@example.net>"] = "550 5.1.1 who\r\n";
  server.script["RCPT TO:<moved@example.net>"] = "251 2.1.5 forwarding\r\n";
  open_and_login ();
  Sent &one = send (
      small, { "later@example.net", "joe@example.net", "never@example.net", "moved@example.net" });
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (0), "temporary 450 4.2.0");
  EXPECT_EQ (one.verdict (1), "accepted 250 2.0.0");
  EXPECT_EQ (one.verdict (2), "permanent 550 5.1.1");
  EXPECT_EQ (one.text (2), "who");
  EXPECT_EQ (one.verdict (3), "accepted 250 2.0.0");
  ASSERT_EQ (server.messages.size (), 1u);
  EXPECT_EQ (server.messages[0].recipients.size (), 2u);
}

TEST_P (SmtpTransaction, RefusedRecipientsKeepTheirAnswersWhenTheRestIsRefused)
{
  server.script["RCPT TO:<never@example.net>"] = "550 5.1.1 who\r\n";
  server.script[last ()] = "451 4.3.0 later\r\n";
  open_and_login ();
  Sent &one = send (small, { "never@example.net", "joe@example.net" });
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (0), "permanent 550 5.1.1");
  EXPECT_EQ (one.verdict (1), "temporary 451 4.3.0");
}

TEST_P (SmtpTransaction, RefusedSenderIsTheAnswerForAllRecipients)
{
  // The 503 that follows it is no reason to bounce.
  server.script["MAIL"] = "451 4.7.1 greylisted\r\n";
  open_and_login ();
  Sent &one = send (small, { "joe@example.net", "ann@example.com" });
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (0), "temporary 451 4.7.1");
  EXPECT_EQ (one.verdict (1), "temporary 451 4.7.1");
}

TEST_P (SmtpTransaction, TooManyRecipientsAreForAnotherTime) // RFC 5321 section 4.5.3.1.10
{
  server.script["RCPT TO:<b@example.net>"] = "552 too many recipients\r\n";
  server.script["RCPT TO:<c@example.net>"] = "552 5.2.2 mailbox full\r\n";
  server.script["RCPT TO:<d@example.net>"] = "452 4.5.3 too many recipients\r\n";
  open_and_login ();
  Sent &one = send (small, { "a@example.net", "b@example.net", "c@example.net", "d@example.net" });
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (0), "accepted 250 2.0.0");
  EXPECT_EQ (one.verdict (1), "temporary 552 4.5.3");
  EXPECT_EQ (one.verdict (2), "permanent 552 5.2.2");
  EXPECT_EQ (one.verdict (3), "temporary 452 4.5.3");
}

TEST_P (SmtpTransaction, ClosingAtAnyStepIsTemporaryAndAcceptsNothingBehind) // RFC 5321 section 3.8
{
  for (const char *command : { "MAIL", "RCPT", "DATA", "LAST" })
    {
      string key = string (command) == "LAST" ? last () : command;
      int n_said = 0;

      if (key == "DATA" && is_chunked ())
        continue;
      server.answer = [&] (const string &line) -> string {
        return line.substr (0, line.find (' ')) == key && ++n_said == 2
                   ? "421-4.3.2 closing\r\n421 4.3.2 now\r\n"
                   : "";
      };
      open_and_login ();
      Sent &first = send ("1\r\n");
      Sent &second = send ("2\r\n");
      Sent &third = send ("3\r\n");
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (first.verdict (), "accepted 250 2.0.0") << command;
      EXPECT_EQ (second.verdict (), "temporary 421 4.3.2") << command;
      EXPECT_EQ (third.verdict (), "not accepted") << command;
      EXPECT_TRUE (third.failed_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY));
      reset ();
    }
}

TEST_P (SmtpTransaction, LossBeforeTheEndOfTheContentIsNoDoubt)
{
  // So much is heard that the end of the content is missing, and then the line goes dead.
  string content (10 * POSTSEAL_SMTP_CHUNK, 'x');

  content += "\r\n";
  open_and_login ();
  deaf_after = 6 * POSTSEAL_SMTP_CHUNK;
  Sent &one = send (content);
  Sent &next = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "not accepted") << one.reason ();
  EXPECT_EQ (next.verdict (), "not accepted");
}

TEST_P (SmtpTransaction, LossAfterTheEndOfTheContentIsDoubt)
{
  server.script[last ()] = "";
  open_and_login ();
  server.answer = [&] (const string &line) -> string {
    if (line == last ())
      pair->hang_up ();
    return "";
  };
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "in doubt");
  EXPECT_NE (one.reason ().find ("mail.example.org"), string::npos);
}

TEST_P (SmtpTransaction, ReplyCutInTheMiddleIsDoubt)
{
  open_and_login ();
  // Everything but the last octets of the last reply.
  Sent &first = send ();
  ASSERT_TRUE (run_sent ());
  size_t n_before = n_spoken;
  reset ();
  open_and_login ();
  cut_after = n_before - 3;
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "in doubt");
  EXPECT_EQ (server.messages.size (), 1u) << "it was accepted, in fact";
  (void)first;
}

TEST_P (SmtpTransaction, SilenceAfterTheContentIsDoubt)
{
  open_and_login (30);
  server.answer = [&] (const string &line) -> string {
    if (line == last ())
      is_holding = true;
    return "";
  };
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "in doubt");
}

TEST_P (SmtpTransaction, MalformedFinalReplyIsDoubt)
{
  for (const char *reply : { "hello\r\n", "150 going\r\n", "250-a\r\n251 b\r\n", "354 go on\r\n",
                             "999 x\r\n", "250 bare\n" })
    {
      server.script[last ()] = reply;
      open_and_login ();
      Sent &one = send ();
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (one.verdict (), "in doubt") << reply;
      reset ();
    }
}

TEST_P (SmtpTransaction, PeerThatNeverReadsIsGivenUp)
{
  open_and_login (50);
  is_deaf = true;
  Sent &one = send (string (20 * POSTSEAL_SMTP_CHUNK, 'x') + "\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "not accepted");
  EXPECT_TRUE (one.failed_with (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_P (SmtpTransaction, RepliesMayComeByteByByte)
{
  is_bytewise = true;
  open_and_login ();
  for (int i = 0; i < 3; i++)
    send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (server.messages.size (), 3u);
  for (const Sent &one : sent)
    EXPECT_EQ (one.verdict (), "accepted 250 2.0.0");
}

TEST_P (SmtpTransaction, ReplyToWhatWasNotSaidEndsTheSession)
{
  open_and_login ();
  say ("250 2.0.0 taken\r\n250 2.0.0 taken\r\n250 2.0.0 taken\r\n");
  run_turns (3);
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "not accepted");
  EXPECT_TRUE (one.failed_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL));
  EXPECT_EQ (server.lines.size (), 0u);
}

TEST_P (SmtpTransaction, AcceptanceOfContentThatHasNotLeftIsNone)
{
  open_and_login ();
  // Nobody reads the content, but replies come: more than enough of them.
  Sent &one = prepare (string (2 * POSTSEAL_SMTP_CHUNK, 'x') + "\r\n");
  start (one);
  ASSERT_TRUE (run_while ([&] { return n_heard < (is_chunked () ? 200u : 60u); }));
  is_deaf = true;
  run_turns (20);
  for (int i = 0; i < 8; i++)
    say ("250 2.0.0 taken\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "not accepted") << one.reason ();
  EXPECT_TRUE (one.failed_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL));
}

TEST_P (SmtpTransaction, TextOfTheServerIsHarmless)
{
  server.script[last ()] = "550-5.7.1 \x1b[31mred\x07\r\n550 5.7.1 " + string (3000, 'x') + "\r\n";
  open_and_login ();
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "permanent 550 5.7.1");
  EXPECT_EQ (one.text ().find_first_of ("\x1b\x07\r\n"), string::npos);
  EXPECT_LT (one.text ().size (), 300u);
  EXPECT_NE (one.text ().find ("red"), string::npos);
}

TEST_P (SmtpTransaction, ContentIsSummedUpInTheTranscript)
{
  open_and_login ();
  send ("Subject: private\r\n\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_NE (transcript.find ("> [20 bytes]\n"), string::npos) << transcript;
  EXPECT_EQ (transcript.find ("private"), string::npos);
}

TEST_P (SmtpTransaction, FileThatEndsTooEarlyIsNeverAMessage)
{
  g_autofree char *name = nullptr;
  int fd = g_file_open_tmp ("smtp-content-XXXXXX", &name, nullptr);
  string content (3 * POSTSEAL_SMTP_CHUNK / 2, 'x');

  ASSERT_EQ (write (fd, content.data (), content.size ()), static_cast<ssize_t> (content.size ()));
  open_and_login ();
  Sent &one = prepare ("");
  one.message.length = 2 * content.size ();
  one.message.fd = fd;
  start (one);
  Sent &next = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "not accepted");
  EXPECT_EQ (one.result->error->domain, G_FILE_ERROR) << one.reason ();
  // BDAT can be taken back; DATA only by hanging up.
  EXPECT_EQ (next.verdict (), is_chunked () ? "accepted 250 2.0.0" : "not accepted")
      << next.reason ();
  EXPECT_EQ (server.messages.size (), is_chunked () ? 1u : 0u);
  close (fd);
  g_unlink (name);
}

TEST_P (SmtpTransaction, CancellingEndsTheSessionAtAnyTurn)
{
  for (int n_turns = 0; n_turns < 25; n_turns++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();

      open_and_login ();
      Sent &first = prepare (small);
      Sent &second = prepare (small);
      start (first, cancellable);
      start (second, cancellable);
      for (int i = 0; i < n_turns; i++)
        turn ();
      g_cancellable_cancel (cancellable);
      ASSERT_TRUE (run_sent ());
      settle ();
      for (const Sent &one : sent)
        EXPECT_TRUE (one.verdict () == "accepted 250 2.0.0" || one.verdict () == "in doubt"
                     || one.failed_with (G_IO_ERROR, G_IO_ERROR_CANCELLED))
            << one.verdict () << one.reason ();
      reset ();
    }
}

TEST_P (SmtpTransaction, LeavingEndsEachMessageOnceAtAnyTurn)
{
  for (int n_turns = 0; n_turns < 25; n_turns++)
    {
      open_and_login ();
      for (int i = 0; i < 3; i++)
        send ();
      for (int i = 0; i < n_turns; i++)
        turn ();
      postseal_smtp_session_leave (session);
      ASSERT_TRUE (run_sent ());
      settle ();
      EXPECT_EQ (n_results, 3u);
      reset ();
    }
}

TEST_P (SmtpTransaction, CallbacksMaySendLeaveAndForget)
{
  int n_more = 5;

  on_result = [&] (Sent &one) {
    if (n_more-- > 0)
      send ();
    else if (session != nullptr && n_more < 0)
      {
        postseal_smtp_session_leave (session);
        g_clear_object (&session);
        n_more = 0;
      }
    (void)one;
  };
  open_and_login ();
  for (int i = 0; i < 4; i++)
    send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (n_results, 9u);
}

INSTANTIATE_TEST_SUITE_P (
    Modes,
    SmtpTransaction,
    testing::Values (Mode::CHUNKED, Mode::PIPELINED, Mode::CHUNKED_LOCKSTEP, Mode::LOCKSTEP),
    name_of);

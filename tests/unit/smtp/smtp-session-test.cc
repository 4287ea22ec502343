// SPDX-License-Identifier: LGPL-2.1-or-later
#include "smtp-peer.h"

#include "smtp/smtp-private.h"

using std::string;
using Lines = std::vector<string>;

class SmtpSession : public Smtp
{
};

TEST_F (SmtpSession, NoopSaysWhetherTheConnectionLives)
{
  open_and_login ();
  noop ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "noop ok");
  EXPECT_EQ (server.lines, Lines{ "NOOP" });
  server.script["NOOP"] = "421 4.4.2 idle for too long\r\n";
  noop ();
  ASSERT_TRUE (run_to (2));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY));
  EXPECT_NE (message ().find ("421 4.4.2 idle for too long"), string::npos) << message ();
}

TEST_F (SmtpSession, ClosingWhileNothingIsAskedIsHeard) // RFC 5321 section 3.8
{
  open_and_login ();
  say ("421 4.4.2 idle for too long\r\n");
  pair->say ("");
  run_turns (10);
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "not accepted");
  EXPECT_TRUE (one.failed_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY)) << one.reason ();
  EXPECT_EQ (server.lines, Lines{});
}

TEST_F (SmtpSession, HangingUpWhileNothingIsAskedIsHeard)
{
  open_and_login ();
  pair->hang_up ();
  run_turns (10);
  Sent &one = send ();
  noop ();
  ASSERT_TRUE (run_sent ());
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (one.failed_with (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED)) << one.reason ();
  EXPECT_EQ (outcomes[0], "noop error");
}

TEST_F (SmtpSession, LeavingSaysQuitAndDoesNotWait) // RFC 5321 section 4.1.1.10
{
  open_and_login ();
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  postseal_smtp_session_leave (session);
  EXPECT_TRUE (run_while ([&] { return server.lines.back () != "QUIT"; }));
  EXPECT_EQ (one.verdict (), "accepted 250 2.0.0");
  Sent &late = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (late.verdict (), "not accepted");
  postseal_smtp_session_leave (session);
}

TEST_F (SmtpSession, LeavingInTheMiddleOfAMessageSaysNothing)
{
  open_and_login ();
  send (string (20 * POSTSEAL_SMTP_CHUNK, 'x'));
  run_turns (5);
  postseal_smtp_session_leave (session);
  run_turns (50);
  ASSERT_TRUE (run_sent ());
  for (const string &line : server.lines)
    EXPECT_NE (line, "QUIT");
  EXPECT_EQ (server.messages.size (), 0u);
}

TEST_F (SmtpSession, WaitsAreThoseOfTheStandard) // RFC 5321 section 4.5.3.2
{
  awaits_greeting = true;
  offer ({ "PIPELINING" });
  has_auth = false;
  greeting = "";
  open (0);
  login ();
  run_turns (5);
  EXPECT_EQ (session->clock_ms, guint{ POSTSEAL_LIMIT_SMTP_GREETING_MS });
  is_holding = true;
  pair->say ("220 hello\r\n");
  run_turns (10);
  EXPECT_EQ (session->clock_ms, guint{ POSTSEAL_LIMIT_SMTP_COMMAND_MS });
  is_holding = false;
  ASSERT_TRUE (run_to (1));
  run_turns (5);
  EXPECT_EQ (session->clock_ms, 0u) << "nothing is asked";

  is_holding = true;
  send (string (20 * POSTSEAL_SMTP_CHUNK, 'x') + "\r\n");
  run_turns (10);
  EXPECT_EQ (session->clock_ms, guint{ POSTSEAL_LIMIT_SMTP_COMMAND_MS });
  pair->say ("250 ok\r\n250 ok\r\n");
  run_turns (10);
  EXPECT_EQ (session->clock_ms, guint{ POSTSEAL_LIMIT_SMTP_DATA_MS });
  is_deaf = true;
  pair->say ("354 go\r\n");
  run_turns (100);
  EXPECT_EQ (session->clock_ms, guint{ POSTSEAL_LIMIT_SMTP_BLOCK_MS }) << "it does not read";
  is_deaf = false;
  ASSERT_TRUE (run_while ([&] { return server.n_dots == 0; }));
  run_turns (10);
  EXPECT_EQ (session->clock_ms, guint{ POSTSEAL_LIMIT_SMTP_FINAL_MS });
}

TEST_F (SmtpSession, SettingOfTheUserGoesForAllWaits)
{
  open (1234);
  login ();
  EXPECT_EQ (session->clock_ms, 1234u);
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (session->clock_ms, 0u);
  is_holding = true;
  send ();
  run_turns (10);
  EXPECT_EQ (session->clock_ms, 1234u);
}

TEST_F (SmtpSession, TellsHowFarItHasGot)
{
  const string content (40 * POSTSEAL_SMTP_CHUNK, 'x');
  std::vector<guint64> told;

  open_and_login ();
  g_signal_connect (session, "progress",
                    G_CALLBACK (+[] (PostsealSmtpSession *, guint64 octets, gpointer data) {
                      static_cast<std::vector<guint64> *> (data)->push_back (octets);
                    }),
                    &told);
  session->progress_us = 0;
  send (content);
  ASSERT_TRUE (run_sent ());
  ASSERT_FALSE (told.empty ());
  for (size_t i = 0; i < told.size (); i++)
    {
      EXPECT_LE (told[i], content.size ());
      EXPECT_GE (told[i], i > 0 ? told[i - 1] : 0);
    }
  EXPECT_LT (told.size (), 12u) << "ten times a second";
}

TEST_F (SmtpSession, CancellableIsWatchedOnceForAllItsMessages)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  open_and_login ();
  for (int i = 0; i < 100; i++)
    start (prepare ("x\r\n"), cancellable);
  EXPECT_EQ (session->watches->len, 1u);
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (session->watches->len, 0u);
}

TEST_F (SmtpSession, EndlessReplyIsCutOff)
{
  server.script["LAST"] = [] {
    string flood;

    for (int i = 0; i < 5000; i++)
      flood += "250-and another thing ...\r\n";
    return flood;
  }();
  open_and_login ();
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "in doubt");
}

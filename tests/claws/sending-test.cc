/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "claws/send-fixture.h"
#include "support/scripted-server.h"

namespace postseal_test
{

class ClawsSendingTest : public SendTest
{
};

/* Whatever the server is. */
class ClawsSendingThroughTest : public SendTest, public testing::WithParamInterface<const char *>
{
protected:
  ClawsSendingThroughTest () : SendTest (GetParam ()) {}

  void
  SetUp () override
  {
    if (server_ == nullptr)
      GTEST_SKIP () << "needs root, and a machine without another mail server";
  }
};

TEST_P (ClawsSendingThroughTest, SendsBlindCopiesAndAttachmentsAndFilesTheCopy)
{
  start ();
  write_file (path ("list.txt"), "one\ntwo\n");
  open_window ("To: bob@example.net\nCc: carl@example.net\nBcc: dan@example.net\n"
               "Subject: Hello\n\nbody\n.\n..\nend\n",
               path ("list.txt"));
  send ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  auto submitted = take ();
  ASSERT_EQ (submitted.size (), 1u);
  EXPECT_EQ (submitted[0].sender, "jane@example.org");
  std::vector<std::string> recipients = submitted[0].recipients;
  std::sort (recipients.begin (), recipients.end ());
  EXPECT_EQ (recipients, (std::vector<std::string>{ "bob@example.net", "carl@example.net",
                                                    "dan@example.net" }));
  EXPECT_EQ (submitted[0].text.find ("dan@"), std::string::npos);
  EXPECT_NE (submitted[0].text.find ("list.txt"), std::string::npos);
  std::string copy = *messages ("sent").begin ();
  EXPECT_NE (copy.find ("Bcc: dan@example.net"), std::string::npos) << copy;
  EXPECT_EQ (ask ("flags #mh/Mail/sent/1"), "");
  EXPECT_EQ (ask ("status"), "Postseal: “Hello” is sent");
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          ClawsSendingThroughTest,
                          testing::Values ("aiosmtpd", "dovecot", "postfix"),
                          [] (const testing::TestParamInfo<const char *> &server) {
                            return std::string (server.param);
                          });

TEST_F (ClawsSendingTest, MarksWhatIsAnswered)
{
  write_file (path ("Mail/inbox/1"), "From: bob@example.net\nTo: jane@example.org\nSubject: Hi\n"
                                     "Message-ID: <1@example.net>\n\nhello\n");
  start ();
  open_window_for ("#mh/Mail/inbox/1", "Message/Reply");
  EXPECT_EQ (ask ("flags #mh/Mail/inbox/1").find ("replied"), std::string::npos);
  send ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_NE (ask ("flags #mh/Mail/inbox/1").find ("replied"), std::string::npos);
  ASSERT_EQ (take ().size (), 1u);
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

TEST_F (ClawsSendingTest, FilesWhatSomeGotAndNamesTheOthers)
{
  start ();
  open_window ("To: bob@example.net, nobody@example.net\nSubject: Hello\n\nbody\n");
  send ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_TRUE (has_logged ("“Hello” was sent, but not to everybody: nobody@example.net: "));
  EXPECT_EQ (take ().size (), 1u);
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

TEST_F (ClawsSendingTest, LeavesInTheQueueWhatNobodyGotAndSaysWhy)
{
  start ();
  open_window ("To: nobody@example.net\nSubject: Hello\n\nbody\n");
  send ();
  ASSERT_TRUE (wait_for ("the reason", [this] {
    return has_logged ("“Hello” was not sent, and is still in the Queue: nobody@example.net: ")
           && has_logged ("No such user");
  }));
  ASSERT_TRUE (wait_for_no_records ());
  ASSERT_TRUE (wait_for_filed (0, 1));
  EXPECT_EQ (ask ("flags #mh/Mail/queue/1"), "");
  EXPECT_TRUE (outbox_is_empty ());
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

TEST_F (ClawsSendingTest, LeavesInTheQueueWhatThePolicyForbids)
{
  configure ("pin=sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
  start ();
  open_window ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  send ();
  ASSERT_TRUE (wait_for (
      "the reason", [this] { return has_logged ("was not sent, and is still in the Queue: "); }));
  ASSERT_TRUE (wait_for_no_records ());
  ASSERT_TRUE (wait_for_filed (0, 1));
  EXPECT_EQ (ask ("flags #mh/Mail/queue/1"), "");
  EXPECT_TRUE (outbox_is_empty ());
  EXPECT_EQ (take ().size (), 0u);
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

TEST_F (ClawsSendingTest, KeepsWhatHasToWaitOutOfTheHostsHands)
{
  configure ("", unused_port ());
  start ();
  open_window ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  send ();
  ASSERT_TRUE (wait_for ("the delay",
                         [this] { return has_logged ("Postseal: “Hello” is tried again at "); }));
  EXPECT_EQ (ask ("flags #mh/Mail/queue/1"), "locked");
  remote ("--send");
  EXPECT_EQ (ask ("ready"), "ready");
  EXPECT_EQ (count ("queue"), 1u) << "it is locked";
  stop ();
  EXPECT_EQ (count_records (), 1u);

  configure ("");
  EXPECT_EQ (instance_.run ({ "queue", "flush" }, environment ()).status, 0);
  EXPECT_EQ (count ("queue"), 1u);
  start ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_EQ (take ().size (), 1u);
  EXPECT_EQ (ask ("flags #mh/Mail/sent/1"), "");
  stop ();
}

TEST_F (ClawsSendingTest, SendsOnceThoughTheDaemonDiesWithIt)
{
  start_daemon ();
  start ();
  daemon_->kill (SIGSTOP);
  open_window ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  send ();
  ASSERT_TRUE (wait_for ("its record", [this] { return count_records () == 1; }));
  EXPECT_EQ (count ("queue"), 1u);
  kill_daemon ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_EQ (take ().size (), 1u);
  stop ();
}

TEST_F (ClawsSendingTest, LeavesToTheDaemonWhatIsUnderWay)
{
  configure ("", unused_port ());
  start_daemon ();
  start ();
  open_window ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  send ();
  ASSERT_TRUE (wait_for ("the delay",
                         [this] { return has_logged ("Postseal: “Hello” is tried again at "); }));
  kill ();
  configure ("");
  ASSERT_TRUE (wait_for ("the daemon to see its accounts", [this] {
    return instance_.run ({ "queue", "flush" }, environment ()).status == 0;
  }));
  EXPECT_EQ (take ().size (), 1u) << "the host does not run";
  start ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_EQ (take ().size (), 0u);
  stop ();
}

/* The host stands still while its command runs, and the engine is in the host. */
TEST_F (ClawsSendingTest, QueuedMessagesOfTheHostGoIntoTheOutbox)
{
  start ();
  open_window ("To: bob@example.net\nBcc: dan@example.net\nSubject: Later\n\none\n.\ntwo\n");
  ASSERT_EQ (ask ("compose Message/SendLater"), "activated");
  ASSERT_TRUE (wait_for ("the window to close", [this] { return ask ("composing") == "0"; }));
  EXPECT_EQ (count ("queue"), 1u);
  EXPECT_EQ (ask ("flags #mh/Mail/queue/1").find ("locked"), std::string::npos);
  remote ("--send");
  ASSERT_TRUE (wait_for_filed (1, 0));
  std::vector<Submitted> submitted;
  ASSERT_TRUE (wait_for ("the message at the server", [&] {
    submitted = take ();
    return !submitted.empty ();
  }));
  EXPECT_EQ (submitted[0].recipients,
             (std::vector<std::string>{ "bob@example.net", "dan@example.net" }));
  EXPECT_EQ (submitted[0].text.find ("dan@"), std::string::npos);
  EXPECT_NE (submitted[0].text.find ("one\r\n.\r\ntwo\r\n"), std::string::npos)
      << submitted[0].text;
  stop ();
}

TEST_F (ClawsSendingTest, PutsTheMailCommandBack)
{
  start ();
  EXPECT_EQ (ask ("account 1"), std::string ("1 \"") + getenv ("POSTSEAL_SENDMAIL")
                                    + "\" --undo-dots -t --account \"work\"");
  stop ();
  std::string bound = read_file (path (".claws-mail/postsealrc"));
  bound.replace (bound.find ("send=true"), 9, "send=false");
  bind (bound);
  start ();
  EXPECT_EQ (ask ("account 1"), "0 /usr/sbin/sendmail -t -i");
  stop ();
}

} // namespace postseal_test

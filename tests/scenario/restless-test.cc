/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A job that stays, with servers that never leave it in peace. */
#include <gtest/gtest.h>

#include "base/paths.h"
#include "scenario/toy-imap.h"
#include "support/sandbox.h"
#include "support/staying-job.h"

#include <atomic>
#include <filesystem>

namespace postseal_test
{

class Restless : public testing::Test
{
protected:
  using Call = ToyImap::Call;

  static constexpr size_t kMany = 30; /* rounds */

  Restless () { server.capabilities += " IDLE"; }

  ToyMailbox &
  inbox ()
  {
    return server.mailboxes["INBOX"];
  }
  std::unique_ptr<StayingJob>
  stay (const std::string &extra = "")
  {
    std::string secret = sandbox.write ("secret", "x\n");

    sandbox.configure ("[account main]\naddress=jane@example.org\nreceive=imaps://jane@localhost:"
                       + std::to_string (server.port ()) + "\ndeliver=maildir:" + sandbox.home ()
                       + "/Mail\nlayout=single\nca-file=" + test_ca ().ca_file ()
                       + "\ntimeout=5s\npassword=file:" + secret + "\n" + extra);
    auto job = std::make_unique<StayingJob> (loop, sandbox.home ());

    job->start ();
    return job;
  }
  void
  expect_peace (StayingJob &job)
  {
    ASSERT_TRUE (job.ends (10000));
    EXPECT_EQ (job.error, nullptr) << job.error->message;
    EXPECT_LT (job.rounds.size (), kMany);
    EXPECT_LT (server.commands ().size (), 10 * kMany);
  }

  Sandbox sandbox;
  AsyncLoop loop;
  ToyImap server;
  std::atomic<unsigned> n{ 0 };
};

TEST_F (Restless, WaitsThatEndAtOnceAreGivenUp)
{
  server.hook = [] (const Call &call) {
    if (call.verb != "IDLE")
      return false;
    call.peer.send ("+ idling\r\n" + call.tag + " OK done\r\n");
    return true;
  };
  auto job = stay ();
  expect_peace (*job);
}

TEST_F (Restless, MessagesThatAreAnnouncedAndNeverThereAreGivenUp)
{
  inbox ().add ("A: 1\r\n\r\n");
  server.hook = [this] (const Call &call) {
    if (call.verb != "UID FETCH" || call.is_body ())
      return false;
    ToyImap::answer_fetch (call);
    call.peer.send ("* " + std::to_string (2 + n++) + " EXISTS\r\n" + call.tag + " OK done\r\n");
    return true;
  };
  auto job = stay ();
  expect_peace (*job);
  EXPECT_EQ (job->arrived (), 1u);
}

/* RFC 5465 section 5.8. */
TEST_F (Restless, NotificationsThatAlwaysOverflowAreGivenUp)
{
  server.capabilities += " NOTIFY";
  server.mailboxes["Box"];
  server.on_idle
      = [] (const Call &call) { call.peer.send ("* OK [NOTIFICATIONOVERFLOW] too much\r\n"); };
  auto job = stay ("folders=INBOX;Box\n");
  expect_peace (*job);
}

TEST_F (Restless, AFurtherConnectionWhoseWaitsEndAtOnceIsGivenUp)
{
  server.mailboxes["Box"];
  server.hook = [] (const Call &call) {
    if (call.verb != "IDLE" || call.peer.index () == 0)
      return false;
    call.peer.send ("+ idling\r\n" + call.tag + " OK done\r\n");
    return true;
  };
  auto job = stay ("folders=INBOX;Box\n");
  ASSERT_TRUE (job->ends (10000));
  EXPECT_EQ (job->error, nullptr) << job->error->message;
  EXPECT_LT (job->rounds.size (), kMany);
}

TEST_F (Restless, NewsOfAMailboxThatCannotBeOpenedAreNone)
{
  server.capabilities += " NOTIFY";
  server.mailboxes["Box"];
  server.on_idle = [this] (const Call &call) {
    if (n++ > 0)
      return;
    call.peer.send ("* STATUS Gone (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 9)\r\n");
    inbox ().add ("A: 1\r\n\r\n");
    ToyImap::announce (call);
  };
  auto job = stay ("folders=INBOX;Box;Gone\n");
  ASSERT_TRUE (job->has_rounds (2));
  EXPECT_EQ (job->arrived (), 1u);
  ASSERT_TRUE (job->watches ());
}

/* As on a full disk. The further connection waits for its turn with the latches. */
TEST_F (Restless, LatchesThatCannotBeKeptAreNotTriedWithoutEnd)
{
  server.mailboxes["Box"];
  server.hook = [] (const Call &call) {
    g_autofree char *directory = postseal_paths_account_state_dir ("main");

    std::filesystem::create_directories (std::string (directory) + "/latches.lock/in-the-way");
    return false;
  };
  auto job = stay ("folders=INBOX;Box\n");
  ASSERT_TRUE (
      loop.wait_for ([&] { return job->watched ().size () == 2 || job->has_ended; }, 5000));
  EXPECT_FALSE (job->has_ended);
}

TEST_F (Restless, ManyMessagesOneByOneAreNoReasonToGiveUp)
{
  server.on_idle = [this] (const Call &call) {
    if (n++ >= 2 * kMany)
      return;
    inbox ().add ("A: 1\r\n\r\n");
    ToyImap::announce (call);
  };
  auto job = stay ();
  ASSERT_TRUE (loop.wait_for ([&] { return job->arrived () == 2 * kMany || job->has_ended; }));
  EXPECT_EQ (job->arrived (), 2 * kMany);
  EXPECT_FALSE (job->has_ended);
}

} // namespace postseal_test

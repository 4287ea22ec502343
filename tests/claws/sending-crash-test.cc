/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <csignal>
#include <cstdlib>

#include "claws/send-fixture.h"

namespace postseal_test
{

/* The host is killed after a durable step on files below a place. */
struct SendPoint
{
  const char *name;
  const char *place;
  unsigned step;
};

class ClawsSendingCrashTest : public SendTest, public testing::WithParamInterface<SendPoint>
{
protected:
  void
  send_until_killed ()
  {
    start ({ { "LD_PRELOAD", getenv ("STEPS_LIBRARY") },
             { "POSTSEAL_STEPS_ACTION", "kill-after" },
             { "POSTSEAL_STEPS_MATCH", GetParam ().place },
             { "POSTSEAL_STEPS_AT", std::to_string (GetParam ().step) } });
    open_window ("To: bob@example.net\nSubject: Hello\n\nbody\n");
    ask ("compose Message/Send");
    if (ended_within (60))
      return;
    ADD_FAILURE () << "the step was never reached";
    kill ();
  }
};

/* Killed before there is a record. */
class ClawsUnclaimedCrashTest : public ClawsSendingCrashTest
{
};

TEST_P (ClawsUnclaimedCrashTest, LeavesTheMessageInTheQueueForTheUser)
{
  send_until_killed ();
  start ();
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_EQ (count ("queue"), 1u);
  EXPECT_EQ (ask ("flags #mh/Mail/queue/1").find ("locked"), std::string::npos);
  EXPECT_EQ (take ().size (), 0u);
  remote ("--send");
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for ("the message at the server", [this] { return !take ().empty (); }));
}

TEST_P (ClawsSendingCrashTest, SendsOnceAndFilesOnceWhenTheHostIsKilled)
{
  send_until_killed ();
  start ();
  ASSERT_TRUE (wait_for_no_records ());
  ASSERT_TRUE (wait_for_filed (1, 0));
  EXPECT_EQ (take ().size (), 1u);
  EXPECT_EQ (ask ("flags #mh/Mail/sent/1"), "");
  EXPECT_EQ (ask ("dialogs"), "0");
}

#define RECORDS "/postseal-sending/"

INSTANTIATE_TEST_SUITE_P (,
                          ClawsUnclaimedCrashTest,
                          testing::Values (SendPoint{ "Made", RECORDS, 1 },
                                           SendPoint{ "Synced", RECORDS, 3 }),
                          [] (const auto &each) { return each.param.name; });

/* Each record is made, written, synced, renamed, and its folder synced. */
INSTANTIATE_TEST_SUITE_P (,
                          ClawsSendingCrashTest,
                          testing::Values (SendPoint{ "Claimed", RECORDS, 4 },
                                           SendPoint{ "Submitted", "/outbox/queue/", 1 },
                                           SendPoint{ "NotYetNoted", RECORDS, 7 },
                                           SendPoint{ "Noted", RECORDS, 8 },
                                           SendPoint{ "ToBeFiled", RECORDS, 12 },
                                           SendPoint{ "Copied", "/Mail/sent/", 1 },
                                           SendPoint{ "Moved", "/Mail/sent/", 3 },
                                           SendPoint{ "Forgotten", RECORDS, 13 }),
                          [] (const auto &each) { return each.param.name; });

} // namespace postseal_test

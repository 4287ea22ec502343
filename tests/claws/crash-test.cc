/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <csignal>
#include <cstdlib>

#include "claws/receive-fixture.h"

namespace postseal_test
{

/* The host is killed after a durable step on files below a place. */
struct Point
{
  const char *name;
  const char *place;
  unsigned step;
};

class ClawsCrashTest : public ReceiveTest, public testing::WithParamInterface<Point>
{
protected:
  /* Runs until it is killed, or has filed everything. Returns: FALSE when it was not killed */
  bool
  run_until_killed (const Point &point)
  {
    start_unwatched ({ { "LD_PRELOAD", getenv ("STEPS_LIBRARY") },
                       { "POSTSEAL_STEPS_ACTION", "kill-after" },
                       { "POSTSEAL_STEPS_MATCH", point.place },
                       { "POSTSEAL_STEPS_AT", std::to_string (point.step) } });
    for (int i = 0; i < 600; i++)
      if (ended_within (0.1))
        return true;
    kill ();
    return false;
  }
};

TEST_P (ClawsCrashTest, LosesAndDoublesNothingWhenTheHostIsKilled)
{
  const unsigned n = 12;

  deliver (make_messages (n));
  ASSERT_TRUE (run_until_killed (GetParam ())) << "the step was never reached";
  start ();
  ASSERT_TRUE (wait_for ("all mail", [this] {
    return count_filed () >= n && list_folder (spool () + "/cur").empty ()
           && list_folder (spool () + "/new").empty ()
           && count ("../.claws-mail/tempfolder/processing-1") == 0;
  }));
  expect_filed (n);
}

#define SPOOL "/postseal/claws/work/"
#define PROCESSING "/tempfolder/processing-1/"

/* 12 messages: 0 and 10 are for "work", 7 is for "news". */
INSTANTIATE_TEST_SUITE_P (,
                          ClawsCrashTest,
                          testing::Values (Point{ "SomeTaken", SPOOL, 5 },
                                           Point{ "AllTaken", SPOOL, 12 },
                                           Point{ "FirstHandedOver", PROCESSING, 1 },
                                           Point{ "SomeHandedOver", PROCESSING, 7 },
                                           Point{ "FirstDropped", SPOOL, 15 },
                                           Point{ "SomeDropped", SPOOL, 20 },
                                           Point{ "AllDropped", SPOOL, 27 },
                                           Point{ "FirstInWork", "/Mail/work/", 1 },
                                           Point{ "FirstInNews", "/Mail/news/", 1 },
                                           Point{ "SomeInInbox", "/Mail/inbox/", 2 },
                                           Point{ "SomeMovedOn", PROCESSING, 18 }),
                          [] (const auto &each) { return each.param.name; });

} // namespace postseal_test

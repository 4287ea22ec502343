/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cstdio>

#include "claws/receive-fixture.h"

namespace postseal_test
{

class ClawsStallTest : public ReceiveTest
{
protected:
  void file_thousands (const char *when);

  double work_ms_ = 0; /* in one go, at worst */
};

/* How long the loop stood still is told; what it is held to is the processor's work in one go,
   which does not depend on who else uses the machine. */
void
ClawsStallTest::file_thousands (const char *when)
{
  auto all = make_messages (5000);
  double gap = 0, work = 0, memory;

  deliver ({ all.begin (), all.begin () + 20 });
  ASSERT_TRUE (wait_for ("the first mail", [this] { return count_filed () == 20; }));
  ask ("gap");
  memory = atof (ask ("memory").c_str ());
  deliver ({ all.begin () + 20, all.end () });
  ASSERT_TRUE (wait_for (
      "all mail", [this] { return count_filed () == 5000; }, 240));
  ASSERT_EQ (sscanf (ask ("gap").c_str (), "%lf %lf", &gap, &work), 2);
  printf (
      "%s: worst stall of the host: %.1f ms, of which it worked %.1f ms; memory added: %.0f KiB\n",
      when, gap, work, atof (ask ("memory").c_str ()) - memory);
  work_ms_ = work;
}

TEST_F (ClawsStallTest, LetsTheHostGoOnWhileThousandsOfMessagesAreFiled)
{
  start ();
  file_thousands ("all folders closed");
  EXPECT_LT (work_ms_, 50);
  stop ();
}

/* The host shows an open folder anew as a whole; that it does so seldom is what we can do. */
TEST_F (ClawsStallTest, ShowsThemNowAndThenInAFolderThatIsOpen)
{
  start ();
  run_program ({ "timeout", "20", "claws-mail", "--select", "#mh/Mail/inbox" }, environment ());
  file_thousands ("the inbox open");
  EXPECT_LT (work_ms_, 500);
  stop ();
}

} // namespace postseal_test

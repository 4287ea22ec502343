/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cstdio>

#include "claws/receive-fixture.h"

namespace postseal_test
{

class ClawsStallTest : public ReceiveTest
{
};

/* How long the loop stood still is told; what it is held to is the processor's work in one go,
   which does not depend on who else uses the machine. */
TEST_F (ClawsStallTest, LetsTheHostGoOnWhileThousandsOfMessagesAreFiled)
{
  auto all = make_messages (5000);
  double gap = 0, work = 0, memory;

  start ();
  deliver ({ all.begin (), all.begin () + 20 });
  ASSERT_TRUE (wait_for ("the first mail", [this] { return count_filed () == 20; }));
  ask ("gap");
  memory = atof (ask ("memory").c_str ());
  deliver ({ all.begin () + 20, all.end () });
  ASSERT_TRUE (wait_for (
      "all mail", [this] { return count_filed () == 5000; }, 240));
  ASSERT_EQ (sscanf (ask ("gap").c_str (), "%lf %lf", &gap, &work), 2);
  printf ("worst stall of the host: %.1f ms, of which it worked %.1f ms; memory added: %.0f KiB\n",
          gap, work, atof (ask ("memory").c_str ()) - memory);
  EXPECT_LT (work, 50);
  EXPECT_EQ (list_folder (spool () + "/cur").size (), 0u);
  stop ();
}

} // namespace postseal_test

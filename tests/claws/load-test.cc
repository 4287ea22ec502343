/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/claws-host.h"

namespace postseal_test
{

class ClawsLoadTest : public ClawsTest
{
};

TEST_F (ClawsLoadTest, IsLoadedAtTheStartAndEndsWithTheHost)
{
  start ();
  EXPECT_EQ (ask ("dialogs"), "0");
  EXPECT_EQ (ask ("unload Postseal"), "unloaded");
  EXPECT_EQ (ask ("load " + plugin ()), "loaded");
  stop ();
}

TEST_F (ClawsLoadTest, IsLoadedAndUnloadedAgainAndAgain)
{
  use_bus ();
  start ({}, false);
  for (int i = 0; i < 5; i++)
    {
      EXPECT_EQ (ask ("load " + plugin ()), "loaded");
      EXPECT_EQ (ask ("unload Postseal"), "unloaded");
      EXPECT_EQ (ask ("unload Postseal"), "absent");
    }
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

} // namespace postseal_test

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/receive-fixture.h"

namespace postseal_test
{

class ClawsIntakeTest : public ReceiveTest
{
};

TEST_F (ClawsIntakeTest, FilesWhatWasDeliveredBeforeTheHostStarted)
{
  deliver (make_messages (120));
  start ();
  ASSERT_TRUE (wait_for ("all mail", [this] { return count_filed () == 120; }));
  ASSERT_TRUE (
      wait_for ("the status", [this] { return ask ("status") == "Postseal: 120 new, work"; }));
  expect_filed (120);
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

} // namespace postseal_test

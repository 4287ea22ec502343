/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/driven-fixture.h"

#include <stdexcept>

namespace postseal_test
{

void
DrivenTest::drive (const std::vector<std::string> &steps)
{
  if (!is_running ())
    throw std::runtime_error ("Claws Mail does not run");
  std::vector<std::string> command{ DRIVE, std::to_string (process_->pid ()) };

  command.insert (command.end (), steps.begin (), steps.end ());
  Outcome outcome = run_program (command, environment ());
  if (outcome.status != 0)
    throw std::runtime_error (outcome.out + outcome.err);
}

void
DrivenTest::in_account (const std::vector<std::string> &steps)
{
  std::vector<std::string> all{ "window:Account preferences", "row:Postseal",
                                "see:Receive with Postseal" };

  EXPECT_EQ (ask ("later Configuration/AccountPrefs"), "activated");
  all.insert (all.end (), steps.begin (), steps.end ());
  drive (all);
}

} // namespace postseal_test

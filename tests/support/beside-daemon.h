/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <map>
#include <memory>
#include <string>

namespace postseal_test
{

/* Has the programs of a test work through a daemon: where $POSTSEAL_TOLD_DAEMON names it, one runs
   as long as the object lives, on a bus of its own, with the home, the state and everything else
   that is in the program's environment; programs that run at the same time with one state share
   it. Without the variable there is nothing, so that the same
   tests run both ways. */
class BesideDaemon
{
public:
  /* @environment: of the program, added to the caller's; changed so that it finds the daemon */
  explicit BesideDaemon (std::map<std::string, std::string> &environment);
  ~BesideDaemon ();
  BesideDaemon (const BesideDaemon &) = delete;
  BesideDaemon &operator= (const BesideDaemon &) = delete;

private:
  struct Processes;
  std::shared_ptr<Processes> processes_;
};

} // namespace postseal_test

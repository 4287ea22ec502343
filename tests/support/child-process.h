/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace postseal_test
{

/* What a process left behind. */
struct Outcome
{
  int status = -1; /* exit status, or 128 + the signal that ended it */
  std::string out;
  std::string err;
  double seconds = 0;
};

using Environment = std::map<std::string, std::string>;

/* A started program whose output goes to memory; killed and reaped by the destructor at the latest.
 */
class ChildProcess
{
public:
  /* @environment is added to the caller's. @input becomes standard input. */
  ChildProcess (const std::vector<std::string> &arguments,
                const Environment &environment = {},
                const std::string &input = {});
  ~ChildProcess ();
  ChildProcess (const ChildProcess &) = delete;
  ChildProcess &operator= (const ChildProcess &) = delete;

  pid_t
  pid () const
  {
    return pid_;
  }
  void kill (int signal);
  /* True once it has ended within @seconds. */
  bool ended_within (double seconds);
  /* Waits for the end; after two minutes it is killed. */
  Outcome wait ();

private:
  bool reap (bool is_blocking);

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  int raw_status_ = 0;
  bool is_reaped_ = false;
  double started_ = 0, ended_ = 0;
};

/* Starts and waits. */
Outcome run_program (const std::vector<std::string> &arguments,
                     const Environment &environment = {},
                     const std::string &input = {});

} // namespace postseal_test

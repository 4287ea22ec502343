/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

namespace postseal_test
{

/* What a program left when it ended. */
struct Outcome
{
  int status = -1; /* exit status; 128 + N when signal N ended it */
  std::string out;
  std::string err;
  double seconds = 0;
};

/* A home of its own in a temporary directory: configuration, state, mail, secrets. The program
   under test is the one named by $POSTSEAL. */
class Sandbox
{
public:
  Sandbox ();
  ~Sandbox ();
  Sandbox (const Sandbox &) = delete;
  Sandbox &operator= (const Sandbox &) = delete;

  const std::string &
  home () const
  {
    return home_;
  }

  /* Writes HOME/NAME with mode 0600, parents included. Returns: its path */
  std::string write (const std::string &name, const std::string &content);
  /* Writes accounts.conf. */
  void configure (const std::string &text);

  /* Runs $POSTSEAL with @arguments. Killed, with status 137, after @limit_s. */
  Outcome run (const std::vector<std::string> &arguments,
               const std::string &input = "",
               const std::map<std::string, std::string> &environment = {},
               double limit_s = 60);

  /* From another thread: sends signal @number to the program that run() waits for, if it does. */
  void signal (int number);

  /* The files below HOME/PATH, relative to it, sorted. */
  std::vector<std::string> files (const std::string &path) const;
  /* The contents of the messages in new/ and cur/ of the Maildir HOME/PATH, sorted. */
  std::vector<std::string> messages (const std::string &path) const;

private:
  std::string home_;
  std::atomic<int> pid_{ 0 };
};

std::string read_file (const std::string &path);

} // namespace postseal_test

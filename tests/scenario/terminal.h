/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <glib.h>
#include <map>
#include <poll.h>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <vector>

#include "support/sandbox.h"

namespace postseal_test
{

/* The program on a terminal of its own. @environment is added to the caller's. */
class Terminal
{
public:
  Terminal (const Sandbox &sandbox,
            std::vector<std::string> arguments,
            const std::map<std::string, std::string> &environment = {})
  {
    std::vector<char *> argv;
    std::string program = g_getenv ("POSTSEAL");

    argv.push_back (program.data ());
    for (std::string &argument : arguments)
      argv.push_back (argument.data ());
    argv.push_back (nullptr);
    pid_ = forkpty (&fd_, nullptr, nullptr, nullptr);
    if (pid_ == 0)
      {
        setenv ("HOME", sandbox.home ().c_str (), 1);
        setenv ("TERM", "xterm", 1); /* whatever the tests are started from */
        setenv ("XDG_CONFIG_HOME", (sandbox.home () + "/config").c_str (), 1);
        setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), 1);
        for (const auto &[name, value] : environment)
          setenv (name.c_str (), value.c_str (), 1);
        execv (program.c_str (), argv.data ());
        _exit (127);
      }
  }

  ~Terminal () { close (fd_); }

  /* Reads until @words have been said. */
  bool
  wait_for (const std::string &words)
  {
    while (seen_.find (words, mark_) == std::string::npos)
      if (!read_some ())
        return false;
    mark_ = seen_.find (words, mark_) + words.size ();
    return true;
  }

  /* The prompt comes before the echo is off: waits for that. */
  bool
  wait_for_silence ()
  {
    struct termios settings;

    for (int i = 0; i < 10000; i++)
      {
        if (tcgetattr (fd_, &settings) == 0 && !(settings.c_lflag & ECHO))
          return true;
        g_usleep (1000);
      }
    return false;
  }

  bool
  has_echo ()
  {
    struct termios settings;

    return tcgetattr (fd_, &settings) == 0 && (settings.c_lflag & ECHO);
  }

  /* As somebody at the keyboard. */
  void
  type (const std::string &text)
  {
    ASSERT_EQ (::write (fd_, text.data (), text.size ()), (ssize_t)text.size ());
  }

  /* Reads to the end. Returns: the wait status */
  int
  finish ()
  {
    int status = 0;

    while (read_some ())
      ;
    waitpid (pid_, &status, 0);
    return status;
  }

  const std::string &
  seen () const
  {
    return seen_;
  }

private:
  bool
  read_some ()
  {
    struct pollfd poll_fd = { fd_, POLLIN, 0 };
    char buffer[1024];
    ssize_t n;

    if (poll (&poll_fd, 1, 20000) <= 0)
      return false;
    n = read (fd_, buffer, sizeof buffer);
    if (n <= 0)
      return false;
    seen_.append (buffer, n);
    return true;
  }

  pid_t pid_ = -1;
  int fd_ = -1;
  std::string seen_;
  size_t mark_ = 0;
};

} // namespace postseal_test

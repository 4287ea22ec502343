/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/private-server.h"

#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace postseal_test
{

PrivateServer::PrivateServer (const std::string &script, const std::vector<std::string> &options)
{
  const char *tests = getenv ("SRCDIR");
  std::string path = std::string (tests ? tests : "tests") + "/../data/demo/" + script;
  std::vector<std::string> arguments = { "/usr/bin/python3", path, "run", folder_ / "d" };
  arguments.insert (arguments.end (), options.begin (), options.end ());
  std::vector<char *> pointers;
  for (const auto &argument : arguments)
    pointers.push_back (const_cast<char *> (argument.c_str ()));
  pointers.push_back (nullptr);

  /* It ends with its standard input, so it cannot outlive this process. */
  int in[2], out[2];
  if (pipe2 (in, O_CLOEXEC) != 0 || pipe2 (out, O_CLOEXEC) != 0)
    throw std::runtime_error ("no pipes");
  pid_ = fork ();
  if (pid_ == 0)
    {
      dup2 (in[0], STDIN_FILENO);
      dup2 (out[1], STDOUT_FILENO);
      unsetenv ("LD_PRELOAD");
      execv (pointers[0], pointers.data ());
      _exit (127);
    }
  close (in[0]);
  close (out[1]);
  stop_ = in[1];
  char word[6];
  ssize_t n = read (out[0], word, sizeof word);
  close (out[0]);
  if (n <= 0)
    {
      close (stop_);
      waitpid (pid_, nullptr, 0);
      throw std::runtime_error (script + " did not start");
    }
  std::istringstream lines (read_file (folder_ / "d/env"));
  for (std::string line; std::getline (lines, line);)
    values_[line.substr (0, line.find ('='))] = line.substr (line.find ('=') + 1);
}

PrivateServer::~PrivateServer ()
{
  close (stop_);
  waitpid (pid_, nullptr, 0);
}

unsigned
PrivateServer::number (const std::string &name) const
{
  return unsigned (std::stoul (value (name)));
}

} // namespace postseal_test

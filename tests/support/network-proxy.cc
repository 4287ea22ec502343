/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/network-proxy.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace postseal_test
{

NetworkProxy::NetworkProxy (unsigned target, const std::vector<std::string> &options)
{
  int in[2], out[2];
  const char *program = getenv ("DELAY_PROXY");
  if (!program || pipe2 (in, O_CLOEXEC) != 0 || pipe2 (out, O_CLOEXEC) != 0)
    throw std::runtime_error ("DELAY_PROXY does not name the program");
  std::vector<std::string> arguments = { program, std::to_string (target) };
  arguments.insert (arguments.end (), options.begin (), options.end ());
  std::vector<char *> pointers;
  for (auto &argument : arguments)
    pointers.push_back (argument.data ());
  pointers.push_back (nullptr);
  pid_ = fork ();
  if (pid_ == 0)
    {
      dup2 (in[0], STDIN_FILENO);
      dup2 (out[1], STDOUT_FILENO);
      execv (pointers[0], pointers.data ());
      _exit (127);
    }
  close (in[0]);
  close (out[1]);
  in_ = in[1];
  out_ = fdopen (out[0], "r");
  if (fscanf (out_, "%u", &port_) != 1)
    throw std::runtime_error ("the proxy did not start");
}

NetworkProxy::~NetworkProxy () { stop (); }

void
NetworkProxy::freeze ()
{
  kill (pid_, SIGSTOP);
}

void
NetworkProxy::thaw ()
{
  kill (pid_, SIGCONT);
}

unsigned long
NetworkProxy::stop ()
{
  unsigned long up = 0, down = 0;
  if (!out_)
    return 0;
  thaw ();
  close (in_);
  if (fscanf (out_, "%lu %lu", &up, &down) != 2)
    down = 0;
  fclose (out_);
  out_ = nullptr;
  waitpid (pid_, nullptr, 0);
  return down;
}

} // namespace postseal_test

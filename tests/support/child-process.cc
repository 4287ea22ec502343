/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/child-process.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <signal.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace postseal_test
{

namespace
{

constexpr double PATIENCE = 120;

double
now ()
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return double (t.tv_sec) + double (t.tv_nsec) / 1e9;
}

std::string
read_from_start (int fd)
{
  std::string text;
  char buffer[65536];
  ssize_t n;
  lseek (fd, 0, SEEK_SET);
  while ((n = read (fd, buffer, sizeof buffer)) > 0)
    text.append (buffer, size_t (n));
  return text;
}

std::vector<std::string>
merge_environment (const Environment &more)
{
  std::vector<std::string> merged;
  for (char **entry = environ; *entry; entry++)
    {
      std::string text = *entry;
      if (more.count (text.substr (0, text.find ('='))) == 0)
        merged.push_back (text);
    }
  for (const auto &[name, value] : more)
    merged.push_back (name + "=" + value);
  return merged;
}

std::vector<char *>
make_pointers (const std::vector<std::string> &strings)
{
  std::vector<char *> pointers;
  for (const auto &string : strings)
    pointers.push_back (const_cast<char *> (string.c_str ()));
  pointers.push_back (nullptr);
  return pointers;
}

} // namespace

ChildProcess::ChildProcess (const std::vector<std::string> &arguments,
                            const Environment &environment,
                            const std::string &input)
{
  auto merged = merge_environment (environment);
  auto environment_pointers = make_pointers (merged);
  auto argument_pointers = make_pointers (arguments);
  int in = memfd_create ("in", MFD_CLOEXEC);
  out_ = memfd_create ("out", MFD_CLOEXEC);
  err_ = memfd_create ("err", MFD_CLOEXEC);
  if (in < 0 || out_ < 0 || err_ < 0
      || ::write (in, input.data (), input.size ()) != ssize_t (input.size ()))
    throw std::runtime_error ("cannot make files in memory");
  lseek (in, 0, SEEK_SET);
  started_ = now ();
  pid_ = fork ();
  if (pid_ == 0)
    {
      dup2 (in, STDIN_FILENO);
      dup2 (out_, STDOUT_FILENO);
      dup2 (err_, STDERR_FILENO);
      execvpe (argument_pointers[0], argument_pointers.data (), environment_pointers.data ());
      perror (argument_pointers[0]);
      _exit (127);
    }
  close (in);
  if (pid_ < 0)
    throw std::runtime_error ("cannot fork");
}

ChildProcess::~ChildProcess ()
{
  if (!is_reaped_)
    {
      ::kill (pid_, SIGKILL);
      reap (true);
    }
  close (out_);
  close (err_);
}

void
ChildProcess::kill (int signal)
{
  if (!is_reaped_)
    ::kill (pid_, signal);
}

bool
ChildProcess::reap (bool is_blocking)
{
  if (!is_reaped_ && waitpid (pid_, &raw_status_, is_blocking ? 0 : WNOHANG) == pid_)
    {
      is_reaped_ = true;
      ended_ = now ();
    }
  return is_reaped_;
}

bool
ChildProcess::ended_within (double seconds)
{
  double deadline = now () + seconds;
  while (!reap (false) && now () < deadline)
    usleep (500);
  return is_reaped_;
}

Outcome
ChildProcess::wait ()
{
  if (!ended_within (PATIENCE))
    {
      ::kill (pid_, SIGKILL);
      reap (true);
    }
  Outcome outcome;
  outcome.status
      = WIFEXITED (raw_status_) ? WEXITSTATUS (raw_status_) : 128 + WTERMSIG (raw_status_);
  outcome.out = read_from_start (out_);
  outcome.err = read_from_start (err_);
  outcome.seconds = ended_ - started_;
  return outcome;
}

Outcome
run_program (const std::vector<std::string> &arguments,
             const Environment &environment,
             const std::string &input)
{
  ChildProcess child (arguments, environment, input);
  return child.wait ();
}

} // namespace postseal_test

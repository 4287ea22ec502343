/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/sandbox.h"

#include <gio/gio.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/beside-daemon.h"

namespace fs = std::filesystem;

namespace postseal_test
{

std::string
read_file (const std::string &path)
{
  std::ifstream file (path, std::ios::binary);
  std::ostringstream content;

  content << file.rdbuf ();
  return content.str ();
}

Sandbox::Sandbox ()
{
  g_autofree char *made = g_dir_make_tmp ("postseal-test-XXXXXX", nullptr);

  home_ = made;
  std::signal (SIGPIPE, SIG_IGN); /* of a program that ends before it has read what it is given */
}

Sandbox::~Sandbox ()
{
  std::error_code ignored;

  fs::remove_all (home_, ignored);
}

std::string
Sandbox::write (const std::string &name, const std::string &content)
{
  fs::path path = fs::path (home_) / name;

  fs::create_directories (path.parent_path ());
  std::ofstream (path, std::ios::binary) << content;
  fs::permissions (path, fs::perms::owner_read | fs::perms::owner_write);
  return path;
}

void
Sandbox::configure (const std::string &text)
{
  write ("config/postseal/accounts.conf", text);
}

static std::string
read_all (GInputStream *stream)
{
  std::string content;
  char buffer[4096];
  gssize length;

  while ((length = g_input_stream_read (stream, buffer, sizeof buffer, nullptr, nullptr)) > 0)
    content.append (buffer, length);
  return content;
}

Outcome
Sandbox::run (const std::vector<std::string> &arguments,
              const std::string &input,
              const std::map<std::string, std::string> &environment,
              double limit_s)
{
  const char *program = g_getenv ("POSTSEAL");
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      (GSubprocessFlags)(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                         | G_SUBPROCESS_FLAGS_STDERR_PIPE));
  g_autoptr (GError) error = nullptr;
  std::vector<const char *> argv;
  Outcome outcome;

  if (program == nullptr)
    throw std::runtime_error ("$POSTSEAL does not name the program to test");
  argv.push_back (program);
  for (const std::string &argument : arguments)
    argv.push_back (argument.c_str ());
  argv.push_back (nullptr);

  std::map<std::string, std::string> all = environment;
  all.insert ({ { "HOME", home_ },
                { "XDG_CONFIG_HOME", home_ + "/config" },
                { "XDG_STATE_HOME", home_ + "/state" },
                { "XDG_CACHE_HOME", home_ + "/cache" } });
  BesideDaemon daemon (all);
  g_subprocess_launcher_unsetenv (launcher, "DBUS_SESSION_BUS_ADDRESS");
  for (const auto &[name, value] : all)
    g_subprocess_launcher_setenv (launcher, name.c_str (), value.c_str (), TRUE);

  auto start = std::chrono::steady_clock::now ();
  g_autoptr (GSubprocess) process = g_subprocess_launcher_spawnv (launcher, argv.data (), &error);
  if (process == nullptr)
    throw std::runtime_error (error->message);

  /* NULL when it has ended already. */
  const char *identifier = g_subprocess_get_identifier (process);
  pid_ = identifier != nullptr ? atoi (identifier) : 0;
  std::thread writer ([&] {
    GOutputStream *stream = g_subprocess_get_stdin_pipe (process);
    g_output_stream_write_all (stream, input.data (), input.size (), nullptr, nullptr, nullptr);
    g_output_stream_close (stream, nullptr, nullptr);
  });
  std::thread out ([&] { outcome.out = read_all (g_subprocess_get_stdout_pipe (process)); });
  std::thread err ([&] { outcome.err = read_all (g_subprocess_get_stderr_pipe (process)); });
  g_autoptr (GCancellable) done = g_cancellable_new ();
  std::thread watchdog ([&] {
    GPollFD poll_fd;
    g_cancellable_make_pollfd (done, &poll_fd);
    if (g_poll (&poll_fd, 1, (int)(limit_s * 1000)) == 0)
      g_subprocess_force_exit (process);
    g_cancellable_release_fd (done);
  });

  g_subprocess_wait (process, nullptr, nullptr);
  pid_ = 0;
  g_cancellable_cancel (done);
  watchdog.join ();
  writer.join ();
  out.join ();
  err.join ();
  outcome.seconds
      = std::chrono::duration<double> (std::chrono::steady_clock::now () - start).count ();
  outcome.status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                        : 128 + g_subprocess_get_term_sig (process);
  return outcome;
}

void
Sandbox::signal (int number)
{
  int pid = pid_;

  if (pid > 0)
    kill (pid, number);
}

std::vector<std::string>
Sandbox::files (const std::string &path) const
{
  std::vector<std::string> found;
  fs::path top = fs::path (home_) / path;

  if (fs::exists (top))
    for (const auto &entry : fs::recursive_directory_iterator (top))
      if (!entry.is_directory ())
        found.push_back (fs::relative (entry.path (), top));
  std::sort (found.begin (), found.end ());
  return found;
}

std::vector<std::string>
Sandbox::messages (const std::string &path) const
{
  std::vector<std::string> found;

  for (const std::string &name : files (path))
    {
      std::string folder = fs::path (name).parent_path ().filename ();

      if (folder == "new" || folder == "cur")
        found.push_back (read_file (home_ + "/" + path + "/" + name));
    }
  std::sort (found.begin (), found.end ());
  return found;
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/beside-daemon.h"

#include <gio/gio.h>

#include <csignal>
#include <mutex>
#include <stdexcept>
#include <sys/prctl.h>

#include "support/private-bus.h"

namespace postseal_test
{

struct BesideDaemon::Processes
{
  explicit Processes (const char *program, std::map<std::string, std::string> environment);
  ~Processes ();

  PrivateBus bus;
  GSubprocess *daemon = nullptr;
};

BesideDaemon::Processes::Processes (const char *program,
                                    std::map<std::string, std::string> environment)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = nullptr;

  environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address ();
  for (const auto &[name, value] : environment)
    g_subprocess_launcher_setenv (launcher, name.c_str (), value.c_str (), TRUE);
  g_subprocess_launcher_set_child_setup (
      launcher, [] (gpointer) { prctl (PR_SET_PDEATHSIG, SIGKILL); }, nullptr, nullptr);
  daemon = g_subprocess_launcher_spawn (launcher, &error, program, nullptr);
  if (daemon == nullptr)
    throw std::runtime_error (error->message);

  g_autoptr (GDataInputStream) lines
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (daemon));
  g_autofree char *line = g_data_input_stream_read_line (lines, nullptr, nullptr, nullptr);
  if (g_strcmp0 (line, "ready") != 0)
    throw std::runtime_error ("the daemon did not start");
}

BesideDaemon::Processes::~Processes ()
{
  g_subprocess_send_signal (daemon, SIGTERM);
  g_subprocess_wait (daemon, nullptr, nullptr);
  g_object_unref (daemon);
}

BesideDaemon::BesideDaemon (std::map<std::string, std::string> &environment)
{
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Processes>> running; /* by state */
  const char *program = g_getenv ("POSTSEAL_TOLD_DAEMON");

  if (program == nullptr)
    return;
  std::lock_guard guard (mutex);
  std::weak_ptr<Processes> &known = running[environment["XDG_STATE_HOME"]];
  processes_ = known.lock ();
  if (!processes_)
    known = processes_ = std::make_shared<Processes> (program, environment);
  environment["DBUS_SESSION_BUS_ADDRESS"] = processes_->bus.address ();
}

BesideDaemon::~BesideDaemon () = default;

} // namespace postseal_test

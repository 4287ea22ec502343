/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/beside-daemon.h"

#include <gio/gio.h>

#include <csignal>
#include <stdexcept>
#include <sys/prctl.h>

#include "support/private-bus.h"

namespace postseal_test
{

struct BesideDaemon::Processes
{
  PrivateBus bus;
  GSubprocess *daemon = nullptr;
};

BesideDaemon::BesideDaemon (std::map<std::string, std::string> &environment)
{
  const char *program = g_getenv ("POSTSEAL_TOLD_DAEMON");

  if (program == nullptr)
    return;
  processes_ = std::make_unique<Processes> ();
  environment["DBUS_SESSION_BUS_ADDRESS"] = processes_->bus.address ();

  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = nullptr;
  for (const auto &[name, value] : environment)
    g_subprocess_launcher_setenv (launcher, name.c_str (), value.c_str (), TRUE);
  g_subprocess_launcher_set_child_setup (
      launcher, [] (gpointer) { prctl (PR_SET_PDEATHSIG, SIGKILL); }, nullptr, nullptr);
  processes_->daemon = g_subprocess_launcher_spawn (launcher, &error, program, nullptr);
  if (processes_->daemon == nullptr)
    throw std::runtime_error (error->message);

  g_autoptr (GDataInputStream) lines
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (processes_->daemon));
  g_autofree char *line = g_data_input_stream_read_line (lines, nullptr, nullptr, nullptr);
  if (g_strcmp0 (line, "ready") != 0)
    throw std::runtime_error ("the daemon did not start");
}

BesideDaemon::~BesideDaemon ()
{
  if (!processes_)
    return;
  g_subprocess_send_signal (processes_->daemon, SIGTERM);
  g_subprocess_wait (processes_->daemon, nullptr, nullptr);
  g_object_unref (processes_->daemon);
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/private-bus.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace postseal_test
{

namespace
{

const char config[] = "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>"
                      "<auth>EXTERNAL</auth>"
                      "<policy context='default'><allow send_destination='*' eavesdrop='true'/>"
                      "<allow eavesdrop='true'/><allow own='*'/></policy></busconfig>";

GVariant *
call_bus (GDBusConnection *connection, const char *method, GVariant *parameters)
{
  g_autoptr (GError) error = nullptr;
  GVariant *answer = g_dbus_connection_call_sync (
      connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
      parameters, nullptr, G_DBUS_CALL_FLAGS_NONE, 10000, nullptr, &error);

  EXPECT_NE (answer, nullptr) << error->message;
  return answer;
}

} // namespace

PrivateBus::PrivateBus () : connections_ (g_ptr_array_new_with_free_func (g_object_unref))
{
  g_autoptr (GError) error = nullptr;
  g_autofree char *path = nullptr;
  int fd = g_file_open_tmp ("postseal-bus-XXXXXX", &path, &error);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      (GSubprocessFlags)(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE));

  EXPECT_GE (fd, 0) << error->message;
  close (fd);
  EXPECT_TRUE (g_file_set_contents (path, config, -1, &error)) << error->message;
  g_subprocess_launcher_set_child_setup (
      launcher, [] (gpointer) { prctl (PR_SET_PDEATHSIG, SIGKILL); }, nullptr, nullptr);
  g_autofree char *argument = g_strconcat ("--config-file=", path, nullptr);
  daemon_ = g_subprocess_launcher_spawn (launcher, &error, "dbus-daemon", "--nofork",
                                         "--print-address", argument, nullptr);
  EXPECT_NE (daemon_, nullptr) << error->message;
  if (daemon_ != nullptr)
    {
      g_autoptr (GDataInputStream) lines
          = g_data_input_stream_new (g_subprocess_get_stdout_pipe (daemon_));
      g_autofree char *line = g_data_input_stream_read_line (lines, nullptr, nullptr, &error);
      EXPECT_NE (line, nullptr) << "dbus-daemon did not start";
      address_ = line == nullptr ? "" : line;
    }
  unlink (path);
}

PrivateBus::~PrivateBus ()
{
  for (guint i = 0; i < connections_->len; i++)
    g_dbus_connection_close_sync (G_DBUS_CONNECTION (connections_->pdata[i]), nullptr, nullptr);
  g_ptr_array_unref (connections_);
  stop ();
  g_clear_object (&daemon_);
}

void
PrivateBus::stop ()
{
  if (daemon_ == nullptr)
    return;
  g_subprocess_force_exit (daemon_);
  g_subprocess_wait (daemon_, nullptr, nullptr);
}

GDBusConnection *
PrivateBus::connect ()
{
  g_autoptr (GError) error = nullptr;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      address_.c_str (),
      (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                             | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
      nullptr, nullptr, &error);

  EXPECT_NE (connection, nullptr) << error->message;
  if (connection != nullptr)
    g_ptr_array_add (connections_, connection);
  return connection;
}

void
PrivateBus::own_name (GDBusConnection *connection, const char *name)
{
  g_autoptr (GVariant) answer
      = call_bus (connection, "RequestName", g_variant_new ("(su)", name, 0));
}

void
PrivateBus::disown_name (GDBusConnection *connection, const char *name)
{
  g_autoptr (GVariant) answer = call_bus (connection, "ReleaseName", g_variant_new ("(s)", name));
}

void
PrivateBus::sync (GDBusConnection *connection)
{
  g_autoptr (GVariant) answer = call_bus (connection, "GetId", nullptr);
}

void
PrivateBus::emit (GDBusConnection *connection,
                  const char *path,
                  const char *interface,
                  const char *member,
                  const char *parameters)
{
  g_autoptr (GError) error = nullptr;
  gboolean is_emitted = g_dbus_connection_emit_signal (connection, nullptr, path, interface, member,
                                                       g_variant_new_parsed (parameters), &error);

  EXPECT_TRUE (is_emitted) << error->message;
  sync (connection);
}

} // namespace postseal_test

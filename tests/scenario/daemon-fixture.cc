/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/daemon-fixture.h"

#include <gio/gunixsocketaddress.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace postseal_test
{

NotifySocket::NotifySocket (const std::string &path)
    : socket_ (g_socket_new (
        G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, nullptr))
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path.c_str ());

  if (!g_socket_bind (socket_, address, FALSE, nullptr))
    throw std::runtime_error ("cannot bind " + path);
}

NotifySocket::~NotifySocket () { g_object_unref (socket_); }

std::string
NotifySocket::next (double seconds)
{
  char text[4096];

  if (seconds < 0
      || !g_socket_condition_timed_wait (socket_, G_IO_IN, (gint64)(seconds * 1e6), nullptr,
                                         nullptr))
    return "";
  gssize n = g_socket_receive (socket_, text, sizeof text, nullptr, nullptr);
  return n > 0 ? std::string (text, n) : "";
}

std::string
NotifySocket::expect (const std::string &piece, double seconds)
{
  auto end = std::chrono::steady_clock::now () + std::chrono::duration<double> (seconds);
  std::string dropped;

  for (;;)
    {
      std::chrono::duration<double> left = end - std::chrono::steady_clock::now ();
      std::string message = next (left.count ());

      if (message.find (piece) != std::string::npos)
        return message;
      if (message.empty ())
        break;
      dropped += message + "\n";
    }
  ADD_FAILURE () << "the daemon never said " << piece << ", but\n" << dropped;
  return "";
}

DaemonTest::DaemonTest () = default;

DaemonTest::~DaemonTest ()
{
  if (connection_ != nullptr)
    g_dbus_connection_close_sync (connection_, nullptr, nullptr);
  g_clear_object (&connection_);
  if (bus_ != nullptr)
    g_test_dbus_down (bus_);
  g_clear_object (&bus_);
}

void
DaemonTest::start_bus (bool has_service)
{
  const char *folder = getenv ("SESSION_FILES");

  bus_ = g_test_dbus_new (G_TEST_DBUS_NONE);
  if (has_service)
    {
      /* What the bus starts has the environment of the bus. */
      for (const auto &[name, value] : instance_.complete ())
        g_setenv (name.c_str (), value.c_str (), TRUE);
      g_setenv ("NOTIFY_SOCKET", instance_.path ("notify").c_str (), TRUE);
      write_file (instance_.path ("services/org.postseal.Postseal1.service"),
                  read_file (std::string (folder) + "/build-org.postseal.Postseal1.service"));
      g_test_dbus_add_service_dir (bus_, instance_.path ("services").c_str ());
    }
  g_test_dbus_up (bus_);
  g_unsetenv ("NOTIFY_SOCKET");
  connection_ = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (bus_),
      (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                             | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
      nullptr, nullptr, nullptr);
  ASSERT_NE (connection_, nullptr);
}

Environment
DaemonTest::environment (const PostsealInstance &of) const
{
  Environment all = of.complete ();

  all["NOTIFY_SOCKET"] = instance_.path ("notify");
  if (bus_ != nullptr)
    all["DBUS_SESSION_BUS_ADDRESS"] = g_test_dbus_get_bus_address (bus_);
  return all;
}

std::unique_ptr<ChildProcess>
DaemonTest::start (const std::vector<std::string> &arguments, const Environment &more)
{
  std::vector<std::string> all = { getenv ("POSTSEALD") };
  Environment environment = this->environment (instance_);

  all.insert (all.end (), arguments.begin (), arguments.end ());
  for (const auto &[name, value] : more)
    environment[name] = value;
  return std::make_unique<ChildProcess> (all, environment);
}

std::unique_ptr<ChildProcess>
DaemonTest::start_other (const PostsealInstance &of)
{
  return std::make_unique<ChildProcess> (std::vector<std::string>{ getenv ("POSTSEALD") },
                                         environment (of));
}

Outcome
DaemonTest::stop (ChildProcess &daemon)
{
  daemon.kill (SIGTERM);
  EXPECT_TRUE (daemon.ended_within (5)) << "it goes on after SIGTERM";
  return daemon.wait ();
}

void
DaemonTest::configure (const std::string &account)
{
  instance_.configure (
      "[account work]\naddress=jane@example.org\npassword=file:" + instance_.path ("secret") + "\n"
      + (account.find ("receive=") == std::string::npos ? "receive=pop3s://jane@localhost:1\n" : "")
      + "deliver=" + instance_.deliver () + "\n" + account);
  write_file (instance_.path ("secret"), "correct-horse-77\n");
}

std::string
DaemonTest::get_property (const std::string &name)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      connection_, "org.postseal.Postseal1", "/org/postseal/Postseal1/daemon",
      "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", "org.postseal.Daemon1", name.c_str ()), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, 20000, nullptr, nullptr);
  g_autoptr (GVariant) value = nullptr;

  if (reply == nullptr)
    return "";
  g_variant_get (reply, "(v)", &value);
  g_autofree char *text = g_variant_print (value, FALSE);
  return text;
}

} // namespace postseal_test

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

DaemonTest::~DaemonTest () { stop_bus (); }

/* Not GTestDBus: what that leaves in the background keeps the descriptors of our servers open. */
void
DaemonTest::start_bus (bool has_service)
{
  Environment environment = instance_.complete ();

  environment["NOTIFY_SOCKET"] = instance_.path ("notify");
  write_file (
      instance_.path ("bus.conf"),
      "<busconfig><type>session</type><listen>" + bus_address () + "</listen><servicedir>"
          + instance_.path ("services")
          + "</servicedir><policy context='default'><allow send_destination='*' eavesdrop='true'/>"
            "<allow eavesdrop='true'/>"
            "<allow own='*'/></policy></busconfig>");
  if (has_service)
    {
      std::string text = read_file (std::string (getenv ("SESSION_FILES"))
                                    + "/build-org.postseal.Postseal1.service");

      /* The bus would speak for itself if it had the variable. */
      text.insert (text.find ("Exec=") + 5,
                   "/usr/bin/env NOTIFY_SOCKET=" + instance_.path ("notify") + " ");
      write_file (instance_.path ("services/org.postseal.Postseal1.service"), text);
    }
  bus_ = std::make_unique<ChildProcess> (
      std::vector<std::string>{ "dbus-daemon", "--nofork", "--nopidfile", "--nosyslog",
                                "--config-file=" + instance_.path ("bus.conf") },
      instance_.complete ());
  for (int i = 0; i < 20000 && connection_ == nullptr; i++)
    {
      g_usleep (i == 0 ? 0 : 1000);
      connection_ = g_dbus_connection_new_for_address_sync (
          bus_address ().c_str (),
          (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                 | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
          nullptr, nullptr, nullptr);
    }
  ASSERT_NE (connection_, nullptr);
}

void
DaemonTest::stop_bus ()
{
  if (connection_ != nullptr)
    g_dbus_connection_close_sync (connection_, nullptr, nullptr);
  g_clear_object (&connection_);
  bus_.reset ();
}

std::string
DaemonTest::bus_address () const
{
  return "unix:path=" + instance_.path ("bus");
}

Environment
DaemonTest::environment (const PostsealInstance &of) const
{
  Environment all = of.complete ();

  all["NOTIFY_SOCKET"] = instance_.path ("notify");
  if (bus_ != nullptr)
    all["DBUS_SESSION_BUS_ADDRESS"] = bus_address ();
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

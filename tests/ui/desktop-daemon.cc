/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/desktop-daemon.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "client/client.h"

namespace postseal_test
{

namespace
{

/* Nothing of the machine that the tests run on. */
const char kNoSystemBus[] = "unix:path=/nonexistent";

/* Asks the bus. Returns: (transfer full) (nullable) */
GVariant *
ask (const char *method, GVariant *parameters)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, nullptr, nullptr);

  return g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                      "org.freedesktop.DBus", method, parameters, nullptr,
                                      G_DBUS_CALL_FLAGS_NONE, 20000, nullptr, nullptr);
}

void
wait_until (bool (*condition) ())
{
  for (int i = 0; i < 20000 && !condition (); i++)
    g_usleep (1000);
  ASSERT_TRUE (condition ());
}

} // namespace

bool
DesktopDaemon::is_there ()
{
  g_autoptr (GVariant) reply
      = ask ("NameHasOwner", g_variant_new ("(s)", POSTSEAL_CLIENT_BUS_NAME));
  gboolean is_owned = FALSE;

  if (reply != nullptr)
    g_variant_get (reply, "(b)", &is_owned);
  return is_owned;
}

std::string
DesktopDaemon::service_file ()
{
  return std::string (getenv ("DESKTOP_SERVICES")) + "/" POSTSEAL_CLIENT_BUS_NAME ".service";
}

/* The bus was there before the home of the test. */
void
DesktopDaemon::install ()
{
  std::string home;
  g_autoptr (GVariant) reply = nullptr;

  for (const char *name : { "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME" })
    home += std::string (name) + "=" + getenv (name) + " ";
  std::ofstream (service_file ()) << "[D-BUS Service]\nName=" POSTSEAL_CLIENT_BUS_NAME
                                     "\nExec=/usr/bin/env "
                                  << home << "DBUS_SYSTEM_BUS_ADDRESS=" << kNoSystemBus << " "
                                  << getenv ("POSTSEALD") << " --session\n";
  reply = ask ("ReloadConfig", nullptr);
  ASSERT_NE (reply, nullptr);
}

DesktopDaemon::~DesktopDaemon ()
{
  if (std::filesystem::remove (service_file ()))
    g_variant_unref (ask ("ReloadConfig", nullptr));
  kill ();
  wait_until ([] { return !is_there (); });
}

void
DesktopDaemon::start ()
{
  process_
      = std::make_unique<ChildProcess> (std::vector<std::string>{ getenv ("POSTSEALD") },
                                        Environment{ { "DBUS_SYSTEM_BUS_ADDRESS", kNoSystemBus } });
}

void
DesktopDaemon::start_and_wait ()
{
  start ();
  wait_until (is_there);
}

void
DesktopDaemon::kill ()
{
  g_autoptr (GVariant) reply
      = ask ("GetConnectionUnixProcessID", g_variant_new ("(s)", POSTSEAL_CLIENT_BUS_NAME));
  guint32 pid = 0;

  if (reply != nullptr)
    g_variant_get (reply, "(u)", &pid);
  if (pid != 0)
    ::kill (pid_t (pid), SIGKILL);
  process_.reset ();
}

} // namespace postseal_test

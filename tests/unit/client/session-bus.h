/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gtest/gtest.h>

#include <string>

/* A message bus of this test's own that is the session's, and starts what @services describes. */
class SessionBus
{
public:
  explicit SessionBus (const std::string &services = {}) : bus_ (g_test_dbus_new (G_TEST_DBUS_NONE))
  {
    if (!services.empty ())
      g_test_dbus_add_service_dir (bus_, services.c_str ());
    g_test_dbus_up (bus_);
  }
  ~SessionBus ()
  {
    stop ();
    g_object_unref (bus_);
  }
  SessionBus (const SessionBus &) = delete;
  SessionBus &operator= (const SessionBus &) = delete;

  void
  stop ()
  {
    if (g_test_dbus_get_bus_address (bus_) != nullptr)
      g_test_dbus_stop (bus_);
  }

  /* Returns: (transfer full) */
  GDBusConnection *
  connect () const
  {
    GError *error = nullptr;
    GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
        g_test_dbus_get_bus_address (bus_),
        static_cast<GDBusConnectionFlags> (G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                           | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
        nullptr, nullptr, &error);

    EXPECT_NE (connection, nullptr) << error->message;
    g_clear_error (&error);
    return connection;
  }

private:
  GTestDBus *bus_;
};

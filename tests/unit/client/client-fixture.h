/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/bus-front.h"
#include "client/client.h"
#include "service-answer.h"
#include "session-bus.h"
#include "support/main-loop.h"
#include "test-service.h"

using postseal_test::AsyncLoop;

/* A daemon on the bus whose service is a TestService. */
struct TestDaemon
{
  GDBusConnection *connection;
  TestService *service;
  PostsealBusFront *front;

  explicit TestDaemon (const SessionBus &bus)
      : connection (bus.connect ()), service (test_service_new ())
  {
    front = postseal_bus_front_new (connection, POSTSEAL_SERVICE (service), nullptr);
    EXPECT_NE (front, nullptr);
  }
  ~TestDaemon ()
  {
    end ();
    g_object_unref (service);
  }
  TestDaemon (const TestDaemon &) = delete;
  TestDaemon &operator= (const TestDaemon &) = delete;

  void
  own_name ()
  {
    g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
        connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "RequestName", g_variant_new ("(su)", POSTSEAL_CLIENT_BUS_NAME, 4u), nullptr,
        G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr);

    EXPECT_NE (reply, nullptr);
  }

  /* As when it is killed: the bus sees the connection go, nothing is said before. */
  void
  end ()
  {
    if (connection == nullptr)
      return;
    g_dbus_connection_close_sync (connection, nullptr, nullptr);
    g_clear_pointer (&front, postseal_bus_front_free);
    g_clear_object (&connection);
  }
};

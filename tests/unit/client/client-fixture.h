/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/bus-front.h"
#include "client/client.h"
#include "support/main-loop.h"
#include "test-service.h"

using postseal_test::AsyncLoop;

/* A message bus of its own, in the environment as the session's. */
class PrivateBus
{
public:
  explicit PrivateBus (const std::string &services = {}) : bus_ (g_test_dbus_new (G_TEST_DBUS_NONE))
  {
    if (!services.empty ())
      g_test_dbus_add_service_dir (bus_, services.c_str ());
    g_test_dbus_up (bus_);
  }
  ~PrivateBus ()
  {
    stop ();
    g_object_unref (bus_);
  }
  PrivateBus (const PrivateBus &) = delete;
  PrivateBus &operator= (const PrivateBus &) = delete;

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

/* What came of a request; owns both. */
struct Answer
{
  std::shared_ptr<GVariant> value;
  std::shared_ptr<GError> error;

  std::string
  text () const
  {
    g_autofree char *printed = value ? g_variant_print (value.get (), TRUE) : g_strdup ("");

    return printed;
  }
  int
  code () const
  {
    return error && error->domain == POSTSEAL_SERVICE_ERROR ? error->code : -1;
  }
  std::string
  message () const
  {
    return error ? error->message : "";
  }
};

inline Answer
finish (PostsealService *service, GAsyncResult *result)
{
  GError *error = nullptr;
  GVariant *value = postseal_service_request_finish (service, result, &error);
  Answer answer;

  EXPECT_NE (value == nullptr, error == nullptr);
  if (value != nullptr)
    answer.value.reset (value, g_variant_unref);
  if (error != nullptr)
    answer.error.reset (error, g_error_free);
  return answer;
}

/* A request whose answer is not waited for at once. */
struct Asked
{
  bool is_done = false;
  Answer answer;

  static void
  on_done (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto *self = static_cast<Asked *> (user_data);

    self->answer = finish (POSTSEAL_SERVICE (source), result);
    self->is_done = true;
  }
};

/* A daemon on the bus whose service is a TestService. */
struct TestDaemon
{
  GDBusConnection *connection;
  TestService *service;
  PostsealBusFront *front;

  explicit TestDaemon (const PrivateBus &bus)
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

inline GVariant *
dictionary (const char *text)
{
  return g_variant_new_parsed (text);
}

template <typename T>
T
property (gpointer object, const char *name)
{
  T value{};

  g_object_get (object, name, &value, nullptr);
  return value;
}

inline std::vector<std::string>
names_of (PostsealService *service)
{
  GListModel *model = postseal_service_get_accounts (service);
  std::vector<std::string> names;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PostsealAccountStatus) status
          = POSTSEAL_ACCOUNT_STATUS (g_list_model_get_item (model, i));

      names.push_back (postseal_account_status_get_name (status));
    }
  return names;
}

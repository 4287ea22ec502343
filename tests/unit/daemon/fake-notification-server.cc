/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-notification-server.h"

#include <stdexcept>

static const char kInterface[]
    = "<node><interface name='org.freedesktop.Notifications'>"
      "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
      "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
      "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
      "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
      "</interface></node>";

FakeNotificationServer::FakeNotificationServer (const std::string &address,
                                                const std::vector<std::string> &capabilities)
    : capabilities_ (capabilities)
{
  static const GDBusInterfaceVTable vtable = { on_call, nullptr, nullptr, {} };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (kInterface, nullptr);
  g_autoptr (GVariant) reply = nullptr;

  connection_ = g_dbus_connection_new_for_address_sync (
      address.c_str (),
      (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                             | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
      nullptr, nullptr, nullptr);
  if (connection_ == nullptr)
    throw std::runtime_error ("no bus");
  g_dbus_connection_register_object (connection_, "/org/freedesktop/Notifications",
                                     info->interfaces[0], &vtable, this, nullptr, nullptr);
  reply = g_dbus_connection_call_sync (connection_, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.Notifications", 0u),
                                       nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr);
}

FakeNotificationServer::~FakeNotificationServer ()
{
  g_dbus_connection_close_sync (connection_, nullptr, nullptr);
  g_object_unref (connection_);
}

void
FakeNotificationServer::notify (GVariant *arguments, GDBusMethodInvocation *invocation)
{
  const char *icon, *summary, *body;
  const char *category = "", *entry = "";
  g_autoptr (GVariant) hints = nullptr;
  unsigned replaces;

  g_variant_get (arguments, "(&su&s&s&s@as@a{sv}i)", nullptr, &replaces, &icon, &summary, &body,
                 nullptr, &hints, nullptr);
  g_variant_lookup (hints, "category", "&s", &category);
  g_variant_lookup (hints, "desktop-entry", "&s", &entry);
  unsigned id = replaces != 0 ? replaces : ++last_id_;
  notices.push_back ({ id, replaces, icon, summary, body, category, entry });
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", id));
}

void
FakeNotificationServer::on_call (GDBusConnection *,
                                 const char *,
                                 const char *,
                                 const char *,
                                 const char *method,
                                 GVariant *arguments,
                                 GDBusMethodInvocation *invocation,
                                 gpointer user_data)
{
  auto *self = static_cast<FakeNotificationServer *> (user_data);
  GVariantBuilder words;

  if (g_str_equal (method, "Notify"))
    self->notify (arguments, invocation);
  else if (g_str_equal (method, "GetCapabilities"))
    {
      self->questions++;
      g_variant_builder_init (&words, G_VARIANT_TYPE ("as"));
      for (const std::string &word : self->capabilities_)
        g_variant_builder_add (&words, "s", word.c_str ());
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(as)", &words));
    }
  else
    {
      unsigned id;

      g_variant_get (arguments, "(u)", &id);
      self->closed.push_back (id);
      g_dbus_method_invocation_return_value (invocation, nullptr);
    }
}

void
FakeNotificationServer::dismiss (unsigned id)
{
  g_dbus_connection_emit_signal (connection_, nullptr, "/org/freedesktop/Notifications",
                                 "org.freedesktop.Notifications", "NotificationClosed",
                                 g_variant_new ("(uu)", id, 2u), nullptr);
  g_dbus_connection_flush_sync (connection_, nullptr, nullptr);
}

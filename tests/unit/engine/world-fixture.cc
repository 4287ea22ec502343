/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world-fixture.h"

#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <poll.h>
#include <unistd.h>

using postseal_test::PrivateBus;

/* --- network monitor --- */

static void fake_monitor_iface_init (GNetworkMonitorInterface *iface);
static void fake_monitor_initable_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeMonitor,
                               fake_monitor,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, fake_monitor_initable_init)
                                   G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR,
                                                          fake_monitor_iface_init))

enum
{
  PROP_AVAILABLE = 1,
  PROP_METERED,
  PROP_CONNECTIVITY,
};

static void
fake_monitor_iface_init (GNetworkMonitorInterface *)
{
}

static void
fake_monitor_initable_init (GInitableIface *iface)
{
  iface->init = [] (GInitable *, GCancellable *, GError **) -> gboolean { return TRUE; };
}

static void
fake_monitor_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *)
{
  FakeMonitor *self = FAKE_MONITOR (object);

  if (prop_id == PROP_AVAILABLE)
    g_value_set_boolean (value, self->is_available);
  else if (prop_id == PROP_METERED)
    g_value_set_boolean (value, self->is_metered);
  else
    g_value_set_enum (value, self->connectivity);
}

static void
fake_monitor_class_init (FakeMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fake_monitor_get_property;
  g_object_class_override_property (object_class, PROP_AVAILABLE, "network-available");
  g_object_class_override_property (object_class, PROP_METERED, "network-metered");
  g_object_class_override_property (object_class, PROP_CONNECTIVITY, "connectivity");
}

static void
fake_monitor_init (FakeMonitor *self)
{
  self->is_available = TRUE;
  self->connectivity = G_NETWORK_CONNECTIVITY_FULL;
}

FakeMonitor *
fake_monitor_new ()
{
  return FAKE_MONITOR (g_initable_new (fake_monitor_get_type (), nullptr, nullptr, nullptr));
}

void
fake_monitor_set (FakeMonitor *self, bool is_available)
{
  bool is_new = self->is_available != is_available;

  self->is_available = is_available;
  self->connectivity = is_available ? G_NETWORK_CONNECTIVITY_FULL : G_NETWORK_CONNECTIVITY_LOCAL;
  if (is_new)
    {
      g_object_notify (G_OBJECT (self), "network-available");
      g_object_notify (G_OBJECT (self), "connectivity");
    }
  g_signal_emit_by_name (self, "network-changed", is_available);
}

/* --- logind --- */

static const char logind_xml[]
    = "<node><interface name='org.freedesktop.login1.Manager'><method name='Inhibit'>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='h' direction='out'/></method></interface></node>";

FakeLogind::FakeLogind (PrivateBus *bus) : connection_ (bus->connect ())
{
  static const GDBusInterfaceVTable vtable
      = { [] (GDBusConnection *, const char *, const char *, const char *, const char *,
              GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data) {
           static_cast<FakeLogind *> (data)->inhibit (parameters, invocation);
         },
          nullptr,
          nullptr,
          {} };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (logind_xml, nullptr);

  object_ = g_dbus_connection_register_object (
      connection_, "/org/freedesktop/login1", info->interfaces[0], &vtable, this, nullptr, nullptr);
  EXPECT_NE (object_, 0u);
}

FakeLogind::~FakeLogind ()
{
  g_dbus_connection_unregister_object (connection_, object_);
  for (int fd : pipes_)
    close (fd);
}

void
FakeLogind::arrive ()
{
  PrivateBus::own_name (connection_, "org.freedesktop.login1");
}

void
FakeLogind::leave ()
{
  PrivateBus::disown_name (connection_, "org.freedesktop.login1");
}

void
FakeLogind::prepare_for_sleep (bool is_begin)
{
  PrivateBus::emit (connection_, "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                    "PrepareForSleep", is_begin ? "(true,)" : "(false,)");
}

void
FakeLogind::inhibit (GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *what, *who, *why, *mode;
  int fds[2];

  g_variant_get (parameters, "(&s&s&s&s)", &what, &who, &why, &mode);
  asked.push_back (std::string (what) + " " + who + " " + mode);
  if (is_refusing)
    {
      g_dbus_method_invocation_return_dbus_error (
          invocation, "org.freedesktop.DBus.Error.AccessDenied", "not for you");
      return;
    }
  EXPECT_TRUE (g_unix_open_pipe (fds, FD_CLOEXEC, nullptr));
  pipes_.push_back (fds[0]);
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new_from_array (&fds[1], 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           list);
}

int
FakeLogind::locks () const
{
  int n = 0;

  for (int fd : pipes_)
    {
      struct pollfd poll_fd = { fd, POLLIN, 0 };
      poll (&poll_fd, 1, 0);
      n += (poll_fd.revents & POLLHUP) == 0;
    }
  return n;
}

/* --- time --- */

gint64
WorldFixture::due_ms (gpointer data)
{
  GSource *source = g_main_context_find_source_by_user_data (loop.context (), data);

  if (source == nullptr || g_source_get_ready_time (source) < 0)
    return -1;
  return (g_source_get_ready_time (source) - g_get_monotonic_time () + 999) / 1000;
}

void
WorldFixture::hurry (gpointer data)
{
  GSource *source = g_main_context_find_source_by_user_data (loop.context (), data);

  ASSERT_NE (source, nullptr) << "no timer runs";
  g_source_set_ready_time (source, 0);
  loop.settle ();
}

bool
WorldFixture::eventually (const std::function<bool ()> &condition)
{
  GSource *ticks = g_timeout_source_new (2);

  g_source_set_callback (
      ticks, [] (gpointer) -> gboolean { return G_SOURCE_CONTINUE; }, nullptr, nullptr);
  g_source_attach (ticks, loop.context ());
  bool came = loop.wait_for (condition, 10000);
  g_source_destroy (ticks);
  g_source_unref (ticks);
  return came;
}

bool
WorldFixture::is_idle ()
{
  int priority = G_MAXINT;
  int timeout_ms = 0;

  loop.settle ();
  EXPECT_TRUE (g_main_context_acquire (loop.context ()));
  g_main_context_prepare (loop.context (), &priority);
  g_main_context_query (loop.context (), priority, &timeout_ms, nullptr, 0);
  g_main_context_release (loop.context ());
  return timeout_ms == -1;
}

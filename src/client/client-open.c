/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/client-private.h"

#include "base/limits.h"
#include "client/bus-error-private.h"
#include "client/bus-names-private.h"

/* Finds the daemon: its own name on the bus, then all its objects. */
typedef struct
{
  PostsealClient *client; /* owned: in the making */
  gboolean may_start;
} Opening;

static void
free_opening (Opening *self)
{
  g_clear_object (&self->client);
  g_free (self);
}

static void
fail (GTask *task, const GError *reason)
{
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_error_copy (reason));
  else
    g_task_return_error (task, _postseal_bus_error_new_absent (reason));
}

/* --- its objects --- */

static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  g_autoptr (PostsealClient) self = g_object_ref (user_data);

  _postseal_client_hear (self, path, interface, signal, parameters);
}

static void
on_owner_changed (GDBusConnection *bus,
                  const char *sender,
                  const char *path,
                  const char *interface,
                  const char *signal,
                  GVariant *parameters,
                  gpointer user_data)
{
  PostsealClient *self = user_data;
  const char *owner;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &owner);
  if (!g_str_equal (owner, self->owner))
    _postseal_client_lose (self);
}

static void
on_objects (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) objects = NULL;

  if (reply == NULL || opening->client->is_lost)
    {
      fail (task, error);
      return;
    }
  objects = g_variant_get_child_value (reply, 0);
  _postseal_client_load (opening->client, objects);
  g_task_return_pointer (task, g_steal_pointer (&opening->client), g_object_unref);
}

/* From here on nothing is missed: the bus keeps the order, and what is told before the answer is
   in it as well. */
static void
ask_for_objects (GTask *task)
{
  Opening *opening = g_task_get_task_data (task);
  PostsealClient *self = opening->client;

  self->subscriptions[0]
      = g_dbus_connection_signal_subscribe (self->bus, self->owner, NULL, NULL, NULL, NULL,
                                            G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  self->subscriptions[1] = g_dbus_connection_signal_subscribe (
      self->bus, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", POSTSEAL_CLIENT_BUS_NAME, G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed,
      self, NULL);
  g_dbus_connection_call (self->bus, self->owner, POSTSEAL_BUS_ROOT,
                          "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                          G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          POSTSEAL_LIMIT_BUS_MS, g_task_get_cancellable (task), on_objects,
                          g_object_ref (task));
}

/* --- its name --- */

static void
call_bus (GTask *task,
          const char *method,
          GVariant *parameters,
          const char *type,
          GAsyncReadyCallback callback)
{
  Opening *opening = g_task_get_task_data (task);

  g_dbus_connection_call (opening->client->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", method, parameters, G_VARIANT_TYPE (type),
                          G_DBUS_CALL_FLAGS_NONE, POSTSEAL_LIMIT_BUS_MS,
                          g_task_get_cancellable (task), callback, g_object_ref (task));
}

static void ask_for_owner (GTask *task);

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    fail (task, error);
  else
    ask_for_owner (task);
}

static void
on_owner (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean is_absent = g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);

  if (reply != NULL)
    {
      g_variant_get (reply, "(s)", &opening->client->owner);
      ask_for_objects (task);
    }
  else if (is_absent && opening->may_start)
    {
      opening->may_start = FALSE;
      call_bus (task, "StartServiceByName",
                g_variant_new ("(su)", POSTSEAL_CLIENT_BUS_NAME, (guint32)0), "(u)", on_started);
    }
  else
    fail (task, is_absent ? NULL : error);
}

static void
ask_for_owner (GTask *task)
{
  call_bus (task, "GetNameOwner", g_variant_new ("(s)", POSTSEAL_CLIENT_BUS_NAME), "(s)", on_owner);
}

/* --- the bus --- */

static void
on_closed (PostsealClient *self)
{
  _postseal_client_lose (self);
}

static void
use_bus (GTask *task, GDBusConnection *bus)
{
  Opening *opening = g_task_get_task_data (task);

  opening->client->bus = g_object_ref (bus);
  g_signal_connect_object (bus, "closed", G_CALLBACK (on_closed), opening->client,
                           G_CONNECT_SWAPPED);
  ask_for_owner (task);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, &error);

  if (bus == NULL)
    fail (task, error);
  else
    use_bus (task, bus);
}

static void
find_address (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, cancellable, &error);

  if (address == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, address, g_free);
}

/* A connection of our own: with the one that a program shares, the end of the bus would be the end
   of the program. */
static void
on_address (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_task_propagate_pointer (G_TASK (result), &error);

  if (address == NULL)
    fail (task, error);
  else
    g_dbus_connection_new_for_address (address,
                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                           | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                       NULL, g_task_get_cancellable (task), on_connected,
                                       g_object_ref (task));
}

void
postseal_client_new_async (GDBusConnection *bus,
                           PostsealClientWish wish,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);

  g_task_set_source_tag (task, postseal_client_new_async);
  _postseal_bus_error_register ();
  opening->client = g_object_new (POSTSEAL_TYPE_CLIENT, NULL);
  opening->may_start = wish == POSTSEAL_CLIENT_ACTIVATE;
  g_task_set_task_data (task, opening, (GDestroyNotify)free_opening);
  if (bus != NULL)
    use_bus (task, bus);
  else
    {
      g_autoptr (GTask) address = g_task_new (NULL, cancellable, on_address, g_object_ref (task));

      g_task_run_in_thread (address, find_address);
    }
}

PostsealClient *
postseal_client_new_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

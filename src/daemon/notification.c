/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/notification.h"

#include <string.h>

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define DESKTOP_ENTRY "org.postseal.Postseal"
#define CALL_MS 10000

typedef enum
{
  SERVER_UNKNOWN,
  SERVER_ASKED, /* what it can do */
  SERVER_READY,
  SERVER_ABSENT, /* until it comes by itself */
} ServerState;

struct _PostsealNotificationServer
{
  GDBusConnection *bus; /* owned */
  ServerState state;
  gboolean has_body;
  gboolean has_markup;
  guint watch;
  guint subscription; /* to NotificationClosed */
  GPtrArray *notifications; /* owned (element-type PostsealNotification, borrowed) */
  GCancellable *cancellable; /* owned */
};

struct _PostsealNotification
{
  PostsealNotificationServer *server; /* borrowed */
  guint32 id; /* as the server knows it; 0: nothing is shown */
  gboolean is_calling; /* waits for the id */
  gboolean is_unwanted; /* taken away before the id has come */
  char *category; /* owned; NULL: nothing is to be shown */
  char *icon; /* owned */
  char *summary; /* owned */
  char *body; /* owned */
  GCancellable *cancellable; /* owned */
};

static void
forget_text (PostsealNotification *self)
{
  g_clear_pointer (&self->category, g_free);
  g_clear_pointer (&self->icon, g_free);
  g_clear_pointer (&self->summary, g_free);
  g_clear_pointer (&self->body, g_free);
}

static void
set_absent (PostsealNotificationServer *server, const GError *error)
{
  g_debug ("No notifications: %s", error->message);
  server->state = SERVER_ABSENT;
  for (guint i = 0; i < server->notifications->len; i++)
    {
      PostsealNotification *notification = server->notifications->pdata[i];

      notification->id = 0;
      forget_text (notification);
    }
}

static gboolean
is_absence (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
         || (name != NULL && g_str_has_prefix (name, "org.freedesktop.DBus.Error.Spawn."));
}

static void send_text (PostsealNotification *self);

static void
on_notified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealNotification *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* self is no more */
  self->is_calling = FALSE;
  if (reply != NULL)
    {
      g_variant_get (reply, "(u)", &self->id);
      if (self->is_unwanted)
        postseal_notification_close (self);
    }
  else if (is_absence (error))
    set_absent (self->server, error);
  else
    g_debug ("Cannot show a notification: %s", error->message);
  self->is_unwanted = FALSE;
  send_text (self);
}

static void
call (PostsealNotificationServer *server,
      const char *method,
      GVariant *arguments,
      GCancellable *cancellable,
      GAsyncReadyCallback callback,
      gpointer user_data)
{
  g_dbus_connection_call (server->bus, NAME, PATH, NAME, method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NONE, CALL_MS, cancellable, callback, user_data);
}

static void
notify (PostsealNotification *self)
{
  PostsealNotificationServer *server = self->server;
  g_autofree char *body
      = server->has_markup ? g_markup_escape_text (self->body, -1) : g_strdup (self->body);
  g_autofree char *both = g_strdup_printf ("%s: %s", self->summary, self->body);
  GVariantBuilder hints;

  g_variant_builder_init (&hints, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&hints, "{sv}", "category", g_variant_new_string (self->category));
  g_variant_builder_add (&hints, "{sv}", "desktop-entry", g_variant_new_string (DESKTOP_ENTRY));
  call (server, "Notify",
        g_variant_new ("(susss@as@a{sv}i)", "Postseal", self->id, self->icon,
                       server->has_body ? self->summary : both, server->has_body ? body : "",
                       g_variant_new_strv (NULL, 0), g_variant_builder_end (&hints), -1),
        self->cancellable, on_notified, self);
  self->is_calling = TRUE;
  forget_text (self);
}

static void
send_all (PostsealNotificationServer *server)
{
  for (guint i = 0; i < server->notifications->len; i++)
    send_text (server->notifications->pdata[i]);
}

static void
on_capabilities (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealNotificationServer *server = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree const char **words = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the server is no more */
  if (reply == NULL || !g_variant_is_of_type (reply, G_VARIANT_TYPE ("(as)")))
    {
      if (error == NULL)
        error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "no capabilities");
      set_absent (server, error);
      return;
    }
  g_variant_get (reply, "(^a&s)", &words);
  server->has_body = g_strv_contains (words, "body");
  server->has_markup = g_strv_contains (words, "body-markup");
  server->state = SERVER_READY;
  send_all (server);
}

static void
on_closed (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *arguments,
           gpointer user_data)
{
  PostsealNotificationServer *server = user_data;
  guint32 id;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(uu)")))
    return;
  g_variant_get (arguments, "(uu)", &id, NULL);
  for (guint i = 0; i < server->notifications->len; i++)
    {
      PostsealNotification *notification = server->notifications->pdata[i];

      if (notification->id == id)
        notification->id = 0;
    }
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  PostsealNotificationServer *server = user_data;

  if (server->state == SERVER_ABSENT)
    server->state = SERVER_UNKNOWN;
}

/* Its notifications have gone with it; another one may be able to do other things. */
static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  PostsealNotificationServer *server = user_data;

  if (server->state != SERVER_READY)
    return;
  server->state = SERVER_UNKNOWN;
  for (guint i = 0; i < server->notifications->len; i++)
    ((PostsealNotification *)server->notifications->pdata[i])->id = 0;
}

static void
ask_server (PostsealNotificationServer *server)
{
  server->state = SERVER_ASKED;
  if (server->watch == 0)
    {
      server->watch = g_bus_watch_name_on_connection (
          server->bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, server, NULL);
      server->subscription = g_dbus_connection_signal_subscribe (
          server->bus, NAME, NAME, "NotificationClosed", PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
          on_closed, server, NULL);
    }
  call (server, "GetCapabilities", NULL, server->cancellable, on_capabilities, server);
}

static void
send_text (PostsealNotification *self)
{
  if (self->category == NULL || self->is_calling)
    return;
  switch (self->server->state)
    {
    case SERVER_UNKNOWN:
      ask_server (self->server);
      break;
    case SERVER_ASKED:
      break;
    case SERVER_READY:
      notify (self);
      break;
    case SERVER_ABSENT:
    default:
      forget_text (self);
      break;
    }
}

PostsealNotificationServer *
postseal_notification_server_new (GDBusConnection *session_bus)
{
  PostsealNotificationServer *self;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (session_bus), NULL);

  self = g_new0 (PostsealNotificationServer, 1);
  self->bus = g_object_ref (session_bus);
  self->notifications = g_ptr_array_new ();
  self->cancellable = g_cancellable_new ();
  return self;
}

void
postseal_notification_server_free (PostsealNotificationServer *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  g_ptr_array_unref (self->notifications);
  g_object_unref (self->cancellable);
  g_object_unref (self->bus);
  g_free (self);
}

PostsealNotification *
postseal_notification_new (PostsealNotificationServer *server)
{
  PostsealNotification *self;

  g_return_val_if_fail (server != NULL, NULL);

  self = g_new0 (PostsealNotification, 1);
  self->server = server;
  self->cancellable = g_cancellable_new ();
  g_ptr_array_add (server->notifications, self);
  return self;
}

void
postseal_notification_free (PostsealNotification *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_ptr_array_remove (self->server->notifications, self);
  forget_text (self);
  g_object_unref (self->cancellable);
  g_free (self);
}

void
postseal_notification_show (PostsealNotification *self,
                            const char *category,
                            const char *icon,
                            const char *summary,
                            const char *body)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (category != NULL && icon != NULL && summary != NULL && body != NULL);

  forget_text (self);
  self->is_unwanted = FALSE;
  self->category = g_strdup (category);
  self->icon = g_strdup (icon);
  self->summary = g_strdup (summary);
  self->body = g_strdup (body);
  send_text (self);
}

gboolean
postseal_notification_is_shown (PostsealNotification *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->id != 0 || (self->is_calling && !self->is_unwanted) || self->category != NULL;
}

void
postseal_notification_close (PostsealNotification *self)
{
  g_return_if_fail (self != NULL);

  forget_text (self);
  self->is_unwanted = self->is_calling;
  if (self->id != 0)
    call (self->server, "CloseNotification", g_variant_new ("(u)", self->id), NULL, NULL, NULL);
  self->id = 0;
}

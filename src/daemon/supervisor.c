/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/supervisor.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <unistd.h>

#include "base/loop.h"

#define STATUS_PAUSE_MS 5000

struct _PostsealSupervisor
{
  GSocket *socket; /* owned; NULL: nobody wants to hear of us */
  GSocketAddress *address; /* owned */
  guint64 watchdog_us; /* 0: no watchdog */
  GSource *watchdog; /* owned, nullable */
  GSource *pause; /* owned; NULL: a status may be told at once */
  char *status; /* owned: the latest */
  gboolean is_status_told;
};

/* Never waits: a manager that does not listen must not stop the mail. */
static void
tell (PostsealSupervisor *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (self->socket != NULL
      && g_socket_send_to (self->socket, self->address, text, strlen (text), NULL, &error) < 0)
    g_debug ("Cannot tell the service manager: %s", error->message);
}

/* A path, or "@" and a name in the abstract namespace. Returns: (transfer full) (nullable) */
static GSocketAddress *
parse_address (const char *value)
{
  if (value == NULL || (*value != '/' && *value != '@') || value[1] == '\0')
    return NULL;
  if (*value == '/')
    return g_unix_socket_address_new (value);
  return g_unix_socket_address_new_with_type (value + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
}

/* sd_watchdog_enabled(3): ours only when no other process is meant. */
static guint64
parse_watchdog (const char *limit, const char *process)
{
  guint64 limit_us = 0;
  guint64 number;

  if (limit == NULL || !g_ascii_string_to_unsigned (limit, 10, 1, G_MAXUINT64 - 1, &limit_us, NULL))
    return 0;
  if (process == NULL)
    return limit_us;
  if (!g_ascii_string_to_unsigned (process, 10, 1, G_MAXINT, &number, NULL)
      || number != (guint64)getpid ())
    return 0;
  return limit_us;
}

PostsealSupervisor *
postseal_supervisor_new (void)
{
  PostsealSupervisor *self = g_new0 (PostsealSupervisor, 1);

  self->address = parse_address (g_getenv ("NOTIFY_SOCKET"));
  if (self->address != NULL)
    self->socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                                 G_SOCKET_PROTOCOL_DEFAULT, NULL);
  if (self->socket != NULL)
    g_socket_set_blocking (self->socket, FALSE);
  self->watchdog_us = parse_watchdog (g_getenv ("WATCHDOG_USEC"), g_getenv ("WATCHDOG_PID"));
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_USEC");
  g_unsetenv ("WATCHDOG_PID");
  return self;
}

void
postseal_supervisor_free (PostsealSupervisor *self)
{
  if (self == NULL)
    return;
  postseal_loop_clear (&self->watchdog);
  postseal_loop_clear (&self->pause);
  g_clear_object (&self->socket);
  g_clear_object (&self->address);
  g_free (self->status);
  g_free (self);
}

static gboolean
on_watchdog (gpointer user_data)
{
  tell (user_data, "WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

void
postseal_supervisor_ready (PostsealSupervisor *self)
{
  g_return_if_fail (self != NULL);

  tell (self, "READY=1");
  if (self->socket == NULL || self->watchdog_us == 0 || self->watchdog != NULL)
    return;
  self->watchdog = postseal_loop_add_timeout ((guint)CLAMP (self->watchdog_us / 2000, 1, G_MAXUINT),
                                              on_watchdog, self);
}

void
postseal_supervisor_reloading (PostsealSupervisor *self)
{
  g_autofree char *text = NULL;

  g_return_if_fail (self != NULL);

  /* The time tells it from the READY=1 of an earlier reload (systemd 253). */
  text = g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());
  tell (self, text);
}

void
postseal_supervisor_stopping (PostsealSupervisor *self)
{
  g_return_if_fail (self != NULL);

  postseal_loop_clear (&self->pause);
  tell (self, "STOPPING=1");
}

static gboolean on_pause_over (gpointer user_data);

static void
tell_status (PostsealSupervisor *self)
{
  g_autofree char *text = g_strconcat ("STATUS=", self->status, NULL);

  tell (self, text);
  self->is_status_told = TRUE;
  self->pause = postseal_loop_add_timeout (STATUS_PAUSE_MS, on_pause_over, self);
}

static gboolean
on_pause_over (gpointer user_data)
{
  PostsealSupervisor *self = user_data;

  postseal_loop_clear (&self->pause);
  if (!self->is_status_told)
    tell_status (self);
  return G_SOURCE_REMOVE;
}

void
postseal_supervisor_set_status (PostsealSupervisor *self, const char *status)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (status != NULL);

  if (self->socket == NULL || g_strcmp0 (self->status, status) == 0)
    return;
  g_free (self->status);
  self->status = g_strdup (status);
  self->is_status_told = FALSE;
  if (self->pause == NULL)
    tell_status (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A daemon that does nothing of its own accord: the engine behind the bus, for tests that want to
   know who does what and when. Writes "ready" when it can be asked; ends with SIGTERM. */
#include <glib-unix.h>
#include <stdio.h>

#include "base/lock-file.h"
#include "base/paths.h"
#include "client/bus-front.h"
#include "client/client.h"
#include "engine/engine.h"
#include "outbox/wake.h"

static gboolean
on_end (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
on_stopped (GObject *engine, GAsyncResult *result, gpointer loop)
{
  postseal_engine_stop_finish (POSTSEAL_ENGINE (engine), result);
  g_main_loop_quit (loop);
}

static gboolean
own_name (GDBusConnection *bus, GError **error)
{
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", POSTSEAL_CLIENT_BUS_NAME, 0), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
      error);

  return answer != NULL;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (PostsealEngine) engine = postseal_engine_new (NULL);
  g_autofree char *directory = postseal_paths_state_dir ();
  g_autofree char *path = postseal_paths_daemon_lock ();
  g_autoptr (PostsealLockFile) lock = NULL;
  g_autoptr (PostsealBusFront) front = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);

  g_mkdir_with_parents (directory, 0700);
  if (bus != NULL)
    front = postseal_bus_front_new (bus, POSTSEAL_SERVICE (engine), &error);
  if (front != NULL && own_name (bus, &error))
    lock = postseal_lock_file_acquire (path, POSTSEAL_WAKE_DAEMON, &error);
  if (lock == NULL)
    {
      g_printerr ("told-daemon: %s\n", error->message);
      return 1;
    }
  g_unix_signal_add (SIGTERM, on_end, loop);
  puts ("ready");
  fflush (stdout);
  g_main_loop_run (loop);
  postseal_engine_stop_async (engine, on_stopped, loop);
  g_main_loop_run (loop);
  return 0;
}

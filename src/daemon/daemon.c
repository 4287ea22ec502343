/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <malloc.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/lock-file.h"
#include "base/paths.h"
#include "client/bus-front.h"
#include "client/client.h"
#include "daemon/event-log.h"
#include "daemon/herald.h"
#include "daemon/status-line.h"
#include "engine/engine.h"
#include "outbox/wake.h"

#define STOP_MS 900 /* then without order: what is on the disk is good at any moment */
#define TRIM_MS 5000 /* after the last retrieval */

typedef enum
{
  STATE_STARTING, /* looks around: nothing runs yet */
  STATE_RUNNING,
  STATE_STOPPING,
} State;

struct _PostsealDaemon
{
  PostsealSupervisor *supervisor; /* borrowed */
  char *config; /* owned, nullable */
  char **environment; /* owned */
  gboolean ends_with_session;

  State state;
  int status; /* exit status */
  GMainLoop *loop; /* owned */
  guint signals[3];
  PostsealLockFile *lock; /* owned */
  guint unanswered; /* questions to the system while starting */
  GDBusConnection *bus; /* owned, nullable */
  gulong closed; /* handler on the bus */
  guint name; /* ours on the bus, 0: none */
  gboolean has_name;
  PostsealWorld *world; /* owned */
  PostsealEngine *engine; /* owned */
  PostsealBusFront *front; /* owned, nullable */
  PostsealHerald *herald; /* owned */
  gboolean has_worked; /* since memory was given back */
  guint trim; /* source */
};

PostsealDaemon *
postseal_daemon_new (const PostsealDaemonOptions *options, PostsealSupervisor *supervisor)
{
  PostsealDaemon *self;

  g_return_val_if_fail (options != NULL, NULL);
  g_return_val_if_fail (supervisor != NULL, NULL);

  self = g_new0 (PostsealDaemon, 1);
  self->supervisor = supervisor;
  self->config = g_strdup (options->config);
  self->environment = g_strdupv ((char **)options->environment);
  self->ends_with_session = options->ends_with_session;
  self->loop = g_main_loop_new (NULL, FALSE);
  return self;
}

static void
leave_bus (PostsealDaemon *self)
{
  /* To give the name back takes an answer of the bus, and who waits for that; it goes with us. */
  if (self->bus != NULL && g_dbus_connection_is_closed (self->bus))
    g_clear_handle_id (&self->name, g_bus_unown_name);
  if (self->closed != 0)
    g_signal_handler_disconnect (self->bus, self->closed);
  self->closed = 0;
  g_clear_pointer (&self->front, postseal_bus_front_free);
  if (self->herald != NULL)
    postseal_herald_set_bus (self->herald, NULL);
  g_clear_object (&self->bus);
}

void
postseal_daemon_free (PostsealDaemon *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (self->signals); i++)
    g_clear_handle_id (&self->signals[i], g_source_remove);
  g_clear_handle_id (&self->trim, g_source_remove);
  leave_bus (self);
  postseal_herald_free (self->herald);
  g_clear_object (&self->engine);
  g_clear_object (&self->world);
  postseal_lock_file_release (self->lock);
  g_main_loop_unref (self->loop);
  g_strfreev (self->environment);
  g_free (self->config);
  g_free (self);
}

/* --- the end --- */

static gboolean
on_stop_limit (gpointer user_data)
{
  PostsealDaemon *self = user_data;

  _exit (self->status);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealDaemon *self = user_data;

  postseal_engine_stop_finish (POSTSEAL_ENGINE (source), result);
  g_main_loop_quit (self->loop);
}

static void
stop (PostsealDaemon *self, int status)
{
  if (self->state == STATE_STOPPING)
    return;
  self->status = status;
  self->state = STATE_STOPPING;
  postseal_supervisor_stopping (self->supervisor);
  g_timeout_add (STOP_MS, on_stop_limit, self);
  if (self->engine != NULL)
    postseal_engine_stop_async (self->engine, on_stopped, self);
  else
    g_main_loop_quit (self->loop);
}

static gboolean
on_end_signal (gpointer user_data)
{
  PostsealDaemon *self = user_data;

  if (self->state == STATE_STOPPING)
    _exit (self->status);
  postseal_event_log (G_LOG_LEVEL_INFO, NULL, "stopping", _ ("ending, as asked by a signal"));
  stop (self, 0);
  return G_SOURCE_CONTINUE;
}

/* --- what is going on --- */

static gboolean
is_working (PostsealService *service)
{
  GListModel *accounts = postseal_service_get_accounts (service);

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (accounts, i);
      g_autofree char *state = NULL;

      g_object_get (status, "receive-state", &state, NULL);
      if (postseal_account_state_parse (state) == POSTSEAL_ACCOUNT_WORKING)
        return TRUE;
    }
  return FALSE;
}

static gboolean
on_trim (gpointer user_data)
{
  PostsealDaemon *self = user_data;

  self->trim = 0;
  if (!is_working (POSTSEAL_SERVICE (self->engine)))
    malloc_trim (0);
  return G_SOURCE_REMOVE;
}

/* The C library keeps what a long retrieval needed; at rest it is given back. */
static void
spare_memory (PostsealDaemon *self)
{
  gboolean works = is_working (POSTSEAL_SERVICE (self->engine));

  if (self->has_worked && !works && self->trim == 0)
    self->trim = g_timeout_add (TRIM_MS, on_trim, self);
  self->has_worked = works;
}

static void
on_accounts_changed (gpointer user_data)
{
  PostsealDaemon *self = user_data;
  g_autofree char *line = NULL;

  if (self->state != STATE_RUNNING)
    return;
  line = postseal_status_line_compose (POSTSEAL_SERVICE (self->engine));
  postseal_supervisor_set_status (self->supervisor, line);
  spare_memory (self);
}

static void
on_retried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealDaemon *self = user_data;
  g_autoptr (GVariant) ignored
      = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, NULL);

  if (self->state == STATE_RUNNING)
    postseal_supervisor_ready (self->supervisor);
}

static void
on_reloaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealDaemon *self = user_data;
  g_autoptr (GVariant) ignored
      = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, NULL);

  if (self->state == STATE_RUNNING)
    postseal_service_request_async (POSTSEAL_SERVICE (source), POSTSEAL_SERVICE_RETRY, NULL, NULL,
                                    NULL, on_retried, self);
}

static gboolean
on_reload_signal (gpointer user_data)
{
  PostsealDaemon *self = user_data;

  if (self->state != STATE_RUNNING)
    return G_SOURCE_CONTINUE; /* it is about to read them anyway */
  postseal_event_log (G_LOG_LEVEL_INFO, NULL, "reloading", _ ("reading the accounts anew"));
  postseal_supervisor_reloading (self->supervisor);
  postseal_service_request_async (POSTSEAL_SERVICE (self->engine), POSTSEAL_SERVICE_RELOAD, NULL,
                                  NULL, NULL, on_reloaded, self);
  return G_SOURCE_CONTINUE;
}

/* --- the beginning --- */

static void
become_ready (PostsealDaemon *self)
{
  if (self->state != STATE_STARTING)
    return;
  self->state = STATE_RUNNING;
  postseal_event_log (G_LOG_LEVEL_INFO, NULL, "ready", _ ("ready"));
  postseal_supervisor_ready (self->supervisor);
  on_accounts_changed (self);
}

static void
on_name_acquired (GDBusConnection *bus, const char *name, gpointer user_data)
{
  PostsealDaemon *self = user_data;

  self->has_name = TRUE;
  become_ready (self);
}

static void
give_way (PostsealDaemon *self)
{
  postseal_event_log (G_LOG_LEVEL_MESSAGE, NULL, "another",
                      _ ("Another postseald serves this session bus as %s; it must end first"),
                      POSTSEAL_CLIENT_BUS_NAME);
  stop (self, EX_TEMPFAIL);
}

/* A lost bus is told by on_bus_closed(). */
static void
on_name_lost (GDBusConnection *bus, const char *name, gpointer user_data)
{
  PostsealDaemon *self = user_data;

  if (bus != NULL && !g_dbus_connection_is_closed (bus))
    give_way (self);
}

/* Those who call the name find the accounts there: only now is it taken. */
static void
on_accounts_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealDaemon *self = user_data;
  g_autoptr (GVariant) ignored
      = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, NULL);

  if (self->state != STATE_STARTING)
    return;
  if (self->bus == NULL)
    become_ready (self);
  else
    self->name = g_bus_own_name_on_connection (self->bus, POSTSEAL_CLIENT_BUS_NAME,
                                               G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                               on_name_acquired, on_name_lost, self, NULL);
}

static void
start_engine (PostsealDaemon *self)
{
  g_autofree char *usual = postseal_paths_config_file ();
  const char *config = self->config != NULL ? self->config : usual;
  PostsealService *service;
  g_autoptr (GError) error = NULL;

  self->engine = postseal_engine_new (config);
  service = POSTSEAL_SERVICE (self->engine);
  self->herald = postseal_herald_new (service, config, (const char *const *)self->environment);
  postseal_herald_set_changed_func (self->herald, on_accounts_changed, self);
  if (self->bus != NULL)
    {
      postseal_herald_set_bus (self->herald, self->bus);
      self->front = postseal_bus_front_new (self->bus, service, &error);
      if (self->front == NULL)
        postseal_event_log (G_LOG_LEVEL_WARNING, NULL, "bus", "%s", error->message);
    }
  postseal_engine_start (self->engine, self->world);
  postseal_service_request_async (service, POSTSEAL_SERVICE_RELOAD, NULL, NULL, NULL,
                                  on_accounts_read, self);
}

/* Before anything connects to a server. */
static void
on_name_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealDaemon *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  gboolean is_taken = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &is_taken);
  if (self->state != STATE_STARTING)
    return;
  if (is_taken)
    give_way (self);
  else
    start_engine (self);
}

static void
begin_when_answered (PostsealDaemon *self)
{
  if (--self->unanswered > 0 || self->state != STATE_STARTING)
    return;
  if (self->bus == NULL)
    start_engine (self);
  else
    g_dbus_connection_call (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "NameHasOwner",
                            g_variant_new ("(s)", POSTSEAL_CLIENT_BUS_NAME), G_VARIANT_TYPE ("(b)"),
                            G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, on_name_looked_up, self);
}

static void
on_bus_closed (GDBusConnection *bus, gboolean was_vanished, GError *error, gpointer user_data)
{
  PostsealDaemon *self = user_data;

  postseal_event_log (G_LOG_LEVEL_MESSAGE, NULL, "bus", _ ("The session bus is gone"));
  leave_bus (self);
  if (self->ends_with_session)
    stop (self, 0);
  else
    become_ready (self);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealDaemon *self = user_data;
  g_autoptr (GError) error = NULL;

  self->bus = g_bus_get_finish (result, &error);
  if (self->bus == NULL)
    postseal_event_log (G_LOG_LEVEL_MESSAGE, NULL, "bus",
                        _ ("No session bus, so no desktop and no keyring: %s"), error->message);
  else
    {
      g_dbus_connection_set_exit_on_close (self->bus, FALSE);
      self->closed = g_signal_connect (self->bus, "closed", G_CALLBACK (on_bus_closed), self);
    }
  begin_when_answered (self);
}

static void
on_world (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealDaemon *self = user_data;

  self->world = postseal_world_new_system_finish (result);
  begin_when_answered (self);
}

/* Returns: 0 or an exit status */
static int
take_lock (PostsealDaemon *self)
{
  g_autofree char *directory = postseal_paths_state_dir ();
  g_autofree char *path = postseal_paths_daemon_lock ();
  g_autofree char *usual = postseal_paths_config_file ();
  g_autofree char *holder = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_usual = self->config == NULL || g_strcmp0 (self->config, usual) == 0;

  if (g_mkdir_with_parents (directory, 0700) != 0)
    {
      postseal_event_log (G_LOG_LEVEL_WARNING, NULL, "state", _ ("Cannot make the folder %s: %s"),
                          directory, g_strerror (errno));
      return EX_CANTCREAT;
    }
  self->lock = postseal_lock_file_acquire (
      path, is_usual ? POSTSEAL_WAKE_DAEMON : "postseald for other accounts", &error);
  if (self->lock != NULL)
    return 0;
  if (!g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY))
    {
      postseal_event_log (G_LOG_LEVEL_WARNING, NULL, "state", "%s", error->message);
      return EX_CANTCREAT;
    }
  holder = postseal_lock_file_read_holder (path);
  postseal_event_log (G_LOG_LEVEL_MESSAGE, NULL, "another",
                      _ ("%s works here already, and one at a time is enough for %s"), holder,
                      directory);
  return EX_TEMPFAIL;
}

int
postseal_daemon_run (PostsealDaemon *self)
{
  g_return_val_if_fail (self != NULL, EX_SOFTWARE);

  self->status = take_lock (self);
  if (self->status != 0)
    return self->status;
  self->signals[0] = g_unix_signal_add (SIGTERM, on_end_signal, self);
  self->signals[1] = g_unix_signal_add (SIGINT, on_end_signal, self);
  self->signals[2] = g_unix_signal_add (SIGHUP, on_reload_signal, self);
  self->unanswered = 2;
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, self);
  postseal_world_new_system_async (on_world, self);
  g_main_loop_run (self->loop);
  return self->status;
}

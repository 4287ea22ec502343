/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/sleep-watch-private.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#define LOGIND "org.freedesktop.login1"
#define LOGIND_PATH "/org/freedesktop/login1"
#define LOGIND_MANAGER "org.freedesktop.login1.Manager"

/* Commits follow each other: asking and giving back for each would be a conversation of its own. */
#define LINGER_MS 800
/* logind goes ahead after InhibitDelayMaxSec, five seconds; those who are in time get no complaint
   in its log. */
#define PATIENCE_MS 4000
/* This clock stands still in sleep: whoever counts so far is awake, and has missed the word. */
#define SURELY_AWAKE_MS 60000

typedef enum
{
  PHASE_AWAKE,
  PHASE_ANNOUNCED, /* sleep waits for us as long as there is a lock */
  PHASE_ASLEEP,
} Phase;

struct _PostsealSleepWatch
{
  GDBusConnection *bus; /* owned */
  PostsealSleepWatchFunc func;
  gpointer user_data; /* borrowed: the maker's */
  Phase phase;
  gboolean is_held;
  gboolean has_logind;
  gboolean has_complained;
  GCancellable *asking; /* owned, nullable: while a lock is asked for */
  int lock; /* -1: none */
  GSource *timer; /* owned, nullable: see on_timer() */
  guint name_watch;
  guint subscription;
};

static void
clear_timer (PostsealSleepWatch *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
drop_lock (PostsealSleepWatch *self)
{
  if (self->lock >= 0)
    close (self->lock);
  self->lock = -1;
}

static void start_timer (PostsealSleepWatch *self, guint after_ms);
static void ask_for_lock (PostsealSleepWatch *self);

static void
set_asleep (PostsealSleepWatch *self)
{
  self->phase = PHASE_ASLEEP;
  drop_lock (self);
  start_timer (self, SURELY_AWAKE_MS);
}

/* What has changed may need a lock, or need it no more. */
static void
review_lock (PostsealSleepWatch *self)
{
  switch (self->phase)
    {
    case PHASE_AWAKE:
      clear_timer (self);
      if (self->is_held)
        ask_for_lock (self);
      else if (self->lock >= 0)
        start_timer (self, LINGER_MS);
      break;
    case PHASE_ANNOUNCED:
      if (self->is_held)
        start_timer (self, PATIENCE_MS);
      else
        set_asleep (self);
      break;
    case PHASE_ASLEEP:
      drop_lock (self);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
on_inhibited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &fds, result, &error);
  PostsealSleepWatch *self = user_data;

  /* Cancelled: the watch is no more. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->asking);
  if (answer == NULL)
    {
      if (!self->has_complained)
        g_info ("Sleep cannot be put off: %s", error->message);
      self->has_complained = TRUE;
      return;
    }
  if (fds != NULL && g_unix_fd_list_get_length (fds) > 0)
    self->lock = g_unix_fd_list_get (fds, 0, NULL);
  /* Once sleep is announced, its time is running. */
  if (self->phase != PHASE_ANNOUNCED)
    review_lock (self);
}

static void
ask_for_lock (PostsealSleepWatch *self)
{
  if (self->lock >= 0 || self->asking != NULL || !self->has_logind)
    return;
  self->asking = g_cancellable_new ();
  g_dbus_connection_call_with_unix_fd_list (
      self->bus, LOGIND, LOGIND_PATH, LOGIND_MANAGER, "Inhibit",
      g_variant_new ("(ssss)", "sleep", "Postseal", "Mail is being delivered", "delay"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, self->asking, on_inhibited,
      self);
}

void
_postseal_sleep_watch_wake (PostsealSleepWatch *self)
{
  if (self->phase == PHASE_AWAKE)
    return;
  self->phase = PHASE_AWAKE;
  review_lock (self);
  /* Last: it may free the watch. */
  self->func (FALSE, self->user_data);
}

static gboolean
on_timer (gpointer user_data)
{
  PostsealSleepWatch *self = user_data;

  clear_timer (self);
  if (self->phase == PHASE_AWAKE)
    drop_lock (self);
  else if (self->phase == PHASE_ASLEEP)
    _postseal_sleep_watch_wake (self);
  else
    set_asleep (self);
  return G_SOURCE_REMOVE;
}

static void
start_timer (PostsealSleepWatch *self, guint after_ms)
{
  clear_timer (self);
  self->timer = g_timeout_source_new (after_ms);
  g_source_set_static_name (self->timer, "[postseal] sleep");
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static void
announce (PostsealSleepWatch *self)
{
  if (self->phase != PHASE_AWAKE)
    return;
  self->phase = PHASE_ANNOUNCED;
  /* A lock that nobody needs serves those who do when they are told. */
  start_timer (self, self->is_held ? PATIENCE_MS : 0);
  /* Last: it may free the watch. */
  self->func (TRUE, self->user_data);
}

static void
on_prepare_for_sleep (GDBusConnection *bus,
                      const char *sender,
                      const char *path,
                      const char *interface,
                      const char *member,
                      GVariant *parameters,
                      gpointer user_data)
{
  PostsealSleepWatch *self = user_data;
  gboolean is_begin;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &is_begin);
  if (is_begin)
    announce (self);
  else
    _postseal_sleep_watch_wake (self);
}

static void
on_logind_came (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  PostsealSleepWatch *self = user_data;

  self->has_logind = TRUE;
  if (self->is_held)
    review_lock (self);
}

/* It has gone, or the bus, or there was none: nobody would say that sleep is over, and a lock of
   the one that has gone is worth nothing. */
static void
on_logind_left (GDBusConnection *bus, const char *name, gpointer user_data)
{
  PostsealSleepWatch *self = user_data;

  self->has_logind = FALSE;
  drop_lock (self);
  _postseal_sleep_watch_wake (self);
}

PostsealSleepWatch *
_postseal_sleep_watch_new (GDBusConnection *system_bus,
                           PostsealSleepWatchFunc func,
                           gpointer user_data)
{
  PostsealSleepWatch *self = g_new0 (PostsealSleepWatch, 1);

  self->bus = g_object_ref (system_bus);
  self->func = func;
  self->user_data = user_data;
  self->lock = -1;
  self->subscription = g_dbus_connection_signal_subscribe (
      system_bus, LOGIND, LOGIND_MANAGER, "PrepareForSleep", LOGIND_PATH, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_prepare_for_sleep, self, NULL);
  self->name_watch
      = g_bus_watch_name_on_connection (system_bus, LOGIND, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                        on_logind_came, on_logind_left, self, NULL);
  return self;
}

void
_postseal_sleep_watch_free (PostsealSleepWatch *self)
{
  g_bus_unwatch_name (self->name_watch);
  g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  clear_timer (self);
  drop_lock (self);
  g_object_unref (self->bus);
  g_free (self);
}

gboolean
_postseal_sleep_watch_is_asleep (PostsealSleepWatch *self)
{
  return self->phase != PHASE_AWAKE;
}

void
_postseal_sleep_watch_set_held (PostsealSleepWatch *self, gboolean is_held)
{
  self->is_held = is_held;
  review_lock (self);
}

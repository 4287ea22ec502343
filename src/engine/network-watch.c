/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/network-watch-private.h"

#define SETTLE_MS 500

struct _PostsealNetworkWatch
{
  GNetworkMonitor *monitor; /* owned */
  PostsealNetworkWatchFunc func;
  gpointer user_data; /* borrowed: the maker's */
  GSource *timer; /* owned, nullable: while events settle */
  GNetworkConnectivity connectivity;
  gboolean is_online;
  gboolean is_metered;
  gboolean has_routes_changed; /* since the last call */
};

static void
clear_timer (PostsealNetworkWatch *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
read_state (PostsealNetworkWatch *self)
{
  self->is_online = g_network_monitor_get_network_available (self->monitor);
  self->is_metered = g_network_monitor_get_network_metered (self->monitor);
  self->connectivity = g_network_monitor_get_connectivity (self->monitor);
}

static gboolean
on_settled (gpointer user_data)
{
  PostsealNetworkWatch *self = user_data;
  GNetworkConnectivity connectivity = self->connectivity;
  gboolean was_online = self->is_online;
  gboolean is_another;

  clear_timer (self);
  read_state (self);
  is_another = self->is_online
               && (!was_online || self->has_routes_changed || self->connectivity != connectivity);
  self->has_routes_changed = FALSE;
  /* Last: it may free the watch. */
  self->func (is_another, self->user_data);
  return G_SOURCE_REMOVE;
}

static void
begin_to_settle (PostsealNetworkWatch *self)
{
  if (self->timer != NULL)
    return;
  self->timer = g_timeout_source_new (SETTLE_MS);
  g_source_set_static_name (self->timer, "[postseal] network settles");
  g_source_set_callback (self->timer, on_settled, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

/* A route came or went, and that is all the monitor says: a network that gave way to another, or
   was away for a moment, is available before and after. */
static void
on_network_changed (GNetworkMonitor *monitor, gboolean is_available, gpointer user_data)
{
  PostsealNetworkWatch *self = user_data;

  self->has_routes_changed = TRUE;
  begin_to_settle (self);
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  begin_to_settle (user_data);
}

PostsealNetworkWatch *
_postseal_network_watch_new (GNetworkMonitor *monitor,
                             PostsealNetworkWatchFunc func,
                             gpointer user_data)
{
  PostsealNetworkWatch *self = g_new0 (PostsealNetworkWatch, 1);

  self->monitor = g_object_ref (monitor);
  self->func = func;
  self->user_data = user_data;
  read_state (self);
  g_signal_connect (monitor, "network-changed", G_CALLBACK (on_network_changed), self);
  g_signal_connect (monitor, "notify::network-available", G_CALLBACK (on_notify), self);
  g_signal_connect (monitor, "notify::network-metered", G_CALLBACK (on_notify), self);
  g_signal_connect (monitor, "notify::connectivity", G_CALLBACK (on_notify), self);
  return self;
}

void
_postseal_network_watch_free (PostsealNetworkWatch *self)
{
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  clear_timer (self);
  g_object_unref (self->monitor);
  g_free (self);
}

gboolean
_postseal_network_watch_is_online (PostsealNetworkWatch *self)
{
  return self->is_online;
}

gboolean
_postseal_network_watch_is_metered (PostsealNetworkWatch *self)
{
  return self->is_metered;
}

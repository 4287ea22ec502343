/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A GNetworkMonitor that has calmed down: it speaks several times for one event, also where nothing
   has changed, and so briefly that a network lost and found looks like none lost. */
typedef struct _PostsealNetworkWatch PostsealNetworkWatch;

/* Half a second after the first word of the monitor. @is_another: online, by another network than
   before or after a break; what was connected may be dead. */
typedef void (*PostsealNetworkWatchFunc) (gboolean is_another, gpointer user_data);

/* @monitor: (transfer none). Its signals must come on the calling thread. */
PostsealNetworkWatch *_postseal_network_watch_new (GNetworkMonitor *monitor,
                                                   PostsealNetworkWatchFunc func,
                                                   gpointer user_data);
void _postseal_network_watch_free (PostsealNetworkWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealNetworkWatch, _postseal_network_watch_free)

/* As of the last call of the function. */
gboolean _postseal_network_watch_is_online (PostsealNetworkWatch *self);
gboolean _postseal_network_watch_is_metered (PostsealNetworkWatch *self);

G_END_DECLS

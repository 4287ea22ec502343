/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* logind's word that the machine is about to sleep, and the lock that puts sleep off for a moment
   (org.freedesktop.login1.Manager: PrepareForSleep, Inhibit). The lock is asked for when somebody
   holds, and given back when nobody does; it is never kept longer than logind is patient. */
typedef struct _PostsealSleepWatch PostsealSleepWatch;

/* @is_asleep has changed. */
typedef void (*PostsealSleepWatchFunc) (gboolean is_asleep, gpointer user_data);

/* @system_bus: (transfer none). Without a logind there it is silent, until there is one. */
PostsealSleepWatch *_postseal_sleep_watch_new (GDBusConnection *system_bus,
                                               PostsealSleepWatchFunc func,
                                               gpointer user_data);
void _postseal_sleep_watch_free (PostsealSleepWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSleepWatch, _postseal_sleep_watch_free)

/* From the announcement of sleep until it is over. */
gboolean _postseal_sleep_watch_is_asleep (PostsealSleepWatch *self);

/* Somebody needs the machine awake, or nobody does any more. */
void _postseal_sleep_watch_set_held (PostsealSleepWatch *self, gboolean is_held);

/* It is known from elsewhere that sleep is over; tells it if it was not known here. */
void _postseal_sleep_watch_wake (PostsealSleepWatch *self);

G_END_DECLS

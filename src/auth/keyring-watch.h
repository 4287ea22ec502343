/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Tells when a secret that was not to be had may be there now, without polling and without a
   prompt: the secret service came to the bus, a collection was unlocked or has changed, an item
   was made or changed (Secret Service API 0.2), a GNOME online account no longer needs attention.
   Several such events within a moment are told once. */
typedef struct _PostsealKeyringWatch PostsealKeyringWatch;

typedef void (*PostsealKeyringWatchFunc) (gpointer user_data);

/* @session_bus: (transfer none). Nothing on the bus is started by this. */
PostsealKeyringWatch *postseal_keyring_watch_new (GDBusConnection *session_bus,
                                                  PostsealKeyringWatchFunc func,
                                                  gpointer user_data);
/* Between these two calls, which count, and for a moment after them, items change by our own doing,
   which is no news: a provider that gives out a new refresh token with each access token would have
   every log-in that it refuses tried again at once. */
void postseal_keyring_watch_begin_own (void);
void postseal_keyring_watch_end_own (void);

void postseal_keyring_watch_free (PostsealKeyringWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealKeyringWatch, postseal_keyring_watch_free)

G_END_DECLS

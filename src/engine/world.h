/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What happens to the machine, for whoever works unattended: network, sleep, clock, keyring. One
   object, settled and debounced, so that receivers and senders see few, meaningful events.

   Properties (with notification): "online" b, "metered" b, "asleep" b.
   Signals, no arguments:
     "network-changed"  another network, or it came back: connections made before may be dead
     "suspending"       the machine is about to sleep: finish, let go; see
                        postseal_world_delay_sleep()
     "resumed"          it was asleep, or stood still so long that peers have given us up
     "clock-changed"    the wall clock jumped: times in Unix seconds must be looked at again
     "secrets-changed"  a keyring was unlocked or has changed, the secret service came, or an
                        online account was signed in anew: what waited for a secret tries again */
#define POSTSEAL_TYPE_WORLD (postseal_world_get_type ())
G_DECLARE_FINAL_TYPE (PostsealWorld, postseal_world, POSTSEAL, WORLD, GObject)

/* Where events come from; a NULL is simply silent. */
typedef struct
{
  GNetworkMonitor *monitor; /* (transfer none) */
  GDBusConnection *system_bus; /* (transfer none): logind */
  GDBusConnection *session_bus; /* (transfer none): secret service, online accounts */
} PostsealWorldSources;

/* @sources: (nullable): a world in which nothing happens; "online" then. Returns: (transfer full)
 */
PostsealWorld *postseal_world_new (const PostsealWorldSources *sources);

/* The system's own sources: the default network monitor, both buses where they exist (a bus that is
   lost is no reason to end). Returns: (transfer full) */
void postseal_world_new_system_async (GAsyncReadyCallback callback, gpointer user_data);
PostsealWorld *postseal_world_new_system_finish (GAsyncResult *result);

/* As the properties of these names. */
gboolean postseal_world_is_online (PostsealWorld *self);
/* Traffic costs: what is not asked for can wait or be less. */
gboolean postseal_world_is_metered (PostsealWorld *self);
/* From the announcement of sleep until "resumed". */
gboolean postseal_world_is_asleep (PostsealWorld *self);

/* TRUE when it makes sense to connect to @host: online, or @host is this machine ("localhost",
   a loopback address), and not about to sleep. A hint, never a permission. */
gboolean postseal_world_may_reach (PostsealWorld *self, const char *host);

/* Between these two calls sleep is put off (a logind delay inhibitor, held by the world as long as
   anybody needs it, and for a few seconds at most once sleep has been announced). Counts. */
void postseal_world_hold_sleep (PostsealWorld *self);
void postseal_world_release_sleep (PostsealWorld *self);

G_END_DECLS

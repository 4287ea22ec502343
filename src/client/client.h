/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/service.h"

G_BEGIN_DECLS

/* The service by way of the daemon, over D-Bus. */
#define POSTSEAL_TYPE_CLIENT (postseal_client_get_type ())
G_DECLARE_FINAL_TYPE (PostsealClient, postseal_client, POSTSEAL, CLIENT, GObject)

#define POSTSEAL_CLIENT_BUS_NAME "org.postseal.Postseal1"
#define POSTSEAL_CLIENT_OBJECT_PATH "/org/postseal/Postseal1"

typedef enum
{
  POSTSEAL_CLIENT_ACTIVATE, /* the bus may start the daemon */
  POSTSEAL_CLIENT_RUNNING, /* only a daemon that is there already */
} PostsealClientWish;

/**
 * postseal_client_new_async:
 * @bus: (nullable): made on this context; NULL: a connection of its own to the session bus, whose
 *   end is not the end of the program
 *
 * Errors: %POSTSEAL_SERVICE_ERROR 69 when there is no bus, or no daemon on it: the caller makes a
 * PostsealEngine instead. Costs two round trips on the bus where the daemon runs.
 */
void postseal_client_new_async (GDBusConnection *bus,
                                PostsealClientWish wish,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* Returns: (transfer full) */
PostsealClient *postseal_client_new_finish (GAsyncResult *result, GError **error);

/* Signal "lost" (no arguments): the daemon has left its name, or the bus has ended. Requests that
   it does not answer any more end with %POSTSEAL_SERVICE_ERROR 75, and so do all that come later;
   the object is of no more use.

   A request for an account that the daemon does not have makes it read accounts.conf anew first. */

G_END_DECLS

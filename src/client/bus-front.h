/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/service.h"

G_BEGIN_DECLS

/* Puts any service on a bus: the objects of org.postseal.Postseal1.xml under
   POSTSEAL_CLIENT_OBJECT_PATH. It owns no name: that is its maker's business. */
typedef struct _PostsealBusFront PostsealBusFront;

/* Accounts are followed as they come and go. Nothing that a caller sends reaches the service but
   what the description allows; one caller has at most POSTSEAL_LIMIT_BUS_REQUESTS requests under
   way, and one that leaves the bus does not end his. Errors: %G_IO_ERROR when the path is taken.
   Returns: (transfer full) */
PostsealBusFront *
postseal_bus_front_new (GDBusConnection *bus, PostsealService *service, GError **error);
/* Callers that wait are told to try again later; what was begun goes on. */
void postseal_bus_front_free (PostsealBusFront *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealBusFront, postseal_bus_front_free)

/* Requests that have not been answered yet. */
guint postseal_bus_front_get_pending (PostsealBusFront *self);

G_END_DECLS

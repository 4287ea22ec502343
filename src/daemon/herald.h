/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/service.h"

G_BEGIN_DECLS

/* Tells the world what the service does: the log of everything, the desktop of what matters to a
   person, the user's commands of new mail. Lives on the thread-default main context of its maker.
 */
typedef struct _PostsealHerald PostsealHerald;

/**
 * postseal_herald_new:
 * @config: path of accounts.conf
 * @environment: (array zero-terminated=1): of the user's commands
 *
 * Returns: (transfer full)
 */
PostsealHerald *
postseal_herald_new (PostsealService *service, const char *config, const char *const *environment);
void postseal_herald_free (PostsealHerald *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealHerald, postseal_herald_free)

/* Where there is a desktop. @session_bus: (nullable): NULL: it is gone */
void postseal_herald_set_bus (PostsealHerald *self, GDBusConnection *session_bus);

/* Called when how the accounts fare has changed, or what is in the outbox. */
typedef void (*PostsealHeraldFunc) (gpointer user_data);
void postseal_herald_set_changed_func (PostsealHerald *self,
                                       PostsealHeraldFunc func,
                                       gpointer user_data);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/service.h"
#include "engine/world.h"

G_BEGIN_DECLS

/* The service in this process: the accounts of one accounts.conf, each with a receiver and a
   sender. It does what it is told; once started it also works of its own accord. */
#define POSTSEAL_TYPE_ENGINE (postseal_engine_get_type ())
G_DECLARE_FINAL_TYPE (PostsealEngine, postseal_engine, POSTSEAL, ENGINE, GObject)

/**
 * postseal_engine_new:
 * @config: (nullable): path of accounts.conf; NULL: the usual one
 *
 * Nothing is read yet: the accounts come with the first request, or postseal_engine_start().
 * Returns: (transfer full)
 */
PostsealEngine *postseal_engine_new (const char *config);

/**
 * postseal_engine_start:
 * @world: what happens to the machine
 *
 * Works unattended from now on: reads accounts.conf and again whenever it changes (only accounts
 * that changed begin anew), receives by push or at intervals, sends what is in the outbox as soon
 * as it is due. A file that is missing or broken is no error: it is in "problems", and read again
 * when it changes.
 */
void postseal_engine_start (PostsealEngine *self, PostsealWorld *world);

/* Ends all connections in good order; what is under way becomes durable or is forgotten. After
   that only postseal_engine_start() begins again. */
void
postseal_engine_stop_async (PostsealEngine *self, GAsyncReadyCallback callback, gpointer user_data);
void postseal_engine_stop_finish (PostsealEngine *self, GAsyncResult *result);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-status.h"
#include "engine/fetch-job.h"
#include "engine/servers.h"
#include "engine/world.h"

G_BEGIN_DECLS

/* Retrieves for one account: on request, and unattended once it has a world. It decides when a
   PostsealFetchJob runs and whether it stays, holds back after errors, and keeps the "receive-"
   properties of the account's status true. One thread. */
#define POSTSEAL_TYPE_RECEIVER (postseal_receiver_get_type ())
G_DECLARE_FINAL_TYPE (PostsealReceiver, postseal_receiver, POSTSEAL, RECEIVER, GObject)

/* @account: with "receive". Signal "arrived" as that of PostsealFetchJob.
   Returns: (transfer full) */
PostsealReceiver *postseal_receiver_new (PostsealAccount *account,
                                         PostsealAccountStatus *status,
                                         PostsealServers *servers);

/* Unattended from now on. */
void postseal_receiver_start (PostsealReceiver *self, PostsealWorld *world);

/**
 * postseal_receiver_fetch_async:
 * @transcript: (nullable): hears the conversation until the answer
 *
 * Looks at everything once, now, whatever it waits for: by the job that stays, or a new one.
 */
void postseal_receiver_fetch_async (PostsealReceiver *self,
                                    PostsealTranscript *transcript,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* Returns: (transfer full): a{sv}, as the answer to POSTSEAL_SERVICE_FETCH */
GVariant *
postseal_receiver_fetch_finish (PostsealReceiver *self, GAsyncResult *result, GError **error);

/* A secret may be there now, or the user has done something: goes on if it waited for that. */
void postseal_receiver_retry (PostsealReceiver *self);

/* Ends in good order; the answer comes when nothing is held any more. */
void postseal_receiver_stop_async (PostsealReceiver *self,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
void postseal_receiver_stop_finish (PostsealReceiver *self, GAsyncResult *result);

G_END_DECLS

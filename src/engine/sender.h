/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-status.h"
#include "engine/send-job.h"
#include "engine/servers.h"
#include "engine/world.h"

G_BEGIN_DECLS

/* Sends for one account what is in the outbox: on request, and unattended once it has a world. It
   decides when a PostsealSendJob runs and keeps the "send-" properties of the account's status
   true. One thread. */
#define POSTSEAL_TYPE_SENDER (postseal_sender_get_type ())
G_DECLARE_FINAL_TYPE (PostsealSender, postseal_sender, POSTSEAL, SENDER, GObject)

/* @account: with "send". Signal "message" as that of PostsealSendJob. Returns: (transfer full) */
PostsealSender *postseal_sender_new (PostsealAccount *account,
                                     PostsealAccountStatus *status,
                                     PostsealServers *servers);

/* Unattended from now on. */
void postseal_sender_start (PostsealSender *self, PostsealWorld *world);

/* The outbox has been looked at: there is work that is due at @next (Unix seconds; 0: now, -1:
   nothing waits). Called whenever it changes. */
void postseal_sender_set_next_due (PostsealSender *self, gint64 next);

/**
 * postseal_sender_flush_async:
 * @ids: (array zero-terminated=1) (nullable): for POSTSEAL_SEND_CHOSEN
 * @transcript: (nullable)
 *
 * Sends now, whatever it waits for. Requests follow each other.
 */
void postseal_sender_flush_async (PostsealSender *self,
                                  PostsealSendScope scope,
                                  const char *const *ids,
                                  PostsealTranscript *transcript,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* Returns: (transfer full): a{sv}, an element of "accounts" in the answer to
   POSTSEAL_SERVICE_QUEUE_FLUSH */
GVariant *postseal_sender_flush_finish (PostsealSender *self, GAsyncResult *result, GError **error);

/* As postseal_receiver_retry(). */
void postseal_sender_retry (PostsealSender *self);

/* Begins nothing any more, for good: requests end with %G_IO_ERROR_CANCELLED. The answer comes when
   nothing is held any more, within about a second: what was on its way and is not answered by then
   is in doubt. */
void
postseal_sender_stop_async (PostsealSender *self, GAsyncReadyCallback callback, gpointer user_data);
void postseal_sender_stop_finish (PostsealSender *self, GAsyncResult *result);

G_END_DECLS

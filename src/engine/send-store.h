/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/send-item.h"

G_BEGIN_DECLS

/* The sender's side of the outbox: the account's lock, the index, the messages a window at a time,
   the reports of failure. Blocking: in worker threads, one at a time. */
typedef struct _PostsealSendStore PostsealSendStore;

/* Takes the sending lock; ends what a crash has left of reports. Errors: %POSTSEAL_LOCK_ERROR_BUSY,
   %POSTSEAL_OUTBOX_ERROR, %G_FILE_ERROR */
PostsealSendStore *_postseal_send_store_open (PostsealAccount *account, GError **error);
/* Releases the lock. */
void _postseal_send_store_free (PostsealSendStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSendStore, _postseal_send_store_free)

/* Returns: (transfer none) */
PostsealOutbox *_postseal_send_store_get_outbox (PostsealSendStore *self);

/* One exchange with the disk: what was answered is written, what is next is read and marked, in one
   transaction. */
typedef struct
{
  GPtrArray *answered; /* (element-type PostsealSendItem) judged; recorded afterwards */
  GPtrArray
      *next_ids; /* inout (element-type utf8): to be loaded; what found no room is left in it */
  GPtrArray *loaded; /* out (element-type PostsealSendItem): marked, ready to be sent */
  GPtrArray *refused; /* out (element-type PostsealSendItem): loaded, but cannot be asked for; to be
                         judged and recorded with the next exchange */
  PostsealSendLimits limits;
  const char *server;
  gboolean is_welcome; /* signed in: a pause of the account is over */
} PostsealSendExchange;

/* Reports failures first, then reads what is next, then writes all in one transaction. After
   failure nothing is marked, and what was loaded must not be sent. Errors: %POSTSEAL_OUTBOX_ERROR
 */
gboolean _postseal_send_store_exchange (PostsealSendStore *self,
                                        PostsealSendExchange *exchange,
                                        GError **error);

/* Puts all of @ids off: the connection did not come about. @is_blocked: TLS or log-in refused,
   which pauses the account; else there is no network, or the server is not well.
   @ret_items: (out) (element-type PostsealSendItem): for the reports: what was given up, and the
   rest where it is not many. Errors: %POSTSEAL_OUTBOX_ERROR */
gboolean _postseal_send_store_postpone (PostsealSendStore *self,
                                        const GPtrArray *ids,
                                        gboolean is_blocked,
                                        const GError *why,
                                        GPtrArray **ret_items,
                                        GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#include "outbox/outbox.h"

G_BEGIN_DECLS

/* The requests of the service that concern the outbox only, each in a worker thread: QUEUE_LIST,
   QUEUE_CHANGE and SUBMIT, arguments and answers as engine/service.h has them. */

/* An entry as the service tells it, keys of org.postseal.Outbox1. Returns: (transfer floating):
   a{sv} */
GVariant *postseal_outbox_entry_to_variant (const PostsealOutboxEntry *entry);

/* Makes no outbox where there is none. */
void postseal_outbox_service_list_async (GVariant *arguments,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* Not cancelled once begun: what is changed is changed, and told. */
void postseal_outbox_service_change_async (GVariant *arguments,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
/* @config: path of accounts.conf: who may send as whom. Each has a thread of its own: whoever hands
   the message over may take as long as they like. */
void postseal_outbox_service_submit_async (const char *config,
                                           GVariant *arguments,
                                           GUnixFDList *descriptors,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
/* Of all three. Errors: %POSTSEAL_SERVICE_ERROR, %G_IO_ERROR_CANCELLED. Returns: (transfer full):
   a{sv} */
GVariant *postseal_outbox_service_finish (GAsyncResult *result, GError **error);

/* What of the outbox a sender and a status need to know, per account. */
typedef struct
{
  char *account; /* owned */
  gint64 next_due; /* as postseal_sender_set_next_due() */
  guint waiting; /* to be sent */
  guint failed; /* given up */
} PostsealOutboxWork;

/* Looks once, in a worker thread. What an account that is paused has is due when the pause is over.
   Makes no outbox where there is none. Returns by finish: (transfer full) (element-type
   PostsealOutboxWork): accounts with anything in the outbox */
void postseal_outbox_survey_async (GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GPtrArray *postseal_outbox_survey_finish (GAsyncResult *result, GError **error);

G_END_DECLS

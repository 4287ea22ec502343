/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "outbox/outbox.h"

G_BEGIN_DECLS

/* The entries that the commands of "postseal queue" are about. */

/**
 * postseal_queue_entries_load_named:
 * @ids: (array zero-terminated=1): whole or abbreviated; doubles are loaded once
 * @ret_status: (inout): made graver by each that there is not, after a complaint
 *
 * Returns: (transfer full) (element-type PostsealOutboxEntry): those that there are
 */
GPtrArray *postseal_queue_entries_load_named (PostsealOutbox *outbox, char **ids, int *ret_status);

/**
 * postseal_queue_entries_load:
 * @account: (nullable): of all
 * @ret_status: (inout): made graver by files that cannot be understood, after a complaint
 *
 * Returns: (transfer full) (element-type PostsealOutboxEntry) (nullable): NULL when the queue
 * cannot be read, after a complaint
 */
GPtrArray *postseal_queue_entries_load (PostsealOutbox *outbox,
                                        const char *account,
                                        PostsealOutboxFilter filter,
                                        int *ret_status);

/* Tells what is wrong, for one that there is not also where to look. Returns: the exit status */
int postseal_queue_entries_report (const GError *error);

G_END_DECLS

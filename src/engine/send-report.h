/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/send-item.h"

G_BEGIN_DECLS

/* Reports of failure on their way into the account's sink. Blocking: in worker threads. Where
   the report is staged is in the index before the report is in the sink, so that a crash in between
   neither loses it nor, in a Maildir, doubles it. */

/**
 * _postseal_send_report_failure:
 *
 * Tells the sender of @item who was refused for good, where that is wanted and the account has a
 * sink, and notes so in @item. A sink that cannot take it now is no error: the report stays
 * staged, and the next run delivers it.
 *
 * Errors: %POSTSEAL_OUTBOX_ERROR: the index cannot be written
 */
gboolean _postseal_send_report_failure (PostsealOutbox *outbox,
                                        PostsealAccount *account,
                                        PostsealSendItem *item,
                                        const char *server,
                                        GError **error);

/* Ends what a crash has left: a report that is staged is delivered, one that is gone from the stage
   was delivered. One that was staged for a sink the account has no more is made anew. */
gboolean
_postseal_send_report_recover (PostsealOutbox *outbox, PostsealAccount *account, GError **error);

G_END_DECLS

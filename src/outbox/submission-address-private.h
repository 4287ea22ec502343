/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "outbox/submission.h"

G_BEGIN_DECLS

/* From whom and to whom a submission goes, and through which account. */

/* Sets account and sender of @envelope. @authors: (element-type utf8): what From says.
   Returns: (transfer none): whose account it is */
const PostsealSender *_postseal_submission_choose_sender (const PostsealSubmission *self,
                                                          PostsealSenders *senders,
                                                          const GPtrArray *authors,
                                                          PostsealEnvelope *envelope,
                                                          GError **error);

/* Appends the addresses in what was given for recipients. Errors: %POSTSEAL_OUTBOX_ERROR_ADDRESS */
gboolean _postseal_submission_collect_given (const PostsealSubmission *self,
                                             GPtrArray *addresses,
                                             GError **error);

/* Checks and adds them to @envelope. Errors: %POSTSEAL_OUTBOX_ERROR_ADDRESS, or _USAGE or _MESSAGE
   when there are none or too many */
gboolean _postseal_submission_add_recipients (const PostsealSubmission *self,
                                              const PostsealSender *sender,
                                              const GPtrArray *addresses,
                                              PostsealEnvelope *envelope,
                                              GError **error);

/* TRUE when an address of the envelope can only travel with SMTPUTF8: a domain can do without. */
gboolean _postseal_submission_is_international (const PostsealEnvelope *envelope);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "outbox/sender-choice.h"

G_BEGIN_DECLS

/**
 * postseal_smtp_dialogue_run:
 * @senders: who may send
 * @full_name: (nullable): for a From that has to be added
 * @origin: for the envelopes
 * @ret_n_queued: messages put into the outbox
 *
 * Speaks SMTP as a server (RFC 5321, with SIZE, 8BITMIME, SMTPUTF8, DSN and enhanced status codes,
 * without PIPELINING) until QUIT or the end of @in. A message is acknowledged when it is in the
 * outbox and survives a power cut. Only a sender of an account may send. Blocking.
 *
 * Returns: FALSE when @out cannot be written
 */
gboolean postseal_smtp_dialogue_run (PostsealSenders *senders,
                                     const char *full_name,
                                     const char *origin,
                                     int in,
                                     int out,
                                     guint *ret_n_queued);

G_END_DECLS

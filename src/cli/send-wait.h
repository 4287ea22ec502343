/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"
#include "outbox/outbox.h"

G_BEGIN_DECLS

/**
 * postseal_send_wait:
 * @id: of an entry that was just put into the outbox
 *
 * Sends that one message in the foreground, or waits for whoever sends for the account already, and
 * prints what became of it: each recipient's answer, the seal, whether it stays queued, is in doubt
 * or went in clear; or a JSON object with all of it.
 *
 * Returns: the exit status that belongs to the outcome
 */
int postseal_send_wait (const PostsealOptions *options, const char *id);

/* The JSON object that "postseal send" prints: @entry (nullable: then only @id is known), "status"
   and "error". */
void postseal_send_wait_print_json (const PostsealOutboxEntry *entry,
                                    const char *id,
                                    int status,
                                    const GError *error);

G_END_DECLS

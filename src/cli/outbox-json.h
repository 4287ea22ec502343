/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "outbox/outbox.h"

G_BEGIN_DECLS

/**
 * postseal_outbox_json_add_members:
 *
 * Adds the members that describe @entry to the object being built: id, account, state, sender,
 * recipients (address, state, code, status, text, time), subject, message-id, size, arrived,
 * attempts, last-attempt, next-attempt, reason, in-clear, may-be-doubled, seal. Times are Unix
 * times; what does not exist is null.
 */
void postseal_outbox_json_add_members (JsonBuilder *builder, const PostsealOutboxEntry *entry);

/* Prints an array of such objects. @entries: (element-type PostsealOutboxEntry) */
void postseal_outbox_json_print (const GPtrArray *entries);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "outbox/outbox.h"

G_BEGIN_DECLS

/* What an entry of the outbox is at, in words for people. Everything is translated and printable;
   all returned strings are newly allocated. */

/* "queued", "in doubt" ... Returns: (transfer none) */
const char *postseal_outbox_words_state (PostsealOutboxState state);

/* The same for the untranslated name, which is returned when it is unknown. Returns: (transfer
 * none)
 */
const char *postseal_outbox_words_name (const char *state);

/* "at once", "in 5 min", "in 2 h", "at 2026-11-24 08:00" */
char *postseal_outbox_words_when (gint64 time, gint64 now);

/* What becomes of it next and why: "in 5 min: 451 4.7.1 Greylisted", "until it is released". Of one
   that is done: when, and the last answer. */
char *postseal_outbox_words_prospect (const PostsealOutboxEntry *entry, gint64 now);

/* The last answer: "250 2.0.0 Ok: queued as 4F2B1"; NULL when there was none. */
char *postseal_outbox_words_answer (const PostsealOutboxRecipient *recipient);

/* The last sentence about the message, or the latest answer that says why it has not left; of one
   that was sent, the latest answer. NULL when there is none. */
char *postseal_outbox_words_reason (const PostsealOutboxEntry *entry);

/* "bob@example.org", "bob@example.org and 2 more" */
char *postseal_outbox_words_recipients (const PostsealOutboxEntry *entry);

/* Unix seconds before which it is not tried; 0: nothing is tried by itself any more. */
gint64 postseal_outbox_words_next (const PostsealOutboxEntry *entry);

/* What its sender has to know though it was sent: one sentence each, that it went in clear, that it
   may arrive twice. Returns: (transfer full) (element-type utf8) */
GPtrArray *postseal_outbox_words_warnings (const PostsealOutboxEntry *entry);

G_END_DECLS

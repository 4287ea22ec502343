/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/direction.h"

G_BEGIN_DECLS

/* What a direction is doing, in words for people, translated. */

/* "watching INBOX and Lists for 3 minutes", "fetching INBOX: 120 of 2000 messages, 3.1 MB of
   44.0 MB". @now: Unix seconds; 0: without times and numbers, for lines that
   stay. Returns: (transfer full) */
char *postseal_direction_words (const PostsealDirection *self, gint64 now);

/* "signing in", of what the properties call an activity. Returns: (transfer none) */
const char *postseal_direction_words_activity (const char *activity);

/* "fetching INBOX: 120 of 2000 messages, 3.1 MB of 44.0 MB", "sending: 3 of 20 messages". Returns:
 * (transfer full) */
char *postseal_direction_words_progress (const PostsealDirection *self);

/* TRUE when it stands still until somebody does something. */
gboolean postseal_direction_needs_user (const PostsealDirection *self);

G_END_DECLS

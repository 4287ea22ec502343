/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/seal.h"

G_BEGIN_DECLS

/* The evidence of a connection, in words for people. No GTK. */

/* One sentence without a period: "TLS 1.3, vouched for by R3 until 4 March 2027". Returns:
   (transfer full) */
char *postseal_seal_words_sum_up (const PostsealSeal *seal);

/* That, and in a second line when it was, unless that is 0: "Last: 4 March 2027, 10:15". @time:
   Unix seconds. Returns: (transfer full) */
char *postseal_seal_words_tell (const PostsealSeal *seal, gint64 time);

/* All facts: names and what they are, one behind the other. Returns: (transfer full) (array
   zero-terminated=1) */
char **postseal_seal_words_list (const PostsealSeal *seal);

/* A day as people of this place write it. @time: Unix seconds. Returns: (transfer full) */
char *postseal_seal_words_format_day (gint64 time);
/* That, and the time of day. */
char *postseal_seal_words_format_moment (gint64 time);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sets of UIDs or sequence numbers: "1:3,7,9:12" (RFC 9051 section 9, sequence-set). */

/* A command's set is kept so short that the line stays under 8192 octets (RFC 7162 section 4). */
#define POSTSEAL_IMAP_SETS_LENGTH 8000

/**
 * postseal_imap_sets_append:
 * @out: the set is appended
 * @numbers: (array length=n_numbers): ascending, no zero; equal neighbours count as one
 * @max_length: bytes that may be appended; at least 21, which holds any one range
 *
 * Writes as many of @numbers, from the first, as fit. Call it again with the rest for the next
 * command.
 *
 * Returns: how many of @numbers the set holds; 0 only when @n_numbers is
 */
gsize
postseal_imap_sets_append (GString *out, const guint32 *numbers, gsize n_numbers, gsize max_length);

/* One range, @first <= @last. Returns: FALSE to stop, which makes the whole a failure */
typedef gboolean (*PostsealImapSetsFunc) (guint32 first, guint32 last, gpointer user_data);

/* For what servers send (VANISHED, COPYUID, ESEARCH): numbers and ranges, in either direction, no
   "*". @func sees the ranges in the order of @text, those before an error too. Returns: FALSE when
   @text is no set */
gboolean postseal_imap_sets_parse (const char *text, PostsealImapSetsFunc func, gpointer user_data);

/* Every number of @text as guint32, appended to @out, in the order of @text.
   Returns: FALSE when @text is no set or has more than @max_numbers; @out is as it was then */
gboolean postseal_imap_sets_to_array (const char *text, gsize max_numbers, GArray *out);

G_END_DECLS

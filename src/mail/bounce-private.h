/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mail/bounce.h"

G_BEGIN_DECLS

/* What the parts of a report share. */

/* TRUE when @recipient did not get the message and the sender wants to know (RFC 3461 section 4.1):
   refused, or given up with @is_expired. */
gboolean _postseal_bounce_tells_of (const PostsealOutboxRecipient *recipient, gboolean is_expired);

/* TRUE when nobody has refused it for good: there was no more time to try. */
gboolean _postseal_bounce_is_given_up (const PostsealOutboxRecipient *recipient);

/* The text for people: UTF-8, lines of at most 72 characters that end with LF.
   @is_header_only: the copy below is. Returns: (transfer full) */
char *_postseal_bounce_text_make (const PostsealBounce *bounce, gboolean is_header_only);

/* The delivery status for programs (RFC 3464 section 2), lines end with LF.
   @is_international: UTF-8 may stand in it (RFC 6533 section 3), else it is US-ASCII.
   Returns: (transfer full) */
char *_postseal_bounce_status_make (const PostsealBounce *bounce, gboolean is_international);

/* Appends "@name: @value" as a header field, folded at spaces where it would be longer than 76
   octets. */
void _postseal_bounce_append_field (GString *out, const char *name, const char *value);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The header of a message on its way out: what it says, what goes, what is added. */
typedef struct _PostsealSubmissionHeader PostsealSubmissionHeader;

/* @text: (transfer full): the header with CR LF, an mbox "From " line in front included, without
   the empty line */
PostsealSubmissionHeader *_postseal_submission_header_new (GString *text);
void _postseal_submission_header_free (PostsealSubmissionHeader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSubmissionHeader, _postseal_submission_header_free)

/* TRUE for an mbox line in front of a message, "From jane@example.org Mon Jan ...". */
gboolean _postseal_submission_header_is_mbox_line (const char *line, gsize length);

/* Too many Received, a signature over what has to go. Errors: %POSTSEAL_OUTBOX_ERROR_MESSAGE */
gboolean _postseal_submission_header_check (PostsealSubmissionHeader *self, GError **error);

/* TRUE when the message is sent on: then "Date" and so on mean those of the top-most block of
   Resent fields. */
gboolean _postseal_submission_header_is_resent (PostsealSubmissionHeader *self);
gboolean _postseal_submission_header_has (PostsealSubmissionHeader *self, const char *name);
/* Adds a field; nothing when it is there. @value: may be folded. Errors:
   %POSTSEAL_OUTBOX_ERROR_MESSAGE when a signature vouches for its absence */
gboolean _postseal_submission_header_add (PostsealSubmissionHeader *self,
                                          const char *name,
                                          const char *value,
                                          GError **error);

/* Appends what From says, as far as it can be understood. */
void
_postseal_submission_header_collect_authors (PostsealSubmissionHeader *self, GPtrArray *addresses);
/* Appends what To, Cc and Bcc say. Errors: %POSTSEAL_OUTBOX_ERROR_MESSAGE with the line of one that
   cannot be understood */
gboolean _postseal_submission_header_collect_recipients (PostsealSubmissionHeader *self,
                                                         GPtrArray *addresses,
                                                         GError **error);
/* The original's first field of that name, unfolded, decoded (RFC 2047) and printable, or "".
   Returns: (transfer full) */
char *_postseal_submission_header_describe (PostsealSubmissionHeader *self, const char *name);

/* As it goes out, without the empty line. Returns: (transfer full) */
GString *_postseal_submission_header_write (PostsealSubmissionHeader *self);

G_END_DECLS

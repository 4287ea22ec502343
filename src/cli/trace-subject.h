/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"
#include "outbox/outbox.h"
#include "trace/journey.h"
#include "trace/sighting.h"

G_BEGIN_DECLS

/* The message that "postseal trace" is asked about, with all that is known of it. */
typedef struct
{
  PostsealAccountStore *store; /* owned; NULL: there are no accounts */
  char *path; /* owned; NULL: standard input, or no file at all */
  PostsealMessageFile *file; /* owned; NULL: it is known from the outbox only */
  PostsealJourney *journey; /* owned; NULL likewise */
  GPtrArray *sightings; /* owned: (element-type PostsealSighting) */
  GPtrArray *sent; /* owned: (element-type PostsealOutboxEntry): with its Message-ID */
  PostsealAccount *account; /* borrowed from the store: who is trusted; NULL: nobody */
  guint n_searched; /* files that were looked at for a Message-ID */
} PostsealTraceSubject;

/**
 * postseal_trace_subject_find:
 * @operand: a file, "-" or a Message-ID
 * @account: (nullable): whose message it is, where the record of delivered mail does not know
 *
 * Complains of what is wrong. Changes nothing and takes no lock. Returns: (transfer full)
 * (nullable): NULL with @ret_status: 65, 69, 74 or 78
 */
PostsealTraceSubject *postseal_trace_subject_find (const PostsealOptions *options,
                                                   const char *operand,
                                                   const char *account,
                                                   int *ret_status);
void postseal_trace_subject_free (PostsealTraceSubject *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTraceSubject, postseal_trace_subject_free)

/* Field @index of the header as it stands there, on one line, printable. Returns: (transfer full)
 */
char *postseal_trace_subject_get_field (const PostsealTraceSubject *self, guint index);

/* When it was sent, by its Date field; 0: it does not say. */
gint64 postseal_trace_subject_get_date (const PostsealTraceSubject *self);

G_END_DECLS

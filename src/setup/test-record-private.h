/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "base/transcript.h"

G_BEGIN_DECLS

/* What was heard of one connection: facts for judging it, and the conversation for a report. */
typedef struct
{
  GHashTable *facts; /* owned (element-type utf8 utf8): the latest of each; names are a list */
  GString *text; /* owned: the conversation, a line each, with times */
  guint n_lines;
  gint64 began_us; /* monotonic */
} PostsealTestRecord;

/* Time begins. */
PostsealTestRecord *_postseal_test_record_new (void);
void _postseal_test_record_free (PostsealTestRecord *self);

/* Bounded, whatever a server has to say. */
void _postseal_test_record_line (PostsealTestRecord *self,
                                 PostsealTranscriptKind kind,
                                 const char *line);
void _postseal_test_record_fact (PostsealTestRecord *self, const char *name, const char *value);

G_END_DECLS

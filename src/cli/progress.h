/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/job-kind.h"

G_BEGIN_DECLS

/* One line for each running account, drawn over itself on a terminal: messages, bytes, rate, time
   left. On anything else it draws nothing. */
typedef struct _PostsealProgress PostsealProgress;

/* @fd: where to draw, usually standard error. @jobs: all of @kind: borrowed until freed */
PostsealProgress *postseal_progress_new (int fd, const PostsealJobKind *kind, GPtrArray *jobs);
/* Wipes the lines. */
void postseal_progress_free (PostsealProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProgress, postseal_progress_free)

/* Draws again, if it is a terminal. Cheap to call often: at most ten times a second something
 * happens. */
void postseal_progress_update (PostsealProgress *self);

/* Takes the lines away, so that something else can be printed; the next update draws them again. */
void postseal_progress_hide (PostsealProgress *self);

/* Appends ", 8.2 MB/s, 5 s left", or nothing when too little is known. @elapsed_us: since the first
   byte */
void postseal_progress_append_rate (GString *text, guint64 done, guint64 total, gint64 elapsed_us);

G_END_DECLS

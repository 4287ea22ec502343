/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-job.h"

G_BEGIN_DECLS

/* One line for each running account, drawn over itself on a terminal: messages, bytes, rate, time
   left. On anything else it draws nothing. */
typedef struct _PostsealProgress PostsealProgress;

/* @fd: where to draw, usually standard error. @jobs: (element-type PostsealFetchJob): borrowed
 * until freed */
PostsealProgress *postseal_progress_new (int fd, GPtrArray *jobs);
/* Wipes the lines. */
void postseal_progress_free (PostsealProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProgress, postseal_progress_free)

/* Draws again, if it is a terminal. Cheap to call often: at most ten times a second something
 * happens. */
void postseal_progress_update (PostsealProgress *self);

/* Takes the lines away, so that something else can be printed; the next update draws them again. */
void postseal_progress_hide (PostsealProgress *self);

/**
 * postseal_progress_describe:
 * @progress: of a job
 * @elapsed_us: since the first byte of mail, 0: not yet
 *
 * "fetching INBOX  120 of 2000 messages, 3.1 of 44.0 MB, 8.2 MB/s, 5 s left".
 *
 * Returns: (transfer full)
 */
char *postseal_progress_describe (const PostsealFetchProgress *progress, gint64 elapsed_us);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"
#include "cli/job-kind.h"

G_BEGIN_DECLS

/* Jobs of several accounts run at the same time in the foreground, until the last has ended:
   progress on a terminal, a transcript with --verbose, an interrupt that ends them in good order.
 */
typedef struct _PostsealJobRun PostsealJobRun;

typedef enum
{
  POSTSEAL_JOB_RUN_PROGRESS, /* drawn where standard error is a terminal */
  POSTSEAL_JOB_RUN_VERBOSE, /* transcripts on standard error instead */
  POSTSEAL_JOB_RUN_SILENT, /* neither */
} PostsealJobRunDisplay;

/* @error: (nullable): what it ended with. The progress is hidden: anything can be printed. */
typedef void (*PostsealJobRunEndedFunc) (gpointer job, const GError *error, gpointer user_data);

/* A job has found somebody else at its account. Returns: (transfer full) (nullable): the job to try
   instead in a moment; NULL when it need not be done any more: then it ends without an error */
typedef GObject *(*PostsealJobRunAgainFunc) (gpointer job, gpointer user_data);

PostsealJobRun *postseal_job_run_new (const PostsealJobKind *kind, PostsealJobRunDisplay display);
void postseal_job_run_free (PostsealJobRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealJobRun, postseal_job_run_free)

/* The transcript for a job of @account. Returns: (transfer full) (nullable): NULL unless verbose */
PostsealTranscript *postseal_job_run_new_transcript (PostsealJobRun *self, const char *account);

/* Has jobs that end with %POSTSEAL_LOCK_ERROR_BUSY tried again and again, until they are let in,
   interrupted, or not to be done any more; that they wait is said once. */
void postseal_job_run_set_again (PostsealJobRun *self, PostsealJobRunAgainFunc again);

/* @job: (transfer full) */
void postseal_job_run_add (PostsealJobRun *self, GObject *job);

/**
 * postseal_job_run_execute:
 * @ended: (nullable): called once for each job that is not tried again
 * @user_data: of all functions
 *
 * Runs them all, in a main loop of its own. SIGINT and SIGTERM cancel them; a second one ends the
 * program as if nobody had listened.
 *
 * Returns: the gravest exit status
 */
int
postseal_job_run_execute (PostsealJobRun *self, PostsealJobRunEndedFunc ended, gpointer user_data);

/* Before anything is printed while jobs run. */
void postseal_job_run_hide_progress (PostsealJobRun *self);

/* Notes and @error (nullable) of a job on standard error, one line each, "postseal: ACCOUNT: …". */
void postseal_job_run_print_troubles (PostsealJobRun *self, gpointer job, const GError *error);

/* In the order in which they were added. */
guint postseal_job_run_get_n_jobs (PostsealJobRun *self);
/* Returns: (transfer none) */
gpointer postseal_job_run_get_job (PostsealJobRun *self, guint index);
/* Returns: (transfer none) (nullable) */
const GError *postseal_job_run_get_error (PostsealJobRun *self, guint index);

G_END_DECLS

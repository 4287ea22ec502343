/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/job-run.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "base/lock-file.h"
#include "cli/progress.h"
#include "engine/outcome.h"

#define AGAIN_MS 200
#define TELL_AT 5 /* tries: who is let in at once need not hear of it */

struct _PostsealJobRun
{
  const PostsealJobKind *kind; /* borrowed: static */
  PostsealJobRunDisplay display;
  GPtrArray *jobs; /* owned (element-type GObject) */
  GPtrArray *errors; /* owned (element-type GError, nullable), parallel to jobs */
  PostsealProgress *progress; /* owned, nullable */
  GCancellable *cancellable; /* owned */
  GMainLoop *loop; /* owned */
  guint running;
  int status; /* gravest */
  guint tries; /* of jobs that found somebody else */
  PostsealJobRunAgainFunc again; /* or NULL */
  PostsealJobRunEndedFunc ended; /* or NULL */
  gpointer user_data; /* borrowed: of both */
};

static void
free_error (gpointer data)
{
  g_clear_error ((GError **)&data);
}

PostsealJobRun *
postseal_job_run_new (const PostsealJobKind *kind, PostsealJobRunDisplay display)
{
  PostsealJobRun *self = g_new0 (PostsealJobRun, 1);

  self->kind = kind;
  self->display = display;
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  self->errors = g_ptr_array_new_with_free_func (free_error);
  self->cancellable = g_cancellable_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  return self;
}

void
postseal_job_run_free (PostsealJobRun *self)
{
  if (self == NULL)
    return;
  postseal_progress_free (self->progress);
  g_ptr_array_unref (self->jobs);
  g_ptr_array_unref (self->errors);
  g_object_unref (self->cancellable);
  g_main_loop_unref (self->loop);
  g_free (self);
}

static void
on_transcript_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  g_printerr ("%s %c %s\n", (const char *)user_data, "*><"[kind], line);
}

PostsealTranscript *
postseal_job_run_new_transcript (PostsealJobRun *self, const char *account)
{
  if (self->display != POSTSEAL_JOB_RUN_VERBOSE)
    return NULL;
  return postseal_transcript_new (on_transcript_line, g_strdup (account), g_free);
}

static void
on_progress (GObject *job, gpointer user_data)
{
  PostsealJobRun *self = user_data;

  if (self->progress != NULL)
    postseal_progress_update (self->progress);
}

void
postseal_job_run_set_again (PostsealJobRun *self, PostsealJobRunAgainFunc again)
{
  self->again = again;
}

void
postseal_job_run_add (PostsealJobRun *self, GObject *job)
{
  g_signal_connect (job, "progress", G_CALLBACK (on_progress), self);
  g_ptr_array_add (self->jobs, job);
  g_ptr_array_add (self->errors, NULL);
}

static void
end_job (PostsealJobRun *self, guint index, GError *error)
{
  self->errors->pdata[index] = error;
  self->status = postseal_outcome_graver (self->status, postseal_outcome_exit_status (error));
  if (self->ended != NULL)
    self->ended (g_ptr_array_index (self->jobs, index), error, self->user_data);
  if (--self->running == 0)
    g_main_loop_quit (self->loop);
}

static void run_job (PostsealJobRun *self, guint index);

typedef struct
{
  PostsealJobRun *run; /* borrowed: it runs until this is over */
  guint index;
} Retry;

static gboolean
on_retry (gpointer user_data)
{
  Retry *retry = user_data;
  PostsealJobRun *self = retry->run;
  GError *error = NULL;
  GObject *job;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, &error))
    {
      end_job (self, retry->index, error);
      return G_SOURCE_REMOVE;
    }
  job = self->again (g_ptr_array_index (self->jobs, retry->index), self->user_data);
  if (job == NULL)
    {
      end_job (self, retry->index, NULL);
      return G_SOURCE_REMOVE;
    }
  g_signal_connect (job, "progress", G_CALLBACK (on_progress), self);
  g_object_unref (g_ptr_array_index (self->jobs, retry->index));
  self->jobs->pdata[retry->index] = job;
  run_job (self, retry->index);
  return G_SOURCE_REMOVE;
}

static void
on_job_ended (GObject *job, GAsyncResult *result, gpointer user_data)
{
  PostsealJobRun *self = user_data;
  GError *error = NULL;
  guint index = 0;
  Retry *retry;

  postseal_job_run_hide_progress (self);
  g_ptr_array_find (self->jobs, job, &index);
  self->kind->run_finish (job, result, &error);
  if (self->again == NULL
      || !g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY))
    {
      end_job (self, index, error);
      return;
    }
  if (++self->tries == TELL_AT && self->display != POSTSEAL_JOB_RUN_SILENT)
    g_printerr (_ ("postseal: %s: Waiting: %s\n"), self->kind->get_name (job), error->message);
  g_clear_error (&error);
  retry = g_new (Retry, 1);
  *retry = (Retry){ self, index };
  g_timeout_add_full (G_PRIORITY_DEFAULT, AGAIN_MS, on_retry, retry, g_free);
}

static void
run_job (PostsealJobRun *self, guint index)
{
  self->kind->run_async (g_ptr_array_index (self->jobs, index), self->cancellable, on_job_ended,
                         self);
}

static gboolean
on_interrupt (gpointer user_data)
{
  PostsealJobRun *self = user_data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_CONTINUE;
}

/* The first one ends the run in good order; from the second on the program ends at once, which
   loses nothing either. */
static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  guint *sources = user_data;

  for (int i = 0; i < 2; i++)
    g_clear_handle_id (&sources[i], g_source_remove);
}

int
postseal_job_run_execute (PostsealJobRun *self, PostsealJobRunEndedFunc ended, gpointer user_data)
{
  guint sources[] = {
    g_unix_signal_add (SIGINT, on_interrupt, self),
    g_unix_signal_add (SIGTERM, on_interrupt, self),
  };
  gulong handler
      = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), sources, NULL);

  if (self->display == POSTSEAL_JOB_RUN_PROGRESS)
    self->progress = postseal_progress_new (STDERR_FILENO, self->kind, self->jobs);
  self->ended = ended;
  self->user_data = user_data;
  self->running = self->jobs->len;
  for (guint i = 0; i < self->jobs->len; i++)
    run_job (self, i);
  if (self->running > 0)
    g_main_loop_run (self->loop);
  g_cancellable_disconnect (self->cancellable, handler);
  on_cancelled (self->cancellable, sources);
  g_clear_pointer (&self->progress, postseal_progress_free);
  return self->status;
}

void
postseal_job_run_hide_progress (PostsealJobRun *self)
{
  if (self->progress != NULL)
    postseal_progress_hide (self->progress);
}

void
postseal_job_run_print_troubles (PostsealJobRun *self, gpointer job, const GError *error)
{
  const char *name = self->kind->get_name (job);
  const GPtrArray *notes = self->kind->get_notes (job);

  for (guint i = 0; i < notes->len; i++)
    g_printerr ("postseal: %s: %s\n", name, (const char *)g_ptr_array_index (notes, i));
  if (error != NULL)
    g_printerr ("postseal: %s: %s\n", name, error->message);
}

guint
postseal_job_run_get_n_jobs (PostsealJobRun *self)
{
  return self->jobs->len;
}

gpointer
postseal_job_run_get_job (PostsealJobRun *self, guint index)
{
  return g_ptr_array_index (self->jobs, index);
}

const GError *
postseal_job_run_get_error (PostsealJobRun *self, guint index)
{
  return g_ptr_array_index (self->errors, index);
}

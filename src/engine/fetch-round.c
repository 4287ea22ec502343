/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The books of a run: what each round brought, who is told, what is kept of it, how it ends. */
#include <malloc.h>

#include "base/lock-file.h"
#include "engine/fetch-job-private.h"
#include "engine/job-access-private.h"
#include "engine/last-run.h"
#include "engine/outcome.h"

/* Most files that one "arrived" names. */
#define MAX_FILES 100

/* A round that took so much leaves the heap full of holes. */
#define LARGE_ROUND_MESSAGES 2000
#define LARGE_ROUND_BYTES (8 * 1024 * 1024)

enum
{
  SIGNAL_ROUND,
  SIGNAL_ARRIVED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void keep_last (PostsealFetchJob *job);
static void close_delivery (PostsealFetchJob *job);
static void on_records_kept (GObject *source, GAsyncResult *result, gpointer user_data);

/* --- errors --- */

/* Whoever leaves does not mind what is cut short by that. */
static gboolean
is_farewell (PostsealFetchJob *job, const GError *error)
{
  return job->is_leaving && !g_cancellable_is_cancelled (g_task_get_cancellable (job->task))
         && (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
             || g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
}

void
_postseal_fetch_job_take_error (PostsealFetchJob *job, GError *error)
{
  if (is_farewell (job, error))
    g_error_free (error);
  else
    postseal_outcome_keep_graver (&job->error, error);
}

void
_postseal_fetch_job_take_fatal (PostsealFetchJob *job, GError *error)
{
  if (is_farewell (job, error) || job->fatal != NULL)
    g_error_free (error);
  else
    job->fatal = error;
}

/* Returns: (transfer full) (nullable): the gravest of all */
static GError *
get_gravest (PostsealFetchJob *job)
{
  GError *gravest = job->error != NULL ? g_error_copy (job->error) : NULL;

  if (job->fatal != NULL)
    postseal_outcome_keep_graver (&gravest, g_error_copy (job->fatal));
  return gravest;
}

/* What the run as a whole ends with. Returns: (transfer full) (nullable) */
static GError *
get_outcome (PostsealFetchJob *job)
{
  return job->stays && job->fatal != NULL ? g_error_copy (job->fatal) : get_gravest (job);
}

/* --- records: latches, last-run and counts, under the account's lock --- */

typedef struct
{
  PostsealLatches *latches; /* owned, nullable */
  char *state_dir; /* owned */
  PostsealLastRun *last_run; /* owned, nullable */
  PostsealTlsCounts *counts; /* owned */
  gboolean is_after_large_round;
} Records;

static void
free_last_run (PostsealLastRun *last_run)
{
  postseal_last_run_clear (last_run);
  g_free (last_run);
}

static void
free_records (gpointer data)
{
  Records *records = data;

  g_clear_pointer (&records->latches, postseal_latches_unref);
  g_clear_pointer (&records->last_run, free_last_run);
  g_clear_pointer (&records->counts, postseal_tls_counts_free);
  g_free (records->state_dir);
  g_free (records);
}

static void
keep_records (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Records *records = task_data;
  g_autoptr (GError) ignored = NULL;
  GError *error = NULL;

  if (records->is_after_large_round)
    malloc_trim (0);
  /* Without a directory there was no run to speak of; last-run is a courtesy, latches are not. */
  if (records->last_run != NULL
      && !postseal_last_run_save (records->last_run, records->state_dir, &ignored))
    g_debug ("Cannot note the last run: %s", ignored->message);
  _postseal_job_access_keep_counts (records->counts, records->state_dir);
  if (_postseal_job_access_keep_latches (records->latches, records->state_dir, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
has_new_latches (PostsealFetchJob *job)
{
  return job->latches != NULL && job->n_latch_users == 0
         && postseal_latches_is_changed (job->latches);
}

/* Counts are no reason to write as long as the run goes on: they go along when something else is
   written, at the end of a round, so that who reconnects all day does not write all day.

   Returns: FALSE when there is nothing to write */
static gboolean
start_keeping (PostsealFetchJob *job)
{
  g_autoptr (GTask) task = NULL;
  Records *records;

  if (job->last_run == NULL && !has_new_latches (job)
      && (job->stage == POSTSEAL_FETCH_RUNNING || postseal_tls_counts_is_empty (job->counts)))
    return FALSE;
  records = g_new0 (Records, 1);
  if (has_new_latches (job))
    records->latches = postseal_latches_ref (job->latches);
  records->state_dir = g_strdup (job->state_dir);
  records->last_run = g_steal_pointer (&job->last_run);
  records->counts = job->counts;
  job->counts = postseal_tls_counts_new ();
  records->is_after_large_round = job->stays && records->last_run != NULL
                                  && (records->last_run->delivered > LARGE_ROUND_MESSAGES
                                      || records->last_run->bytes > LARGE_ROUND_BYTES);
  job->is_keeping = TRUE;
  task = g_task_new (NULL, NULL, on_records_kept, g_object_ref (job));
  g_task_set_source_tag (task, start_keeping);
  g_task_set_task_data (task, records, free_records);
  g_task_run_in_thread (task, keep_records);
  return TRUE;
}

static void
on_records_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealFetchJob) job = user_data;
  GError *error = NULL;
  gboolean is_kept = g_task_propagate_boolean (G_TASK (result), &error);

  job->is_keeping = FALSE;
  if (!is_kept)
    _postseal_fetch_job_take_error (job, error);
  switch (job->stage)
    {
    case POSTSEAL_FETCH_RUNNING:
      /* What could not be written, say on a full disk, is tried again after the next round. */
      if ((!is_kept || !start_keeping (job)) && job->conversation != NULL
          && job->conversation->resume != NULL)
        job->conversation->resume (job->conversation_data);
      break;
    case POSTSEAL_FETCH_CONCLUDING:
      keep_last (job);
      break;
    case POSTSEAL_FETCH_KEPT:
      close_delivery (job);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
note_run (PostsealFetchJob *job, const GError *error)
{
  g_clear_pointer (&job->last_run, free_last_run);
  job->last_run = g_new0 (PostsealLastRun, 1);
  *job->last_run = (PostsealLastRun){
    .time = g_get_real_time () / G_USEC_PER_SEC,
    .status = postseal_outcome_exit_status (error),
    .error = error != NULL ? g_strdup (error->message) : NULL,
    .delivered = job->progress.messages_done,
    .deleted = job->progress.deleted,
    .failed = job->progress.failed,
    .bytes = job->progress.bytes_done,
    .seal = job->seal != NULL ? postseal_seal_serialize (job->seal) : NULL,
  };
  job->is_recorded = TRUE;
}

void
_postseal_fetch_job_keep_latches (PostsealFetchJob *job)
{
  if (!job->is_keeping)
    start_keeping (job);
}

gboolean
_postseal_fetch_job_hold_latches (PostsealFetchJob *job)
{
  if (!job->is_keeping)
    job->n_latch_users++;
  return !job->is_keeping;
}

void
_postseal_fetch_job_release_latches (PostsealFetchJob *job)
{
  job->n_latch_users--;
  if (job->stage == POSTSEAL_FETCH_RUNNING)
    _postseal_fetch_job_keep_latches (job);
}

/* --- connections --- */

gboolean
_postseal_fetch_job_take_connection (PostsealFetchJob *job)
{
  const PostsealAccount *account = job->account;

  if (job->n_further + 1 >= account->connections
      || (job->servers != NULL
          && !postseal_servers_take (job->servers, account->receive, account->receive_user,
                                     account->connections)))
    return FALSE;
  job->n_further++;
  return TRUE;
}

void
_postseal_fetch_job_give_back_connection (PostsealFetchJob *job)
{
  job->n_further--;
  if (job->servers != NULL)
    postseal_servers_give_back (job->servers, job->account->receive, job->account->receive_user);
}

void
_postseal_fetch_job_report_limit (PostsealFetchJob *job)
{
  if (job->servers != NULL)
    postseal_servers_report_limit (job->servers, job->account->receive, job->account->receive_user);
}

/* --- rounds --- */

static gboolean
has_brought_anything (const PostsealFetchProgress *progress)
{
  return progress->messages_done > 0 || progress->deleted > 0 || progress->failed > 0;
}

static void
emit_round (PostsealFetchJob *job)
{
  g_autoptr (GError) error = get_gravest (job);
  const PostsealFetchRound round = {
    .delivered = job->progress.messages_done,
    .deleted = job->progress.deleted,
    .failed = job->progress.failed,
    .bytes = job->progress.bytes_done,
    .error = error,
  };

  job->is_round = FALSE;
  g_signal_emit (job, signals[SIGNAL_ROUND], 0, &round);
}

void
_postseal_fetch_job_begin_round (PostsealFetchJob *job)
{
  job->is_round = TRUE;
}

void
_postseal_fetch_job_end_round (PostsealFetchJob *job, gboolean is_whole)
{
  gboolean is_worth = is_whole || !job->is_recorded || job->error != NULL
                      || has_brought_anything (&job->progress);

  g_object_ref (job);
  if (is_worth)
    note_run (job, job->error);
  _postseal_fetch_job_keep_latches (job);
  emit_round (job);

  g_clear_error (&job->error);
  g_ptr_array_set_size (job->notes, 0);
  job->progress = (PostsealFetchProgress){
    .activity = job->progress.activity,
    .mailbox = job->progress.mailbox,
  };
  _postseal_fetch_job_progressed (job);
  g_object_unref (job);
}

void
_postseal_fetch_job_tell_arrived (PostsealFetchJob *job,
                                  const char *mailbox,
                                  const PostsealDeliveryResult *results,
                                  gsize n_results)
{
  const char *files[MAX_FILES + 1];
  guint n_files = 0;
  guint count = 0;

  for (gsize i = 0; i < n_results; i++)
    {
      if (!results[i].is_delivered || results[i].was_there)
        continue;
      count++;
      if (results[i].file != NULL && n_files < MAX_FILES)
        files[n_files++] = results[i].file;
    }
  files[n_files] = NULL;
  if (count > 0)
    g_signal_emit (job, signals[SIGNAL_ARRIVED], 0, mailbox, count, files);
}

void
_postseal_fetch_job_set_watched (PostsealFetchJob *job, GPtrArray *titles)
{
  g_ptr_array_add (titles, NULL);
  g_ptr_array_unref (job->watched);
  job->watched = titles;
  _postseal_fetch_job_progressed (job);
}

/* --- the end --- */

static void
return_outcome (PostsealFetchJob *job)
{
  g_autoptr (GTask) task = NULL;
  GError *error = get_outcome (job);

  if (job->cancel_source != NULL)
    g_source_destroy (job->cancel_source);
  g_clear_pointer (&job->cancel_source, g_source_unref);
  if (job->is_round)
    emit_round (job);
  task = g_steal_pointer (&job->task);
  _postseal_fetch_job_set_activity (job, "done", NULL);
  _postseal_progress_pace_flush (&job->progress_pace);
  g_task_set_check_cancellable (task, FALSE); /* what happened, happened */
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_delivery_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealFetchJob) job = user_data;
  GError *error = NULL;

  if (!postseal_delivery_close_finish (job->delivery, result, &error))
    _postseal_fetch_job_take_fatal (job, error);
  return_outcome (job);
}

/* The records are kept: then the lock goes. */
static void
close_delivery (PostsealFetchJob *job)
{
  if (job->delivery != NULL)
    postseal_delivery_close_async (job->delivery, NULL, on_delivery_closed, g_object_ref (job));
  else
    return_outcome (job);
}

static void
keep_last (PostsealFetchJob *job)
{
  g_autoptr (GError) error = get_outcome (job);

  job->stage = POSTSEAL_FETCH_KEPT;
  /* That it left while there was nothing to do is not worth a word. */
  if (job->is_round || error != NULL || !job->is_recorded)
    note_run (job, error);
  if (!start_keeping (job))
    close_delivery (job);
}

void
_postseal_fetch_job_conclude (PostsealFetchJob *job)
{
  _postseal_fetch_job_set_conversation (job, NULL, NULL);
  /* Who holds the lock keeps the records; what another run has to tell is not ours to replace. */
  if (g_error_matches (job->fatal, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY))
    {
      return_outcome (job);
      return;
    }
  job->stage = POSTSEAL_FETCH_CONCLUDING;
  if (!job->is_keeping)
    keep_last (job);
}

/* --- signals --- */

void
_postseal_fetch_round_add_signals (GType type)
{
  signals[SIGNAL_ROUND] = g_signal_new ("round", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_ARRIVED] = g_signal_new ("arrived", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRV);
}

void
_postseal_fetch_round_clear (PostsealFetchJob *job)
{
  g_clear_pointer (&job->last_run, free_last_run);
}

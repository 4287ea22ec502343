/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/send-job.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>

#include "base/lock-file.h"
#include "base/paths.h"
#include "engine/job-access-private.h"
#include "engine/outcome.h"
#include "engine/send-job-private.h"
#include "outbox/retry-schedule.h"

G_DEFINE_FINAL_TYPE (PostsealSendJob, postseal_send_job, G_TYPE_OBJECT)
G_DEFINE_QUARK (postseal - send - error - quark, postseal_send_error)

enum
{
  SIGNAL_PROGRESS,
  SIGNAL_MESSAGE,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void prepare (PostsealSendJob *job);

/* --- what the conversation uses --- */

void
_postseal_send_job_take_error (PostsealSendJob *job, GError *error)
{
  if (job->is_follow_up)
    g_error_free (error);
  else
    postseal_outcome_keep_graver (&job->error, error);
}

void
_postseal_send_job_note (PostsealSendJob *job, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (job->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

void
_postseal_send_job_progressed (PostsealSendJob *job)
{
  _postseal_progress_pace_change (&job->progress_pace);
}

void
_postseal_send_job_set_activity (PostsealSendJob *job, const char *activity)
{
  job->progress.activity = activity;
  _postseal_send_job_progressed (job);
}

static void
count (PostsealSendJob *job, PostsealOutboxState state)
{
  job->progress.messages_done++;
  switch (state)
    {
    case POSTSEAL_OUTBOX_SENT:
      job->progress.sent++;
      break;
    case POSTSEAL_OUTBOX_FAILED:
    case POSTSEAL_OUTBOX_BOUNCED:
      job->progress.failed++;
      break;
    case POSTSEAL_OUTBOX_QUEUED:
    case POSTSEAL_OUTBOX_SENDING:
    case POSTSEAL_OUTBOX_IN_DOUBT:
    case POSTSEAL_OUTBOX_BLOCKED:
    case POSTSEAL_OUTBOX_HELD:
    default:
      job->progress.delayed++;
      break;
    }
}

void
_postseal_send_job_report (PostsealSendJob *job, const PostsealSendItem *item)
{
  const PostsealOutboxEntry *entry = item->entry;
  PostsealSendReport report = {
    .id = entry->id,
    .state = postseal_outbox_state_name (item->outcome.state),
    .code = entry->n_recipients > 0 ? entry->recipients[0].code : 0,
    .text = item->reason,
    .error = item->error,
  };

  count (job, item->outcome.state);
  job->is_getting_on = TRUE;
  if (item->error != NULL)
    _postseal_send_job_take_error (job, g_error_copy (item->error));
  g_signal_emit (job, signals[SIGNAL_MESSAGE], 0, &report);
  _postseal_send_job_progressed (job);
}

/* --- the end of a run: latches, then the lock goes, then one more look at the queue --- */

static void
return_outcome (PostsealSendJob *job)
{
  g_autoptr (GTask) task = g_steal_pointer (&job->task);

  _postseal_send_job_set_activity (job, "done");
  _postseal_progress_pace_flush (&job->progress_pace);
  g_task_set_check_cancellable (task, FALSE); /* what happened, happened */
  if (job->error != NULL)
    g_task_return_error (task, g_error_copy (job->error));
  else
    g_task_return_boolean (task, TRUE);
}

typedef struct
{
  PostsealSendStore *store; /* owned */
  PostsealLatches *latches; /* owned, nullable */
  PostsealTlsCounts *counts; /* owned */
  char *state_dir; /* owned */
  char *account; /* owned */
} Ending;

static void
free_ending (gpointer data)
{
  Ending *ending = data;

  g_clear_pointer (&ending->store, _postseal_send_store_free);
  g_clear_pointer (&ending->latches, postseal_latches_unref);
  g_clear_pointer (&ending->counts, postseal_tls_counts_free);
  g_free (ending->state_dir);
  g_free (ending->account);
  g_free (ending);
}

/* A pause beyond the schedule was made while the clock was wrong. */
static gboolean
is_paused (gint64 until, gint64 now)
{
  return until > now && !postseal_retry_schedule_is_too_far (until, now);
}

/* TRUE when something is due that came while we were about to leave: whoever put it in may have
   found the lock taken. */
static gboolean
is_more_due (const char *account)
{
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (NULL);
  g_auto (GStrv) ids = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (outbox == NULL
      || is_paused (postseal_outbox_get_pause (outbox, account, NULL, NULL, NULL), now))
    return FALSE;
  ids = postseal_outbox_list (outbox, account, POSTSEAL_OUTBOX_DUE, now, NULL, NULL);
  return ids != NULL && ids[0] != NULL;
}

static void
end (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Ending *ending = task_data;
  GError *error = NULL;

  _postseal_job_access_keep_counts (ending->counts, ending->state_dir);
  _postseal_job_access_keep_latches (ending->latches, ending->state_dir, &error);
  /* Here in any case: it waits for the disk. */
  g_clear_pointer (&ending->store, _postseal_send_store_free);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, is_more_due (ending->account));
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSendJob) job = user_data;
  GError *error = NULL;
  gboolean is_more = g_task_propagate_boolean (G_TASK (result), &error);

  if (error != NULL)
    _postseal_send_job_take_error (job, error);
  /* What is still due because nothing came of it, say on a full disk, would be due for ever. */
  if (is_more && job->is_getting_on && !job->is_leaving
      && !g_cancellable_is_cancelled (g_task_get_cancellable (job->task)))
    {
      if (job->scope != POSTSEAL_SEND_DUE)
        job->is_follow_up = TRUE;
      job->scope = POSTSEAL_SEND_DUE;
      prepare (job);
    }
  else
    return_outcome (job);
}

static void
release (PostsealSendJob *job)
{
  Ending *ending = g_new0 (Ending, 1);
  /* The thread may be the last to let go of the task, and the job is not to end there. */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_ended, g_object_ref (job));

  ending->store = g_steal_pointer (&job->store);
  if (job->latches != NULL)
    ending->latches = postseal_latches_ref (job->latches);
  ending->counts = job->counts;
  job->counts = postseal_tls_counts_new ();
  ending->state_dir = g_strdup (job->state_dir);
  ending->account = g_strdup (job->account->name);
  g_task_set_source_tag (task, release);
  g_task_set_task_data (task, ending, free_ending);
  g_task_run_in_thread (task, end);
}

/* --- nothing could be sent: all that waits is put off --- */

static gboolean
is_blocking (const GError *error)
{
  if (error->domain == POSTSEAL_TLS_ERROR)
    return error->code != POSTSEAL_TLS_ERROR_TRUNCATED
           && error->code != POSTSEAL_TLS_ERROR_INTERRUPTED;
  if (error->domain == POSTSEAL_AUTH_ERROR)
    return error->code != POSTSEAL_AUTH_ERROR_BUSY;
  return error->domain == POSTSEAL_VAULT_ERROR && error->code != POSTSEAL_VAULT_ERROR_TEMPORARY;
}

typedef struct
{
  PostsealSendStore *store; /* borrowed: the job's */
  GPtrArray *ids; /* owned (element-type utf8) */
  GError *why; /* owned */
  GPtrArray *items; /* owned */
} Postponing;

static void
free_postponing (gpointer data)
{
  Postponing *self = data;

  g_ptr_array_unref (self->ids);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_error_free (self->why);
  g_free (self);
}

static void
postpone (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Postponing *self = task_data;
  GError *error = NULL;

  if (_postseal_send_store_postpone (self->store, self->ids, is_blocking (self->why), self->why,
                                     &self->items, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_postponed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSendJob) job = user_data;
  Postponing *self = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    job->is_getting_on = TRUE;
  else
    _postseal_send_job_take_error (job, error);
  for (guint i = 0; self->items != NULL && i < self->items->len; i++)
    _postseal_send_job_report (job, g_ptr_array_index (self->items, i));
  job->progress.delayed += self->ids->len - (self->items != NULL ? self->items->len : 0);
  release (job);
}

void
_postseal_send_job_conclude (PostsealSendJob *job, GError *error)
{
  Postponing *postponing;
  g_autoptr (GTask) task = NULL;

  if (error == NULL || job->store == NULL || g_queue_is_empty (&job->waiting)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_queue_clear_full (&job->waiting, g_free);
      if (error != NULL)
        _postseal_send_job_take_error (job, error);
      release (job);
      return;
    }
  postponing = g_new0 (Postponing, 1);
  postponing->store = job->store;
  postponing->ids = g_ptr_array_new_with_free_func (g_free);
  postponing->why = error;
  while (!g_queue_is_empty (&job->waiting))
    g_ptr_array_add (postponing->ids, g_queue_pop_head (&job->waiting));
  _postseal_send_job_take_error (job, g_error_copy (error));
  task = g_task_new (NULL, NULL, on_postponed, g_object_ref (job));
  g_task_set_source_tag (task, _postseal_send_job_conclude);
  g_task_set_task_data (task, postponing, free_postponing);
  g_task_run_in_thread (task, postpone);
}

/* --- the beginning: lock and index first, then what waits, then the network --- */

typedef struct
{
  PostsealAccount *account; /* owned */
  PostsealSendScope scope;
  char **chosen; /* owned, nullable */
  char *state_dir; /* owned */

  PostsealSendStore *store; /* owned: results from here on */
  PostsealLatches *latches; /* owned */
  char **ids; /* owned */
  GPtrArray *problems; /* owned (element-type utf8) */
  char *pause_reason; /* owned: when the account is paused */
} Preparation;

static void
free_preparation (gpointer data)
{
  Preparation *self = data;

  postseal_account_unref (self->account);
  g_strfreev (self->chosen);
  g_free (self->state_dir);
  g_clear_pointer (&self->store, _postseal_send_store_free);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  g_strfreev (self->ids);
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  g_free (self->pause_reason);
  g_free (self);
}

static gboolean
is_named_already (const GPtrArray *ids, const char *id)
{
  return g_ptr_array_find_with_equal_func ((GPtrArray *)ids, id, g_str_equal, NULL);
}

/* Whole IDs for what the user has named, each once: what is asked for twice is not sent twice. */
static char **
resolve_chosen (Preparation *self, PostsealOutbox *outbox, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (char **id = self->chosen; *id != NULL; id++)
    {
      g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, *id, error);

      if (entry == NULL)
        return NULL;
      if (entry->envelope != NULL && g_strcmp0 (entry->account, self->account->name) == 0
          && !is_named_already (ids, entry->id))
        g_ptr_array_add (ids, g_strdup (entry->id));
    }
  g_ptr_array_add (ids, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&ids), FALSE);
}

static gboolean
find_work (Preparation *self, GError **error)
{
  PostsealOutbox *outbox = _postseal_send_store_get_outbox (self->store);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (self->scope == POSTSEAL_SEND_DUE
      && !is_paused (
          postseal_outbox_get_pause (outbox, self->account->name, NULL, &self->pause_reason, NULL),
          now))
    g_clear_pointer (&self->pause_reason, g_free);
  if (self->scope == POSTSEAL_SEND_CHOSEN)
    self->ids = resolve_chosen (self, outbox, error);
  else
    self->ids = postseal_outbox_list (outbox, self->account->name,
                                      self->scope == POSTSEAL_SEND_DUE ? POSTSEAL_OUTBOX_DUE
                                                                       : POSTSEAL_OUTBOX_WAITING,
                                      now, &self->problems, error);
  return self->ids != NULL;
}

static void
prepare_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Preparation *self = task_data;
  GError *error = NULL;

  self->store = _postseal_send_store_open (self->account, &error);
  if (self->store != NULL && find_work (self, &error))
    self->latches = _postseal_job_access_load_latches (self->state_dir, &error);
  if (error == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  /* Closing waits for the disk as opening does. */
  g_clear_pointer (&self->store, _postseal_send_store_free);
  g_task_return_error (task, error);
}

static void
take_work (PostsealSendJob *job, Preparation *preparation)
{
  job->store = g_steal_pointer (&preparation->store);
  g_clear_pointer (&job->latches, postseal_latches_unref);
  job->latches = g_steal_pointer (&preparation->latches);
  for (char **id = preparation->ids; *id != NULL; id++)
    {
      g_queue_push_tail (&job->waiting, g_strdup (*id));
      job->progress.messages_total++;
    }
  for (guint i = 0; preparation->problems != NULL && i < preparation->problems->len; i++)
    _postseal_send_job_note (job, "%s", (char *)g_ptr_array_index (preparation->problems, i));
  if (preparation->problems != NULL && preparation->problems->len > 0
      && job->scope == POSTSEAL_SEND_WAITING)
    _postseal_send_job_take_error (
        job, g_error_new_literal (POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED,
                                  _ ("Not everything in the outbox can be read; what is damaged "
                                     "stays as it is and is not sent")));
}

static void
on_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSendJob) job = user_data;
  Preparation *preparation = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      /* Somebody else sends, and will look at the queue once more before leaving. */
      if (job->scope == POSTSEAL_SEND_DUE
          && g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY))
        g_error_free (error);
      else
        _postseal_send_job_take_error (job, error);
      return_outcome (job);
      return;
    }
  take_work (job, preparation);
  job->is_getting_on = g_queue_is_empty (&job->waiting);
  if (g_queue_is_empty (&job->waiting))
    _postseal_send_job_conclude (job, NULL);
  else if (preparation->pause_reason != NULL)
    {
      /* What is new shares the fate of what waits already; the server is left in peace. */
      g_queue_clear_full (&job->waiting, g_free);
      _postseal_send_job_note (job, _ ("Nothing is sent for now: %s"), preparation->pause_reason);
      _postseal_send_job_conclude (job, NULL);
    }
  else
    _postseal_send_connection_start (job);
}

static void
prepare (PostsealSendJob *job)
{
  Preparation *preparation = g_new0 (Preparation, 1);
  g_autoptr (GTask) task
      = g_task_new (NULL, g_task_get_cancellable (job->task), on_prepared, g_object_ref (job));

  preparation->account = postseal_account_ref (job->account);
  preparation->scope = job->scope;
  preparation->chosen = g_strdupv (job->chosen);
  preparation->state_dir = g_strdup (job->state_dir);
  g_task_set_source_tag (task, prepare);
  /* Dialling finds out. What was opened is closed where it does not block. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, preparation, free_preparation);
  g_task_run_in_thread (task, prepare_in_thread);
}

void
postseal_send_job_run_async (PostsealSendJob *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (POSTSEAL_IS_SEND_JOB (self));
  g_return_if_fail (self->task == NULL);

  self->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, postseal_send_job_run_async);
  prepare (self);
}

gboolean
postseal_send_job_run_finish (PostsealSendJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
postseal_send_job_leave (PostsealSendJob *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SEND_JOB (self), FALSE);

  self->is_leaving = TRUE;
  return self->n_in_flight > 0;
}

/* --- object --- */

PostsealSendJob *
postseal_send_job_new (PostsealAccount *account,
                       PostsealSendScope scope,
                       const char *const *ids,
                       PostsealTranscript *transcript)
{
  PostsealSendJob *self;

  g_return_val_if_fail (account != NULL && account->send != NULL, NULL);
  g_return_val_if_fail ((scope == POSTSEAL_SEND_CHOSEN) == (ids != NULL), NULL);

  self = g_object_new (POSTSEAL_TYPE_SEND_JOB, NULL);
  self->account = postseal_account_ref (account);
  self->scope = scope;
  self->chosen = g_strdupv ((char **)ids);
  self->transcript = postseal_transcript_ref (transcript);
  self->state_dir = postseal_paths_account_state_dir (account->name);
  self->endpoint = postseal_endpoint_to_string (account->send);
  return self;
}

PostsealAccount *
postseal_send_job_get_account (PostsealSendJob *self)
{
  return self->account;
}

const PostsealSendProgress *
postseal_send_job_get_progress (PostsealSendJob *self)
{
  return &self->progress;
}

PostsealSeal *
postseal_send_job_get_seal (PostsealSendJob *self)
{
  return self->seal;
}

const GPtrArray *
postseal_send_job_get_notes (PostsealSendJob *self)
{
  return self->notes;
}

static void
postseal_send_job_finalize (GObject *object)
{
  PostsealSendJob *self = POSTSEAL_SEND_JOB (object);

  _postseal_progress_pace_clear (&self->progress_pace);
  g_clear_object (&self->session);
  g_clear_pointer (&self->store, _postseal_send_store_free);
  g_clear_pointer (&self->account, postseal_account_unref);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  g_clear_pointer (&self->counts, postseal_tls_counts_free);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_clear_pointer (&self->answered, g_ptr_array_unref);
  g_queue_clear_full (&self->waiting, g_free);
  g_clear_error (&self->error);
  g_clear_error (&self->loss);
  g_strfreev (self->chosen);
  g_free (self->state_dir);
  g_free (self->endpoint);
  g_free (self->seal_text);
  G_OBJECT_CLASS (postseal_send_job_parent_class)->finalize (object);
}

static void
postseal_send_job_class_init (PostsealSendJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_send_job_finalize;
  signals[SIGNAL_PROGRESS] = g_signal_new ("progress", POSTSEAL_TYPE_SEND_JOB, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", POSTSEAL_TYPE_SEND_JOB, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
postseal_send_job_init (PostsealSendJob *self)
{
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->answered = g_ptr_array_new_with_free_func ((GDestroyNotify)_postseal_send_item_free);
  self->counts = postseal_tls_counts_new ();
  self->progress.activity = "connecting";
  self->progress_pace = (PostsealProgressPace){ self, signals[SIGNAL_PROGRESS], NULL };
  g_queue_init (&self->waiting);
}

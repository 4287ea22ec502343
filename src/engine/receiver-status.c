/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A receiver's part of the account's status. */
#include "base/paths.h"
#include "engine/last-run.h"
#include "engine/outcome.h"
#include "engine/receiver-private.h"

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

void
_postseal_receiver_show_state (PostsealReceiver *self, PostsealAccountState state)
{
  const char *name = postseal_account_state_name (state);
  g_autofree char *before = NULL;

  g_object_get (self->status, "receive-state", &before, NULL);
  if (g_strcmp0 (before, name) != 0)
    g_object_set (self->status, "receive-state", name, "receive-since", get_now (), NULL);
}

void
_postseal_receiver_show_next (PostsealReceiver *self, gint64 at)
{
  gint64 next = 0;

  if (self->timer != NULL)
    next = get_now () + MAX (0, at - g_get_monotonic_time () + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;
  g_object_set (self->status, "receive-next", next, NULL);
}

static void
show_seal (PostsealReceiver *self, PostsealSeal *seal)
{
  g_auto (GStrv) changes = NULL;

  if (seal == self->seal)
    return;
  changes = postseal_advice_compare_seals (self->seal, seal, get_now ());
  g_clear_pointer (&self->seal, postseal_seal_unref);
  self->seal = postseal_seal_ref (seal);
  g_object_set (self->status, "receive-changes", changes, NULL);
}

void
_postseal_receiver_show_job (PostsealReceiver *self)
{
  const PostsealFetchProgress *progress = postseal_fetch_job_get_progress (self->job);
  PostsealSeal *seal = postseal_fetch_job_get_seal (self->job);
  gboolean is_watching = g_strcmp0 (progress->activity, "watching") == 0;

  g_object_set (self->status, "receive-activity", is_watching ? "" : progress->activity,
                "receive-mailbox", progress->mailbox, "messages-total", progress->messages_total,
                "messages-done", progress->messages_done, "bytes-total",
                MAX (progress->bytes_total, progress->bytes_done), "bytes-done",
                progress->bytes_done, "receive-watched",
                is_watching ? postseal_fetch_job_get_watched (self->job) : NULL, NULL);
  /* The mechanism is known only once the user has signed in. */
  if (seal != NULL && seal->mechanism != NULL)
    {
      show_seal (self, seal);
      g_object_set (self->status, "receive-seal", postseal_seal_to_variant (seal), NULL);
    }
}

void
_postseal_receiver_show_outcome (PostsealReceiver *self, const GError *error)
{
  g_auto (PostsealAdvice) advice = postseal_advice_for (error, self->account);

  g_object_set (self->status, "receive-status", postseal_outcome_exit_status (error),
                "receive-error", error != NULL ? error->message : "", "receive-advice",
                advice.sentence, "receive-remedy", advice.remedy, NULL);
  if (error == NULL)
    g_object_set (self->status, "receive-last", get_now (), NULL);
}

static void
free_last_run (gpointer data)
{
  postseal_last_run_clear (data);
  g_free (data);
}

static void
load_last_run (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  PostsealLastRun *run = g_new0 (PostsealLastRun, 1);

  if (!postseal_last_run_load (task_data, run))
    g_clear_pointer (&run, free_last_run);
  g_task_return_pointer (task, run, free_last_run);
}

static void
on_last_run_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealReceiver) self = user_data;
  PostsealLastRun *run = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (PostsealSeal) seal = NULL;

  /* What was seen meanwhile is newer. */
  if (run != NULL && self->seal == NULL && self->last_attempt == 0 && !self->is_stopping)
    {
      seal = run->seal != NULL ? postseal_seal_parse (run->seal) : NULL;
      if (seal != NULL)
        {
          self->seal = postseal_seal_ref (seal);
          g_object_set (self->status, "receive-seal", postseal_seal_to_variant (seal), NULL);
        }
      if (self->job == NULL)
        g_object_set (self->status, "receive-error", run->error, "receive-status", run->status,
                      NULL);
      if (run->status == 0)
        g_object_set (self->status, "receive-last", run->time, NULL);
    }
  g_clear_pointer (&run, free_last_run);
}

void
_postseal_receiver_show_last_run (PostsealReceiver *self)
{
  /* The thread may be the last to let go of the task, and the receiver is not to end there. */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_last_run_loaded, g_object_ref (self));

  g_task_set_source_tag (task, _postseal_receiver_show_last_run);
  g_task_set_task_data (task, postseal_paths_account_state_dir (self->account->name), g_free);
  g_task_run_in_thread (task, load_last_run);
}

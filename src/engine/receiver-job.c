/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One job of a receiver, from its start to its end. */
#include "engine/receiver-private.h"

/* Sleep is put off while something is on its way to the disk, not while it watches. */
static void
hold_sleep (PostsealReceiver *self, gboolean is_busy)
{
  if (self->world == NULL || self->holds_sleep == is_busy)
    return;
  self->holds_sleep = is_busy;
  if (is_busy)
    postseal_world_hold_sleep (self->world);
  else
    postseal_world_release_sleep (self->world);
}

gboolean
_postseal_receiver_is_watching (PostsealReceiver *self)
{
  return g_strcmp0 (postseal_fetch_job_get_progress (self->job)->activity, "watching") == 0;
}

static gboolean
is_online (PostsealReceiver *self)
{
  return self->world == NULL
         || postseal_world_may_reach (self->world, self->account->receive->host);
}

void
_postseal_receiver_follow_job (PostsealReceiver *self)
{
  PostsealAccountState state = POSTSEAL_ACCOUNT_WORKING;

  if (self->is_fresh && postseal_fetch_job_get_seal (self->job) != NULL)
    {
      self->is_fresh = FALSE;
      postseal_servers_report_well (self->servers, self->account->receive);
    }
  if (_postseal_receiver_is_watching (self))
    state = is_online (self) ? POSTSEAL_ACCOUNT_WATCHING : POSTSEAL_ACCOUNT_OFFLINE;
  hold_sleep (self, !_postseal_receiver_is_watching (self) && !self->is_fresh);
  _postseal_receiver_show_job (self);
  _postseal_receiver_show_state (self, state);
}

static void
on_progress (PostsealFetchJob *job, gpointer user_data)
{
  PostsealReceiver *self = user_data;

  if (job == self->job)
    _postseal_receiver_follow_job (self);
}

static void
on_round (PostsealFetchJob *job, gpointer round, gpointer user_data)
{
  PostsealReceiver *self = user_data;
  const PostsealFetchRound *ended = round;

  if (job != self->job)
    return;
  self->was_reached = TRUE;
  if (self->well_since == 0 && ended->error == NULL)
    self->well_since = g_get_monotonic_time ();
  if (self->stays)
    _postseal_receiver_show_outcome (self, ended->error);
  _postseal_receiver_follow_job (self);
  _postseal_receiver_requests_round_ended (self, ended);
}

static void
on_arrived (
    PostsealFetchJob *job, const char *mailbox, guint count, GStrv files, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "arrived", mailbox, count, files);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealReceiver) self = user_data;
  g_autoptr (PostsealFetchJob) job = g_object_ref (self->job);
  g_autoptr (GError) error = NULL;

  postseal_fetch_job_run_finish (job, result, &error);
  _postseal_receiver_follow_job (self);
  g_object_set (self->status, "receive-activity", "", "receive-mailbox", "", "receive-watched",
                NULL, NULL);
  hold_sleep (self, FALSE);
  g_signal_handlers_disconnect_by_data (job, self);
  _postseal_receiver_job_ended (self, job, error);
  if (self->has_slot)
    postseal_servers_give_back (self->servers, self->account->receive, self->account->receive_user);
  self->has_slot = FALSE;
  g_clear_object (&self->cancellable);
  _postseal_receiver_requests_job_ended (self, error);
  self->left_for_sleep = FALSE;
  g_clear_object (&self->job);
  _postseal_receiver_schedule (self);
}

void
_postseal_receiver_start_job (PostsealReceiver *self)
{
  PostsealAccount *account = self->account;

  self->job = postseal_fetch_job_new (account, self->relay);
  self->cancellable = g_cancellable_new ();
  self->stays = self->world != NULL && account->push
                && account->receive->protocol == POSTSEAL_PROTOCOL_IMAP;
  self->is_fresh = TRUE;
  self->was_reached = FALSE;
  self->was_probed = FALSE;
  self->well_since = 0;
  self->has_slot = postseal_servers_take (self->servers, account->receive, account->receive_user,
                                          account->connections);
  if (self->stays)
    postseal_fetch_job_set_stay (self->job, self->servers);
  g_signal_connect (self->job, "progress", G_CALLBACK (on_progress), self);
  g_signal_connect (self->job, "round", G_CALLBACK (on_round), self);
  g_signal_connect (self->job, "arrived", G_CALLBACK (on_arrived), self);
  _postseal_receiver_requests_job_started (self);
  _postseal_receiver_follow_job (self);
  postseal_fetch_job_run_async (self->job, self->cancellable, on_ended, g_object_ref (self));
}

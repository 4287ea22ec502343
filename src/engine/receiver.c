/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When an account is looked after: what has to be waited for, and what ends the wait. */
#include "engine/receiver.h"

#include "auth/sasl.h"
#include "base/limits.h"
#include "engine/receiver-private.h"
#include "net/net-error.h"

G_DEFINE_FINAL_TYPE (PostsealReceiver, postseal_receiver, G_TYPE_OBJECT)

/* A network that costs is asked less often; being told costs next to nothing. */
#define METERED_FACTOR 4

enum
{
  SIGNAL_ARRIVED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

/* --- how long --- */

/* From half of the first time to the whole of the longest, by what went wrong. */
static const struct
{
  PostsealAccountState state;
  guint first_ms;
  guint longest_ms;
} patience[] = {
  { POSTSEAL_ACCOUNT_BUSY, POSTSEAL_RETRY_BUSY_FIRST_MS, POSTSEAL_RETRY_BUSY_LONGEST_MS },
  { POSTSEAL_ACCOUNT_FULL, POSTSEAL_RETRY_FULL_FIRST_MS, POSTSEAL_RETRY_FULL_LONGEST_MS },
  { POSTSEAL_ACCOUNT_REFUSED, POSTSEAL_RETRY_REFUSED_FIRST_MS, POSTSEAL_RETRY_REFUSED_LONGEST_MS },
  { POSTSEAL_ACCOUNT_WAITING, POSTSEAL_RETRY_FIRST_MS, POSTSEAL_RETRY_LONGEST_MS },
};

static gint64
get_interval_us (PostsealReceiver *self, guint login_delay)
{
  gint64 seconds = self->account->interval_seconds;

  if (self->world != NULL && postseal_world_is_metered (self->world))
    seconds *= METERED_FACTOR;
  return MAX (seconds, login_delay) * G_USEC_PER_SEC;
}

/* What ends by an event alone has no time. */
static gint64
get_patience_us (PostsealReceiver *self, PostsealAccountState state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (patience); i++)
    if (patience[i].state == state)
      {
        if (self->backoff.first_ms != patience[i].first_ms)
          self->backoff = (PostsealBackoff)POSTSEAL_BACKOFF_INIT (patience[i].first_ms,
                                                                  patience[i].longest_ms);
        return postseal_backoff_next (&self->backoff) * G_TIME_SPAN_MILLISECOND;
      }
  return -1;
}

/* What worked was lost, or it was asked at the wrong moment: that says nothing about the server. */
static gboolean
is_connection_lost (PostsealReceiver *self, const GError *error)
{
  return (self->was_reached || self->was_probed)
         && g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT);
}

/* A server that lets us in and then hangs up, or mail that cannot be stored, is trouble, too: only
   what has worked for a while begins anew. */
static gboolean
has_been_steady (PostsealReceiver *self, gint64 now)
{
  return self->well_since != 0
         && now - self->well_since >= POSTSEAL_RETRY_STEADY_MS * G_TIME_SPAN_MILLISECOND;
}

void
_postseal_receiver_job_ended (PostsealReceiver *self, PostsealFetchJob *job, const GError *error)
{
  gint64 now = g_get_monotonic_time ();
  PostsealVerdict verdict;
  gint64 patience_us;

  self->last_attempt = now;
  self->was_log_in_refused = error != NULL && error->domain == POSTSEAL_AUTH_ERROR;
  if (error == NULL)
    {
      self->rest = POSTSEAL_ACCOUNT_WAITING;
      postseal_backoff_reset (&self->backoff);
      self->not_before
          = self->left_for_sleep
                ? now
                : now + get_interval_us (self, postseal_fetch_job_get_login_delay (job));
      /* What was told to end has not done it all. */
      if (!self->left_for_sleep && !self->is_stopping)
        _postseal_receiver_show_outcome (self, NULL);
      return;
    }

  verdict = postseal_advice_judge (error);
  self->rest = verdict.state;
  if (verdict.is_limit)
    postseal_servers_report_limit (self->servers, self->account->receive,
                                   self->account->receive_user);
  if (verdict.is_servers && !is_connection_lost (self, error))
    postseal_servers_report_trouble (self->servers, self->account->receive, now);
  if (has_been_steady (self, now))
    postseal_backoff_reset (&self->backoff);
  patience_us = get_patience_us (self, verdict.state);
  /* Where mail can be had for a moment, it is had as often as where nobody tells of it. */
  if (self->was_reached && verdict.state == POSTSEAL_ACCOUNT_WAITING)
    patience_us = MIN (patience_us, get_interval_us (self, 0));
  self->not_before = patience_us >= 0 ? now + patience_us : G_MAXINT64;
  if (!self->is_stopping)
    _postseal_receiver_show_outcome (self, error);
}

/* --- when --- */

static void
clear_timer (PostsealReceiver *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static gboolean
on_time (gpointer user_data)
{
  _postseal_receiver_schedule (user_data);
  return G_SOURCE_REMOVE;
}

static void
set_timer (PostsealReceiver *self, gint64 at)
{
  self->timer = g_timeout_source_new (0);
  g_source_set_ready_time (self->timer, at);
  g_source_set_callback (self->timer, on_time, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static void
rest (PostsealReceiver *self)
{
  gint64 at = MAX (self->not_before,
                   postseal_servers_get_not_before (self->servers, self->account->receive));

  if (!postseal_world_may_reach (self->world, self->account->receive->host))
    _postseal_receiver_show_state (self, POSTSEAL_ACCOUNT_OFFLINE);
  else if (at <= g_get_monotonic_time ())
    {
      _postseal_receiver_start_job (self);
      return;
    }
  else
    {
      _postseal_receiver_show_state (self, self->rest);
      if (at != G_MAXINT64)
        set_timer (self, at);
    }
  _postseal_receiver_show_next (self, at);
}

void
_postseal_receiver_schedule (PostsealReceiver *self)
{
  clear_timer (self);
  if (self->job != NULL)
    return;
  if (self->is_stopping)
    {
      _postseal_receiver_show_state (self, POSTSEAL_ACCOUNT_OFF);
      _postseal_receiver_requests_job_ended (self, NULL);
      if (self->stop != NULL)
        {
          g_autoptr (GTask) stop = g_steal_pointer (&self->stop);

          g_task_return_boolean (stop, TRUE);
        }
    }
  else if (!g_queue_is_empty (&self->requests))
    _postseal_receiver_start_job (self);
  else if (self->world != NULL)
    rest (self);
  else
    _postseal_receiver_show_state (self, POSTSEAL_ACCOUNT_OFF);
}

static void
begin_anew (PostsealReceiver *self)
{
  postseal_backoff_reset (&self->backoff);
  self->not_before = 0;
  _postseal_receiver_schedule (self);
}

/* --- what happens to the machine --- */

/* What was connected before may be dead, what could not be reached may be there now. A log-in that
   was refused would be refused again. */
static void
on_network_changed (PostsealWorld *world, gpointer user_data)
{
  PostsealReceiver *self = user_data;

  postseal_servers_forget_trouble (self->servers);
  if (self->job != NULL)
    {
      self->was_probed = TRUE;
      postseal_fetch_job_probe (self->job, POSTSEAL_LIMIT_PROBE_MS);
      _postseal_receiver_follow_job (self);
      return;
    }
  if ((self->rest == POSTSEAL_ACCOUNT_WAITING || self->rest == POSTSEAL_ACCOUNT_REFUSED)
      && !self->was_log_in_refused)
    begin_anew (self);
  else
    _postseal_receiver_schedule (self);
}

static void
on_online (PostsealWorld *world, GParamSpec *pspec, gpointer user_data)
{
  PostsealReceiver *self = user_data;

  if (self->job != NULL)
    _postseal_receiver_follow_job (self);
  else
    _postseal_receiver_schedule (self);
}

/* What is under way becomes durable; what watches stays, and is probed afterwards. */
static void
on_suspending (PostsealWorld *world, gpointer user_data)
{
  PostsealReceiver *self = user_data;

  if (self->job == NULL || _postseal_receiver_is_watching (self))
    return;
  self->left_for_sleep = TRUE;
  postseal_fetch_job_leave (self->job);
}

static void
on_clock_changed (PostsealWorld *world, gpointer user_data)
{
  _postseal_receiver_schedule (user_data);
}

/* Keyrings change for many reasons, and servers lock users out who try too often. */
static void
on_secrets_changed (PostsealWorld *world, gpointer user_data)
{
  PostsealReceiver *self = user_data;

  if (!self->was_log_in_refused)
    postseal_receiver_retry (self);
  else if (self->rest == POSTSEAL_ACCOUNT_REFUSED)
    {
      self->not_before
          = MIN (self->not_before,
                 self->last_attempt + POSTSEAL_RETRY_REJECTED_MS * G_TIME_SPAN_MILLISECOND);
      _postseal_receiver_schedule (self);
    }
}

/* --- from outside --- */

void
postseal_receiver_start (PostsealReceiver *self, PostsealWorld *world)
{
  g_return_if_fail (POSTSEAL_IS_RECEIVER (self));
  g_return_if_fail (self->world == NULL);

  self->world = g_object_ref (world);
  g_signal_connect (world, "network-changed", G_CALLBACK (on_network_changed), self);
  g_signal_connect (world, "resumed", G_CALLBACK (on_network_changed), self);
  g_signal_connect (world, "notify::online", G_CALLBACK (on_online), self);
  g_signal_connect (world, "notify::asleep", G_CALLBACK (on_online), self);
  g_signal_connect (world, "suspending", G_CALLBACK (on_suspending), self);
  g_signal_connect (world, "clock-changed", G_CALLBACK (on_clock_changed), self);
  g_signal_connect (world, "secrets-changed", G_CALLBACK (on_secrets_changed), self);
  _postseal_receiver_show_last_run (self);
  _postseal_receiver_schedule (self);
}

void
postseal_receiver_retry (PostsealReceiver *self)
{
  g_return_if_fail (POSTSEAL_IS_RECEIVER (self));

  if (self->is_stopping)
    return;
  if (self->rest == POSTSEAL_ACCOUNT_LOCKED || self->rest == POSTSEAL_ACCOUNT_REFUSED
      || self->rest == POSTSEAL_ACCOUNT_REAUTHORIZE)
    begin_anew (self);
}

static gboolean
on_stop_limit (gpointer user_data)
{
  PostsealReceiver *self = user_data;

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

void
postseal_receiver_stop_async (PostsealReceiver *self,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (POSTSEAL_IS_RECEIVER (self));
  g_return_if_fail (self->stop == NULL);

  self->stop = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->stop, postseal_receiver_stop_async);
  self->is_stopping = TRUE;
  if (self->world != NULL)
    g_signal_handlers_disconnect_by_data (self->world, self);
  _postseal_receiver_schedule (self);
  if (self->job == NULL)
    return;
  postseal_fetch_job_leave (self->job);
  if (self->job == NULL)
    return;
  self->timer = g_timeout_source_new (POSTSEAL_LIMIT_LEAVE_MS);
  g_source_set_callback (self->timer, on_stop_limit, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

void
postseal_receiver_stop_finish (PostsealReceiver *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* --- object --- */

PostsealReceiver *
postseal_receiver_new (PostsealAccount *account,
                       PostsealAccountStatus *status,
                       PostsealServers *servers)
{
  PostsealReceiver *self;

  g_return_val_if_fail (account != NULL && account->receive != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_RECEIVER, NULL);
  self->account = postseal_account_ref (account);
  self->status = g_object_ref (status);
  self->servers = postseal_servers_ref (servers);
  g_object_set (status, "receives", TRUE, NULL);
  return self;
}

static void
postseal_receiver_dispose (GObject *object)
{
  PostsealReceiver *self = POSTSEAL_RECEIVER (object);

  clear_timer (self);
  if (self->world != NULL)
    g_signal_handlers_disconnect_by_data (self->world, self);
  g_clear_object (&self->world);
  G_OBJECT_CLASS (postseal_receiver_parent_class)->dispose (object);
}

static void
postseal_receiver_finalize (GObject *object)
{
  PostsealReceiver *self = POSTSEAL_RECEIVER (object);

  _postseal_receiver_requests_clear (self);
  g_clear_pointer (&self->account, postseal_account_unref);
  g_clear_object (&self->status);
  g_clear_pointer (&self->servers, postseal_servers_unref);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  G_OBJECT_CLASS (postseal_receiver_parent_class)->finalize (object);
}

static void
postseal_receiver_class_init (PostsealReceiverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = postseal_receiver_dispose;
  object_class->finalize = postseal_receiver_finalize;
  signals[SIGNAL_ARRIVED]
      = g_signal_new ("arrived", POSTSEAL_TYPE_RECEIVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRV);
}

static void
postseal_receiver_init (PostsealReceiver *self)
{
  self->rest = POSTSEAL_ACCOUNT_WAITING;
  _postseal_receiver_requests_init (self);
}

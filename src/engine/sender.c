/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/sender.h"

#include <glib/gi18n-lib.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "base/limits.h"
#include "base/loop.h"
#include "engine/sender-private.h"
#include "net/net-error.h"

#define LONGEST_SLEEP_MS 3600000 /* the wall clock may have moved unseen */
#define TURN_MS 200 /* between looks whether another program has let go of the account */
#define STOP_MS 800 /* what is between its end and the reply may take so long */

G_DEFINE_FINAL_TYPE (PostsealSender, postseal_sender, G_TYPE_OBJECT)

enum
{
  SIGNAL_MESSAGE,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

void
_postseal_sender_set_state (PostsealSender *self, PostsealAccountState state)
{
  const char *name = postseal_account_state_name (state);
  g_autofree char *before = NULL;

  g_object_get (self->status, "send-state", &before, NULL);
  if (g_strcmp0 (before, name) != 0)
    g_object_set (self->status, "send-state", name, "send-since",
                  g_get_real_time () / G_USEC_PER_SEC, NULL);
}

void
_postseal_sender_hold_back (PostsealSender *self, guint longest_ms)
{
  self->backoff.longest_ms = longest_ms;
  self->not_before = g_get_monotonic_time ()
                     + (gint64)postseal_backoff_next (&self->backoff) * G_TIME_SPAN_MILLISECOND;
}

/* --- what is next, of its own accord --- */

static gboolean
on_due (gpointer user_data)
{
  PostsealSender *self = user_data;

  postseal_loop_clear (&self->timer);
  _postseal_sender_pump (self);
  return G_SOURCE_REMOVE;
}

/* Milliseconds until something is to be done, 0: now. What failed for want of a network does not
   wait for its own time, but for the server's or ours. */
static gint64
find_wait_ms (PostsealSender *self)
{
  gint64 now_us = g_get_real_time ();
  gint64 due_us = self->is_stranded ? 0 : self->next_due * G_USEC_PER_SEC - now_us;
  gint64 not_before = MAX (self->not_before,
                           postseal_servers_get_not_before (self->servers, self->account->send));
  gint64 wait_us = MAX (MAX (due_us, not_before - g_get_monotonic_time ()), 0);

  return (wait_us + G_TIME_SPAN_MILLISECOND - 1) / G_TIME_SPAN_MILLISECOND;
}

static void
sleep_for (PostsealSender *self, gint64 wait_ms)
{
  /* Whoever was suspected of sending has sent it, or the account is paused. */
  if (self->verdict == POSTSEAL_ACCOUNT_BUSY
      && self->next_due > g_get_real_time () / G_USEC_PER_SEC)
    self->verdict = POSTSEAL_ACCOUNT_WAITING;
  _postseal_sender_set_state (self, self->verdict);
  g_object_set (self->status, "send-next", (g_get_real_time () / 1000 + wait_ms + 999) / 1000,
                NULL);
  self->timer = postseal_loop_add_timeout ((guint)MIN (wait_ms, LONGEST_SLEEP_MS), on_due, self);
}

/* Nothing waits: what was wrong with the account still is, the rest is forgotten. */
static void
rest (PostsealSender *self)
{
  if (self->verdict == POSTSEAL_ACCOUNT_BUSY || self->verdict == POSTSEAL_ACCOUNT_FULL)
    self->verdict = POSTSEAL_ACCOUNT_WAITING;
  postseal_backoff_reset (&self->backoff);
  self->not_before = 0;
  self->is_stranded = FALSE;
  _postseal_sender_set_state (self, self->verdict);
  g_object_set (self->status, "send-next", (gint64)0, NULL);
}

/* Sends what is due, or sleeps until it is. */
static void
arrange (PostsealSender *self)
{
  gint64 wait_ms;

  if (self->world == NULL)
    {
      _postseal_sender_set_state (self, POSTSEAL_ACCOUNT_OFF);
      return;
    }
  if (postseal_world_is_asleep (self->world))
    return;
  if (!postseal_world_may_reach (self->world, self->account->send->host))
    {
      _postseal_sender_set_state (self, POSTSEAL_ACCOUNT_OFFLINE);
      g_object_set (self->status, "send-next", (gint64)0, NULL);
      return;
    }
  if (self->next_due < 0)
    {
      rest (self);
      return;
    }
  wait_ms = find_wait_ms (self);
  if (wait_ms > 0)
    sleep_for (self, wait_ms);
  else if (self->is_stranded)
    {
      self->is_stranded = FALSE;
      self->amendments |= SENDER_HASTENS;
      _postseal_sender_amend (self);
    }
  else
    _postseal_sender_run (self, NULL);
}

/* --- requests --- */

static void
free_request (gpointer data)
{
  SenderRequest *request = data;

  g_strfreev (request->ids);
  g_free (request->error);
  g_clear_pointer (&request->transcript, postseal_transcript_unref);
  g_free (request);
}

static void
refuse_request (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                           _ ("Nothing is sent any more"));
  g_object_unref (task);
}

/* Returns: (transfer full) (nullable) */
static GTask *
pop_request (PostsealSender *self)
{
  GTask *task;

  while ((task = g_queue_pop_head (&self->requests)) != NULL)
    {
      if (_postseal_sender_answer_tried (self, task))
        g_object_unref (task);
      else if (!self->is_stopped && !g_cancellable_is_cancelled (g_task_get_cancellable (task)))
        return task;
      else
        refuse_request (task);
    }
  return NULL;
}

static gboolean
on_turn (gpointer user_data)
{
  PostsealSender *self = user_data;

  postseal_loop_clear (&self->timer);
  g_object_set (self->status, "send-error", "", NULL);
  self->phase = SENDER_RESTS;
  _postseal_sender_pump (self);
  return G_SOURCE_REMOVE;
}

void
_postseal_sender_queue_up (PostsealSender *self, GTask *request, const GError *error)
{
  g_autofree char *sentence = g_utf8_make_valid (error->message, -1);

  self->phase = SENDER_QUEUES;
  g_queue_push_head (&self->requests, request);
  g_object_set (self->status, "send-error", sentence, NULL);
  _postseal_sender_set_state (self, POSTSEAL_ACCOUNT_BUSY);
  self->timer = postseal_loop_add_timeout (TURN_MS, on_turn, self);
}

static void
finish_stop (PostsealSender *self)
{
  g_autoptr (GTask) stop = g_steal_pointer (&self->stop);

  postseal_loop_clear (&self->stop_timer);
  _postseal_sender_set_state (self, POSTSEAL_ACCOUNT_OFF);
  g_object_set (self->status, "send-next", (gint64)0, NULL);
  if (stop != NULL)
    g_task_return_boolean (stop, TRUE);
}

void
_postseal_sender_pump (PostsealSender *self)
{
  GTask *request;

  if (self->phase != SENDER_RESTS)
    return;
  postseal_loop_clear (&self->timer);
  request = pop_request (self);
  if (request != NULL)
    _postseal_sender_run (self, request);
  else if (self->is_stopped)
    finish_stop (self);
  else if (self->amendments != 0)
    _postseal_sender_amend (self);
  else if (self->wants_look)
    _postseal_sender_look (self);
  else
    arrange (self);
}

void
postseal_sender_flush_async (PostsealSender *self,
                             PostsealSendScope scope,
                             const char *const *ids,
                             PostsealTranscript *transcript,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  SenderRequest *request;
  GTask *task;

  g_return_if_fail (POSTSEAL_IS_SENDER (self));
  g_return_if_fail ((scope == POSTSEAL_SEND_CHOSEN) == (ids != NULL));

  request = g_new0 (SenderRequest, 1);
  request->scope = scope;
  request->ids = g_strdupv ((char **)ids);
  request->transcript = postseal_transcript_ref (transcript);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_sender_flush_async);
  g_task_set_task_data (task, request, free_request);
  /* What was sent was sent. */
  g_task_set_check_cancellable (task, FALSE);
  g_queue_push_tail (&self->requests, task);
  _postseal_sender_pump (self);
}

GVariant *
postseal_sender_flush_finish (PostsealSender *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- what happens --- */

static void
forget_failures (PostsealSender *self)
{
  postseal_backoff_reset (&self->backoff);
  self->not_before = 0;
}

static void
on_network_changed (PostsealSender *self)
{
  postseal_servers_forget_trouble (self->servers);
  forget_failures (self);
  self->is_stranded = FALSE;
  if (self->next_due >= 0)
    self->amendments |= SENDER_HASTENS;
  _postseal_sender_pump (self);
}

static void
on_suspending (PostsealSender *self)
{
  _postseal_sender_leave (self);
}

static void
on_awake (PostsealSender *self)
{
  _postseal_sender_pump (self);
}

static void
on_clock_changed (PostsealSender *self)
{
  self->wants_look |= self->next_due >= 0;
  _postseal_sender_pump (self);
}

static gboolean
on_secrets_due (gpointer user_data)
{
  PostsealSender *self = user_data;

  postseal_loop_clear (&self->secrets_timer);
  postseal_sender_retry (self);
  return G_SOURCE_REMOVE;
}

/* Keyrings change for many reasons, and servers lock users out who try too often. What another
   process was refused for is not known. */
static void
on_secrets_changed (PostsealSender *self)
{
  gint64 wait_us = self->ran_us + POSTSEAL_RETRY_REJECTED_MS * G_TIME_SPAN_MILLISECOND
                   - g_get_monotonic_time ();
  gboolean is_vaults = self->error_domain == POSTSEAL_VAULT_ERROR;

  if (self->next_due < 0
      || (self->error_domain != 0 && !is_vaults && self->error_domain != POSTSEAL_AUTH_ERROR))
    return;
  if (is_vaults || self->ran_us == 0 || wait_us <= 0)
    postseal_sender_retry (self);
  else if (self->secrets_timer == NULL)
    self->secrets_timer = postseal_loop_add_timeout ((guint)(wait_us / G_TIME_SPAN_MILLISECOND) + 1,
                                                     on_secrets_due, self);
}

void
postseal_sender_start (PostsealSender *self, PostsealWorld *world)
{
  g_return_if_fail (POSTSEAL_IS_SENDER (self));
  g_return_if_fail (self->world == NULL && !self->is_stopped);

  self->world = g_object_ref (world);
  g_signal_connect_object (world, "network-changed", G_CALLBACK (on_network_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (world, "suspending", G_CALLBACK (on_suspending), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (world, "resumed", G_CALLBACK (on_awake), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (world, "clock-changed", G_CALLBACK (on_clock_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (world, "secrets-changed", G_CALLBACK (on_secrets_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (world, "notify::online", G_CALLBACK (on_awake), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (world, "notify::asleep", G_CALLBACK (on_awake), self, G_CONNECT_SWAPPED);
  _postseal_sender_pump (self);
}

void
postseal_sender_set_next_due (PostsealSender *self, gint64 next)
{
  g_return_if_fail (POSTSEAL_IS_SENDER (self));

  self->next_due = next;
  if (self->world != NULL && next >= 0)
    {
      self->amendments |= self->first_amendments;
      self->first_amendments = 0;
    }
  _postseal_sender_pump (self);
}

void
postseal_sender_retry (PostsealSender *self)
{
  g_return_if_fail (POSTSEAL_IS_SENDER (self));

  /* No secret helps against a server that is not who it should be. */
  if (self->error_domain != POSTSEAL_TLS_ERROR
      && (self->next_due >= 0 || self->verdict != POSTSEAL_ACCOUNT_WAITING))
    self->amendments |= SENDER_LIFTS;
  forget_failures (self);
  _postseal_sender_pump (self);
}

/* --- the end --- */

static gboolean
on_stop_due (gpointer user_data)
{
  PostsealSender *self = user_data;

  postseal_loop_clear (&self->stop_timer);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

void
postseal_sender_stop_async (PostsealSender *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (POSTSEAL_IS_SENDER (self));
  g_return_if_fail (self->stop == NULL);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, postseal_sender_stop_async);
  self->stop = g_steal_pointer (&task);
  self->is_stopped = TRUE;
  postseal_loop_clear (&self->secrets_timer);
  if (self->world != NULL)
    g_signal_handlers_disconnect_by_data (self->world, self);
  if (self->job != NULL)
    {
      self->stop_timer = postseal_loop_add_timeout (STOP_MS, on_stop_due, self);
      _postseal_sender_leave (self);
    }
  _postseal_sender_pump (self);
}

void
postseal_sender_stop_finish (PostsealSender *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* --- object --- */

PostsealSender *
postseal_sender_new (PostsealAccount *account,
                     PostsealAccountStatus *status,
                     PostsealServers *servers)
{
  PostsealSender *self;

  g_return_val_if_fail (account != NULL && account->send != NULL, NULL);
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_STATUS (status), NULL);
  g_return_val_if_fail (servers != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_SENDER, NULL);
  self->account = postseal_account_ref (account);
  self->status = g_object_ref (status);
  self->servers = postseal_servers_ref (servers);
  return self;
}

static void
postseal_sender_finalize (GObject *object)
{
  PostsealSender *self = POSTSEAL_SENDER (object);

  postseal_loop_clear (&self->timer);
  postseal_loop_clear (&self->stop_timer);
  postseal_loop_clear (&self->secrets_timer);
  g_clear_object (&self->world);
  g_clear_pointer (&self->servers, postseal_servers_unref);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_object (&self->status);
  g_clear_pointer (&self->account, postseal_account_unref);
  G_OBJECT_CLASS (postseal_sender_parent_class)->finalize (object);
}

static void
postseal_sender_class_init (PostsealSenderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_sender_finalize;
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", POSTSEAL_TYPE_SENDER, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
postseal_sender_init (PostsealSender *self)
{
  self->next_due = -1;
  /* Another process may have met another network. */
  self->first_amendments = SENDER_RECALLS | SENDER_HASTENS;
  self->verdict = POSTSEAL_ACCOUNT_WAITING;
  self->backoff = (PostsealBackoff)POSTSEAL_BACKOFF_INIT (POSTSEAL_LIMIT_BUSY_FIRST_MS,
                                                          POSTSEAL_LIMIT_BUSY_LONGEST_MS);
}

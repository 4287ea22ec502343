/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The conversation of a sending run. Messages go from the disk to the session and their answers
   back to the disk, a window at a time; the disk works while the session does. */
#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "engine/job-access-private.h"
#include "engine/send-job-private.h"

/* Marks and results of this many messages share one transaction, and one fsync. */
#define BATCH_MESSAGES POSTSEAL_BATCH_MESSAGES
/* So many where every message waits for the reply to the one before: what is marked but not sent
   when the process is killed counts as in doubt. */
#define BATCH_ONE_BY_ONE 8
/* How long a server that hung up on a window of messages is sent one at a time (seconds). */
#define WINDOW_MEMORY_S (30 * 86400)
#define WINDOW_LATCH "window"
#define CODE_CLOSING 421

static void pump (PostsealSendJob *job);

/* --- answers --- */

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gboolean
is_in_doubt (const PostsealSendItem *item)
{
  return g_error_matches (item->result->error, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_IN_DOUBT);
}

/* Why the connection ended, as far as a message on it can tell. That it is in doubt itself concerns
   no other message. Returns: (transfer full) */
static GError *
explain_loss (PostsealSendJob *job, const PostsealSendItem *item)
{
  GError *error = NULL;

  if (!is_in_doubt (item))
    return g_error_copy (item->result->error);
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (job->task), &error))
    return error;
  return g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                      _ ("The connection to %s was lost while messages were on their way"),
                      job->endpoint);
}

/* In the order of arrival they were at the front. */
static void
try_again_now (PostsealSendJob *job, const PostsealSendItem *item)
{
  g_queue_push_head (&job->waiting, g_strdup (item->entry->id));
}

static void
judge (PostsealSendJob *job, PostsealSendItem *item)
{
  _postseal_send_item_judge (item, job->account, job->endpoint, job->seal_text, get_now (),
                             g_random_double ());
  item->outcome.was_clear = job->seal != NULL && job->seal->tls_version == NULL;
  if (item->goes_on)
    try_again_now (job, item);
}

/* RFC 5321 section 3.8: refused because the server is closing, not for its own sake. */
static gboolean
is_decided (const PostsealSmtpResult *result)
{
  for (gsize i = 0; i < result->n_recipients; i++)
    if (result->recipients[i].code != CODE_CLOSING)
      return TRUE;
  return FALSE;
}

/* The server may be one that cannot take several messages at once (Dovecot 2.3's submission service
   dies of it): from now on it gets one at a time. */
static void
give_up_window (PostsealSendJob *job)
{
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, get_now ());

  job->is_pipelining_suspect = TRUE;
  job->window = 1;
  postseal_latches_set (job->latches, job->endpoint, WINDOW_LATCH, now);
  _postseal_send_job_note (job,
                           _ ("%s hung up while several messages were on their way; from now on it "
                              "gets one at a time"),
                           job->endpoint);
}

/* Once all are back from a connection that was lost. */
static void
judge_lost (PostsealSendJob *job)
{
  gboolean is_cancelled = g_error_matches (job->loss, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  if (job->window > 1 && job->n_broken > 1)
    give_up_window (job);
  job->n_broken = 0;
  for (guint i = job->answered->len; i > 0; i--)
    {
      PostsealSendItem *item = g_ptr_array_index (job->answered, i - 1);

      if (item->outcome.id != NULL)
        continue; /* answered before */
      judge (job, item);
      if (!is_cancelled && !item->is_expired
          && (job->is_pipelining_suspect || (job->n_decided > 0 && !is_in_doubt (item))))
        {
          item->goes_on = TRUE;
          item->outcome.counts_as_attempt = FALSE;
          try_again_now (job, item);
        }
    }
}

/* --- the disk --- */

typedef struct
{
  PostsealSendStore *store; /* borrowed: the job's */
  PostsealSendExchange exchange; /* owned */
} Storing;

static void
free_storing (gpointer data)
{
  Storing *self = data;

  g_clear_pointer (&self->exchange.answered, g_ptr_array_unref);
  g_clear_pointer (&self->exchange.next_ids, g_ptr_array_unref);
  g_clear_pointer (&self->exchange.loaded, g_ptr_array_unref);
  g_clear_pointer (&self->exchange.refused, g_ptr_array_unref);
  g_free (self);
}

static void
store (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Storing *self = task_data;
  GError *error = NULL;

  if (_postseal_send_store_exchange (self->store, &self->exchange, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_message_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealSendItem *item = user_data;
  PostsealSmtpSession *session = POSTSEAL_SMTP_SESSION (source);
  PostsealSendJob *job = g_object_get_data (source, "job");

  item->result = postseal_smtp_session_send_finish (session, result);
  job->n_in_flight--;
  g_ptr_array_add (job->answered, item);
  if (item->result->error != NULL)
    {
      job->n_broken += item->result->was_begun && item->result->was_cut;
      if (job->loss == NULL)
        job->loss = explain_loss (job, item);
    }
  else
    {
      job->n_decided += is_decided (item->result);
      judge (job, item);
    }
  pump (job);
}

static void
send_loaded (PostsealSendJob *job, GPtrArray *loaded)
{
  GCancellable *cancellable = g_task_get_cancellable (job->task);

  for (guint i = 0; i < loaded->len; i++)
    {
      PostsealSendItem *item = g_ptr_array_index (loaded, i);

      job->n_in_flight++;
      job->n_on_connection++;
      job->progress.bytes_total = item->message.length;
      job->progress.bytes_done = 0;
      postseal_smtp_session_send_async (job->session, &item->message, cancellable, on_message_sent,
                                        item);
    }
  /* Each comes back to on_message_sent(). */
  g_ptr_array_set_free_func (loaded, NULL);
}

/* The connection was lost while they were read: marked, but surely not sent. */
static void
return_loaded (PostsealSendJob *job, GPtrArray *loaded)
{
  for (guint i = 0; i < loaded->len; i++)
    {
      PostsealSendItem *item = g_ptr_array_index (loaded, i);

      item->result = g_new0 (PostsealSmtpResult, 1);
      item->result->error = g_error_copy (job->loss);
      g_ptr_array_add (job->answered, item);
    }
  g_ptr_array_set_free_func (loaded, NULL);
}

static void
report_stored (PostsealSendJob *job, GPtrArray *stored)
{
  for (guint i = 0; i < stored->len; i++)
    {
      const PostsealSendItem *item = g_ptr_array_index (stored, i);

      if (!item->goes_on)
        _postseal_send_job_report (job, item);
      else if (g_error_matches (item->error, POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_REFUSED))
        /* What becomes of the others does not undo this. */
        _postseal_send_job_take_error (job, g_error_copy (item->error));
    }
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSendJob) job = user_data;
  Storing *storing = g_task_get_task_data (G_TASK (result));
  PostsealSendExchange *exchange = &storing->exchange;
  GError *error = NULL;

  job->is_storing = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      /* What cannot be recorded must not be sent. */
      _postseal_send_job_take_error (job, g_error_copy (error));
      g_queue_clear_full (&job->waiting, g_free);
      g_clear_error (&job->loss);
      job->loss = error;
      pump (job);
      return;
    }
  report_stored (job, exchange->answered);
  for (guint i = 0; i < exchange->refused->len; i++)
    {
      PostsealSendItem *item = g_ptr_array_index (exchange->refused, i);

      judge (job, item);
      g_ptr_array_add (job->answered, item);
    }
  g_ptr_array_set_free_func (exchange->refused, NULL);
  for (guint i = exchange->next_ids->len; i > 0; i--)
    g_queue_push_head (&job->waiting, g_strdup (g_ptr_array_index (exchange->next_ids, i - 1)));
  if (job->loss == NULL)
    send_loaded (job, exchange->loaded);
  else
    return_loaded (job, exchange->loaded);
  pump (job);
}

/* How many more messages may be loaded now. */
static guint
count_room (PostsealSendJob *job)
{
  guint batch = job->window > 1 ? BATCH_MESSAGES : BATCH_ONE_BY_ONE;
  guint max = postseal_smtp_session_get_caps (job->session)->messages_max;

  if (job->loss != NULL || job->is_leaving || job->n_in_flight > batch / 2)
    return 0;
  if (max > 0)
    batch = MIN (batch, max - MIN (max, job->n_on_connection));
  return batch;
}

static void
start_exchange (PostsealSendJob *job, guint n_next)
{
  Storing *storing = g_new0 (Storing, 1);
  PostsealSendExchange *exchange = &storing->exchange;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_stored, g_object_ref (job));

  storing->store = job->store;
  exchange->answered = g_steal_pointer (&job->answered);
  job->answered = g_ptr_array_new_with_free_func ((GDestroyNotify)_postseal_send_item_free);
  exchange->next_ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n_next && !g_queue_is_empty (&job->waiting); i++)
    g_ptr_array_add (exchange->next_ids, g_queue_pop_head (&job->waiting));
  exchange->limits = job->limits;
  exchange->server = job->endpoint;
  exchange->is_welcome = job->session != NULL;
  job->is_storing = TRUE;
  g_task_set_source_tag (task, start_exchange);
  g_task_set_task_data (task, storing, free_storing);
  g_task_run_in_thread (task, store);
}

/* --- the connection --- */

static void
leave (PostsealSendJob *job)
{
  if (job->session == NULL)
    return;
  g_signal_handlers_disconnect_by_data (job->session, job);
  postseal_smtp_session_leave (job->session);
  g_clear_object (&job->session);
}

/* Nothing is on its way, nothing is unrecorded. */
static void
finish_connection (PostsealSendJob *job)
{
  g_autoptr (GError) loss = g_steal_pointer (&job->loss);
  gboolean may_go_on = job->n_decided > 0 || job->is_pipelining_suspect;
  gboolean is_cancelled = g_cancellable_is_cancelled (g_task_get_cancellable (job->task));

  leave (job);
  job->is_pipelining_suspect = FALSE;
  if (!g_queue_is_empty (&job->waiting) && may_go_on && !is_cancelled && !job->is_leaving)
    _postseal_send_connection_start (job);
  else
    _postseal_send_job_conclude (job, g_steal_pointer (&loss));
}

static void
pump (PostsealSendJob *job)
{
  guint room;

  if (job->is_storing)
    return;
  if (job->loss != NULL && job->n_in_flight > 0)
    return; /* the rest comes back at once */
  if (job->loss != NULL)
    judge_lost (job);
  room = MIN (count_room (job), g_queue_get_length (&job->waiting));
  if (room > 0 || (job->answered->len > 0 && job->n_in_flight == 0)
      || job->answered->len >= BATCH_MESSAGES)
    start_exchange (job, room);
  else if (job->n_in_flight == 0)
    finish_connection (job);
}

static void
on_session_progress (PostsealSmtpSession *session, guint64 octets, gpointer user_data)
{
  PostsealSendJob *job = user_data;

  job->progress.bytes_done = octets;
  _postseal_send_job_progressed (job);
}

static void
learn_limits (PostsealSendJob *job)
{
  const PostsealSmtpCaps *caps = postseal_smtp_session_get_caps (job->session);

  job->limits = (PostsealSendLimits){
    .recipients_max = caps->recipients_max,
    .recipient_domains_max = caps->recipient_domains_max,
    .has_8bitmime = caps->has_8bitmime,
    .has_binarymime = caps->has_binarymime && caps->has_chunking,
    .has_futurerelease = caps->has_futurerelease,
    .futurerelease_max = caps->futurerelease_max_seconds,
  };
}

static void
on_logged_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSendJob) job = user_data;
  GError *error = NULL;

  if (!postseal_smtp_session_login_finish (job->session, result, &error))
    {
      leave (job);
      _postseal_send_job_conclude (job, error);
      return;
    }
  g_free (job->seal_text);
  job->seal_text = postseal_seal_serialize (job->seal); /* how the user signed in is in it now */
  learn_limits (job);
  postseal_smtp_session_set_window (job->session, job->window);
  _postseal_send_job_set_activity (job, "sending");
  pump (job);
}

static void
tell_if_clear (PostsealSendJob *job)
{
  if (job->seal->voucher != POSTSEAL_VOUCHER_NONE)
    return;
  if (job->seal->tls_version == NULL)
    _postseal_send_job_note (job,
                             _ ("%s offers no TLS: mail goes to it in clear, as “send-tls="
                                "opportunistic” of account %s allows"),
                             job->endpoint, job->account->name);
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSendJob) job = user_data;
  PostsealAccount *account = job->account;
  g_autoptr (PostsealAuthenticator) auth = NULL;
  g_autoptr (PostsealSealedLink) link = NULL;
  GError *error = NULL;
  gboolean is_default;

  link = _postseal_job_access_dial_finish (account, TRUE, job->counts, result, &error);
  if (link != NULL)
    auth = _postseal_job_access_make_authenticator (account, TRUE, NULL, job->latches, &error);
  if (error != NULL)
    {
      _postseal_send_job_conclude (job, error);
      return;
    }
  g_clear_pointer (&job->seal, postseal_seal_unref);
  job->seal = postseal_seal_ref (postseal_sealed_link_get_seal (link));
  tell_if_clear (job);
  _postseal_send_job_set_activity (job, "signing in");

  /* RFC 5321 section 4.5.3.2 wants minutes of patience; a user who says otherwise is obeyed. */
  is_default = account->timeout_ms == POSTSEAL_LIMIT_SILENCE_MS;
  job->session = postseal_smtp_session_new (g_steal_pointer (&link),
                                            is_default ? 0 : account->timeout_ms, job->transcript);
  g_object_set_data (G_OBJECT (job->session), "job", job);
  g_signal_connect (job->session, "progress", G_CALLBACK (on_session_progress), job);
  postseal_smtp_session_login_async (job->session, auth, g_task_get_cancellable (job->task),
                                     on_logged_in, g_object_ref (job));
}

/* What is known about the server, unless it was long ago. */
static guint
recall_window (PostsealSendJob *job)
{
  const char *text = postseal_latches_get (job->latches, job->endpoint, WINDOW_LATCH);
  gint64 time = text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;

  return time + WINDOW_MEMORY_S > get_now () ? 1 : POSTSEAL_LIMIT_SMTP_WINDOW;
}

void
_postseal_send_connection_start (PostsealSendJob *job)
{
  job->window = recall_window (job);
  job->n_on_connection = 0;
  job->n_decided = 0;
  _postseal_send_job_set_activity (job, "connecting");
  _postseal_job_access_dial_async (job->account, TRUE, job->latches, job->transcript,
                                   g_task_get_cancellable (job->task), on_dialled,
                                   g_object_ref (job));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fetch-job.h"

#include <glib/gi18n-lib.h>

#include "base/paths.h"
#include "engine/fetch-job-private.h"
#include "engine/job-access-private.h"
#include "engine/prior-mail.h"
#include "engine/trace-header.h"

G_DEFINE_FINAL_TYPE (PostsealFetchJob, postseal_fetch_job, G_TYPE_OBJECT)

enum
{
  SIGNAL_PROGRESS,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

/* --- what the conversations use --- */

void
_postseal_fetch_job_note (PostsealFetchJob *job, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (job->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

void
_postseal_fetch_job_progressed (PostsealFetchJob *job)
{
  _postseal_progress_pace_change (&job->progress_pace);
}

void
_postseal_fetch_job_set_activity (PostsealFetchJob *job, const char *activity, const char *mailbox)
{
  if (g_strcmp0 (job->mailbox_title, mailbox) != 0)
    {
      g_free (job->mailbox_title);
      job->mailbox_title = g_strdup (mailbox);
    }
  job->progress.activity = activity;
  job->progress.mailbox = job->mailbox_title;
  _postseal_fetch_job_progressed (job);
}

void
_postseal_fetch_job_begin_message (PostsealFetchJob *job, gint64 mailbox)
{
  postseal_delivery_begin (job->delivery, mailbox, job->seal_text, job->trace);
}

char *
_postseal_fetch_job_get_ledger_name (PostsealFetchJob *job, const char *mailbox)
{
  return postseal_prior_mail_get_ledger_name (job->account, mailbox);
}

gint64
_postseal_fetch_job_get_due_before (PostsealFetchJob *job)
{
  switch (job->account->keep)
    {
    case POSTSEAL_KEEP_NOT:
      return G_MAXINT64;
    case POSTSEAL_KEEP_TIME:
      return g_get_real_time () / G_USEC_PER_SEC - job->account->keep_seconds;
    case POSTSEAL_KEEP_FOREVER:
    default:
      return G_MININT64;
    }
}

PostsealAuthenticator *
_postseal_fetch_job_make_authenticator (PostsealFetchJob *job)
{
  GError *error = NULL;
  PostsealAuthenticator *auth
      = _postseal_job_access_make_authenticator (job->account, FALSE, NULL, job->latches, &error);

  if (auth == NULL)
    _postseal_fetch_job_take_fatal (job, error);
  return auth;
}

static void
conclude_with (PostsealFetchJob *job, GError *error)
{
  _postseal_fetch_job_take_fatal (job, error);
  _postseal_fetch_job_conclude (job);
}

/* --- what it can be told --- */

void
_postseal_fetch_job_set_conversation (PostsealFetchJob *job,
                                      const PostsealFetchConversation *conversation,
                                      gpointer data)
{
  job->conversation = conversation;
  job->conversation_data = data;
  if (job->probe_source != NULL)
    g_source_destroy (job->probe_source);
  g_clear_pointer (&job->probe_source, g_source_unref);
}

void
postseal_fetch_job_look (PostsealFetchJob *self)
{
  g_return_if_fail (POSTSEAL_IS_FETCH_JOB (self));

  /* The first round is still to come, or there is no other. */
  if (self->conversation != NULL && self->conversation->look != NULL)
    self->conversation->look (self->conversation_data);
}

void
postseal_fetch_job_leave (PostsealFetchJob *self)
{
  g_return_if_fail (POSTSEAL_IS_FETCH_JOB (self));

  if (self->is_leaving)
    return;
  self->is_leaving = TRUE;
  if (self->conversation != NULL)
    self->conversation->leave (self->conversation_data);
  else
    g_cancellable_cancel (self->cancellable);
}

static gboolean
on_not_connected (gpointer user_data)
{
  PostsealFetchJob *job = user_data;

  g_clear_pointer (&job->probe_source, g_source_unref);
  _postseal_fetch_job_take_fatal (
      job, g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT,
                        _ ("No connection to “%s” came about in time; it is tried anew"),
                        job->account->receive->host));
  g_cancellable_cancel (job->cancellable);
  return G_SOURCE_REMOVE;
}

void
postseal_fetch_job_probe (PostsealFetchJob *self, guint limit_ms)
{
  g_return_if_fail (POSTSEAL_IS_FETCH_JOB (self));

  if (self->conversation != NULL)
    self->conversation->probe (self->conversation_data, limit_ms);
  else if (self->task != NULL && self->stage == POSTSEAL_FETCH_RUNNING
           && self->probe_source == NULL)
    {
      self->probe_source = g_timeout_source_new (limit_ms);
      g_source_set_callback (self->probe_source, on_not_connected, self, NULL);
      g_source_attach (self->probe_source, g_main_context_get_thread_default ());
    }
}

/* --- the beginning: lock and ledger first, then latches, then the network --- */

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealFetchJob) job = user_data;
  PostsealEndpoint *endpoint = job->account->receive;
  GError *error = NULL;
  PostsealSealedLink *link
      = _postseal_job_access_dial_finish (job->account, FALSE, job->counts, result, &error);

  if (link == NULL)
    {
      conclude_with (job, error);
      return;
    }

  job->seal = postseal_seal_ref (postseal_sealed_link_get_seal (link));
  job->seal_text = postseal_seal_serialize (job->seal);
  if (job->account->trace_header)
    job->trace = postseal_trace_header_new (job->seal, job->account->address, g_get_real_time ());
  _postseal_fetch_job_set_activity (job, "signing in", NULL);
  if (endpoint->protocol == POSTSEAL_PROTOCOL_IMAP)
    _postseal_fetch_imap_start (job, link);
  else
    _postseal_fetch_pop3_start (job, link);
}

static void
on_latches_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealFetchJob) job = user_data;
  GError *error = NULL;

  job->latches = _postseal_job_access_load_latches_finish (result, &error);
  if (job->latches == NULL)
    {
      conclude_with (job, error);
      return;
    }
  if (job->is_leaving)
    {
      _postseal_fetch_job_conclude (job);
      return;
    }
  _postseal_fetch_job_set_activity (job, "connecting", NULL);
  _postseal_job_access_dial_async (job->account, FALSE, job->latches, job->transcript,
                                   job->cancellable, on_dialled, g_object_ref (job));
}

static void
on_delivery_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealFetchJob) job = user_data;
  const GPtrArray *notes;
  GError *error = NULL;

  job->delivery = postseal_delivery_open_finish (result, &error);
  if (job->delivery == NULL)
    {
      conclude_with (job, error);
      return;
    }
  notes = postseal_delivery_get_recovery_notes (job->delivery);
  for (guint i = 0; notes != NULL && i < notes->len; i++)
    _postseal_fetch_job_note (job, "%s", (const char *)g_ptr_array_index (notes, i));
  _postseal_job_access_load_latches_async (job->state_dir, NULL, on_latches_loaded,
                                           g_object_ref (job));
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  PostsealFetchJob *job = user_data;

  g_cancellable_cancel (job->cancellable);
  return G_SOURCE_REMOVE;
}

/* The caller's word, and leaving, end the same operations. */
static void
follow (PostsealFetchJob *self, GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;
  if (g_cancellable_is_cancelled (cancellable))
    g_cancellable_cancel (self->cancellable);
  self->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancel_source, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_set_static_name (self->cancel_source, "postseal-fetch-cancelled");
  g_source_attach (self->cancel_source, g_main_context_get_thread_default ());
}

/* What others are told about who holds the account's lock: "postseald". */
static const char *
get_purpose (void)
{
  return g_get_prgname () != NULL ? g_get_prgname () : "postseal";
}

void
postseal_fetch_job_run_async (PostsealFetchJob *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  PostsealAccount *account;

  g_return_if_fail (POSTSEAL_IS_FETCH_JOB (self));
  g_return_if_fail (self->task == NULL);

  account = self->account;
  self->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, postseal_fetch_job_run_async);
  follow (self, cancellable);
  postseal_delivery_open_async (account->name, self->state_dir, account->deliver, account->layout,
                                account->address, get_purpose (), NULL, on_delivery_opened,
                                g_object_ref (self));
}

gboolean
postseal_fetch_job_run_finish (PostsealFetchJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- object --- */

PostsealFetchJob *
postseal_fetch_job_new (PostsealAccount *account, PostsealTranscript *transcript)
{
  PostsealFetchJob *self;

  g_return_val_if_fail (account != NULL && account->receive != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_FETCH_JOB, NULL);
  self->account = postseal_account_ref (account);
  self->transcript = postseal_transcript_ref (transcript);
  self->state_dir = postseal_paths_account_state_dir (account->name);
  return self;
}

PostsealAccount *
postseal_fetch_job_get_account (PostsealFetchJob *self)
{
  return self->account;
}

const PostsealFetchProgress *
postseal_fetch_job_get_progress (PostsealFetchJob *self)
{
  return &self->progress;
}

PostsealSeal *
postseal_fetch_job_get_seal (PostsealFetchJob *self)
{
  return self->seal;
}

const GPtrArray *
postseal_fetch_job_get_notes (PostsealFetchJob *self)
{
  return self->notes;
}

void
postseal_fetch_job_set_stay (PostsealFetchJob *self, PostsealServers *servers)
{
  g_return_if_fail (POSTSEAL_IS_FETCH_JOB (self));
  g_return_if_fail (self->task == NULL && self->servers == NULL);

  self->stays = self->account->receive->protocol == POSTSEAL_PROTOCOL_IMAP;
  self->servers = servers != NULL ? postseal_servers_ref (servers) : NULL;
}

const char *const *
postseal_fetch_job_get_watched (PostsealFetchJob *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FETCH_JOB (self), NULL);

  return (const char *const *)self->watched->pdata;
}

guint
postseal_fetch_job_get_login_delay (PostsealFetchJob *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FETCH_JOB (self), 0);

  return self->login_delay;
}

static void
postseal_fetch_job_finalize (GObject *object)
{
  PostsealFetchJob *self = POSTSEAL_FETCH_JOB (object);

  _postseal_progress_pace_clear (&self->progress_pace);
  _postseal_fetch_job_set_conversation (self, NULL, NULL);
  _postseal_fetch_round_clear (self);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->servers, postseal_servers_unref);
  g_clear_pointer (&self->watched, g_ptr_array_unref);
  g_clear_object (&self->delivery);
  g_clear_pointer (&self->account, postseal_account_unref);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  g_clear_pointer (&self->counts, postseal_tls_counts_free);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_error (&self->fatal);
  g_free (self->mailbox_title);
  g_free (self->state_dir);
  g_free (self->seal_text);
  g_free (self->trace);
  G_OBJECT_CLASS (postseal_fetch_job_parent_class)->finalize (object);
}

static void
postseal_fetch_job_class_init (PostsealFetchJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_fetch_job_finalize;
  signals[SIGNAL_PROGRESS] = g_signal_new ("progress", POSTSEAL_TYPE_FETCH_JOB, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  _postseal_fetch_round_add_signals (POSTSEAL_TYPE_FETCH_JOB);
}

static void
postseal_fetch_job_init (PostsealFetchJob *self)
{
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->progress.activity = "connecting";
  self->progress_pace = (PostsealProgressPace){ self, signals[SIGNAL_PROGRESS], NULL };
  self->cancellable = g_cancellable_new ();
  self->counts = postseal_tls_counts_new ();
  self->watched = g_ptr_array_new ();
  g_ptr_array_add (self->watched, NULL);
}

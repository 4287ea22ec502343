/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run of a sender: the job, what it tells meanwhile, and what follows from its end. */
#include "engine/sender-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/lock-file.h"
#include "engine/outcome.h"
#include "net/net-error.h"

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* --- what it tells --- */

static void
show_seal (PostsealSender *self)
{
  PostsealSeal *seal = postseal_send_job_get_seal (self->job);
  g_auto (GStrv) changes = NULL;

  if (seal == NULL)
    return;
  changes = postseal_advice_compare_seals (self->seal, seal, get_now ());
  g_object_set (self->status, "send-seal", postseal_seal_to_variant (seal), "send-changes", changes,
                NULL);
}

static void
on_progress (PostsealSendJob *job, gpointer user_data)
{
  PostsealSender *self = user_data;
  const PostsealSendProgress *progress = postseal_send_job_get_progress (job);
  const char *activity = progress->activity;

  if (g_strcmp0 (activity, "done") == 0)
    activity = "";
  g_object_set (self->status, "send-activity", activity, "send-messages-total",
                progress->messages_total, "send-messages-done", progress->messages_done,
                "send-bytes-total", progress->bytes_total, "send-bytes-done", progress->bytes_done,
                NULL);
  show_seal (self);
}

static gboolean
take_id (char **ids, const char *id)
{
  gsize i = 0;

  while (ids[i] != NULL && strcmp (ids[i], id) != 0)
    i++;
  if (ids[i] == NULL)
    return FALSE;
  g_free (ids[i]);
  do
    ids[i] = ids[i + 1];
  while (ids[i++] != NULL);
  return TRUE;
}

/* It counts for a request that waits for its turn. */
static void
credit (SenderRequest *request, const PostsealSendReport *report)
{
  int status = postseal_outcome_exit_status (report->error);

  if (request->ids == NULL || !take_id (request->ids, report->id))
    return;
  request->tried++;
  if (report->error == NULL)
    request->sent++;
  else if (g_strcmp0 (report->state, "failed") == 0 || g_strcmp0 (report->state, "bounced") == 0)
    request->failed++;
  if (status == 0
      || (request->status != 0
          && postseal_outcome_graver (request->status, status) == request->status))
    return;
  request->status = status;
  g_free (request->error);
  request->error = g_utf8_make_valid (report->error->message, -1);
}

static void
on_message (PostsealSendJob *job, gpointer report, gpointer user_data)
{
  PostsealSender *self = user_data;

  for (GList *link = self->requests.head; link != NULL; link = link->next)
    credit (g_task_get_task_data (link->data), report);
  g_signal_emit_by_name (self, "message", report);
}

/* --- the answer --- */

/* @request: with what was tried of it before. Returns: (transfer floating) */
static GVariant *
describe_run (PostsealSender *self, const SenderRequest *request, const GError *error)
{
  const PostsealSendProgress *progress = postseal_send_job_get_progress (self->job);
  const GPtrArray *notes = postseal_send_job_get_notes (self->job);
  const char *sentence = request->error != NULL ? request->error : "";
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  if (error != NULL)
    sentence = error->message;
  for (guint i = 0; i < notes->len; i++)
    g_ptr_array_add (lines, g_utf8_make_valid (g_ptr_array_index (notes, i), -1));
  g_variant_dict_insert (&dict, "account", "s", self->account->name);
  g_variant_dict_insert (
      &dict, "status", "i",
      postseal_outcome_graver (postseal_outcome_exit_status (error), request->status));
  g_variant_dict_insert_value (&dict, "error",
                               g_variant_new_take_string (g_utf8_make_valid (sentence, -1)));
  g_variant_dict_insert (&dict, "tried", "t", request->tried + progress->messages_done);
  g_variant_dict_insert (&dict, "sent", "t", request->sent + progress->sent);
  g_variant_dict_insert (&dict, "delayed", "t",
                         request->tried - request->sent - request->failed + progress->delayed);
  g_variant_dict_insert (&dict, "failed", "t", request->failed + progress->failed);
  g_variant_dict_insert_value (
      &dict, "notes", g_variant_new_strv ((const char *const *)lines->pdata, (gssize)lines->len));
  g_variant_dict_insert_value (&dict, "seal",
                               postseal_seal_to_variant (postseal_send_job_get_seal (self->job)));
  return g_variant_dict_end (&dict);
}

gboolean
_postseal_sender_answer_tried (PostsealSender *self, GTask *task)
{
  const SenderRequest *request = g_task_get_task_data (task);
  const char *const none[] = { NULL };
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  if (request->tried == 0 || request->ids[0] != NULL)
    return FALSE;
  g_variant_dict_insert (&dict, "account", "s", self->account->name);
  g_variant_dict_insert (&dict, "status", "i", request->status);
  g_variant_dict_insert (&dict, "error", "s", request->error != NULL ? request->error : "");
  g_variant_dict_insert (&dict, "tried", "t", request->tried);
  g_variant_dict_insert (&dict, "sent", "t", request->sent);
  g_variant_dict_insert (&dict, "delayed", "t", request->tried - request->sent - request->failed);
  g_variant_dict_insert (&dict, "failed", "t", request->failed);
  g_variant_dict_insert (&dict, "notes", "^as", none);
  g_variant_dict_insert_value (&dict, "seal", postseal_seal_to_variant (self->seal));
  g_task_return_pointer (task, g_variant_ref_sink (g_variant_dict_end (&dict)),
                         (GDestroyNotify)g_variant_unref);
  return TRUE;
}

/* @answer: (transfer full) (nullable) */
static void
answer_request (GTask *request, GVariant *answer, const GError *error)
{
  if (answer != NULL)
    g_task_return_pointer (request, answer, (GDestroyNotify)g_variant_unref);
  else
    g_task_return_error (request, g_error_copy (error));
}

/* --- what follows --- */

/* What the server is to everybody who uses it. */
static void
tell_servers (PostsealSender *self, const GError *error, PostsealVerdict verdict)
{
  if (verdict.is_servers)
    postseal_servers_report_trouble (self->servers, self->account->send, g_get_monotonic_time ());
  else if (postseal_send_job_get_seal (self->job) != NULL)
    postseal_servers_report_well (self->servers, self->account->send);
  if (verdict.is_limit && self->account->send_user != NULL)
    postseal_servers_report_limit (self->servers, self->account->send, self->account->send_user);
}

/* One message's trouble is not the account's, and the words about it name people: they are for who
   looks into the outbox, not for everybody who reads a status or a log. Returns: (transfer full)
   (nullable) */
static GError *
find_own_error (const GError *error)
{
  if (error == NULL || error->domain != POSTSEAL_SEND_ERROR)
    return error != NULL ? g_error_copy (error) : NULL;
  if (error->code == POSTSEAL_SEND_ERROR_REFUSED || error->code == POSTSEAL_SEND_ERROR_UNFIT)
    return NULL;
  return g_error_new_literal (POSTSEAL_SEND_ERROR, error->code,
                              _ ("Not every message was taken; “postseal queue” says which and "
                                 "why"));
}

static void
show_outcome (PostsealSender *self, const GError *job_error)
{
  g_autoptr (GError) error = find_own_error (job_error);
  g_auto (PostsealAdvice) advice = postseal_advice_for (error, self->account);
  g_autofree char *sentence = g_utf8_make_valid (error != NULL ? error->message : "", -1);
  const PostsealSendProgress *progress = postseal_send_job_get_progress (self->job);
  PostsealSeal *seal = postseal_send_job_get_seal (self->job);

  g_object_set (self->status, "send-error", sentence, "send-advice", advice.sentence, "send-remedy",
                advice.remedy, "send-status", postseal_outcome_exit_status (error), NULL);
  if (seal != NULL && (error == NULL || progress->sent > 0))
    g_object_set (self->status, "send-last", get_now (), NULL);
}

/* Nobody was reached who could have said no. */
static gboolean
is_stranding (const GError *error)
{
  return error != NULL
         && (error->domain == POSTSEAL_NET_ERROR
             || g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY));
}

static void
take_outcome (PostsealSender *self, const GError *error)
{
  PostsealVerdict verdict = postseal_advice_judge (error);

  show_outcome (self, error);
  tell_servers (self, error, verdict);
  self->verdict = verdict.state;
  self->error_domain = error != NULL ? error->domain : 0;
  self->is_stranded = is_stranding (error) || verdict.is_servers;
  /* One message's trouble is not the account's; the server's is in the book of all. */
  if (error != NULL && error->domain != POSTSEAL_SEND_ERROR && !verdict.is_servers)
    _postseal_sender_hold_back (self, POSTSEAL_LIMIT_TROUBLE_LONGEST_MS);
  else
    {
      postseal_backoff_reset (&self->backoff);
      self->not_before = 0;
    }
}

/* Whether a run could tell anything: one that finds nothing to do, or somebody else who does it, is
   silent. */
static gboolean
is_telling (PostsealSender *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  return error != NULL || postseal_send_job_get_seal (self->job) != NULL;
}

/* Of its own accord, and nothing came of it: should something still be due when the outbox is
   looked at, another program sends it. */
static void
suspect_another_sender (PostsealSender *self)
{
  if (self->verdict == POSTSEAL_ACCOUNT_WAITING)
    self->verdict = POSTSEAL_ACCOUNT_BUSY;
  _postseal_sender_hold_back (self, POSTSEAL_LIMIT_BUSY_LONGEST_MS);
}

static void
keep_seal (PostsealSender *self)
{
  PostsealSeal *seal = postseal_send_job_get_seal (self->job);

  if (seal == NULL)
    return;
  g_clear_pointer (&self->seal, postseal_seal_unref);
  self->seal = postseal_seal_ref (seal);
}

/* The next one may begin. */
static void
end_run (PostsealSender *self)
{
  g_signal_handlers_disconnect_by_data (self->job, self);
  g_clear_object (&self->job);
  g_clear_object (&self->cancellable);
  if (self->request_source != NULL)
    g_source_destroy (self->request_source);
  g_clear_pointer (&self->request_source, g_source_unref);
  if (self->awake != NULL)
    postseal_world_release_sleep (self->awake);
  g_clear_object (&self->awake);
  g_object_set (self->status, "send-activity", "", "send-messages-total", (guint64)0,
                "send-messages-done", (guint64)0, "send-bytes-total", (guint64)0, "send-bytes-done",
                (guint64)0, NULL);
  _postseal_sender_set_state (self, self->world != NULL ? self->verdict : POSTSEAL_ACCOUNT_OFF);
  self->phase = SENDER_RESTS;
  self->wants_look = TRUE;
  self->ran_us = g_get_monotonic_time ();
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSender) self = user_data;
  g_autoptr (GTask) request = g_steal_pointer (&self->request);
  GVariant *answer = NULL;
  g_autoptr (GError) error = NULL;

  postseal_send_job_run_finish (self->job, result, &error);
  if (request != NULL && g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY))
    {
      end_run (self);
      _postseal_sender_queue_up (self, g_steal_pointer (&request), error);
      return;
    }
  show_seal (self);
  if (is_telling (self, error))
    take_outcome (self, error);
  else if (request == NULL && error == NULL)
    suspect_another_sender (self);
  keep_seal (self);
  if (request != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    answer = g_variant_ref_sink (describe_run (self, g_task_get_task_data (request), error));
  end_run (self);
  if (request != NULL)
    answer_request (request, answer, error);
  _postseal_sender_pump (self);
}

static gboolean
on_request_cancelled (GCancellable *cancellable, gpointer user_data)
{
  PostsealSender *self = user_data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
take_request (PostsealSender *self, GTask *request)
{
  GCancellable *cancellable = g_task_get_cancellable (request);

  self->request = request;
  if (cancellable == NULL)
    return;
  self->request_source = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->request_source, G_SOURCE_FUNC (on_request_cancelled), self, NULL);
  g_source_attach (self->request_source, g_main_context_get_thread_default ());
}

void
_postseal_sender_run (PostsealSender *self, GTask *request)
{
  const SenderRequest *wish = request != NULL ? g_task_get_task_data (request) : NULL;

  self->phase = SENDER_SENDS;
  self->cancellable = g_cancellable_new ();
  self->job = postseal_send_job_new (self->account, wish != NULL ? wish->scope : POSTSEAL_SEND_DUE,
                                     wish != NULL ? (const char *const *)wish->ids : NULL,
                                     wish != NULL ? wish->transcript : NULL);
  if (request != NULL)
    take_request (self, request);
  g_signal_connect (self->job, "progress", G_CALLBACK (on_progress), self);
  g_signal_connect (self->job, "message", G_CALLBACK (on_message), self);
  if (self->world != NULL)
    {
      self->awake = g_object_ref (self->world);
      postseal_world_hold_sleep (self->awake);
    }
  _postseal_sender_set_state (self, POSTSEAL_ACCOUNT_WORKING);
  g_object_set (self->status, "send-next", (gint64)0, NULL);
  postseal_send_job_run_async (self->job, self->cancellable, on_run, g_object_ref (self));
}

void
_postseal_sender_leave (PostsealSender *self)
{
  if (self->job != NULL && !postseal_send_job_leave (self->job))
    g_cancellable_cancel (self->cancellable);
}

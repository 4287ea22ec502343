/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who asks a receiver to look now, and gets an answer. */
#include <glib/gi18n-lib.h>

#include "engine/outcome.h"
#include "engine/receiver-private.h"
#include "engine/service.h"

typedef struct
{
  GTask *task; /* owned */
  PostsealTranscript *transcript; /* owned, nullable */
  guint rounds; /* of the job that runs, until everything was looked at after the request */
  PostsealReceiver *receiver; /* borrowed: task has it */
  GSource *cancelled; /* owned, nullable */
} Request;

static void
free_request (gpointer data)
{
  Request *request = data;

  if (request->cancelled != NULL)
    g_source_destroy (request->cancelled);
  g_clear_pointer (&request->cancelled, g_source_unref);
  g_clear_object (&request->task);
  g_clear_pointer (&request->transcript, postseal_transcript_unref);
  g_free (request);
}

/* --- the transcript: one for the job, heard by whoever waits --- */

static void
on_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  PostsealReceiver *self = user_data;

  for (GList *l = self->requests.head; l != NULL; l = l->next)
    postseal_transcript_line (((Request *)l->data)->transcript, kind, line, -1);
}

static void
update_relay (PostsealReceiver *self)
{
  gboolean is_heard = FALSE;

  for (GList *l = self->requests.head; l != NULL; l = l->next)
    is_heard = is_heard || ((Request *)l->data)->transcript != NULL;
  postseal_transcript_set_heard (self->relay, is_heard);
}

void
_postseal_receiver_requests_init (PostsealReceiver *self)
{
  g_queue_init (&self->requests);
  self->relay = postseal_transcript_new (on_line, self, NULL);
  update_relay (self);
}

void
_postseal_receiver_requests_clear (PostsealReceiver *self)
{
  g_queue_clear_full (&self->requests, free_request);
  postseal_transcript_set_heard (self->relay, FALSE);
  g_clear_pointer (&self->relay, postseal_transcript_unref);
}

/* --- answers --- */

/* Those of the round that has just ended. */
static GVariant *
collect_notes (PostsealReceiver *self)
{
  GVariantBuilder notes;

  g_variant_builder_init (&notes, G_VARIANT_TYPE_STRING_ARRAY);
  if (self->job != NULL)
    {
      const GPtrArray *all = postseal_fetch_job_get_notes (self->job);

      for (guint i = 0; i < all->len; i++)
        {
          g_autofree char *valid = g_utf8_make_valid (g_ptr_array_index (all, i), -1);

          g_variant_builder_add (&notes, "s", valid);
        }
    }
  return g_variant_builder_end (&notes);
}

/* @request: (transfer full). @round: (nullable): none has ended */
static void
answer (PostsealReceiver *self,
        Request *request,
        const PostsealFetchRound *round,
        const GError *error)
{
  static const PostsealFetchRound nothing = { 0 };
  PostsealSeal *seal = self->job != NULL ? postseal_fetch_job_get_seal (self->job) : NULL;
  g_autofree char *message = NULL;
  GVariantDict dict;

  if (round == NULL)
    round = &nothing;
  if (error == NULL)
    error = round->error;
  message = error != NULL ? g_utf8_make_valid (error->message, -1) : g_strdup ("");
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "account", "s", self->account->name);
  g_variant_dict_insert (&dict, "status", "i", postseal_outcome_exit_status (error));
  g_variant_dict_insert (&dict, "error", "s", message);
  g_variant_dict_insert_value (&dict, "notes", collect_notes (self));
  g_variant_dict_insert (&dict, "delivered", "t", round->delivered);
  g_variant_dict_insert (&dict, "deleted", "t", round->deleted);
  g_variant_dict_insert (&dict, "failed", "t", round->failed);
  g_variant_dict_insert (&dict, "bytes", "t", round->bytes);
  g_variant_dict_insert_value (&dict, "seal", postseal_seal_to_variant (seal));
  g_task_return_pointer (request->task, g_variant_ref_sink (g_variant_dict_end (&dict)),
                         (GDestroyNotify)g_variant_unref);
  free_request (request);
}

/* @error: (nullable): instead of the round's */
static void
answer_first (PostsealReceiver *self,
              guint most_rounds,
              const PostsealFetchRound *round,
              const GError *error)
{
  GList *next;

  for (GList *l = self->requests.head; l != NULL; l = next)
    {
      Request *request = l->data;

      next = l->next;
      if (request->rounds > most_rounds)
        continue;
      g_queue_delete_link (&self->requests, l);
      answer (self, request, round, error);
    }
  update_relay (self);
}

/* The job was told to leave: it may not have looked at everything. */
static gboolean
is_cut (PostsealReceiver *self)
{
  return self->is_stopping || self->left_for_sleep;
}

/* Returns: (transfer full) */
static GError *
make_cut_error (PostsealReceiver *self)
{
  return g_error_new_literal (
      POSTSEAL_SERVICE_ERROR, 75,
      self->is_stopping ? _ ("Postseal is just stopping")
                        : _ ("The computer is about to sleep; it goes on when it is awake"));
}

void
_postseal_receiver_requests_round_ended (PostsealReceiver *self, const PostsealFetchRound *round)
{
  /* Of a job that ends with its round, the end says more. */
  if (!self->stays || is_cut (self))
    {
      self->round = *round;
      self->round.error = NULL;
      return;
    }
  for (GList *l = self->requests.head; l != NULL; l = l->next)
    ((Request *)l->data)->rounds--;
  answer_first (self, 0, round, NULL);
}

void
_postseal_receiver_requests_job_ended (PostsealReceiver *self, const GError *error)
{
  g_autoptr (GError) cut = error == NULL && is_cut (self) ? make_cut_error (self) : NULL;
  guint most_rounds = self->stays ? 0 : 1;

  /* Who asked too late for this job is for the next one. */
  if (error != NULL || cut != NULL)
    most_rounds = G_MAXUINT;
  answer_first (self, most_rounds, &self->round, error != NULL ? error : cut);
}

void
_postseal_receiver_requests_job_started (PostsealReceiver *self)
{
  self->round = (PostsealFetchRound){ 0 };
  for (GList *l = self->requests.head; l != NULL; l = l->next)
    ((Request *)l->data)->rounds = 1;
}

/* --- requests --- */

/* What runs already is followed by one more look; what has not begun to look will do. */
static void
join_job (PostsealReceiver *self, Request *request)
{
  const char *activity = postseal_fetch_job_get_progress (self->job)->activity;
  gboolean is_before
      = !self->was_reached
        && (g_strcmp0 (activity, "connecting") == 0 || g_strcmp0 (activity, "signing in") == 0);

  request->rounds = is_before || g_strcmp0 (activity, "watching") == 0 ? 1 : 2;
  if (!is_before)
    postseal_fetch_job_look (self->job);
}

/* Whoever asked does not wait any more. A job that runs for nobody else is cancelled and its end
   awaited; one that runs of its own accord goes on. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Request *request = user_data;
  PostsealReceiver *self = request->receiver;

  if (self->world == NULL && self->job != NULL && g_queue_get_length (&self->requests) == 1)
    {
      g_cancellable_cancel (self->cancellable);
      return G_SOURCE_REMOVE;
    }
  g_queue_remove (&self->requests, request);
  g_task_return_error_if_cancelled (request->task);
  free_request (request);
  update_relay (self);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (Request *request, GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;
  request->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (request->cancelled, G_SOURCE_FUNC (on_cancelled), request, NULL);
  g_source_attach (request->cancelled, g_main_context_get_thread_default ());
}

void
postseal_receiver_fetch_async (PostsealReceiver *self,
                               PostsealTranscript *transcript,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  Request *request;

  g_return_if_fail (POSTSEAL_IS_RECEIVER (self));

  request = g_new0 (Request, 1);
  request->receiver = self;
  request->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (request->task, postseal_receiver_fetch_async);
  watch_cancellable (request, cancellable);
  request->transcript = postseal_transcript_ref (transcript);
  g_queue_push_tail (&self->requests, request);
  update_relay (self);
  if (self->is_stopping)
    {
      g_autoptr (GError) stopping = make_cut_error (self);

      answer_first (self, G_MAXUINT, NULL, stopping);
      return;
    }
  if (self->job != NULL)
    join_job (self, request);
  else
    _postseal_receiver_schedule (self);
}

GVariant *
postseal_receiver_fetch_finish (PostsealReceiver *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

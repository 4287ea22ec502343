/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/service-run.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "cli/direction-words.h"
#include "cli/progress.h"
#include "cli/service-choice.h"
#include "cli/transcript-print.h"
#include "client/client.h"
#include "engine/outcome.h"

#define LOOK_MS 200 /* whether another program is waited for */
#define TELL_AT 5 /* looks: who is let in at once need not hear of it */

/* An errand under way. */
typedef struct
{
  PostsealErrand public; /* first */
  PostsealServiceRun *run; /* borrowed */
  GVariant *arguments; /* owned */
  PostsealTranscriptPrint *transcript; /* owned, nullable */
  gboolean is_needless; /* it is cancelled, and that is well */
} Errand;

struct _PostsealServiceRun
{
  const PostsealOptions *options; /* borrowed */
  PostsealServiceRequest request;
  PostsealServiceRunDisplay display;
  PostsealService *service; /* owned, or NULL: not needed yet */
  GPtrArray *errands; /* owned (element-type Errand) */
  PostsealProgress *progress; /* owned, nullable */
  GCancellable *cancellable; /* owned */
  GMainLoop *loop; /* owned */
  guint running;
  guint look; /* source, or 0 */
  guint waits; /* looks that found another program at work */
  int status; /* gravest */
  PostsealServiceRunNeedlessFunc needless; /* or NULL */
  PostsealServiceRunEndedFunc ended; /* or NULL */
  gpointer user_data; /* borrowed: of both */
};

static void
free_errand (gpointer data)
{
  Errand *self = data;

  g_free (self->public.account);
  g_free (self->public.error);
  g_strfreev (self->public.notes);
  g_clear_pointer (&self->public.details, g_variant_unref);
  g_clear_pointer (&self->arguments, g_variant_unref);
  postseal_transcript_print_free (self->transcript);
  g_free (self);
}

PostsealServiceRun *
postseal_service_run_new (const PostsealOptions *options,
                          PostsealServiceRequest request,
                          PostsealServiceRunDisplay display)
{
  PostsealServiceRun *self = g_new0 (PostsealServiceRun, 1);

  self->options = options;
  self->request = request;
  self->display = display;
  self->errands = g_ptr_array_new_with_free_func (free_errand);
  self->cancellable = g_cancellable_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  return self;
}

void
postseal_service_run_free (PostsealServiceRun *self)
{
  if (self == NULL)
    return;
  postseal_progress_free (self->progress);
  g_ptr_array_unref (self->errands);
  g_clear_object (&self->service);
  g_object_unref (self->cancellable);
  g_main_loop_unref (self->loop);
  g_free (self);
}

PostsealService *
postseal_service_run_get_service (PostsealServiceRun *self)
{
  if (self->service == NULL)
    self->service = postseal_service_choice_make (self->options);
  return self->service;
}

void
postseal_service_run_add (PostsealServiceRun *self,
                          const char *account,
                          GVariant *arguments,
                          gpointer plan)
{
  g_autoptr (GVariant) owned = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (owned);
  Errand *errand = g_new0 (Errand, 1);

  g_variant_dict_insert (&dict, "account", "s", account);
  if (self->display == POSTSEAL_SERVICE_RUN_VERBOSE)
    g_variant_dict_insert (&dict, "transcript", "h", 0);
  errand->run = self;
  errand->public.account = g_strdup (account);
  errand->public.plan = plan;
  errand->arguments = g_variant_ref_sink (g_variant_dict_end (&dict));
  g_ptr_array_add (self->errands, errand);
}

void
postseal_service_run_set_needless (PostsealServiceRun *self,
                                   PostsealServiceRunNeedlessFunc needless)
{
  self->needless = needless;
}

/* --- what came of it --- */

guint64
postseal_errand_get_count (const PostsealErrand *self, const char *key)
{
  guint64 count = 0;

  g_variant_lookup (self->details, key, "t", &count);
  return count;
}

PostsealSeal *
postseal_errand_get_seal (const PostsealErrand *self)
{
  g_autoptr (GVariant) seal
      = g_variant_lookup_value (self->details, "seal", G_VARIANT_TYPE ("a{ss}"));

  return seal != NULL ? postseal_seal_from_variant (seal) : NULL;
}

/* What of @answer is about the account. Returns: (transfer full) */
static GVariant *
get_details (GVariant *answer)
{
  g_autoptr (GVariant) accounts
      = g_variant_lookup_value (answer, "accounts", G_VARIANT_TYPE ("aa{sv}"));

  if (accounts != NULL && g_variant_n_children (accounts) > 0)
    return g_variant_get_child_value (accounts, 0);
  return g_variant_ref (answer);
}

static void
take_answer (PostsealErrand *self, GVariant *answer)
{
  const char *error = "";

  self->details = get_details (answer);
  g_variant_lookup (self->details, "status", "i", &self->status);
  g_variant_lookup (self->details, "error", "&s", &error);
  g_variant_lookup (self->details, "notes", "^as", &self->notes);
  if (*error != '\0')
    self->error = g_strdup (error);
}

/* @error: (nullable) */
static void
take_error (PostsealErrand *self, const GError *error)
{
  self->details = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  self->status = postseal_outcome_exit_status (error);
  self->error = error != NULL ? g_strdup (error->message) : NULL;
}

static void
end_errand (Errand *errand)
{
  PostsealServiceRun *self = errand->run;

  if (errand->public.notes == NULL)
    errand->public.notes = g_new0 (char *, 1);
  g_clear_pointer (&errand->transcript, postseal_transcript_print_free);
  postseal_service_run_hide_progress (self);
  self->status = postseal_outcome_graver (self->status, errand->public.status);
  if (self->progress != NULL)
    postseal_progress_remove (self->progress, errand->public.account);
  if (self->ended != NULL)
    self->ended (&errand->public, self->user_data);
  if (--self->running == 0)
    g_main_loop_quit (self->loop);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *errand = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, &error);

  if (answer != NULL)
    take_answer (&errand->public, answer);
  else
    take_error (&errand->public, errand->is_needless ? NULL : error);
  end_errand (errand);
}

static void
start_errand (Errand *errand)
{
  PostsealServiceRun *self = errand->run;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;

  if (self->display == POSTSEAL_SERVICE_RUN_VERBOSE)
    errand->transcript
        = postseal_transcript_print_new (errand->public.account, &descriptors, &error);
  if (error != NULL)
    {
      take_error (&errand->public, error);
      end_errand (errand);
      return;
    }
  postseal_service_request_async (self->service, self->request, errand->arguments, descriptors,
                                  self->cancellable, on_answer, errand);
}

/* --- how far it is --- */

static PostsealDirection *
read_direction (PostsealServiceRun *self, PostsealAccountStatus *status)
{
  return postseal_direction_read (status, self->request == POSTSEAL_SERVICE_QUEUE_FLUSH);
}

static void
tell_wait (PostsealServiceRun *self, const Errand *errand, const PostsealDirection *direction)
{
  postseal_service_run_hide_progress (self);
  g_printerr (_ ("postseal: %s: Waiting: %s\n"), errand->public.account,
              *direction->error != '\0' ? direction->error
                                        : _ ("Another program works for this account"));
}

/* Returns: whether another program has the account */
static gboolean
look_at_wait (PostsealServiceRun *self, Errand *errand)
{
  PostsealAccountStatus *status
      = postseal_service_find_account (self->service, errand->public.account);
  g_autoptr (PostsealDirection) direction = status != NULL ? read_direction (self, status) : NULL;

  if (errand->public.details != NULL || direction == NULL
      || direction->state != POSTSEAL_ACCOUNT_BUSY)
    return FALSE;
  if (self->waits + 1 == TELL_AT && self->display != POSTSEAL_SERVICE_RUN_SILENT)
    tell_wait (self, errand, direction);
  if (self->needless != NULL && !errand->is_needless
      && self->needless (&errand->public, self->user_data))
    {
      errand->is_needless = TRUE;
      g_cancellable_cancel (self->cancellable);
    }
  return TRUE;
}

static gboolean
on_look (gpointer user_data)
{
  PostsealServiceRun *self = user_data;
  gboolean is_waiting = FALSE;

  for (guint i = 0; i < self->errands->len && !is_waiting; i++)
    is_waiting = look_at_wait (self, g_ptr_array_index (self->errands, i));
  if (is_waiting)
    self->waits++;
  return G_SOURCE_CONTINUE;
}

static void
on_status_changed (PostsealServiceRun *self)
{
  if (self->progress != NULL)
    postseal_progress_update (self->progress);
}

static void
watch_status (PostsealServiceRun *self, const Errand *errand)
{
  gboolean is_sending = self->request == POSTSEAL_SERVICE_QUEUE_FLUSH;
  PostsealAccountStatus *status
      = postseal_service_find_account (self->service, errand->public.account);

  if (status == NULL)
    return;
  if (self->progress != NULL)
    postseal_progress_add (self->progress, status, is_sending);
  g_signal_connect_swapped (status, "notify", G_CALLBACK (on_status_changed), self);
}

static void
unwatch_status (PostsealServiceRun *self, const Errand *errand)
{
  PostsealAccountStatus *status
      = postseal_service_find_account (self->service, errand->public.account);

  if (status != NULL)
    g_signal_handlers_disconnect_by_data (status, self);
}

/* --- the run --- */

static gboolean
on_interrupt (gpointer user_data)
{
  PostsealServiceRun *self = user_data;

  postseal_service_run_hide_progress (self);
  if (POSTSEAL_IS_CLIENT (self->service))
    g_printerr (
        _ ("postseal: The daemon goes on with it; “postseal status” shows how far it is\n"));
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_CONTINUE;
}

/* The first one ends the run in good order; from the second on the program ends at once, which
   loses nothing either. */
static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  guint *sources = user_data;

  for (int i = 0; i < 2; i++)
    g_clear_handle_id (&sources[i], g_source_remove);
}

static void
run_errands (PostsealServiceRun *self)
{
  if (self->display == POSTSEAL_SERVICE_RUN_PROGRESS)
    self->progress = postseal_progress_new (STDERR_FILENO);
  for (guint i = 0; i < self->errands->len; i++)
    watch_status (self, g_ptr_array_index (self->errands, i));
  for (guint i = 0; i < self->errands->len; i++)
    start_errand (g_ptr_array_index (self->errands, i));
  if (self->display != POSTSEAL_SERVICE_RUN_SILENT)
    self->look = g_timeout_add (LOOK_MS, on_look, self);
  if (self->running > 0)
    g_main_loop_run (self->loop);
  for (guint i = 0; i < self->errands->len; i++)
    unwatch_status (self, g_ptr_array_index (self->errands, i));
  g_clear_handle_id (&self->look, g_source_remove);
  g_clear_pointer (&self->progress, postseal_progress_free);
}

int
postseal_service_run_execute (PostsealServiceRun *self,
                              PostsealServiceRunEndedFunc ended,
                              gpointer user_data)
{
  guint sources[2];
  gulong handler;

  self->ended = ended;
  self->user_data = user_data;
  self->running = self->errands->len;
  if (self->running == 0)
    return self->status;
  postseal_service_run_get_service (self);
  sources[0] = g_unix_signal_add (SIGINT, on_interrupt, self);
  sources[1] = g_unix_signal_add (SIGTERM, on_interrupt, self);
  handler = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), sources, NULL);
  run_errands (self);
  postseal_service_choice_end (self->service);
  g_cancellable_disconnect (self->cancellable, handler);
  on_cancelled (self->cancellable, sources);
  return self->status;
}

void
postseal_service_run_hide_progress (PostsealServiceRun *self)
{
  if (self->progress != NULL)
    postseal_progress_hide (self->progress);
}

void
postseal_service_run_print_troubles (const PostsealErrand *errand)
{
  for (gsize i = 0; errand->notes[i] != NULL; i++)
    g_printerr ("postseal: %s: %s\n", errand->account, errand->notes[i]);
  if (errand->error != NULL)
    g_printerr ("postseal: %s: %s\n", errand->account, errand->error);
}

const GPtrArray *
postseal_service_run_get_errands (PostsealServiceRun *self)
{
  return self->errands;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal fetch: retrieves now, all accounts at once. */
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/seal-json.h"
#include "engine/fetch-job.h"
#include "engine/outcome.h"

typedef struct
{
  GPtrArray *jobs; /* owned (element-type PostsealFetchJob) */
  GPtrArray *errors; /* owned (element-type GError, nullable), parallel to jobs */
  PostsealProgress *progress; /* owned, nullable */
  GCancellable *cancellable; /* owned */
  GMainLoop *loop; /* owned */
  guint running;
  gboolean is_json;
  int status; /* gravest */
} Fetch;

static void
print_summary (Fetch *self, PostsealFetchJob *job)
{
  const char *name = postseal_fetch_job_get_account (job)->name;
  const PostsealFetchProgress *progress = postseal_fetch_job_get_progress (job);
  PostsealSeal *seal = postseal_fetch_job_get_seal (job);
  g_autofree char *size = g_format_size (progress->bytes_done);
  g_autofree char *evidence = NULL;
  guint64 done = progress->messages_done;

  if (done > 0)
    g_print (
        g_dngettext (GETTEXT_PACKAGE, "%s: %u new message, %s", "%s: %u new messages, %s", done),
        name, (guint)done, size);
  else
    g_print (_ ("%s: nothing new"), name);
  if (progress->deleted > 0)
    g_print (g_dngettext (GETTEXT_PACKAGE, ", %u deleted on the server",
                          ", %u deleted on the server", progress->deleted),
             (guint)progress->deleted);
  g_print ("\n");
  if (seal != NULL)
    {
      evidence = postseal_seal_to_string (seal, g_get_real_time () / G_USEC_PER_SEC);
      g_print ("  %s\n", evidence);
    }
}

static void
on_job_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  PostsealFetchJob *job = POSTSEAL_FETCH_JOB (source);
  const char *name = postseal_fetch_job_get_account (job)->name;
  const GPtrArray *notes = postseal_fetch_job_get_notes (job);
  const PostsealFetchProgress *progress = postseal_fetch_job_get_progress (job);
  guint index;
  GError *error = NULL;

  if (self->progress != NULL)
    postseal_progress_hide (self->progress);
  if (!postseal_fetch_job_run_finish (job, result, &error)
      && g_ptr_array_find (self->jobs, job, &index))
    self->errors->pdata[index] = error;
  self->status = postseal_outcome_graver (self->status, postseal_outcome_exit_status (error));

  for (guint i = 0; i < notes->len; i++)
    g_printerr ("postseal: %s: %s\n", name, (const char *)g_ptr_array_index (notes, i));
  if (error != NULL)
    g_printerr ("postseal: %s: %s\n", name, error->message);
  if (!self->is_json && (error == NULL || progress->messages_done > 0 || progress->deleted > 0))
    print_summary (self, job);
  if (--self->running == 0)
    g_main_loop_quit (self->loop);
}

static void
on_progress (PostsealFetchJob *job, gpointer user_data)
{
  Fetch *self = user_data;

  if (self->progress != NULL)
    postseal_progress_update (self->progress);
}

static gboolean
on_interrupt (gpointer user_data)
{
  Fetch *self = user_data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE; /* a second one ends the program at once, which loses nothing either */
}

static void
on_transcript_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  g_printerr ("%s %c %s\n", (const char *)user_data, "*><"[kind], line);
}

static void
add_job (Fetch *self, PostsealAccount *account, gboolean is_verbose)
{
  g_autoptr (PostsealTranscript) transcript = NULL;
  PostsealFetchJob *job;

  if (is_verbose)
    transcript = postseal_transcript_new (on_transcript_line, g_strdup (account->name), g_free);
  job = postseal_fetch_job_new (account, transcript);
  g_signal_connect (job, "progress", G_CALLBACK (on_progress), self);
  g_ptr_array_add (self->jobs, job);
  g_ptr_array_add (self->errors, NULL);
}

/* The accounts named, or all that receive. */
static void
choose_accounts (Fetch *self, PostsealAccountStore *store, char **names, gboolean is_verbose)
{
  const GPtrArray *accounts = postseal_account_store_get_accounts (store);

  for (guint i = 0; names[0] == NULL && i < accounts->len; i++)
    {
      PostsealAccount *account = g_ptr_array_index (accounts, i);

      if (account->receive != NULL)
        add_job (self, account, is_verbose);
    }
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      PostsealAccount *account = postseal_account_store_lookup (store, names[i], &error);

      if (account != NULL && account->receive == NULL)
        g_set_error (&error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
                     _ ("Account %s only sends: it has no key “receive”"), account->name);
      if (error != NULL)
        self->status = postseal_outcome_graver (self->status, postseal_report_error (error));
      else if (!g_strv_contains ((const char *const *)names + i + 1, names[i]))
        add_job (self, account, is_verbose);
    }
}

static void
add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_job_to_json (Fetch *self, guint index, JsonBuilder *builder)
{
  PostsealFetchJob *job = g_ptr_array_index (self->jobs, index);
  const GError *error = g_ptr_array_index (self->errors, index);
  const PostsealFetchProgress *progress = postseal_fetch_job_get_progress (job);
  const GPtrArray *notes = postseal_fetch_job_get_notes (job);

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", postseal_fetch_job_get_account (job)->name);
  add_number (builder, "status", postseal_outcome_exit_status (error));
  postseal_report_add_string (builder, "error", error != NULL ? error->message : NULL);
  add_number (builder, "delivered", progress->messages_done);
  add_number (builder, "deleted", progress->deleted);
  add_number (builder, "failed", progress->failed);
  add_number (builder, "bytes", progress->bytes_done);
  json_builder_set_member_name (builder, "notes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < notes->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (notes, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (postseal_fetch_job_get_seal (job), builder);
  json_builder_end_object (builder);
}

static void
print_json (Fetch *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < self->jobs->len; i++)
    add_job_to_json (self, i, builder);
  json_builder_end_array (builder);
  postseal_report_json (builder);
}

static void
run_jobs (Fetch *self)
{
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, self);
  guint terminate = g_unix_signal_add (SIGTERM, on_interrupt, self);

  self->running = self->jobs->len;
  for (guint i = 0; i < self->jobs->len; i++)
    postseal_fetch_job_run_async (g_ptr_array_index (self->jobs, i), self->cancellable, on_job_done,
                                  self);
  if (self->running > 0)
    g_main_loop_run (self->loop);
  if (!g_cancellable_is_cancelled (self->cancellable))
    {
      g_source_remove (interrupt);
      g_source_remove (terminate);
    }
}

static void
free_error (gpointer data)
{
  g_clear_error ((GError **)&data);
}

static int
fetch (PostsealAccountStore *store, char **names, const PostsealOptions *options)
{
  Fetch self = {
    .jobs = g_ptr_array_new_with_free_func (g_object_unref),
    .errors = g_ptr_array_new_with_free_func (free_error),
    .cancellable = g_cancellable_new (),
    .loop = g_main_loop_new (NULL, FALSE),
    .is_json = options->json,
  };

  /* Who names accounts hears of those only. */
  if (names[0] == NULL)
    self.status = postseal_report_problems (store);
  choose_accounts (&self, store, names, options->verbose);
  if (!options->verbose)
    self.progress = postseal_progress_new (STDERR_FILENO, self.jobs);
  run_jobs (&self);
  g_clear_pointer (&self.progress, postseal_progress_free);
  if (self.is_json)
    print_json (&self);

  g_ptr_array_unref (self.jobs);
  g_ptr_array_unref (self.errors);
  g_object_unref (self.cancellable);
  g_main_loop_unref (self.loop);
  return self.status;
}

int
postseal_cmd_fetch (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealAccountStore) store = NULL;
  int status = 0;

  if (!postseal_options_parse (&options, "postseal fetch", _ ("[ACCOUNT…]"),
                               _ ("Retrieves new mail now, from all accounts or those named"), NULL,
                               &argc, &argv, &status))
    return status;
  store = postseal_options_load_accounts (&options, &status);
  if (store == NULL)
    return status;
  return fetch (store, argv + 1, &options);
}

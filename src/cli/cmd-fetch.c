/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal fetch: retrieves now, all accounts at once. */
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

#include "cli/commands.h"
#include "cli/job-run.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/seal-json.h"
#include "engine/fetch-job.h"
#include "engine/outcome.h"

typedef struct
{
  PostsealJobRun *run; /* borrowed */
  gboolean is_json;
  int status; /* gravest */
} Fetch;

static void
print_summary (PostsealFetchJob *job)
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
on_job_ended (gpointer job, const GError *error, gpointer user_data)
{
  Fetch *self = user_data;
  const PostsealFetchProgress *progress = postseal_fetch_job_get_progress (job);

  postseal_job_run_print_troubles (self->run, job, error);
  if (!self->is_json && (error == NULL || progress->messages_done > 0 || progress->deleted > 0))
    print_summary (job);
}

static void
add_job (Fetch *self, PostsealAccount *account)
{
  g_autoptr (PostsealTranscript) transcript
      = postseal_job_run_new_transcript (self->run, account->name);

  postseal_job_run_add (self->run, G_OBJECT (postseal_fetch_job_new (account, transcript)));
}

/* The accounts named, or all that receive. */
static void
choose_accounts (Fetch *self, PostsealAccountStore *store, char **names)
{
  const GPtrArray *accounts = postseal_account_store_get_accounts (store);

  for (guint i = 0; names[0] == NULL && i < accounts->len; i++)
    {
      PostsealAccount *account = g_ptr_array_index (accounts, i);

      if (account->receive != NULL)
        add_job (self, account);
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
        add_job (self, account);
    }
}

static void
add_job_to_json (Fetch *self, guint index, JsonBuilder *builder)
{
  PostsealFetchJob *job = postseal_job_run_get_job (self->run, index);
  const GError *error = postseal_job_run_get_error (self->run, index);
  const PostsealFetchProgress *progress = postseal_fetch_job_get_progress (job);
  const GPtrArray *notes = postseal_fetch_job_get_notes (job);

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", postseal_fetch_job_get_account (job)->name);
  postseal_report_add_number (builder, "status", postseal_outcome_exit_status (error));
  postseal_report_add_string (builder, "error", error != NULL ? error->message : NULL);
  postseal_report_add_number (builder, "delivered", progress->messages_done);
  postseal_report_add_number (builder, "deleted", progress->deleted);
  postseal_report_add_number (builder, "failed", progress->failed);
  postseal_report_add_number (builder, "bytes", progress->bytes_done);
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
  for (guint i = 0; i < postseal_job_run_get_n_jobs (self->run); i++)
    add_job_to_json (self, i, builder);
  json_builder_end_array (builder);
  postseal_report_json (builder);
}

static int
fetch (PostsealAccountStore *store, char **names, const PostsealOptions *options)
{
  g_autoptr (PostsealJobRun) run = postseal_job_run_new (
      &postseal_fetch_job_kind,
      options->verbose ? POSTSEAL_JOB_RUN_VERBOSE : POSTSEAL_JOB_RUN_PROGRESS);
  Fetch self = { .run = run, .is_json = options->json };

  /* Who names accounts hears of those only. */
  if (names[0] == NULL)
    self.status = postseal_report_problems (store);
  choose_accounts (&self, store, names);
  self.status
      = postseal_outcome_graver (self.status, postseal_job_run_execute (run, on_job_ended, &self));
  if (self.is_json)
    print_json (&self);
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

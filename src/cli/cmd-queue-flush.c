/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal queue flush: sends what is in the outbox now, all accounts at once. */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/job-run.h"
#include "cli/options.h"
#include "cli/outbox-words.h"
#include "cli/queue-entries.h"
#include "cli/report.h"
#include "cli/seal-json.h"
#include "engine/outcome.h"
#include "engine/send-job.h"

#define PROGRAM "postseal queue flush"

typedef struct
{
  const PostsealOptions *options; /* borrowed */
  PostsealSendScope scope;
  gboolean is_quiet; /* in the background: nobody reads */
  PostsealJobRun *run; /* borrowed */
  GHashTable *plans; /* borrowed: PostsealSendJob -> owned Plan */
  int status; /* gravest */
} Flush;

/* A PostsealSendReport, kept. */
typedef struct
{
  char *id;
  char *state;
  guint code;
  char *text; /* or NULL */
  int status;
} Message;

static void
free_message (gpointer data)
{
  Message *self = data;

  g_free (self->id);
  g_free (self->state);
  g_free (self->text);
  g_free (self);
}

/* What a job is for, and what came of it. */
typedef struct
{
  char **ids; /* owned, or NULL */
  GPtrArray *messages; /* owned (element-type Message) */
} Plan;

static void
free_plan (gpointer data)
{
  Plan *self = data;

  g_strfreev (self->ids);
  g_ptr_array_unref (self->messages);
  g_free (self);
}

static Plan *
get_plan (Flush *self, gpointer job)
{
  return g_hash_table_lookup (self->plans, job);
}

/* --- for people --- */

static void
print_message (const PostsealSendReport *report)
{
  if (report->text != NULL)
    g_print ("%s %s: %s\n", report->id, report->state, report->text);
  else
    g_print ("%s %s\n", report->id, report->state);
  fflush (stdout);
}

static void
print_summary (PostsealSendJob *job)
{
  const char *name = postseal_send_job_get_account (job)->name;
  const PostsealSendProgress *progress = postseal_send_job_get_progress (job);
  PostsealSeal *seal = postseal_send_job_get_seal (job);

  if (progress->messages_done == 0)
    g_print (_ ("%s: nothing to send\n"), name);
  else
    g_print (_ ("%s: %lu sent, %lu to be tried again, %lu failed\n"), name, (gulong)progress->sent,
             (gulong)progress->delayed, (gulong)progress->failed);
  if (seal != NULL)
    {
      g_autofree char *evidence
          = postseal_seal_to_string (seal, g_get_real_time () / G_USEC_PER_SEC);

      g_print ("  %s\n", evidence);
    }
}

static void
on_message (PostsealSendJob *job, gpointer data, gpointer user_data)
{
  const PostsealSendReport *report = data;
  Flush *self = user_data;
  Message *message;

  if (self->options->json)
    {
      message = g_new0 (Message, 1);
      message->id = g_strdup (report->id);
      message->state = g_strdup (report->state);
      message->code = report->code;
      message->text = g_strdup (report->text);
      message->status = postseal_outcome_exit_status (report->error);
      g_ptr_array_add (get_plan (self, job)->messages, message);
    }
  else if (!self->is_quiet)
    {
      postseal_job_run_hide_progress (self->run);
      print_message (report);
    }
}

static void
on_job_ended (gpointer job, const GError *error, gpointer user_data)
{
  Flush *self = user_data;
  const PostsealSendProgress *progress = postseal_send_job_get_progress (job);

  if (self->is_quiet)
    return;
  postseal_job_run_print_troubles (self->run, job, error);
  if (!self->options->json && (error == NULL || progress->messages_done > 0))
    print_summary (job);
}

/* --- for programs --- */

static void
add_message_to_json (const Message *message, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "id", message->id);
  postseal_report_add_string (builder, "state", message->state);
  postseal_report_add_number (builder, "status", message->status);
  json_builder_set_member_name (builder, "code");
  if (message->code != 0)
    json_builder_add_int_value (builder, message->code);
  else
    json_builder_add_null_value (builder);
  postseal_report_add_string (builder, "text", message->text);
  json_builder_end_object (builder);
}

static void
add_job_to_json (Flush *self, guint index, JsonBuilder *builder)
{
  PostsealSendJob *job = postseal_job_run_get_job (self->run, index);
  const GError *error = postseal_job_run_get_error (self->run, index);
  const PostsealSendProgress *progress = postseal_send_job_get_progress (job);
  const GPtrArray *notes = postseal_send_job_get_notes (job);
  const GPtrArray *messages = get_plan (self, job)->messages;

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", postseal_send_job_get_account (job)->name);
  postseal_report_add_number (builder, "status", postseal_outcome_exit_status (error));
  postseal_report_add_string (builder, "error", error != NULL ? error->message : NULL);
  postseal_report_add_number (builder, "sent", progress->sent);
  postseal_report_add_number (builder, "delayed", progress->delayed);
  postseal_report_add_number (builder, "failed", progress->failed);
  json_builder_set_member_name (builder, "messages");
  json_builder_begin_array (builder);
  for (guint i = 0; i < messages->len; i++)
    add_message_to_json (g_ptr_array_index (messages, i), builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "notes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < notes->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (notes, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (postseal_send_job_get_seal (job), builder);
  json_builder_end_object (builder);
}

static void
print_json (Flush *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < postseal_job_run_get_n_jobs (self->run); i++)
    add_job_to_json (self, i, builder);
  json_builder_end_array (builder);
  postseal_report_json (builder);
}

/* --- which messages through which accounts --- */

static void
complain (Flush *self, const GError *error)
{
  if (!self->is_quiet)
    g_printerr ("postseal: %s\n", error->message);
  self->status = postseal_outcome_graver (self->status, postseal_outcome_exit_status (error));
}

/* @plan: (transfer full) */
static PostsealSendJob *
make_job (Flush *self, PostsealAccount *account, Plan *plan)
{
  g_autoptr (PostsealTranscript) transcript
      = postseal_job_run_new_transcript (self->run, account->name);
  PostsealSendJob *job
      = postseal_send_job_new (account, self->scope, (const char *const *)plan->ids, transcript);

  g_signal_connect (job, "message", G_CALLBACK (on_message), self);
  g_hash_table_insert (self->plans, job, plan);
  return job;
}

static GObject *
try_again (gpointer job, gpointer user_data)
{
  Flush *self = user_data;
  Plan *plan = get_plan (self, job);

  g_hash_table_steal (self->plans, job);
  return G_OBJECT (make_job (self, postseal_send_job_get_account (job), plan));
}

/* @ids: (nullable) */
static void
add_job (Flush *self, PostsealAccountStore *store, const char *name, const char *const *ids)
{
  g_autoptr (GError) error = NULL;
  PostsealAccount *account = postseal_account_store_lookup (store, name, &error);
  Plan *plan;

  if (account == NULL)
    {
      /* The reader knows that it is missing, not why anybody asks. */
      if (!postseal_account_store_has (store, name))
        {
          g_clear_error (&error);
          g_set_error (&error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN,
                       _ ("The outbox has messages of the account “%s”, which is no longer in %s; "
                          "add it again, or throw them away with “postseal queue remove”"),
                       name, self->options->config);
        }
      complain (self, error);
      return;
    }
  if (account->send == NULL)
    {
      g_set_error (
          &error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
          _ ("The outbox has messages of the account “%s”, which only receives now: it has "
             "no key “send”"),
          name);
      complain (self, error);
      return;
    }
  plan = g_new0 (Plan, 1);
  plan->ids = g_strdupv ((char **)ids);
  plan->messages = g_ptr_array_new_with_free_func (free_message);
  postseal_job_run_add (self->run, G_OBJECT (make_job (self, account, plan)));
}

/* One job for each account that these belong to. */
static void
add_named (Flush *self, PostsealAccountStore *store, const GPtrArray *entries)
{
  g_autoptr (GPtrArray) accounts = g_ptr_array_new ();

  for (guint i = 0; i < entries->len; i++)
    {
      const PostsealOutboxEntry *entry = g_ptr_array_index (entries, i);

      if (!g_ptr_array_find_with_equal_func (accounts, entry->account, g_str_equal, NULL))
        g_ptr_array_add (accounts, entry->account);
    }
  for (guint i = 0; i < accounts->len; i++)
    {
      const char *account = g_ptr_array_index (accounts, i);
      g_autoptr (GPtrArray) ids = g_ptr_array_new ();

      for (guint j = 0; j < entries->len; j++)
        {
          const PostsealOutboxEntry *entry = g_ptr_array_index (entries, j);

          if (strcmp (entry->account, account) == 0)
            g_ptr_array_add (ids, entry->id);
        }
      g_ptr_array_add (ids, NULL);
      add_job (self, store, account, (const char *const *)ids->pdata);
    }
}

/* Those that are to be sent at all: what has been sent cannot be sent again. */
static void
drop_done (Flush *self, GPtrArray *entries)
{
  for (guint i = entries->len; i > 0; i--)
    {
      const PostsealOutboxEntry *entry = g_ptr_array_index (entries, i - 1);

      if (entry->state != POSTSEAL_OUTBOX_SENT && entry->state != POSTSEAL_OUTBOX_BOUNCED)
        continue;
      g_printerr (_ ("postseal: %s has left the outbox: it was %s\n"), entry->id,
                  postseal_outbox_words_state (entry->state));
      self->status = postseal_outcome_graver (self->status, 64);
      g_ptr_array_remove_index (entries, i - 1);
    }
}

/* Nobody's: what is damaged does not even say whose it is. */
static void
complain_of_damage (Flush *self, PostsealOutbox *outbox)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_auto (GStrv) waiting
      = postseal_outbox_list (outbox, NULL, POSTSEAL_OUTBOX_ALL, 0, &problems, NULL);

  for (guint i = 0; problems != NULL && i < problems->len; i++)
    {
      g_autoptr (GError) error = g_error_new_literal (
          POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED, g_ptr_array_index (problems, i));

      complain (self, error);
    }
}

static int
flush (Flush *self, PostsealOutbox *outbox, char **ids)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_auto (GStrv) accounts = NULL;

  if (ids[0] != NULL)
    {
      entries = postseal_queue_entries_load_named (outbox, ids, &self->status);
      drop_done (self, entries);
    }
  else
    accounts = postseal_outbox_list_accounts (outbox, &error);
  if (error == NULL && (entries != NULL ? entries->len > 0 : accounts[0] != NULL))
    store = postseal_account_store_load (self->options->config, &error);
  if (error != NULL)
    complain (self, error);
  if (accounts != NULL && accounts[0] == NULL)
    complain_of_damage (self, outbox);
  if (store != NULL && entries != NULL)
    add_named (self, store, entries);
  for (gsize i = 0; store != NULL && accounts != NULL && accounts[i] != NULL; i++)
    add_job (self, store, accounts[i], NULL);

  self->status = postseal_outcome_graver (self->status,
                                          postseal_job_run_execute (self->run, on_job_ended, self));
  if (self->options->json && !self->is_quiet)
    print_json (self);
  else if (self->status == 0 && !self->is_quiet && postseal_job_run_get_n_jobs (self->run) == 0)
    g_print (_ ("The outbox is empty\n"));
  return self->status;
}

int
postseal_cmd_queue_flush (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (PostsealJobRun) run = NULL;
  g_autoptr (GHashTable) plans = g_hash_table_new_full (NULL, NULL, NULL, free_plan);
  g_autoptr (GError) error = NULL;
  gboolean only_due = FALSE;
  const GOptionEntry entries[] = {
    { "due", 0, 0, G_OPTION_ARG_NONE, &only_due,
      N_ ("Only what is due by now, and without a word: for the background"), NULL },
    { NULL },
  };
  Flush self = { .options = &options, .plans = plans };
  int status = 0;

  if (!postseal_options_parse (
          &options, PROGRAM, _ ("[ID…]"),
          _ ("Try every message in the outbox once now, whatever was to be waited for, or those "
             "named."),
          entries, &argc, &argv, &status))
    return status;
  if (only_due && argc > 1)
    return postseal_report_usage (PROGRAM, _ ("either --due or IDs, not both"));
  self.is_quiet = only_due && !options.verbose;
  self.scope = only_due   ? POSTSEAL_SEND_DUE
               : argc > 1 ? POSTSEAL_SEND_CHOSEN
                          : POSTSEAL_SEND_WAITING;
  outbox = postseal_outbox_open (&error);
  if (outbox == NULL)
    {
      complain (&self, error);
      return self.status;
    }
  run = postseal_job_run_new (&postseal_send_job_kind, options.verbose ? POSTSEAL_JOB_RUN_VERBOSE
                                                       : self.is_quiet ? POSTSEAL_JOB_RUN_SILENT
                                                                       : POSTSEAL_JOB_RUN_PROGRESS);
  postseal_job_run_set_again (run, try_again);
  self.run = run;
  return flush (&self, outbox, argv + 1);
}

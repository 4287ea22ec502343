/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal queue flush: sends what is in the outbox now, all accounts at once. */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/outbox-words.h"
#include "cli/queue-entries.h"
#include "cli/report.h"
#include "cli/seal-json.h"
#include "cli/service-run.h"
#include "engine/outcome.h"
#include "net/seal.h"

#define PROGRAM "postseal queue flush"

typedef struct
{
  const PostsealOptions *options; /* borrowed */
  gboolean only_due;
  gboolean is_quiet; /* in the background: nobody reads */
  PostsealServiceRun *run; /* borrowed */
  GPtrArray *plans; /* owned (element-type Plan) */
  int status; /* gravest */
} Flush;

/* What an errand is for, and what came of it. */
typedef struct
{
  char *account; /* owned */
  char **ids; /* owned, or NULL: all */
  GPtrArray *messages; /* owned (element-type GVariant): of "message-tried" */
} Plan;

static void
free_plan (gpointer data)
{
  Plan *self = data;

  g_free (self->account);
  g_strfreev (self->ids);
  g_ptr_array_unref (self->messages);
  g_free (self);
}

/* The one that a message was tried for; the daemon may send others at the same time. */
static Plan *
find_plan (Flush *self, const char *account, const char *id)
{
  for (guint i = 0; i < self->plans->len; i++)
    {
      Plan *plan = g_ptr_array_index (self->plans, i);

      if (strcmp (plan->account, account) == 0
          && (plan->ids == NULL || g_strv_contains ((const char *const *)plan->ids, id)))
        return plan;
    }
  return NULL;
}

/* --- for people --- */

static void
print_message (const char *id, const char *state, const char *text)
{
  if (*text != '\0')
    g_print ("%s %s: %s\n", id, state, text);
  else
    g_print ("%s %s\n", id, state);
  fflush (stdout);
}

static void
print_summary (const PostsealErrand *errand)
{
  g_autoptr (PostsealSeal) seal = postseal_errand_get_seal (errand);

  if (postseal_errand_get_count (errand, "tried") == 0)
    g_print (_ ("%s: nothing to send\n"), errand->account);
  else
    g_print (_ ("%s: %lu sent, %lu to be tried again, %lu failed\n"), errand->account,
             (gulong)postseal_errand_get_count (errand, "sent"),
             (gulong)postseal_errand_get_count (errand, "delayed"),
             (gulong)postseal_errand_get_count (errand, "failed"));
  if (seal != NULL)
    {
      g_autofree char *evidence
          = postseal_seal_to_string (seal, g_get_real_time () / G_USEC_PER_SEC);

      g_print ("  %s\n", evidence);
    }
}

static void
on_message_tried (PostsealService *service, GVariant *details, gpointer user_data)
{
  Flush *self = user_data;
  const char *account = "", *id = "", *state = "", *text = "";
  Plan *plan;

  g_variant_lookup (details, "account", "&s", &account);
  g_variant_lookup (details, "id", "&s", &id);
  g_variant_lookup (details, "state", "&s", &state);
  g_variant_lookup (details, "text", "&s", &text);
  plan = find_plan (self, account, id);
  if (plan == NULL)
    return;
  if (self->options->json)
    g_ptr_array_add (plan->messages, g_variant_ref (details));
  else if (!self->is_quiet)
    {
      postseal_service_run_hide_progress (self->run);
      print_message (id, postseal_outbox_words_name (state), text);
    }
}

static void
on_errand_ended (const PostsealErrand *errand, gpointer user_data)
{
  Flush *self = user_data;

  if (self->is_quiet)
    return;
  postseal_service_run_print_troubles (errand);
  if (!self->options->json
      && (errand->error == NULL || postseal_errand_get_count (errand, "tried") > 0))
    print_summary (errand);
}

/* --- for programs --- */

static void
add_message_to_json (GVariant *message, JsonBuilder *builder)
{
  const char *id = "", *state = "", *text = "";
  guint32 code = 0;
  gint32 status = 0;

  g_variant_lookup (message, "id", "&s", &id);
  g_variant_lookup (message, "state", "&s", &state);
  g_variant_lookup (message, "text", "&s", &text);
  g_variant_lookup (message, "code", "u", &code);
  g_variant_lookup (message, "status", "i", &status);
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "id", id);
  postseal_report_add_string (builder, "state", state);
  postseal_report_add_number (builder, "status", status);
  json_builder_set_member_name (builder, "code");
  if (code != 0)
    json_builder_add_int_value (builder, code);
  else
    json_builder_add_null_value (builder);
  postseal_report_add_string (builder, "text", *text != '\0' ? text : NULL);
  json_builder_end_object (builder);
}

static void
add_errand_to_json (const PostsealErrand *errand, JsonBuilder *builder)
{
  const Plan *plan = errand->plan;
  g_autoptr (PostsealSeal) seal = postseal_errand_get_seal (errand);

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", errand->account);
  postseal_report_add_number (builder, "status", errand->status);
  postseal_report_add_string (builder, "error", errand->error);
  for (const char *const *key = (const char *const[]){ "sent", "delayed", "failed", NULL };
       *key != NULL; key++)
    postseal_report_add_number (builder, *key, postseal_errand_get_count (errand, *key));
  json_builder_set_member_name (builder, "messages");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->messages->len; i++)
    add_message_to_json (g_ptr_array_index (plan->messages, i), builder);
  json_builder_end_array (builder);
  postseal_report_add_strings (builder, "notes", (const char *const *)errand->notes);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (seal, builder);
  json_builder_end_object (builder);
}

static void
print_json (Flush *self)
{
  const GPtrArray *errands = postseal_service_run_get_errands (self->run);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < errands->len; i++)
    add_errand_to_json (g_ptr_array_index (errands, i), builder);
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

/* @ids: (nullable) */
static void
add_errand (Flush *self, PostsealAccountStore *store, const char *name, const char *const *ids)
{
  g_autoptr (GError) error = NULL;
  PostsealAccount *account = postseal_account_store_lookup (store, name, &error);
  g_auto (GVariantDict) arguments = G_VARIANT_DICT_INIT (NULL);
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
  plan->account = g_strdup (name);
  plan->ids = g_strdupv ((char **)ids);
  plan->messages = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
  g_ptr_array_add (self->plans, plan);
  if (ids != NULL)
    g_variant_dict_insert (&arguments, "ids", "^as", ids);
  if (self->only_due)
    g_variant_dict_insert (&arguments, "due", "b", TRUE);
  postseal_service_run_add (self->run, name, g_variant_dict_end (&arguments), plan);
}

/* One errand for each account that these belong to. */
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
      add_errand (self, store, account, (const char *const *)ids->pdata);
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

static void
execute (Flush *self)
{
  if (self->plans->len == 0)
    return;
  g_signal_connect (postseal_service_run_get_service (self->run), "message-tried",
                    G_CALLBACK (on_message_tried), self);
  self->status = postseal_outcome_graver (
      self->status, postseal_service_run_execute (self->run, on_errand_ended, self));
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
    add_errand (self, store, accounts[i], NULL);

  execute (self);
  if (self->options->json && !self->is_quiet)
    print_json (self);
  else if (self->status == 0 && !self->is_quiet && self->plans->len == 0)
    g_print (_ ("The outbox is empty\n"));
  return self->status;
}

int
postseal_cmd_queue_flush (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GPtrArray) plans = g_ptr_array_new_with_free_func (free_plan);
  g_autoptr (PostsealServiceRun) run = NULL;
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
  self.only_due = only_due;
  /* Started by whoever found no daemon. */
  options.no_daemon = options.no_daemon || only_due;
  outbox = postseal_outbox_open (&error);
  if (outbox == NULL)
    {
      complain (&self, error);
      return self.status;
    }
  run = postseal_service_run_new (&options, POSTSEAL_SERVICE_QUEUE_FLUSH,
                                  options.verbose ? POSTSEAL_SERVICE_RUN_VERBOSE
                                  : self.is_quiet ? POSTSEAL_SERVICE_RUN_SILENT
                                                  : POSTSEAL_SERVICE_RUN_PROGRESS);
  self.run = run;
  return flush (&self, outbox, argv + 1);
}

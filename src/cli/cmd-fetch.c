/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal fetch: retrieves now, all accounts at once. */
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/seal-json.h"
#include "cli/service-run.h"
#include "engine/outcome.h"
#include "net/seal.h"

#define PROGRAM "postseal fetch"

typedef struct
{
  PostsealServiceRun *run; /* borrowed */
  gboolean is_json;
  int status; /* gravest */
} Fetch;

static void
print_summary (const PostsealErrand *errand)
{
  g_autoptr (PostsealSeal) seal = postseal_errand_get_seal (errand);
  guint64 done = postseal_errand_get_count (errand, "delivered");
  guint64 deleted = postseal_errand_get_count (errand, "deleted");
  g_autofree char *size = g_format_size (postseal_errand_get_count (errand, "bytes"));

  if (done > 0)
    g_print (
        g_dngettext (GETTEXT_PACKAGE, "%s: %u new message, %s", "%s: %u new messages, %s", done),
        errand->account, (guint)done, size);
  else
    g_print (_ ("%s: nothing new"), errand->account);
  if (deleted > 0)
    g_print (g_dngettext (GETTEXT_PACKAGE, ", %u deleted on the server",
                          ", %u deleted on the server", deleted),
             (guint)deleted);
  g_print ("\n");
  if (seal != NULL)
    {
      g_autofree char *evidence
          = postseal_seal_to_string (seal, g_get_real_time () / G_USEC_PER_SEC);

      g_print ("  %s\n", evidence);
    }
}

static void
on_errand_ended (const PostsealErrand *errand, gpointer user_data)
{
  Fetch *self = user_data;

  postseal_service_run_print_troubles (errand);
  if (!self->is_json
      && (errand->error == NULL || postseal_errand_get_count (errand, "delivered") > 0
          || postseal_errand_get_count (errand, "deleted") > 0))
    print_summary (errand);
}

static void
add_account (Fetch *self, PostsealAccount *account)
{
  postseal_service_run_add (self->run, account->name, NULL, NULL);
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
        add_account (self, account);
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
        add_account (self, account);
    }
}

static void
add_to_json (const PostsealErrand *errand, JsonBuilder *builder)
{
  g_autoptr (PostsealSeal) seal = postseal_errand_get_seal (errand);

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", errand->account);
  postseal_report_add_number (builder, "status", errand->status);
  postseal_report_add_string (builder, "error", errand->error);
  for (const char *const *key
       = (const char *const[]){ "delivered", "deleted", "failed", "bytes", NULL };
       *key != NULL; key++)
    postseal_report_add_number (builder, *key, postseal_errand_get_count (errand, *key));
  postseal_report_add_strings (builder, "notes", (const char *const *)errand->notes);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (seal, builder);
  json_builder_end_object (builder);
}

static void
print_json (Fetch *self)
{
  const GPtrArray *errands = postseal_service_run_get_errands (self->run);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < errands->len; i++)
    add_to_json (g_ptr_array_index (errands, i), builder);
  json_builder_end_array (builder);
  postseal_report_json (builder);
}

static int
fetch (PostsealAccountStore *store, char **names, const PostsealOptions *options)
{
  g_autoptr (PostsealServiceRun) run = postseal_service_run_new (
      options, POSTSEAL_SERVICE_FETCH,
      options->verbose ? POSTSEAL_SERVICE_RUN_VERBOSE : POSTSEAL_SERVICE_RUN_PROGRESS);
  Fetch self = { .run = run, .is_json = options->json };

  /* Who names accounts hears of those only. */
  if (names[0] == NULL)
    self.status = postseal_report_problems (store);
  choose_accounts (&self, store, names);
  self.status = postseal_outcome_graver (
      self.status, postseal_service_run_execute (run, on_errand_ended, &self));
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

  if (!postseal_options_parse (&options, PROGRAM, _ ("[ACCOUNT…]"),
                               _ ("Retrieves new mail now, from all accounts or those named"), NULL,
                               &argc, &argv, &status))
    return status;
  store = postseal_options_load_accounts (&options, &status);
  if (store == NULL)
    return status;
  return fetch (store, argv + 1, &options);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>

#include "base/paths.h"
#include "base/printable.h"
#include "cli/options.h"
#include "cli/outbox-digest.h"
#include "cli/report.h"
#include "cli/seal-json.h"
#include "engine/last-run.h"
#include "mail/ledger.h"
#include "net/latches.h"
#include "net/seal.h"

/* What the state directory of one account tells. */
typedef struct
{
  PostsealAccount *account; /* borrowed */
  gboolean has_run;
  PostsealLastRun run; /* owned */
  PostsealSeal *seal; /* owned, or NULL: of the last run, else of the last message */
  gboolean has_ledger;
  PostsealLedgerSummary ledger; /* owned */
  PostsealLatches *latches; /* owned, or NULL */
  PostsealOutboxDigest outbox; /* owned */
  GPtrArray *troubles; /* owned (element-type utf8): what could not be read */
} AccountState;

static void
clear_state (AccountState *self)
{
  postseal_last_run_clear (&self->run);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_free (self->ledger.last_seal);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  postseal_outbox_digest_clear (&self->outbox);
  g_clear_pointer (&self->troubles, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AccountState, clear_state)

static void
take_trouble (AccountState *self, const GError *error)
{
  if (error != NULL)
    g_ptr_array_add (self->troubles, g_strdup (error->message));
}

static void
read_ledger (AccountState *self, const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "ledger.sqlite", NULL);
  g_autoptr (PostsealLedger) ledger = NULL;
  g_autoptr (GError) error = NULL;

  /* Opening it would make it. */
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return;
  ledger = postseal_ledger_open (path, &error);
  if (ledger != NULL)
    self->has_ledger = postseal_ledger_summarize (ledger, &self->ledger, &error);
  take_trouble (self, error);
}

/* @outbox: (nullable) */
static void
read_state (AccountState *self, PostsealOutbox *outbox)
{
  g_autofree char *directory = postseal_paths_account_state_dir (self->account->name);
  g_autofree char *latches = g_build_filename (directory, "latches", NULL);
  g_autoptr (GError) error = NULL;
  const char *seal = NULL;

  self->troubles = g_ptr_array_new_with_free_func (g_free);
  self->has_run = postseal_last_run_load (directory, &self->run);
  read_ledger (self, directory);
  self->latches = postseal_latches_load (latches, &error);
  take_trouble (self, error);

  if (outbox != NULL)
    {
      g_clear_error (&error);
      postseal_outbox_digest_load (&self->outbox, outbox, self->account->name, &error);
      take_trouble (self, error);
    }

  seal = self->has_run && self->run.seal != NULL ? self->run.seal : self->ledger.last_seal;
  if (seal != NULL)
    self->seal = postseal_seal_parse (seal);
}

/* --- for people --- */

static void
print_line (const char *label, const char *text)
{
  glong width = g_utf8_strlen (label, -1);

  g_print ("  %s%*s%s\n", label, (int)MAX (1, 12 - width), "", text);
}

static void
print_run (const AccountState *self)
{
  g_autofree char *time = NULL;
  g_autofree char *size = NULL;
  g_autofree char *text = NULL;

  if (!self->has_run)
    {
      print_line (_ ("last run"), _ ("never"));
      return;
    }
  time = postseal_report_format_time (self->run.time);
  size = g_format_size (self->run.bytes);
  text = g_strdup_printf (_ ("%s: %lu delivered (%s), %lu deleted on the server, %lu failed"), time,
                          (gulong)self->run.delivered, size, (gulong)self->run.deleted,
                          (gulong)self->run.failed);
  print_line (_ ("last run"), text);
  if (self->run.status != 0)
    {
      g_autofree char *error = g_strdup_printf (
          _ ("%s (exit status %d)"), self->run.error != NULL ? self->run.error : _ ("failed"),
          self->run.status);

      print_line (_ ("error"), error);
    }
}

static void
print_latches (const AccountState *self, const PostsealEndpoint *endpoint)
{
  g_autofree char *place = NULL;
  g_autoptr (GString) text = NULL;

  if (endpoint == NULL || self->latches == NULL)
    return;
  place = postseal_endpoint_to_string (endpoint);
  text = g_string_new (place);
  for (const char *const *name = (const char *const[]){ "tls", "mechanism", NULL }; *name != NULL;
       name++)
    {
      const char *value = postseal_latches_get (self->latches, place, *name);
      g_autofree char *shown = value != NULL ? postseal_printable (value, -1) : NULL;

      if (shown != NULL)
        g_string_append_printf (text, ", %s %s", *name, shown);
    }
  if (text->len > strlen (place))
    print_line (_ ("held to"), text->str);
}

static void
append_count (GString *text, guint64 number, const char *state)
{
  if (number > 0)
    g_string_append_printf (text, "%s%lu %s", text->len > 0 ? ", " : "", (gulong)number, state);
}

static void
print_outbox (const PostsealOutboxDigest *outbox)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_count (text, outbox->waiting, _ ("waiting"));
  append_count (text, outbox->in_doubt, _ ("in doubt"));
  append_count (text, outbox->blocked, _ ("blocked"));
  append_count (text, outbox->held, _ ("held"));
  append_count (text, outbox->failed, _ ("failed"));
  if (text->len == 0)
    g_string_append (text, _ ("empty"));
  if (outbox->reason != NULL)
    g_string_append_printf (text, ": %s", outbox->reason);
  print_line (_ ("outbox"), text->str);
  if (outbox->seal != NULL)
    {
      g_autofree char *seal
          = postseal_seal_to_string (outbox->seal, g_get_real_time () / G_USEC_PER_SEC);

      print_line (_ ("sent with"), seal);
    }
}

static void
print_state (const AccountState *self)
{
  const PostsealAccount *account = self->account;

  g_print ("%s  %s\n", account->name, account->address);
  if (account->receive != NULL)
    print_run (self);
  if (self->seal != NULL)
    {
      g_autofree char *seal
          = postseal_seal_to_string (self->seal, g_get_real_time () / G_USEC_PER_SEC);

      print_line (_ ("seal"), seal);
    }
  if (self->has_ledger && self->ledger.delivered > 0)
    {
      g_autofree char *time = postseal_report_format_time (self->ledger.last_delivered_at);
      g_autofree char *text = g_strdup_printf (ngettext ("%lu message on record, the last of %s",
                                                         "%lu messages on record, the last of %s",
                                                         (gulong)self->ledger.delivered),
                                               (gulong)self->ledger.delivered, time);

      print_line (_ ("delivered"), text);
    }
  if (account->send != NULL || self->outbox.total > 0)
    print_outbox (&self->outbox);
  print_latches (self, account->receive);
  print_latches (self, account->send);
  for (guint i = 0; i < self->troubles->len; i++)
    print_line (_ ("trouble"), g_ptr_array_index (self->troubles, i));
}

/* --- for programs --- */

static void
add_run (JsonBuilder *builder, const AccountState *self)
{
  json_builder_set_member_name (builder, "last-run");
  if (!self->has_run)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  postseal_report_add_time (builder, "time", self->run.time);
  postseal_report_add_number (builder, "status", (guint64)MAX (0, self->run.status));
  postseal_report_add_string (builder, "error", self->run.error);
  postseal_report_add_number (builder, "delivered", self->run.delivered);
  postseal_report_add_number (builder, "deleted", self->run.deleted);
  postseal_report_add_number (builder, "failed", self->run.failed);
  postseal_report_add_number (builder, "bytes", self->run.bytes);
  json_builder_end_object (builder);
}

static void
add_latches (JsonBuilder *builder, const AccountState *self, const PostsealEndpoint *endpoint)
{
  g_autofree char *place = NULL;
  const char *tls;
  const char *mechanism;

  if (endpoint == NULL || self->latches == NULL)
    return;
  place = postseal_endpoint_to_string (endpoint);
  tls = postseal_latches_get (self->latches, place, "tls");
  mechanism = postseal_latches_get (self->latches, place, "mechanism");
  if (tls == NULL && mechanism == NULL)
    return;
  json_builder_set_member_name (builder, place);
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "tls", tls);
  postseal_report_add_string (builder, "mechanism", mechanism);
  json_builder_end_object (builder);
}

static void
add_outbox (JsonBuilder *builder, const PostsealOutboxDigest *outbox)
{
  json_builder_set_member_name (builder, "outbox");
  json_builder_begin_object (builder);
  postseal_report_add_number (builder, "messages", outbox->total);
  postseal_report_add_number (builder, "waiting", outbox->waiting);
  postseal_report_add_number (builder, "in-doubt", outbox->in_doubt);
  postseal_report_add_number (builder, "blocked", outbox->blocked);
  postseal_report_add_number (builder, "held", outbox->held);
  postseal_report_add_number (builder, "failed", outbox->failed);
  postseal_report_add_string (builder, "reason", outbox->reason);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (outbox->seal, builder);
  json_builder_end_object (builder);
}

static void
add_state (JsonBuilder *builder, const AccountState *self)
{
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", self->account->name);
  postseal_report_add_string (builder, "address", self->account->address);
  add_run (builder, self);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (self->seal, builder);

  json_builder_set_member_name (builder, "delivered");
  json_builder_begin_object (builder);
  postseal_report_add_number (builder, "messages", self->has_ledger ? self->ledger.delivered : 0);
  postseal_report_add_time (builder, "last", self->has_ledger ? self->ledger.last_delivered_at : 0);
  json_builder_end_object (builder);

  add_outbox (builder, &self->outbox);
  json_builder_set_member_name (builder, "latches");
  json_builder_begin_object (builder);
  add_latches (builder, self, self->account->receive);
  add_latches (builder, self, self->account->send);
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "troubles");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->troubles->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (self->troubles, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* --- the command --- */

/* The accounts named, or all. Returns: (transfer full) (nullable): NULL after a complaint */
static GPtrArray *
choose_accounts (PostsealAccountStore *store, int argc, char **argv, int *ret_status)
{
  const GPtrArray *all = postseal_account_store_get_accounts (store);
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (int i = 1; i < argc; i++)
    {
      PostsealAccount *account = postseal_account_store_lookup (store, argv[i], &error);

      if (account == NULL)
        {
          *ret_status = postseal_report_error (error);
          return NULL;
        }
      g_ptr_array_add (chosen, account);
    }
  for (guint i = 0; argc == 1 && i < all->len; i++)
    g_ptr_array_add (chosen, g_ptr_array_index (all, i));
  return g_steal_pointer (&chosen);
}

int
postseal_cmd_status (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GError) outbox_error = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  int status = 0;

  if (!postseal_options_parse (
          &options, "postseal status", _ ("[ACCOUNT…]"),
          _ ("Show for each account what was fetched last, what waits to be sent, how the "
             "connections were sealed, what went wrong, and what its servers are held to."),
          NULL, &argc, &argv, &status))
    return status;
  store = postseal_options_load_accounts (&options, &status);
  if (store == NULL)
    return status;
  accounts = choose_accounts (store, argc, argv, &status);
  if (accounts == NULL)
    return status;

  outbox = postseal_outbox_digest_open (&outbox_error);
  if (outbox_error != NULL)
    g_printerr ("postseal: %s\n", outbox_error->message);
  json_builder_begin_array (builder);
  for (guint i = 0; i < accounts->len; i++)
    {
      g_auto (AccountState) state = { .account = g_ptr_array_index (accounts, i) };

      read_state (&state, outbox);
      if (options.json)
        add_state (builder, &state);
      else
        {
          if (i > 0)
            g_print ("\n");
          print_state (&state);
        }
    }
  json_builder_end_array (builder);
  if (options.json)
    postseal_report_json (builder);
  return postseal_report_problems (store);
}

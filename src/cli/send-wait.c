/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/send-wait.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "cli/outbox-json.h"
#include "cli/outbox-words.h"
#include "cli/report.h"
#include "cli/service-run.h"
#include "engine/outcome.h"

typedef struct
{
  const PostsealOptions *options; /* borrowed */
  const char *id; /* borrowed */
  PostsealAccount *account; /* borrowed */
  PostsealOutbox *outbox; /* borrowed */
  GError *error; /* owned, or NULL: what the run ended with */
} SendWait;

/* --- what became of it --- */

static gboolean
is_waiting_as_wished (const PostsealOutboxEntry *entry, gint64 now)
{
  return entry->state == POSTSEAL_OUTBOX_QUEUED && entry->envelope != NULL
         && entry->envelope->hold_until > now;
}

/* The exit status of an outcome that another program has brought about, or that is no error. */
static int
get_status (const PostsealOutboxEntry *entry, const GError *error)
{
  if (entry->state == POSTSEAL_OUTBOX_SENT)
    return 0;
  if (error != NULL)
    return postseal_outcome_exit_status (error);
  switch (entry->state)
    {
    case POSTSEAL_OUTBOX_FAILED:
    case POSTSEAL_OUTBOX_BOUNCED:
      return 69;
    case POSTSEAL_OUTBOX_BLOCKED:
      /* Who was sealed got as far as the log-in. */
      return entry->seal != NULL ? 77 : 76;
    case POSTSEAL_OUTBOX_QUEUED:
      return is_waiting_as_wished (entry, g_get_real_time () / G_USEC_PER_SEC) ? 0 : 75;
    case POSTSEAL_OUTBOX_SENDING:
    case POSTSEAL_OUTBOX_IN_DOUBT:
    case POSTSEAL_OUTBOX_HELD:
    case POSTSEAL_OUTBOX_SENT:
    default:
      return 75;
    }
}

static char *
describe_outcome (const PostsealOutboxEntry *entry, gint64 now)
{
  g_autofree char *prospect = postseal_outbox_words_prospect (entry, now);

  switch (entry->state)
    {
    case POSTSEAL_OUTBOX_SENT:
      return g_strdup (_ ("Sent"));
    case POSTSEAL_OUTBOX_BOUNCED:
      return g_strdup (_ ("Refused for good, at least in part; a report was delivered to the "
                          "account's mail"));
    case POSTSEAL_OUTBOX_FAILED:
      return g_strdup_printf (_ ("Failed for good; the message is kept as %s until “postseal queue "
                                 "flush” or “postseal queue remove”"),
                              entry->id);
    case POSTSEAL_OUTBOX_BLOCKED:
      return g_strdup_printf (_ ("Blocked; the message stays queued as %s and is tried again %s"),
                              entry->id, prospect);
    case POSTSEAL_OUTBOX_IN_DOUBT:
      return g_strdup_printf (_ ("In doubt; the message stays queued as %s and is tried again %s"),
                              entry->id, prospect);
    case POSTSEAL_OUTBOX_HELD:
      return g_strdup_printf (_ ("Held; the message stays queued as %s %s"), entry->id, prospect);
    case POSTSEAL_OUTBOX_SENDING:
      return g_strdup_printf (_ ("The message stays queued as %s: %s"), entry->id, prospect);
    case POSTSEAL_OUTBOX_QUEUED:
    default:
      if (is_waiting_as_wished (entry, now))
        return g_strdup_printf (_ ("As wished, the message stays queued as %s and is sent %s"),
                                entry->id, prospect);
      return g_strdup_printf (_ ("The message stays queued as %s and is tried again %s"), entry->id,
                              prospect);
    }
}

static void
print_entry (const PostsealOutboxEntry *entry)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (PostsealSeal) seal = entry->seal != NULL ? postseal_seal_parse (entry->seal) : NULL;
  g_autoptr (GPtrArray) warnings = postseal_outbox_words_warnings (entry);
  g_autofree char *outcome = describe_outcome (entry, now);

  for (gsize i = 0; i < entry->n_recipients; i++)
    {
      g_autofree char *answer = postseal_outbox_words_answer (&entry->recipients[i]);

      if (answer != NULL)
        g_print ("%s: %s\n", entry->recipients[i].recipient->address, answer);
    }
  if (seal != NULL)
    {
      g_autofree char *evidence = postseal_seal_to_string (seal, now);

      g_print ("  %s\n", evidence);
    }
  g_print ("%s\n", outcome);
  for (guint i = 0; i < warnings->len; i++)
    g_print ("%s\n", (const char *)g_ptr_array_index (warnings, i));
}

void
postseal_send_wait_print_json (const PostsealOutboxEntry *entry,
                               const char *id,
                               int status,
                               const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  if (entry != NULL)
    postseal_outbox_json_add_members (builder, entry);
  else
    {
      postseal_report_add_string (builder, "id", id);
      postseal_report_add_string (builder, "account", NULL);
      postseal_report_add_string (builder, "state",
                                  postseal_outbox_state_name (POSTSEAL_OUTBOX_QUEUED));
    }
  postseal_report_add_number (builder, "status", status);
  postseal_report_add_string (builder, "error", error != NULL ? error->message : NULL);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

/* Nothing was sent, and why. @entry: (nullable) */
static int
report_failure (SendWait *self, const PostsealOutboxEntry *entry, const GError *error)
{
  int status = postseal_report_error (error);

  if (self->options->json)
    postseal_send_wait_print_json (entry, self->id, status, error);
  else
    g_print (_ ("The message stays queued as %s\n"), self->id);
  return status;
}

/* --- the sending --- */

static void
on_errand_ended (const PostsealErrand *errand, gpointer user_data)
{
  SendWait *self = user_data;

  if (errand->error != NULL)
    self->error = g_error_new_literal (POSTSEAL_SERVICE_ERROR, errand->status, errand->error);
  postseal_service_run_print_troubles (errand);
}

static gboolean
has_outcome (const PostsealOutboxEntry *entry)
{
  return entry->state != POSTSEAL_OUTBOX_SENDING
         && (entry->state != POSTSEAL_OUTBOX_QUEUED || entry->attempts > 0
             || entry->last_attempt != 0);
}

/* Whoever sends for the account may take it along. */
static gboolean
is_needless (const PostsealErrand *errand, gpointer user_data)
{
  SendWait *self = user_data;
  g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (self->outbox, self->id, NULL);

  return entry == NULL || has_outcome (entry);
}

static void
send_or_wait (SendWait *self)
{
  const char *const ids[] = { self->id, NULL };
  g_auto (GVariantDict) arguments = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (PostsealServiceRun) run = postseal_service_run_new (
      self->options, POSTSEAL_SERVICE_QUEUE_FLUSH,
      self->options->verbose ? POSTSEAL_SERVICE_RUN_VERBOSE : POSTSEAL_SERVICE_RUN_PROGRESS);

  g_variant_dict_insert (&arguments, "ids", "^as", ids);
  postseal_service_run_add (run, self->account->name, g_variant_dict_end (&arguments), NULL);
  postseal_service_run_set_needless (run, is_needless);
  postseal_service_run_execute (run, on_errand_ended, self);
}

int
postseal_send_wait (const PostsealOptions *options, const char *id)
{
  SendWait self = { .options = options, .id = id };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) run_error = NULL;
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (&error);
  g_autoptr (PostsealOutboxEntry) queued = NULL;
  g_autoptr (PostsealOutboxEntry) entry = NULL;
  int status;

  if (outbox != NULL)
    queued = postseal_outbox_load (outbox, id, &error);
  if (queued != NULL)
    store = postseal_account_store_load (options->config, &error);
  if (store != NULL)
    self.account = postseal_account_store_lookup (store, queued->account, &error);
  if (self.account != NULL && self.account->send == NULL)
    {
      g_set_error (&error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
                   _ ("Account %s has no key “send” any more"), self.account->name);
      self.account = NULL;
    }
  if (self.account == NULL)
    return report_failure (&self, queued, error);

  self.outbox = outbox;
  /* The daemon may have been quicker. */
  if (!has_outcome (queued))
    send_or_wait (&self);
  entry = postseal_outbox_load (outbox, id, &error);
  run_error = g_steal_pointer (&self.error);
  if (entry == NULL)
    return report_failure (&self, queued, error);
  status = get_status (entry, run_error);
  if (options->json)
    postseal_send_wait_print_json (entry, id, status, run_error);
  else
    print_entry (entry);
  return status;
}

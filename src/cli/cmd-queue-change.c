/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal queue hold, release, remove: the user's word about messages in the outbox. */
#include <glib/gi18n.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/queue-entries.h"
#include "cli/report.h"
#include "cli/service-choice.h"
#include "engine/outcome.h"

typedef struct
{
  const char *program;
  const char *summary; /* untranslated, marked with N_() */
  const char *all; /* likewise: the help of --all */
  const char *done; /* likewise: what it is then, for people */
  const char *change; /* of the request */
  gboolean (*fits) (PostsealOutboxState state); /* whether --all means it */
  gboolean wakes; /* there is something to send then */
} Change;

/* Returns: the exit status */
static int
report_one (const Change *change, GVariant *result, gboolean is_json, JsonBuilder *builder)
{
  const char *id = "", *state = NULL, *error = "";
  gint32 status = 0;

  g_variant_lookup (result, "id", "&s", &id);
  g_variant_lookup (result, "state", "&s", &state);
  g_variant_lookup (result, "status", "i", &status);
  g_variant_lookup (result, "error", "&s", &error);
  if (status != 0)
    g_printerr ("postseal: %s\n", error);
  else if (!is_json)
    g_print ("%s %s\n", id, _ (change->done));
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "id", id);
  postseal_report_add_string (builder, "state", state);
  postseal_report_add_number (builder, "status", status);
  postseal_report_add_string (builder, "error", *error != '\0' ? error : NULL);
  json_builder_end_object (builder);
  return status;
}

static int
report_all (const Change *change, GVariant *answer, gboolean is_json, int status)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GVariant) results
      = answer != NULL ? g_variant_lookup_value (answer, "results", G_VARIANT_TYPE ("aa{sv}"))
                       : NULL;

  json_builder_begin_array (builder);
  for (gsize i = 0; results != NULL && i < g_variant_n_children (results); i++)
    {
      g_autoptr (GVariant) result = g_variant_get_child_value (results, i);

      status = postseal_outcome_graver (status, report_one (change, result, is_json, builder));
    }
  json_builder_end_array (builder);
  if (is_json)
    postseal_report_json (builder);
  return status;
}

/* By the daemon where one runs: what is released is to be sent at once. @damaged: (element-type
   utf8) */
static int
change_all (const Change *change,
            const PostsealOptions *options,
            const GPtrArray *entries,
            const GPtrArray *damaged,
            int status)
{
  g_autoptr (PostsealService) service = NULL;
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_auto (GVariantDict) arguments = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (ids, ((PostsealOutboxEntry *)g_ptr_array_index (entries, i))->id);
  for (guint i = 0; i < damaged->len; i++)
    g_ptr_array_add (ids, g_ptr_array_index (damaged, i));
  if (ids->len > 0)
    {
      g_variant_dict_insert (&arguments, "change", "s", change->change);
      g_variant_dict_insert_value (&arguments, "ids",
                                   g_variant_new_strv ((const char *const *)ids->pdata, ids->len));
      service = postseal_service_choice_pick (options);
      answer = postseal_service_choice_ask (service, POSTSEAL_SERVICE_QUEUE_CHANGE,
                                            g_variant_dict_end (&arguments), &error);
    }
  if (error != NULL)
    status = postseal_outcome_graver (status, postseal_report_error (error));
  return report_all (change, answer, options->json, status);
}

/* Takes those out of @ids whose files cannot be understood: the only thing to do with them is to
   throw them away. Returns: (transfer full) (element-type utf8) */
static GPtrArray *
take_damaged (PostsealOutbox *outbox, char **ids)
{
  GPtrArray *damaged = g_ptr_array_new ();
  gsize n_kept = 0;

  for (gsize i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, ids[i], &error);

      if (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED))
        g_ptr_array_add (damaged, ids[i]);
      else
        ids[n_kept++] = ids[i];
    }
  ids[n_kept] = NULL;
  return damaged;
}

static void
drop_unfit (const Change *change, GPtrArray *entries)
{
  for (guint i = entries->len; i > 0; i--)
    {
      const PostsealOutboxEntry *entry = g_ptr_array_index (entries, i - 1);

      if (!change->fits (entry->state))
        g_ptr_array_remove_index (entries, i - 1);
    }
}

static int
run_change (const Change *change, int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GPtrArray) damaged = NULL;
  g_autoptr (GError) error = NULL;
  gboolean wants_all = FALSE;
  const GOptionEntry option_entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &wants_all, change->all, NULL },
    { NULL },
  };
  int status = 0;

  if (!postseal_options_parse (&options, change->program, _ ("ID…"), _ (change->summary),
                               option_entries, &argc, &argv, &status))
    return status;
  if (wants_all && argc > 1)
    return postseal_report_usage (change->program, _ ("either --all or IDs, not both"));
  if (!wants_all && argc < 2)
    return postseal_report_usage (change->program, _ ("name messages by their IDs, or give --all"));
  outbox = postseal_outbox_open (&error);
  if (outbox == NULL)
    return postseal_report_error (error);
  damaged = strcmp (change->change, "remove") == 0 ? take_damaged (outbox, argv + 1)
                                                   : g_ptr_array_new ();
  entries = wants_all ? postseal_queue_entries_load (outbox, NULL, POSTSEAL_OUTBOX_ALL, &status)
                      : postseal_queue_entries_load_named (outbox, argv + 1, &status);
  if (entries == NULL)
    return status;
  if (wants_all)
    drop_unfit (change, entries);
  status = change_all (change, &options, entries, damaged, status);
  if (change->wakes && entries->len > 0)
    postseal_options_wake_outbox (&options);
  return status;
}

static gboolean
is_not_held (PostsealOutboxState state)
{
  return state != POSTSEAL_OUTBOX_HELD;
}

static gboolean
is_held (PostsealOutboxState state)
{
  return state == POSTSEAL_OUTBOX_HELD;
}

static gboolean
is_any (PostsealOutboxState state)
{
  return TRUE;
}

int
postseal_cmd_queue_hold (int argc, char **argv)
{
  static const Change change = {
    .program = "postseal queue hold",
    .summary = N_ ("Keep messages in the outbox until they are released."),
    .all = N_ ("Every message that is not held yet"),
    .done = N_ ("held"),
    .change = "hold",
    .fits = is_not_held,
  };

  return run_change (&change, argc, argv);
}

int
postseal_cmd_queue_release (int argc, char **argv)
{
  static const Change change = {
    .program = "postseal queue release",
    .summary = N_ ("Let messages go that were held."),
    .all = N_ ("Every message that is held"),
    .done = N_ ("released"),
    .change = "release",
    .fits = is_held,
    .wakes = TRUE,
  };

  return run_change (&change, argc, argv);
}

int
postseal_cmd_queue_remove (int argc, char **argv)
{
  static const Change change = {
    .program = "postseal queue remove",
    .summary = N_ ("Throw messages away: they are not sent, and nobody is told."),
    .all = N_ ("Every message in the outbox"),
    .done = N_ ("removed"),
    .change = "remove",
    .fits = is_any,
  };

  return run_change (&change, argc, argv);
}

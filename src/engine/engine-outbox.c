/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine and the outbox: who has something to send, and sending it now. */
#include <glib/gi18n-lib.h>

#include "base/paths.h"
#include "engine/engine-private.h"
#include "engine/outbox-service.h"
#include "engine/outcome.h"

/* Long enough for a burst of changes to be one, short enough for nobody to notice. */
#define SURVEY_DELAY_MS 20
/* Between two: each reads all of the outbox, and tells everybody. */
#define SURVEY_PAUSE_MS 100

/* --- what there is to do --- */

static void
tell (PostsealMember *member, const PostsealOutboxWork *work)
{
  g_object_set (member->status, "waiting", work != NULL ? work->waiting : 0, "failed",
                work != NULL ? work->failed : 0, NULL);
  if (member->sender != NULL && member->n_stopping == 0)
    postseal_sender_set_next_due (member->sender, work != NULL ? work->next_due : -1);
}

static void
on_surveyed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealEngine) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) works = postseal_outbox_survey_finish (result, &error);
  GHashTableIter iter;
  gpointer value;

  self->is_surveying = FALSE;
  if (works == NULL)
    {
      g_message ("%s", error->message);
      return;
    }
  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      PostsealMember *member = value;
      const PostsealOutboxWork *work = NULL;

      for (guint i = 0; work == NULL && i < works->len; i++)
        if (strcmp (((PostsealOutboxWork *)g_ptr_array_index (works, i))->account, member->name)
            == 0)
          work = g_ptr_array_index (works, i);
      tell (member, work);
    }
  postseal_service_emit_queue_changed (POSTSEAL_SERVICE (self));
}

static gboolean
on_survey (gpointer user_data)
{
  PostsealEngine *self = user_data;

  if (self->is_surveying)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->survey, g_source_unref);
  self->is_surveying = TRUE;
  self->surveyed_us = g_get_monotonic_time ();
  postseal_outbox_survey_async (NULL, on_surveyed, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

void
_postseal_engine_survey_soon (PostsealEngine *self)
{
  gint64 passed_ms = (g_get_monotonic_time () - self->surveyed_us) / G_TIME_SPAN_MILLISECOND;
  gint64 delay_ms = MAX (SURVEY_DELAY_MS, SURVEY_PAUSE_MS - passed_ms);

  if (self->world == NULL)
    postseal_service_emit_queue_changed (POSTSEAL_SERVICE (self));
  else if (self->survey == NULL)
    _postseal_engine_soon (&self->survey, (guint)delay_ms, on_survey, self);
}

static void
on_queue_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  if (event == G_FILE_MONITOR_EVENT_CREATED || event == G_FILE_MONITOR_EVENT_MOVED_IN
      || event == G_FILE_MONITOR_EVENT_RENAMED || event == G_FILE_MONITOR_EVENT_DELETED
      || event == G_FILE_MONITOR_EVENT_MOVED_OUT)
    _postseal_engine_survey_soon (user_data);
}

void
_postseal_engine_watch_outbox (PostsealEngine *self)
{
  g_autofree char *outbox = postseal_paths_outbox_dir ();
  g_autoptr (GFile) queue = g_file_new_build_filename (outbox, "queue", NULL);
  g_autoptr (GError) error = NULL;

  if (self->world == NULL || self->queue_monitor != NULL)
    return;
  self->queue_monitor = g_file_monitor_directory (queue, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
  if (self->queue_monitor == NULL)
    {
      g_message (_ ("New mail in the outbox will not be noticed by itself (%s); send it with "
                    "“postseal queue flush”"),
                 error->message);
      return;
    }
  g_file_monitor_set_rate_limit (self->queue_monitor, 0);
  g_signal_connect (self->queue_monitor, "changed", G_CALLBACK (on_queue_changed), self);
}

void
_postseal_engine_message_tried (PostsealEngine *self,
                                PostsealMember *member,
                                const PostsealSendReport *report)
{
  const char *text = report->text != NULL ? report->text : "";
  g_autofree char *reply = g_utf8_make_valid (text, -1);
  g_autofree char *error
      = report->error != NULL ? g_utf8_make_valid (report->error->message, -1) : g_strdup ("");
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "account", "s", member->name);
  g_variant_dict_insert (&dict, "id", "s", report->id);
  g_variant_dict_insert (&dict, "state", "s", report->state);
  g_variant_dict_insert (&dict, "code", "u", report->code);
  g_variant_dict_insert (&dict, "text", "s", reply);
  g_variant_dict_insert (&dict, "error", "s", error);
  g_variant_dict_insert (&dict, "status", "i", postseal_outcome_exit_status (report->error));
  postseal_service_emit_message_tried (POSTSEAL_SERVICE (self), g_variant_dict_end (&dict));
  _postseal_engine_survey_soon (self);
}

/* --- sending now: who has what, then each sender, then one answer --- */

typedef struct
{
  PostsealEngine *engine; /* owned */
  GTask *task; /* owned */
  PostsealTranscript *transcript; /* owned, nullable */
  PostsealSendScope scope;
  guint pending; /* senders, and the one who asks them */
  GVariantBuilder accounts; /* of answers */
  guint64 counts[4]; /* as in count_keys */
  int status; /* gravest */
  char *error; /* owned: of that status */
} Flush;

static const char *const count_keys[] = { "tried", "sent", "delayed", "failed" };

static void
add_answer (Flush *self, GVariant *answer)
{
  const char *error = "";
  int status = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (count_keys); i++)
    {
      guint64 count = 0;

      g_variant_lookup (answer, count_keys[i], "t", &count);
      self->counts[i] += count;
    }
  g_variant_lookup (answer, "status", "i", &status);
  g_variant_lookup (answer, "error", "&s", &error);
  if (status != 0
      && (self->status == 0 || postseal_outcome_graver (status, self->status) != self->status))
    {
      self->status = status;
      g_free (self->error);
      self->error = g_strdup (error);
    }
  g_variant_builder_add_value (&self->accounts, answer);
}

static void
end_one (Flush *self)
{
  GVariantDict dict;

  if (--self->pending > 0)
    return;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "status", "i", self->status);
  g_variant_dict_insert (&dict, "error", "s", self->error != NULL ? self->error : "");
  for (gsize i = 0; i < G_N_ELEMENTS (count_keys); i++)
    g_variant_dict_insert (&dict, count_keys[i], "t", self->counts[i]);
  g_variant_dict_insert_value (&dict, "accounts", g_variant_builder_end (&self->accounts));
  g_task_return_pointer (self->task, g_variant_ref_sink (g_variant_dict_end (&dict)),
                         (GDestroyNotify)g_variant_unref);
  _postseal_engine_survey_soon (self->engine);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_object_unref (self->engine);
  g_object_unref (self->task);
  g_free (self->error);
  g_free (self);
}

/* An account that cannot be asked. */
static void
add_trouble (Flush *self, const char *account, const GError *error)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "account", "s", account);
  g_variant_dict_insert (&dict, "status", "i", postseal_outcome_exit_status (error));
  g_variant_dict_insert (&dict, "error", "s", error->message);
  add_answer (self, g_variant_dict_end (&dict));
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Flush *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_sender_flush_finish (POSTSEAL_SENDER (source), result, &error);

  if (answer != NULL)
    add_answer (self, answer);
  else
    add_trouble (self, "", error);
  end_one (self);
}

/* @ids: (nullable) */
static void
ask_sender (Flush *self, const char *account, const char *const *ids)
{
  PostsealMember *member = g_hash_table_lookup (self->engine->members, account);
  g_autoptr (GError) error = NULL;

  if (member != NULL && member->sender != NULL)
    {
      self->pending++;
      postseal_sender_flush_async (member->sender, self->scope, ids, self->transcript,
                                   g_task_get_cancellable (self->task), on_flushed, self);
      return;
    }
  if (member == NULL || member->account == NULL)
    g_set_error (&error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN,
                 _ ("Its account %s does not exist (any more), or cannot be used; see “postseal "
                    "account list”"),
                 account);
  else
    g_set_error (&error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
                 _ ("Account %s only receives: it has no key “send”"), account);
  add_trouble (self, account, error);
}

static void
ask_senders (Flush *self, GHashTable *ids_by_account)
{
  GHashTableIter iter;
  gpointer account;
  gpointer ids;

  self->pending = 1;
  g_hash_table_iter_init (&iter, ids_by_account);
  while (g_hash_table_iter_next (&iter, &account, &ids))
    {
      if (self->scope == POSTSEAL_SEND_CHOSEN)
        g_ptr_array_add (ids, NULL);
      ask_sender (self, account,
                  self->scope == POSTSEAL_SEND_CHOSEN
                      ? (const char *const *)((GPtrArray *)ids)->pdata
                      : NULL);
    }
  end_one (self);
}

static GPtrArray *
get_ids (GHashTable *table, const char *account)
{
  GPtrArray *ids = g_hash_table_lookup (table, account);

  if (ids == NULL)
    {
      ids = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (table, g_strdup (account), ids);
    }
  return ids;
}

typedef struct
{
  char *account; /* owned, nullable: only this one */
  char **ids; /* owned, nullable: only these */
} Choice;

static void
free_choice (gpointer data)
{
  Choice *choice = data;

  g_free (choice->account);
  g_strfreev (choice->ids);
  g_free (choice);
}

/* Whose messages they are. Returns by the task: account → IDs. */
static void
sort_by_account (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Choice *choice = task_data;
  g_autoptr (GHashTable) table
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_auto (GStrv) accounts = NULL;
  GError *error = NULL;

  outbox = postseal_outbox_open (&error);
  if (outbox != NULL && choice->ids == NULL)
    accounts = postseal_outbox_list_accounts (outbox, &error);
  for (guint i = 0; accounts != NULL && accounts[i] != NULL; i++)
    if (choice->account == NULL || strcmp (accounts[i], choice->account) == 0)
      get_ids (table, accounts[i]);
  for (guint i = 0; error == NULL && choice->ids != NULL && choice->ids[i] != NULL; i++)
    {
      PostsealOutboxEntry *entry = postseal_outbox_load (outbox, choice->ids[i], &error);

      if (entry == NULL)
        break;
      g_ptr_array_add (get_ids (table, entry->account), g_strdup (entry->id));
      postseal_outbox_entry_free (entry);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&table), (GDestroyNotify)g_hash_table_unref);
}

static void
on_sorted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Flush *self = user_data;
  GError *error = NULL;
  g_autoptr (GHashTable) table = g_task_propagate_pointer (G_TASK (result), &error);

  if (table != NULL)
    {
      ask_senders (self, table);
      return;
    }
  g_task_return_error (self->task, postseal_service_error_from (error));
  g_error_free (error);
  g_variant_builder_clear (&self->accounts);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_object_unref (self->engine);
  g_object_unref (self->task);
  g_free (self);
}

void
_postseal_engine_flush (PostsealEngine *self,
                        GVariant *arguments,
                        PostsealTranscript *transcript,
                        GTask *task)
{
  g_autoptr (GTask) sorting = NULL;
  Flush *flush = g_new0 (Flush, 1);
  Choice *choice = g_new0 (Choice, 1);
  gboolean only_due = FALSE;

  g_variant_lookup (arguments, "account", "s", &choice->account);
  g_variant_lookup (arguments, "ids", "^as", &choice->ids);
  g_variant_lookup (arguments, "due", "b", &only_due);
  flush->engine = g_object_ref (self);
  flush->task = task;
  flush->transcript = postseal_transcript_ref (transcript);
  flush->scope = choice->ids != NULL ? POSTSEAL_SEND_CHOSEN
                 : only_due          ? POSTSEAL_SEND_DUE
                                     : POSTSEAL_SEND_WAITING;
  g_variant_builder_init (&flush->accounts, G_VARIANT_TYPE ("aa{sv}"));
  /* The thread may be the last to let go of the task, and the engine is not to end there. */
  sorting = g_task_new (NULL, NULL, on_sorted, flush);
  g_task_set_source_tag (sorting, _postseal_engine_flush);
  g_task_set_task_data (sorting, choice, free_choice);
  g_task_run_in_thread (sorting, sort_by_account);
}

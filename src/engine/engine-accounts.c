/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's accounts in step with accounts.conf: only what has changed begins anew. */
#include <glib/gi18n-lib.h>

#include "base/paths.h"
#include "engine/engine-private.h"
#include "engine/forget-job.h"
#include "engine/outcome.h"
#include "engine/receiver-private.h"

/* Editors write in several steps. */
#define SETTLE_MS 300

/* --- one account --- */

static PostsealMember *
add_member (PostsealEngine *self, const char *name)
{
  PostsealMember *member = g_new0 (PostsealMember, 1);

  member->engine = self;
  member->name = g_strdup (name);
  member->status = postseal_account_status_new (name);
  g_hash_table_insert (self->members, member->name, member);
  return member;
}

void
_postseal_member_free (gpointer data)
{
  PostsealMember *member = data;

  if (member->receiver != NULL)
    g_signal_handlers_disconnect_by_data (member->receiver, member);
  g_clear_object (&member->receiver);
  if (member->sender != NULL)
    g_signal_handlers_disconnect_by_data (member->sender, member);
  g_clear_object (&member->sender);
  g_signal_handlers_disconnect_by_data (member->status, member);
  g_clear_object (&member->status);
  g_clear_pointer (&member->account, postseal_account_unref);
  g_clear_pointer (&member->forget_arguments, g_variant_unref);
  g_clear_object (&member->forget);
  g_free (member->name);
  g_free (member);
}

static void
on_arrived (
    PostsealReceiver *receiver, const char *mailbox, guint count, GStrv files, gpointer user_data)
{
  PostsealMember *member = user_data;
  g_autofree char *title = g_utf8_make_valid (mailbox, -1);
  GVariantBuilder paths;
  GVariantDict dict;

  /* Names on the bus are UTF-8; a path that is not is left out. */
  g_variant_builder_init (&paths, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; files != NULL && files[i] != NULL; i++)
    if (g_utf8_validate (files[i], -1, NULL))
      g_variant_builder_add (&paths, "s", files[i]);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "mailbox", "s", title);
  g_variant_dict_insert (&dict, "count", "u", count);
  g_variant_dict_insert_value (&dict, "files", g_variant_builder_end (&paths));
  postseal_service_emit_mail_arrived (POSTSEAL_SERVICE (member->engine), member->name,
                                      g_variant_dict_end (&dict));
}

static void
on_message (PostsealSender *sender, gpointer report, gpointer user_data)
{
  PostsealMember *member = user_data;

  _postseal_engine_message_tried (member->engine, member, report);
}

/* What a sender has done changes what is left to do. */
static void
on_send_state (PostsealAccountStatus *status, GParamSpec *pspec, gpointer user_data)
{
  _postseal_engine_survey_soon (((PostsealMember *)user_data)->engine);
}

static void
begin (PostsealMember *member)
{
  PostsealEngine *self = member->engine;
  PostsealAccount *account = member->account;

  g_object_set (member->status, "address", account->address, "receives", account->receive != NULL,
                "sends", account->send != NULL, NULL);
  if (account->receive != NULL)
    {
      member->receiver = postseal_receiver_new (account, member->status, self->servers);
      g_signal_connect (member->receiver, "arrived", G_CALLBACK (on_arrived), member);
      if (self->world != NULL)
        postseal_receiver_start (member->receiver, self->world);
      else if (!member->has_begun) /* else it was about what has changed now */
        _postseal_receiver_show_last_run (member->receiver);
    }
  if (account->send != NULL)
    {
      member->sender = postseal_sender_new (account, member->status, self->servers);
      g_signal_connect (member->sender, "message", G_CALLBACK (on_message), member);
      g_signal_connect (member->status, "notify::send-state", G_CALLBACK (on_send_state), member);
      if (self->world != NULL)
        postseal_sender_start (member->sender, self->world);
    }
  member->has_begun = TRUE;
}

/* --- an account that ends or changes: first both directions come to rest --- */

/* What is said about an account that does nothing any more. */
static void
forget_status (PostsealMember *member)
{
  static const char *const nothing[] = { NULL };

  g_object_set (member->status, "receives", FALSE, "sends", FALSE, "receive-state", "off",
                "receive-activity", "", "receive-seal", NULL, "receive-changes", nothing,
                "receive-error", "", "receive-advice", "", "receive-remedy", "", "receive-status",
                0, "receive-next", G_GINT64_CONSTANT (0), "receive-watched", nothing, NULL);
  g_object_set (member->status, "send-state", "off", "send-activity", "", "send-seal", NULL,
                "send-changes", nothing, "send-error", "", "send-advice", "", "send-remedy", "",
                "send-status", 0, "send-next", G_GINT64_CONSTANT (0), NULL);
}

typedef struct
{
  PostsealEngine *engine; /* owned */
  char *name; /* owned: the member may be gone */
  gboolean is_receiver;
} Stopping;

/* All members at rest: the engine is, too. */
static void
check_stopped (PostsealEngine *self)
{
  GHashTableIter iter;
  gpointer member;

  if (self->stop == NULL)
    return;
  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    if (((PostsealMember *)member)->n_stopping > 0)
      return;
  g_hash_table_remove_all (self->members);
  g_list_store_remove_all (self->accounts);
  self->is_loaded = FALSE;
  g_object_notify (G_OBJECT (self), "unattended");
  g_task_return_boolean (self->stop, TRUE);
  g_clear_object (&self->stop);
}

static Stopping *
new_stopping (PostsealMember *member, gboolean is_receiver)
{
  Stopping *stopping = g_new (Stopping, 1);

  stopping->engine = g_object_ref (member->engine);
  stopping->name = g_strdup (member->name);
  stopping->is_receiver = is_receiver;
  member->n_stopping++;
  return stopping;
}

static void come_to_rest (PostsealMember *member);

/* Also of what is done at rest. @stopping: (transfer full) */
static void
end_stopping (Stopping *stopping)
{
  PostsealMember *member = g_hash_table_lookup (stopping->engine->members, stopping->name);

  if (member != NULL)
    {
      member->n_stopping--;
      come_to_rest (member);
    }
  g_object_unref (stopping->engine);
  g_free (stopping->name);
  g_free (stopping);
}

static void
answer_forget (GTask *task, GVariant *forgotten, const GError *error)
{
  GVariantDict dict;

  if (forgotten == NULL)
    {
      g_task_return_error (task, postseal_service_error_from (error));
      return;
    }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "forgotten", forgotten);
  g_task_return_pointer (task, g_variant_ref_sink (g_variant_dict_end (&dict)),
                         (GDestroyNotify)g_variant_unref);
}

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Stopping *stopping = user_data;
  PostsealMember *member = g_hash_table_lookup (stopping->engine->members, stopping->name);
  g_autoptr (GTask) task = g_steal_pointer (&member->forget);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) forgotten = postseal_forget_finish (result, &error);

  answer_forget (task, forgotten, error);
  end_stopping (stopping);
}

static void
start_forgetting (PostsealMember *member)
{
  g_autoptr (GVariant) arguments = g_steal_pointer (&member->forget_arguments);
  g_autofree char *server = NULL;
  g_autofree char *latch = NULL;

  g_variant_lookup (arguments, "server", "s", &server);
  g_variant_lookup (arguments, "latch", "s", &latch);
  postseal_forget_async (member->name, server, latch, "postseal account trust", on_forgotten,
                         new_stopping (member, FALSE));
}

static void
come_to_rest (PostsealMember *member)
{
  PostsealEngine *self = member->engine;

  if (member->n_stopping > 0)
    return;
  g_clear_object (&member->receiver);
  g_clear_object (&member->sender);
  g_clear_pointer (&member->account, postseal_account_unref);
  if (member->forget_arguments != NULL)
    start_forgetting (member);
  else if (self->is_stopping)
    check_stopped (self);
  else /* what accounts.conf says by now */
    _postseal_engine_load_async (self, TRUE, NULL, NULL);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Stopping *stopping = user_data;

  if (stopping->is_receiver)
    postseal_receiver_stop_finish (POSTSEAL_RECEIVER (source), result);
  else
    postseal_sender_stop_finish (POSTSEAL_SENDER (source), result);
  end_stopping (stopping);
}

static void
stop_member (PostsealMember *member)
{
  if (member->n_stopping > 0)
    return;
  g_signal_handlers_disconnect_by_data (member->status, member);
  if (member->receiver != NULL)
    postseal_receiver_stop_async (member->receiver, on_stopped, new_stopping (member, TRUE));
  if (member->sender != NULL)
    postseal_sender_stop_async (member->sender, on_stopped, new_stopping (member, FALSE));
}

void
_postseal_member_forget (PostsealMember *member, GVariant *arguments, GTask *task)
{
  member->forget = task;
  member->forget_arguments = g_variant_ref (arguments);
  stop_member (member);
}

void
_postseal_engine_stop_members (PostsealEngine *self)
{
  GHashTableIter iter;
  gpointer member;

  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    stop_member (member);
  check_stopped (self);
}

/* --- accounts.conf --- */

/* @account: (nullable): what it is to be; NULL: it cannot be used, because of @error, or is gone */
static void
settle_member (PostsealMember *member, PostsealAccount *account, const GError *error)
{
  if (member->n_stopping > 0)
    return; /* it is looked at again when it has come to rest */
  if (member->account != NULL && !postseal_account_equal (member->account, account))
    {
      stop_member (member);
      return;
    }
  if (member->account == NULL && account != NULL)
    {
      forget_status (member);
      member->account = postseal_account_ref (account);
      begin (member);
    }
  else if (account == NULL)
    {
      forget_status (member);
      if (error != NULL)
        g_object_set (member->status, "receive-state", "broken", "receive-error", error->message,
                      "receive-advice", _ ("Correct accounts.conf"), "receive-remedy", "settings",
                      "receive-status", postseal_outcome_exit_status (error), "send-state",
                      "broken", NULL);
    }
}

/* The list in the file's order, with as little change as possible. */
static void
order_accounts (PostsealEngine *self, const char *const *names)
{
  guint position = 0;

  for (guint i = 0; names[i] != NULL; i++)
    {
      PostsealMember *member = g_hash_table_lookup (self->members, names[i]);
      g_autoptr (PostsealAccountStatus) there
          = g_list_model_get_item (G_LIST_MODEL (self->accounts), position);
      guint old;

      if (there != member->status)
        {
          if (g_list_store_find (self->accounts, member->status, &old))
            g_list_store_remove (self->accounts, old);
          g_list_store_insert (self->accounts, position, member->status);
        }
      position++;
    }
  g_list_store_splice (self->accounts, position,
                       g_list_model_get_n_items (G_LIST_MODEL (self->accounts)) - position, NULL,
                       0);
}

/* @store: (nullable): no file, no accounts */
static void
take_store (PostsealEngine *self, PostsealAccountStore *store)
{
  static const char *const none[] = { NULL };
  const char *const *names = store != NULL ? postseal_account_store_get_names (store) : none;
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; names[i] != NULL; i++)
    {
      PostsealMember *member = g_hash_table_lookup (self->members, names[i]);
      g_autoptr (GError) error = NULL;
      PostsealAccount *account = postseal_account_store_lookup (store, names[i], &error);

      settle_member (member != NULL ? member : add_member (self, names[i]), account, error);
    }
  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      PostsealMember *member = value;

      if (g_strv_contains (names, member->name))
        continue;
      settle_member (member, NULL, NULL);
      if (member->account == NULL && member->n_stopping == 0)
        g_hash_table_iter_remove (&iter);
    }
  order_accounts (self, names);
  _postseal_engine_survey_soon (self);
}

/* A file without any account, such as the last removal leaves, is no mistake, and neither is none.
 */
static gboolean
is_empty (PostsealAccountStore *store)
{
  return *postseal_account_store_get_names (store) == NULL
         && postseal_account_store_get_problems (store)->len == 1;
}

static void
take_problems (PostsealEngine *self, PostsealAccountStore *store, const GError *error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) problems = NULL;

  if (error != NULL)
    g_strv_builder_add (builder, error->message);
  if (store != NULL && !is_empty (store))
    for (guint i = 0; i < postseal_account_store_get_problems (store)->len; i++)
      g_strv_builder_add (builder,
                          g_ptr_array_index (postseal_account_store_get_problems (store), i));
  problems = g_strv_builder_end (builder);
  if (g_strv_equal ((const char *const *)problems, (const char *const *)self->problems))
    return;
  g_strfreev (self->problems);
  self->problems = g_steal_pointer (&problems);
  g_object_notify (G_OBJECT (self), "problems");
}

typedef struct
{
  char *config; /* owned */
  gboolean makes_directories; /* so that they can be watched */
  gboolean is_missing; /* found: there is no such file */
} Load;

static void
free_load (gpointer data)
{
  g_free (((Load *)data)->config);
  g_free (data);
}

static void
load (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Load *wanted = task_data;
  GError *error = NULL;
  PostsealAccountStore *store;

  if (wanted->makes_directories)
    {
      g_autofree char *directory = g_path_get_dirname (wanted->config);
      g_autofree char *outbox = postseal_paths_outbox_dir ();
      g_autofree char *queue = g_build_filename (outbox, "queue", NULL);

      /* What cannot be made shows when it is used. */
      g_mkdir_with_parents (directory, 0700);
      g_mkdir_with_parents (queue, 0700);
    }
  store = postseal_account_store_load (wanted->config, &error);
  wanted->is_missing = store == NULL && !g_file_test (wanted->config, G_FILE_TEST_EXISTS);
  if (store != NULL)
    g_task_return_pointer (task, store, (GDestroyNotify)postseal_account_store_free);
  else
    g_task_return_error (task, error);
}

static void start_load (PostsealEngine *self);

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealEngine) self = user_data;
  const Load *wanted = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAccountStore) store = g_task_propagate_pointer (G_TASK (result), &error);
  GQueue loads = self->loads;

  self->is_loading = FALSE;
  if (self->is_load_stale && !self->is_stopping)
    {
      start_load (self);
      return;
    }
  if (!self->is_stopping)
    {
      self->is_loaded = TRUE;
      take_problems (self, store, wanted->is_missing ? NULL : error);
      /* What cannot be read just now is no reason to end everything. */
      if (store != NULL || wanted->is_missing)
        take_store (self, store);
    }
  g_queue_init (&self->loads);
  while (!g_queue_is_empty (&loads))
    {
      g_autoptr (GTask) task = g_queue_pop_head (&loads);

      g_task_return_boolean (task, TRUE);
    }
}

static void
start_load (PostsealEngine *self)
{
  /* The thread may be the last to let go of the task, and the engine is not to end there. */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_loaded, g_object_ref (self));
  Load *wanted = g_new (Load, 1);

  self->is_loading = TRUE;
  self->is_load_stale = FALSE;
  wanted->config = g_strdup (self->config);
  wanted->makes_directories = self->world != NULL;
  g_task_set_source_tag (task, start_load);
  g_task_set_task_data (task, wanted, free_load);
  g_task_run_in_thread (task, load);
}

void
_postseal_engine_load_async (PostsealEngine *self,
                             gboolean anew,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  if (callback != NULL)
    {
      g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

      g_task_set_source_tag (task, _postseal_engine_load_async);
      /* Who asked for something after a reload means what that reads. */
      if (self->is_loaded && !anew && !self->is_loading)
        {
          g_task_return_boolean (task, TRUE);
          return;
        }
      g_queue_push_tail (&self->loads, g_steal_pointer (&task));
    }
  if (!self->is_loading)
    start_load (self);
  else if (anew)
    self->is_load_stale = TRUE; /* what is being read may be older than the wish */
}

void
_postseal_engine_load_finish (PostsealEngine *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}

static gboolean
on_reload (gpointer user_data)
{
  PostsealEngine *self = user_data;

  g_clear_pointer (&self->reload, g_source_unref);
  _postseal_engine_load_async (self, TRUE, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_config_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  PostsealEngine *self = user_data;

  _postseal_engine_soon (&self->reload, SETTLE_MS, on_reload, self);
}

void
_postseal_engine_watch_config (PostsealEngine *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->config);
  g_autoptr (GError) error = NULL;

  if (self->world == NULL || self->config_monitor != NULL)
    return;
  self->config_monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
  if (self->config_monitor == NULL)
    {
      g_message (_ ("Changes of “%s” will not be noticed (%s); send SIGHUP after each"),
                 self->config, error->message);
      return;
    }
  g_signal_connect (self->config_monitor, "changed", G_CALLBACK (on_config_changed), self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the engine is asked for, as the service has it. */
#include <glib/gi18n-lib.h>

#include "engine/check-job.h"
#include "engine/engine-private.h"
#include "engine/outbox-service.h"
#include "engine/outcome.h"
#include "engine/transcript-pipe.h"

typedef struct
{
  PostsealServiceRequest request;
  GVariant *arguments; /* owned */
  GUnixFDList *descriptors; /* owned, nullable */
  PostsealTranscript *transcript; /* owned, nullable */
  GVariantDict *answer; /* owned, nullable: of CHECK, until both directions are there */
  guint pending; /* directions */
  guint looks; /* whether the account has come to rest */
} Request;

/* An account that was edited ends what it does before it begins anew. */
#define LOOK_MS 50
#define MOST_LOOKS 60

static void
free_request (gpointer data)
{
  Request *request = data;

  g_clear_pointer (&request->arguments, g_variant_unref);
  g_clear_object (&request->descriptors);
  g_clear_pointer (&request->transcript, postseal_transcript_unref);
  g_clear_pointer (&request->answer, g_variant_dict_unref);
  g_free (request);
}

/* @task: (transfer full). @answer: (transfer full) (nullable). @error: (transfer full) (nullable)
 */
static void
answer (GTask *task, GVariant *variant, GError *error)
{
  if (error != NULL)
    {
      g_task_return_error (task, postseal_service_error_from (error));
      g_error_free (error);
    }
  else
    g_task_return_pointer (task, variant, (GDestroyNotify)g_variant_unref);
  g_object_unref (task);
}

static void
refuse (GTask *task, int status, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_task_return_error (task,
                       g_error_new_valist (POSTSEAL_SERVICE_ERROR, status, format, arguments));
  va_end (arguments);
  g_object_unref (task);
}

static GVariant *
make_empty (void)
{
  return g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
}

/* --- accounts --- */

/* The one that is named, when it can be used. Returns: (transfer none) (nullable): NULL when @task
   (transfer full then) has been answered */
static PostsealMember *
find_member (PostsealEngine *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);
  PostsealMember *member;
  g_autofree char *name = NULL;
  g_autofree char *error = NULL;

  if (!g_variant_lookup (request->arguments, "account", "s", &name))
    {
      refuse (task, 64, _ ("It is not said for which account"));
      return NULL;
    }
  member = g_hash_table_lookup (self->members, name);
  if (member != NULL && member->account != NULL && member->n_stopping == 0)
    return member;
  if (member != NULL && member->n_stopping > 0)
    refuse (task, 75, _ ("Account %s is just being changed; try again"), name);
  else if (member != NULL)
    {
      g_object_get (member->status, "receive-error", &error, NULL);
      refuse (task, 78, "%s", error);
    }
  else
    refuse (task, 78, _ ("There is no account “%s”; see “postseal account list”"), name);
  return NULL;
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  GVariant *variant = postseal_receiver_fetch_finish (POSTSEAL_RECEIVER (source), result, &error);

  answer (user_data, variant, error);
}

static void
fetch (PostsealEngine *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);
  PostsealMember *member = find_member (self, task);

  if (member == NULL)
    return;
  if (member->receiver == NULL)
    refuse (task, 78, _ ("Account %s only sends: it has no key “receive”"), member->name);
  else
    postseal_receiver_fetch_async (member->receiver, request->transcript,
                                   g_task_get_cancellable (task), on_fetched, task);
}

static void
end_check (GTask *task, const char *direction, GAsyncResult *result)
{
  Request *request = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = postseal_check_finish (result, &error);

  if (variant == NULL)
    {
      GVariantDict failed;

      g_variant_dict_init (&failed, NULL);
      g_variant_dict_insert (&failed, "status", "i", postseal_outcome_exit_status (error));
      g_variant_dict_insert (&failed, "error", "s", error->message);
      variant = g_variant_ref_sink (g_variant_dict_end (&failed));
    }
  g_variant_dict_insert_value (request->answer, direction, variant);
  if (--request->pending == 0)
    answer (task, g_variant_ref_sink (g_variant_dict_end (request->answer)), NULL);
}

static void
on_receiving_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  end_check (user_data, "receive", result);
}

static void
on_sending_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  end_check (user_data, "send", result);
}

static void
check (PostsealEngine *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);
  PostsealMember *member = find_member (self, task);
  g_autofree char *direction = NULL;
  gboolean receives;
  gboolean sends;

  if (member == NULL)
    return;
  g_variant_lookup (request->arguments, "direction", "s", &direction);
  receives = member->account->receive != NULL && g_strcmp0 (direction, "send") != 0;
  sends = member->account->send != NULL && g_strcmp0 (direction, "receive") != 0;
  if (!receives && !sends)
    {
      refuse (task, 78, _ ("Account %s has no server for that direction"), member->name);
      return;
    }
  request->answer = g_variant_dict_new (NULL);
  g_variant_dict_insert (request->answer, "account", "s", member->name);
  request->pending = (receives ? 1 : 0) + (sends ? 1 : 0);
  if (receives)
    postseal_check_async (member->account, FALSE, request->transcript,
                          g_task_get_cancellable (task), on_receiving_checked, task);
  if (sends)
    postseal_check_async (member->account, TRUE, request->transcript, g_task_get_cancellable (task),
                          on_sending_checked, task);
}

static void
retry (PostsealEngine *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);
  g_autofree char *name = NULL;
  GHashTableIter iter;
  gpointer value;

  g_variant_lookup (request->arguments, "account", "s", &name);
  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      PostsealMember *member = value;

      if (name != NULL && strcmp (name, member->name) != 0)
        continue;
      if (member->receiver != NULL)
        postseal_receiver_retry (member->receiver);
      if (member->sender != NULL)
        postseal_sender_retry (member->sender);
    }
  answer (task, make_empty (), NULL);
}

static void
forget (PostsealEngine *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);
  PostsealMember *member = find_member (self, task);

  if (member != NULL)
    _postseal_member_forget (member, request->arguments, task);
}

static void
tell_problems (PostsealEngine *self, GTask *task)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "problems", "^as", self->problems);
  answer (task, g_variant_ref_sink (g_variant_dict_end (&dict)), NULL);
}

/* --- outbox --- */

static void
on_outbox_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Request *request = g_task_get_task_data (task);
  GError *error = NULL;
  GVariant *variant = postseal_outbox_service_finish (result, &error);

  /* Who only looks changes nothing, and may do so whenever something has changed. */
  if (request->request != POSTSEAL_SERVICE_QUEUE_LIST)
    _postseal_engine_survey_soon (g_task_get_source_object (task));
  answer (task, variant, error);
}

/* --- all --- */

static gboolean
is_being_changed (PostsealEngine *self, const Request *request)
{
  const char *name = "";
  const PostsealMember *member;

  if (request->request != POSTSEAL_SERVICE_FETCH && request->request != POSTSEAL_SERVICE_CHECK
      && request->request != POSTSEAL_SERVICE_FORGET)
    return FALSE;
  g_variant_lookup (request->arguments, "account", "&s", &name);
  member = g_hash_table_lookup (self->members, name);
  return member != NULL
         && (member->n_stopping > 0 || (member->account == NULL && self->is_loading));
}

static gboolean on_look (gpointer user_data);

/* @task: (transfer full) */
static void
serve (PostsealEngine *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);

  if (is_being_changed (self, request) && !self->is_stopping && request->looks++ < MOST_LOOKS)
    {
      GSource *source = NULL;

      _postseal_engine_soon (&source, LOOK_MS, on_look, task);
      g_source_unref (source);
      return;
    }
  switch (request->request)
    {
    case POSTSEAL_SERVICE_FETCH:
      fetch (self, task);
      break;
    case POSTSEAL_SERVICE_CHECK:
      check (self, task);
      break;
    case POSTSEAL_SERVICE_QUEUE_FLUSH:
      _postseal_engine_flush (self, request->arguments, request->transcript, task);
      break;
    case POSTSEAL_SERVICE_RETRY:
      retry (self, task);
      break;
    case POSTSEAL_SERVICE_FORGET:
      forget (self, task);
      break;
    case POSTSEAL_SERVICE_RELOAD:
      tell_problems (self, task);
      break;
    case POSTSEAL_SERVICE_QUEUE_LIST:
    case POSTSEAL_SERVICE_QUEUE_CHANGE:
    case POSTSEAL_SERVICE_SUBMIT:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
on_look (gpointer user_data)
{
  serve (g_task_get_source_object (user_data), user_data);
  return G_SOURCE_REMOVE;
}

static void
on_accounts_there (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealEngine *self = POSTSEAL_ENGINE (source);

  _postseal_engine_load_finish (self, result);
  serve (self, user_data);
}

/* @task: (transfer full) */
static void
begin (PostsealEngine *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  switch (request->request)
    {
    case POSTSEAL_SERVICE_QUEUE_LIST:
      postseal_outbox_service_list_async (request->arguments, cancellable, on_outbox_answered,
                                          task);
      break;
    case POSTSEAL_SERVICE_QUEUE_CHANGE:
      postseal_outbox_service_change_async (request->arguments, cancellable, on_outbox_answered,
                                            task);
      break;
    case POSTSEAL_SERVICE_SUBMIT:
      postseal_outbox_service_submit_async (self->config, request->arguments, request->descriptors,
                                            cancellable, on_outbox_answered, task);
      break;
    case POSTSEAL_SERVICE_FETCH:
    case POSTSEAL_SERVICE_CHECK:
    case POSTSEAL_SERVICE_QUEUE_FLUSH:
    case POSTSEAL_SERVICE_RELOAD:
    case POSTSEAL_SERVICE_RETRY:
    case POSTSEAL_SERVICE_FORGET:
    default:
      _postseal_engine_load_async (self, request->request == POSTSEAL_SERVICE_RELOAD,
                                   on_accounts_there, task);
      break;
    }
}

void
_postseal_engine_request (PostsealService *service,
                          PostsealServiceRequest wanted,
                          GVariant *arguments,
                          GUnixFDList *descriptors,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  PostsealEngine *self = POSTSEAL_ENGINE (service);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, _postseal_engine_request);
  request->request = wanted;
  request->arguments = g_variant_ref (arguments);
  request->descriptors = descriptors != NULL ? g_object_ref (descriptors) : NULL;
  g_task_set_task_data (task, request, free_request);
  if (self->is_stopping)
    {
      refuse (task, 75, _ ("Postseal is just stopping"));
      return;
    }
  request->transcript = postseal_transcript_pipe_from_arguments (arguments, descriptors, &error);
  if (error != NULL)
    answer (task, NULL, error);
  else
    begin (self, task);
}

GVariant *
_postseal_engine_request_end (PostsealService *service, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, service), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

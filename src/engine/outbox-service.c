/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/outbox-service.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/paths.h"
#include "engine/outcome.h"
#include "engine/service.h"
#include "outbox/submission.h"

#define ORIGIN "org.postseal.Outbox1"

/* What a worker is given. */
typedef struct
{
  GVariant *arguments; /* owned: a{sv} */
  char *config; /* owned, or NULL */
  int fd; /* owned, or -1 */
} Work;

static void
free_work (gpointer data)
{
  Work *self = data;

  g_variant_unref (self->arguments);
  g_free (self->config);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

/* @arguments: (nullable): floating ones are sunk */
static GTask *
make_task (GVariant *arguments,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  if (arguments == NULL)
    arguments = g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
  work->arguments = g_variant_ref_sink (arguments);
  work->fd = -1;
  g_task_set_task_data (task, work, free_work);
  return task;
}

static void
return_result (GTask *task, GVariant *result, GError *error)
{
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_variant_ref_sink (result), (GDestroyNotify)g_variant_unref);
}

static GVariant *
wrap (const char *key, GVariant *value)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", key, value);
  return g_variant_builder_end (&builder);
}

/* --- list --- */

static void
add_entry (PostsealOutbox *outbox, const char *id, GVariantBuilder *entries, GPtrArray *problems)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id, &error);

  if (entry != NULL)
    g_variant_builder_add_value (entries, postseal_outbox_entry_to_variant (entry));
  /* One that left meanwhile is no problem. */
  else if (!g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN))
    g_ptr_array_add (problems, g_strdup (error->message));
}

/* @outbox: (nullable): there is none yet */
static GVariant *
describe_list (PostsealOutbox *outbox, char **ids, GPtrArray *problems)
{
  GVariantBuilder builder;
  GVariantBuilder entries;
  gboolean is_together = outbox != NULL && postseal_outbox_begin_loading (outbox, NULL);

  g_variant_builder_init (&entries, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; outbox != NULL && ids[i] != NULL; i++)
    add_entry (outbox, ids[i], &entries, problems);
  if (is_together)
    postseal_outbox_end_loading (outbox);
  for (guint i = 0; i < problems->len; i++)
    {
      char *valid = g_utf8_make_valid (g_ptr_array_index (problems, i), -1);

      g_free (g_ptr_array_index (problems, i));
      g_ptr_array_index (problems, i) = valid;
    }
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "entries", g_variant_builder_end (&entries));
  g_variant_builder_add (
      &builder, "{sv}", "problems",
      g_variant_new_strv ((const char *const *)problems->pdata, (gssize)problems->len));
  return g_variant_builder_end (&builder);
}

static GVariant *
list (GVariant *arguments, GError **error)
{
  g_autofree char *directory = postseal_paths_outbox_dir ();
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_auto (GStrv) ids = NULL;
  const char *account = NULL;
  gboolean is_done = FALSE;

  g_variant_lookup (arguments, "account", "&s", &account);
  g_variant_lookup (arguments, "done", "b", &is_done);
  if (g_file_test (directory, G_FILE_TEST_IS_DIR))
    {
      outbox = postseal_outbox_open (error);
      if (outbox != NULL)
        ids = postseal_outbox_list (outbox, account,
                                    is_done ? POSTSEAL_OUTBOX_DONE : POSTSEAL_OUTBOX_ALL,
                                    g_get_real_time () / G_USEC_PER_SEC, &problems, error);
      if (ids == NULL)
        return NULL;
    }
  if (problems == NULL)
    problems = g_ptr_array_new_with_free_func (g_free);
  return describe_list (outbox, ids, problems);
}

static void
run_list (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;
  GVariant *result = list (work->arguments, &error);

  return_result (task, result, error);
}

void
postseal_outbox_service_list_async (GVariant *arguments,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = make_task (arguments, cancellable, callback, user_data);

  g_task_set_source_tag (task, postseal_outbox_service_list_async);
  g_task_run_in_thread (task, run_list);
}

/* --- change --- */

typedef gboolean (*ChangeFunc) (PostsealOutbox *outbox, const char *id, GError **error);

static ChangeFunc
find_change (const char *name)
{
  if (g_strcmp0 (name, "hold") == 0)
    return postseal_outbox_hold;
  if (g_strcmp0 (name, "release") == 0)
    return postseal_outbox_release;
  if (g_strcmp0 (name, "remove") == 0)
    return postseal_outbox_remove;
  return NULL;
}

/* What is damaged cannot be loaded; it can be thrown away all the same. */
static gboolean
apply (PostsealOutbox *outbox,
       ChangeFunc change,
       const char *id,
       char **ret_id,
       const char **ret_state,
       GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id, &local);
  gboolean is_damaged
      = g_error_matches (local, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED);

  if (entry == NULL && !(is_damaged && change == postseal_outbox_remove))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (entry != NULL)
    {
      g_free (*ret_id);
      *ret_id = g_strdup (entry->id);
      *ret_state = postseal_outbox_state_name (entry->state);
    }
  return change (outbox, *ret_id, error);
}

static const char *
name_state_after (ChangeFunc change)
{
  if (change == postseal_outbox_hold)
    return "held";
  return change == postseal_outbox_release ? "queued" : "removed";
}

static GVariant *
change_one (PostsealOutbox *outbox, ChangeFunc change, const char *id)
{
  GVariantBuilder builder;
  g_autoptr (GError) error = NULL;
  g_autofree char *whole_id = g_strdup (id);
  const char *state = NULL;

  if (apply (outbox, change, id, &whole_id, &state, &error))
    state = name_state_after (change);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "id", g_variant_new_string (whole_id));
  g_variant_builder_add (&builder, "{sv}", "status",
                         g_variant_new_int32 (postseal_outcome_exit_status (error)));
  g_variant_builder_add (&builder, "{sv}", "error",
                         g_variant_new_string (error != NULL ? error->message : ""));
  if (state != NULL)
    g_variant_builder_add (&builder, "{sv}", "state", g_variant_new_string (state));
  return g_variant_builder_end (&builder);
}

static GVariant *
change_all (GVariant *arguments, GError **error)
{
  GVariantBuilder results;
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autofree const char **ids = NULL;
  const char *name = NULL;
  ChangeFunc change;

  g_variant_lookup (arguments, "change", "&s", &name);
  g_variant_lookup (arguments, "ids", "^a&s", &ids);
  change = find_change (name);
  if (change == NULL || ids == NULL)
    {
      g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE,
                           _ ("A change of the outbox is “hold”, “release” or “remove”, with the "
                              "IDs of messages"));
      return NULL;
    }
  outbox = postseal_outbox_open (error);
  if (outbox == NULL)
    return NULL;
  g_variant_builder_init (&results, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; ids[i] != NULL; i++)
    g_variant_builder_add_value (&results, change_one (outbox, change, ids[i]));
  return wrap ("results", g_variant_builder_end (&results));
}

static void
run_change (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;
  GVariant *result = change_all (work->arguments, &error);

  return_result (task, result, error);
}

void
postseal_outbox_service_change_async (GVariant *arguments,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = make_task (arguments, cancellable, callback, user_data);

  g_task_set_source_tag (task, postseal_outbox_service_change_async);
  /* What is changed is changed, and told. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, run_change);
}

/* --- submit --- */

static GVariant *
submit (const Work *work, GError **error)
{
  PostsealSubmission submission = { .origin = ORIGIN };
  g_autoptr (PostsealSenders) senders = postseal_senders_load (work->config, error);
  g_autofree const char **recipients = NULL;
  g_autofree char *id = NULL;
  gboolean reads_recipients = FALSE;

  if (senders == NULL)
    return NULL;
  g_variant_lookup (work->arguments, "account", "&s", &submission.account);
  g_variant_lookup (work->arguments, "sender", "&s", &submission.sender);
  g_variant_lookup (work->arguments, "recipients", "^a&s", &recipients);
  g_variant_lookup (work->arguments, "from-header", "b", &reads_recipients);
  submission.recipients = recipients;
  submission.reads_recipients = reads_recipients;
  if (!reads_recipients && (recipients == NULL || recipients[0] == NULL))
    {
      g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE,
                           _ ("A message was handed over without recipients"));
      return NULL;
    }
  if (!postseal_submission_run (&submission, senders, work->fd, &id, error))
    return NULL;
  return wrap ("id", g_variant_new_string (id));
}

static gpointer
run_submit (gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  GVariant *result = submit (g_task_get_task_data (task), &error);

  return_result (task, result, error);
  return NULL;
}

/* Returns: -1 with @error set */
static int
take_descriptor (GVariant *arguments, GUnixFDList *descriptors, GError **error)
{
  gint32 index = -1;

  if (g_variant_lookup (arguments, "message", "h", &index) && descriptors != NULL && index >= 0
      && index < g_unix_fd_list_get_length (descriptors))
    return g_unix_fd_list_get (descriptors, index, error);
  g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE,
                       _ ("A message was to be handed over, but there is no descriptor with it"));
  return -1;
}

void
postseal_outbox_service_submit_async (const char *config,
                                      GVariant *arguments,
                                      GUnixFDList *descriptors,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = make_task (arguments, cancellable, callback, user_data);
  Work *work = g_task_get_task_data (task);
  GThread *thread;
  GError *error = NULL;

  g_return_if_fail (config != NULL);

  g_task_set_source_tag (task, postseal_outbox_service_submit_async);
  /* Once it is in the outbox it is sent: whoever handed it over has to know. */
  g_task_set_check_cancellable (task, FALSE);
  work->config = g_strdup (config);
  work->fd = take_descriptor (work->arguments, descriptors, &error);
  if (work->fd < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  /* Not of the pool that others wait for: it may be a person who types. */
  thread = g_thread_try_new ("submission", run_submit, g_object_ref (task), &error);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
}

/* --- the answer --- */

GVariant *
postseal_outbox_service_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  GVariant *answer;

  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  answer = g_task_propagate_pointer (G_TASK (result), &local);
  if (answer == NULL)
    g_propagate_error (error, postseal_service_error_from (local));
  return answer;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-latches.h"

#include <glib/gi18n-lib.h>

#include "base/paths.h"
#include "base/printable.h"
#include "engine/forget-job.h"

static const char *const names[] = { "tls", "voucher", "dane", "mechanism", NULL };

PostsealLatches *
postseal_account_latches_load (const char *name, GError **error)
{
  g_autofree char *directory = postseal_paths_account_state_dir (name);
  g_autofree char *path = g_build_filename (directory, POSTSEAL_PATHS_LATCHES, NULL);

  return postseal_latches_load (path, error);
}

const char *const *
postseal_account_latches_get_names (void)
{
  return names;
}

/* --- words --- */

static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (time);

  return date != NULL ? g_date_time_format (date, "%-d %B %Y, %H:%M") : g_strdup ("?");
}

/* Returns: (transfer full) (nullable): NULL when it is held to nothing */
static char *
name_latch (const char *place, const char *name, const char *value)
{
  if (g_str_equal (name, "tls"))
    return g_strdup_printf (_ ("%s was encrypted before: Postseal never connects without any more"),
                            place);
  if (g_str_equal (name, "voucher"))
    return g_strdup_printf (_ ("%s has proven who it is before: it must do so each time"), place);
  if (g_str_equal (name, "dane") && g_str_equal (value, "none"))
    return NULL;
  if (g_str_equal (name, "dane"))
    return g_strdup_printf (_ ("The DNS, signed, has named keys of %s before (DANE): when it does "
                               "not answer, only these count"),
                            place);
  return g_strdup_printf (_ ("%s let you sign in by %s: nothing weaker is used"), place, value);
}

char *
postseal_account_latches_describe_one (PostsealLatches *latches,
                                       const char *place,
                                       const char *name)
{
  g_autofree char *since_name = g_strconcat (name, "-since", NULL);
  g_autofree char *by_name = g_strconcat (name, "-by", NULL);
  g_autofree char *value = postseal_latches_dup (latches, place, name);
  g_autofree char *since = postseal_latches_dup (latches, place, since_name);
  g_autofree char *by = postseal_latches_dup (latches, place, by_name);
  g_autofree char *shown = value != NULL ? postseal_printable (value, -1) : NULL;
  g_autofree char *sentence = shown != NULL ? name_latch (place, name, shown) : NULL;
  g_autofree char *shown_by = by != NULL ? postseal_printable (by, -1) : NULL;
  g_autofree char *date = NULL;
  gint64 time;

  /* A file of an older version does not say. */
  if (sentence == NULL || since == NULL || by == NULL
      || !g_ascii_string_to_signed (since, 10, 0, G_MAXINT64, &time, NULL))
    return g_steal_pointer (&sentence);
  date = format_time (time);
  return g_strdup_printf (_ ("%s (since %s, learned from %s)"), sentence, date, shown_by);
}

char *
postseal_account_latches_describe_key (const char *place, const PostsealKeyEntry *entry)
{
  g_autofree char *date = format_time (entry->since);
  g_autofree char *issuer = postseal_printable (entry->issuer, -1);
  g_autofree char *key = postseal_printable (entry->spki, -1);

  if (entry->news == POSTSEAL_KEY_STRANGER)
    return g_strdup_printf (_ ("%s has used this key since %s, and neither it nor its issuer %s "
                               "had been seen before: %s"),
                            place, date, issuer, key);
  return g_strdup_printf (_ ("%s has used this key since %s, vouched for by %s: %s"), place, date,
                          issuer, key);
}

static void
describe_endpoint (PostsealLatches *latches, const PostsealEndpoint *endpoint, GPtrArray *sentences)
{
  g_autofree char *place = endpoint != NULL ? postseal_endpoint_to_string (endpoint) : NULL;
  g_autoptr (GPtrArray) keys = NULL;

  if (place == NULL)
    return;
  for (const char *const *name = names; *name != NULL; name++)
    {
      char *sentence = postseal_account_latches_describe_one (latches, place, *name);

      if (sentence != NULL)
        g_ptr_array_add (sentences, sentence);
    }
  keys = postseal_latches_list_keys (latches, place);
  if (keys->len > 0)
    g_ptr_array_add (sentences, postseal_account_latches_describe_key (
                                    place, g_ptr_array_index (keys, keys->len - 1)));
}

char **
postseal_account_latches_describe (PostsealAccount *account)
{
  g_autoptr (PostsealLatches) latches = postseal_account_latches_load (account->name, NULL);
  GPtrArray *sentences = g_ptr_array_new ();

  if (latches != NULL)
    {
      describe_endpoint (latches, account->receive, sentences);
      describe_endpoint (latches, account->send, sentences);
    }
  g_ptr_array_add (sentences, NULL);
  return (char **)g_ptr_array_free (sentences, FALSE);
}

/* --- to forget --- */

/* @forgotten: (transfer full) (nullable) */
static void
answer (GTask *task, GVariant *forgotten, GError *error)
{
  if (forgotten != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  g_clear_pointer (&forgotten, g_variant_unref);
  g_object_unref (task);
}

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  GVariant *forgotten = postseal_forget_finish (result, &error);

  answer (user_data, forgotten, error);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  GVariant *forgotten = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, &error);

  answer (user_data, forgotten, error);
}

void
postseal_account_latches_forget_async (PostsealService *service,
                                       const char *name,
                                       const char *program,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  GTask *task = NULL;
  GVariantDict arguments;

  g_return_if_fail (name != NULL && program != NULL);

  task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (task, postseal_account_latches_forget_async);
  if (service == NULL)
    {
      postseal_forget_async (name, NULL, NULL, program, on_forgotten, task);
      return;
    }
  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "account", "s", name);
  postseal_service_request_async (service, POSTSEAL_SERVICE_FORGET, g_variant_dict_end (&arguments),
                                  NULL, NULL, on_answered, task);
}

gboolean
postseal_account_latches_forget_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

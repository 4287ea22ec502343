/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "discover/autoconfig-fetch-private.h"
#include "discover/known-private.h"
#include "discover/mail-domain-private.h"

/* Whoever receives the mail of the domain often keeps it, too (draft-ietf-mailmaint-autoconfig
   section 4.3): what is known of that provider here, what it publishes, what the list says. */

typedef struct
{
  PostsealSearchContext *context; /* owned */
  char *host; /* owned: the mail exchanger */
  const char *full; /* borrowed: @host without its first label */
  const char *base; /* borrowed: its registrable domain */
  gboolean is_secure;
} Exchanger;

static void
free_exchanger (gpointer data)
{
  Exchanger *self = data;

  _postseal_search_context_unref (self->context);
  g_free (self->host);
  g_free (self);
}

static void
say (GTask *task, PostsealSourceAnswer *answer)
{
  g_task_return_pointer (task, answer, (GDestroyNotify)_postseal_source_answer_free);
}

static void
say_nothing (GTask *task, const Exchanger *self)
{
  say (task, _postseal_source_answer_new (
                 POSTSEAL_SOURCE_NOTHING,
                 g_strdup_printf (_ ("Nothing is known of %s, which receives the mail of %s"),
                                  self->base, self->context->domain)));
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchanger *self = g_task_get_task_data (task);
  GError *error = NULL;
  PostsealSourceAnswer *answer = _postseal_autoconfig_fetch_finish (result, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  /* What a host says that may be any: worth a word only when there is something in it. */
  if (answer->state == POSTSEAL_SOURCE_FOUND)
    {
      say (task, answer);
      return;
    }
  _postseal_source_answer_free (answer);
  say_nothing (task, self);
}

static void
add_uris (GStrvBuilder *builder, char **uris)
{
  g_strv_builder_addv (builder, (const char **)uris);
  g_strfreev (uris);
}

static void
fetch (GTask *task)
{
  Exchanger *self = g_task_get_task_data (task);
  PostsealSearchContext *context = self->context;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) uris = NULL;

  if (strcmp (self->full, self->base) != 0)
    {
      add_uris (builder, _postseal_autoconfig_list_own_uris (context, self->full));
      add_uris (builder, _postseal_autoconfig_list_mozilla_uris (context, self->full));
    }
  add_uris (builder, _postseal_autoconfig_list_own_uris (context, self->base));
  add_uris (builder, _postseal_autoconfig_list_mozilla_uris (context, self->base));
  uris = g_strv_builder_end (builder);
  _postseal_autoconfig_fetch_async (context, (const char *const *)uris, POSTSEAL_SOURCE_MX,
                                    self->base, self->is_secure, g_task_get_cancellable (task),
                                    on_fetched, g_object_ref (task));
}

/* In a worker thread. Returns an answer or NULL. */
static void
find_here (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Exchanger *self = task_data;
  PostsealSourceAnswer *answer = _postseal_known_find_by_host (
      self->context, self->host, POSTSEAL_SOURCE_MX, self->base, self->is_secure);

  if (answer == NULL)
    answer = _postseal_known_find_by_domain (self->context, self->full, POSTSEAL_SOURCE_MX,
                                             self->base, self->is_secure);
  if (answer == NULL)
    answer = _postseal_known_find_by_domain (self->context, self->base, POSTSEAL_SOURCE_MX,
                                             self->base, self->is_secure);
  g_task_return_pointer (task, answer, (GDestroyNotify)_postseal_source_answer_free);
}

static void
on_looked_here (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchanger *self = g_task_get_task_data (task);
  PostsealSourceAnswer *answer = g_task_propagate_pointer (G_TASK (result), NULL);

  if (answer != NULL)
    say (task, answer);
  /* Its own files have been asked for already. */
  else if (strcmp (self->base, self->context->domain) == 0)
    say_nothing (task, self);
  else
    fetch (task);
}

/* The one with the best preference. */
static gboolean
take_record (Exchanger *self, const PostsealLookupAnswer *answer)
{
  const PostsealLookupRecord *record
      = answer->records->len > 0 ? g_ptr_array_index (answer->records, 0) : NULL;
  const char *dot = NULL;

  self->host = record != NULL ? _postseal_domain_normalize_host (record->target) : NULL;
  if (self->host == NULL || g_hostname_is_ip_address (self->host))
    return FALSE;
  dot = strchr (self->host, '.');
  self->base = _postseal_domain_get_base (self->host);
  self->full = dot != NULL && dot < self->base ? dot + 1 : self->base;
  self->is_secure = answer->is_secure;
  return dot != NULL;
}

static void
on_records (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchanger *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealLookupAnswer) answer
      = postseal_lookup_records_finish (self->context->lookup, result, &error);
  g_autoptr (GTask) search = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (answer == NULL
      && !g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_NOTHING))
    say (task, _postseal_source_answer_new (POSTSEAL_SOURCE_FAILED, g_strdup (error->message)));
  else if (answer == NULL || !take_record (self, answer))
    say (task, _postseal_source_answer_new (
                   POSTSEAL_SOURCE_NOTHING,
                   g_strdup_printf (_ ("The DNS names nobody who receives mail for %s"),
                                    self->context->domain)));
  else
    {
      search
          = g_task_new (NULL, g_task_get_cancellable (task), on_looked_here, g_object_ref (task));
      g_task_set_task_data (search, self, NULL); /* @task holds it */
      g_task_run_in_thread (search, find_here);
    }
}

void
_postseal_source_mx_async (PostsealSearchContext *context,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Exchanger *self = g_new0 (Exchanger, 1);

  g_task_set_source_tag (task, _postseal_source_mx_async);
  g_task_set_task_data (task, self, free_exchanger);
  self->context = _postseal_search_context_ref (context);
  postseal_lookup_mx_async (context->lookup, context->domain, cancellable, on_records, task);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "discover/autoconfig-fetch-private.h"
#include "discover/known-private.h"
#include "discover/proposal-private.h"

/* What lies on this machine: the table of providers, and a copy of the list. */

/* A file of the copy. A domain is a host name, so that it names a file in this folder and no other.
   Returns: (transfer full) (nullable) */
static GBytes *
read_copy (const char *folder, const char *domain)
{
  g_autofree char *path = g_build_filename (folder, domain, NULL);
  g_autofree char *named = g_strconcat (path, ".xml", NULL);
  char *text = NULL;
  gsize length = 0;

  if (g_file_get_contents (path, &text, &length, NULL)
      || g_file_get_contents (named, &text, &length, NULL))
    return g_bytes_new_take (text, length);
  return NULL;
}

static PostsealSourceAnswer *
find_in_copy (PostsealSearchContext *context,
              const char *domain,
              PostsealSource source,
              const char *origin,
              gboolean is_authentic)
{
  const char *folder = context->settings->list_copy;
  g_autoptr (GBytes) xml = folder != NULL ? read_copy (folder, domain) : NULL;
  g_autoptr (PostsealSourceAnswer) answer = NULL;

  if (xml == NULL)
    return NULL;
  answer = _postseal_autoconfig_read_answer (context, xml, source, origin, is_authentic);
  return answer->state == POSTSEAL_SOURCE_FOUND ? g_steal_pointer (&answer) : NULL;
}

static PostsealSourceAnswer *
find_in_table (PostsealSearchContext *context,
               const PostsealProvider *provider,
               PostsealSource source,
               const char *origin,
               gboolean is_authentic)
{
  PostsealSourceAnswer *answer = NULL;

  if (provider == NULL || provider->receive == NULL)
    return NULL;
  answer = _postseal_source_answer_new (
      POSTSEAL_SOURCE_FOUND,
      g_strdup_printf (_ ("The settings of %s are known here"), provider->title));
  _postseal_proposal_add_from_provider (answer->proposals, provider, source, origin, is_authentic,
                                        context->address, context->providers);
  return answer;
}

PostsealSourceAnswer *
_postseal_known_find_by_domain (PostsealSearchContext *context,
                                const char *domain,
                                PostsealSource source,
                                const char *origin,
                                gboolean is_authentic)
{
  const PostsealProvider *provider
      = _postseal_provider_table_find_by_domain (context->providers, domain);
  PostsealSourceAnswer *answer = find_in_table (context, provider, source, origin, is_authentic);

  return answer != NULL ? answer : find_in_copy (context, domain, source, origin, is_authentic);
}

PostsealSourceAnswer *
_postseal_known_find_by_host (PostsealSearchContext *context,
                              const char *host,
                              PostsealSource source,
                              const char *origin,
                              gboolean is_authentic)
{
  return find_in_table (context, _postseal_provider_table_find_by_host (context->providers, host),
                        source, origin, is_authentic);
}

static void
find (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  PostsealSearchContext *context = task_data;
  PostsealSourceAnswer *answer = _postseal_known_find_by_domain (
      context, context->domain, POSTSEAL_SOURCE_KNOWN, _ ("this computer"), TRUE);

  if (answer == NULL)
    answer = _postseal_source_answer_new (
        POSTSEAL_SOURCE_NOTHING,
        g_strdup_printf (_ ("%s is none of the well-known providers"), context->domain));
  g_task_return_pointer (task, answer, (GDestroyNotify)_postseal_source_answer_free);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_pointer (task, g_task_propagate_pointer (G_TASK (result), NULL),
                         (GDestroyNotify)_postseal_source_answer_free);
}

/* The thread may be the last to let go of its task, and is not to end the search's lookup. */
void
_postseal_source_known_async (PostsealSearchContext *context,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GTask) search = g_task_new (NULL, NULL, on_found, task);

  g_task_set_source_tag (task, _postseal_source_known_async);
  g_task_set_task_data (task, _postseal_search_context_ref (context),
                        (GDestroyNotify)_postseal_search_context_unref);
  g_task_set_task_data (search, context, NULL); /* @task holds it */
  g_task_run_in_thread (search, find);
}

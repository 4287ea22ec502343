/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "discover/autoconfig-fetch-private.h"

/* The domain's own file, and the one of the Mozilla list: the same, asked elsewhere. */

static void
say_nothing (PostsealSourceAnswer *answer, char *text)
{
  if (answer->state != POSTSEAL_SOURCE_NOTHING)
    {
      g_free (text);
      return;
    }
  g_free (answer->text);
  answer->text = text;
}

static void
on_own_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const PostsealSearchContext *context = g_task_get_task_data (task);
  GError *error = NULL;
  PostsealSourceAnswer *answer = _postseal_autoconfig_fetch_finish (result, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  say_nothing (answer, g_strdup_printf (_ ("%s publishes no mail settings"), context->domain));
  g_task_return_pointer (task, answer, (GDestroyNotify)_postseal_source_answer_free);
}

void
_postseal_source_provider_async (PostsealSearchContext *context,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_auto (GStrv) uris = _postseal_autoconfig_list_own_uris (context, context->domain);

  g_task_set_source_tag (task, _postseal_source_provider_async);
  g_task_set_task_data (task, _postseal_search_context_ref (context),
                        (GDestroyNotify)_postseal_search_context_unref);
  _postseal_autoconfig_fetch_async (context, (const char *const *)uris, POSTSEAL_SOURCE_PROVIDER,
                                    NULL, TRUE, cancellable, on_own_fetched, task);
}

static char *
get_list_host (const PostsealSearchContext *context)
{
  g_autoptr (GUri) uri = g_uri_parse (context->settings->list, G_URI_FLAGS_NONE, NULL);

  return g_strdup (uri != NULL ? g_uri_get_host (uri) : "");
}

static void
on_list_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const PostsealSearchContext *context = g_task_get_task_data (task);
  g_autofree char *host = get_list_host (context);
  GError *error = NULL;
  PostsealSourceAnswer *answer = _postseal_autoconfig_fetch_finish (result, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  say_nothing (answer,
               g_strdup_printf (_ ("The list at %s does not know %s"), host, context->domain));
  g_task_return_pointer (task, answer, (GDestroyNotify)_postseal_source_answer_free);
}

void
_postseal_source_list_async (PostsealSearchContext *context,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_auto (GStrv) uris = _postseal_autoconfig_list_mozilla_uris (context, context->domain);
  g_autofree char *host = get_list_host (context);

  g_task_set_source_tag (task, _postseal_source_list_async);
  g_task_set_task_data (task, _postseal_search_context_ref (context),
                        (GDestroyNotify)_postseal_search_context_unref);
  if (uris[0] != NULL)
    {
      _postseal_autoconfig_fetch_async (context, (const char *const *)uris, POSTSEAL_SOURCE_LIST,
                                        host, TRUE, cancellable, on_list_fetched, task);
      return;
    }
  g_task_return_pointer (
      task,
      *context->settings->list == '\0'
          ? _postseal_source_answer_new (POSTSEAL_SOURCE_NOTHING,
                                         g_strdup (_ ("No list of providers is configured")))
          : _postseal_source_answer_new (
              POSTSEAL_SOURCE_SKIPPED,
              g_strdup_printf (_ ("%s is not asked without your consent: it would learn that "
                                  "somebody has mail at %s"),
                               host, context->domain)),
      (GDestroyNotify)_postseal_source_answer_free);
  g_object_unref (task);
}

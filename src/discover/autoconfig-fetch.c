/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/autoconfig-fetch-private.h"

#include <glib/gi18n-lib.h>

#include "discover/proposal-private.h"

#define HTTPS_PORT 443

typedef struct
{
  PostsealSourceAnswer *answer; /* owned; NULL while there is none */
  guint weight;
} Reply;

typedef struct
{
  PostsealSearchContext *context; /* owned */
  PostsealSource source;
  char *origin; /* owned, nullable */
  gboolean is_authentic;
  guint n_uris;
  Reply *replies; /* owned: for each URI */
  gboolean is_over; /* one of them has been returned */
} Fetch;

/* For a callback. */
typedef struct
{
  GTask *task; /* owned */
  guint index;
} Step;

static void
free_fetch (gpointer data)
{
  Fetch *self = data;

  _postseal_search_context_unref (self->context);
  g_free (self->origin);
  for (guint i = 0; i < self->n_uris; i++)
    _postseal_source_answer_free (self->replies[i].answer);
  g_free (self->replies);
  g_free (self);
}

char **
_postseal_autoconfig_list_own_uris (PostsealSearchContext *context, const char *domain)
{
  guint port = context->settings->https_port;
  g_autofree char *colon = port != HTTPS_PORT ? g_strdup_printf (":%u", port) : g_strdup ("");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  char *uris[] = {
    g_strdup_printf ("https://autoconfig.%s%s/mail/config-v1.1.xml", domain, colon),
    g_strdup_printf ("https://%s%s/.well-known/autoconfig/mail/config-v1.1.xml", domain, colon),
    g_strdup_printf ("https://autoconfig.%s%s/.well-known/mail-v1.xml", domain, colon),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_strv_builder_add (builder, uris[i]);
      g_free (uris[i]);
    }
  return g_strv_builder_end (builder);
}

char **
_postseal_autoconfig_list_mozilla_uris (PostsealSearchContext *context, const char *domain)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *uri = g_strconcat (context->settings->list, domain, NULL);

  if (*context->settings->list != '\0' && context->may_ask_list)
    g_strv_builder_add (builder, uri);
  return g_strv_builder_end (builder);
}

PostsealSourceAnswer *
_postseal_autoconfig_read_answer (PostsealSearchContext *context,
                                  GBytes *xml,
                                  PostsealSource source,
                                  const char *origin,
                                  gboolean is_authentic)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (xml, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAutoconfig) config
      = postseal_autoconfig_parse (text, length, context->address, &error);
  PostsealSourceAnswer *answer = NULL;

  if (config == NULL)
    return _postseal_source_answer_new (
        POSTSEAL_SOURCE_FAILED,
        g_strdup_printf (_ ("%s has a settings file that cannot be used: %s"), origin,
                         error->message));
  answer = _postseal_source_answer_new (POSTSEAL_SOURCE_FOUND,
                                        g_strdup_printf (_ ("%s has settings"), origin));
  _postseal_proposal_add_from_autoconfig (answer->proposals, config, source, origin, is_authentic,
                                          context->address, context->providers);
  if (answer->proposals->len > 0)
    return answer;
  _postseal_source_answer_free (answer);
  if (config->in_clear != NULL)
    return _postseal_source_answer_new (POSTSEAL_SOURCE_IN_CLEAR,
                                        _postseal_source_describe_in_clear (config->in_clear));
  return _postseal_source_answer_new (
      POSTSEAL_SOURCE_NOTHING,
      g_strdup_printf (_ ("%s has a settings file without a server that can be used"), origin));
}

/* How telling an answer is that has found nothing: what the user should hear of comes first. A host
   that does not answer is nothing to hear of where another says that there are no settings. */
static guint
weigh (const PostsealSourceAnswer *answer, const GError *error)
{
  if (g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_UNREACHABLE))
    return 1;
  if (answer->state == POSTSEAL_SOURCE_NOTHING)
    return 2;
  return answer->state == POSTSEAL_SOURCE_IN_CLEAR ? 4 : 3;
}

static PostsealSourceAnswer *
explain_error (const GError *error)
{
  gboolean is_nothing
      = g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_NOTHING);

  return _postseal_source_answer_new (is_nothing ? POSTSEAL_SOURCE_NOTHING : POSTSEAL_SOURCE_FAILED,
                                      g_strdup (error->message));
}

/* The first that has found something, as soon as nothing before it can. When all are there, the
   most telling. Returns: (transfer full) (nullable) */
static PostsealSourceAnswer *
choose (Fetch *self)
{
  Reply *best = NULL;

  for (guint i = 0; i < self->n_uris; i++)
    {
      Reply *reply = &self->replies[i];

      if (reply->answer == NULL)
        return NULL;
      if (reply->answer->state == POSTSEAL_SOURCE_FOUND)
        return g_steal_pointer (&reply->answer);
      if (best == NULL || reply->weight > best->weight)
        best = reply;
    }
  return best != NULL ? g_steal_pointer (&best->answer) : NULL;
}

static void
on_body (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Step *step = user_data;
  g_autoptr (GTask) task = step->task;
  Fetch *self = g_task_get_task_data (task);
  Reply *reply = &self->replies[step->index];
  g_autoptr (GError) error = NULL;
  g_autofree char *host = NULL;
  g_autoptr (GBytes) body
      = postseal_lookup_get_finish (self->context->lookup, result, &host, &error);
  PostsealSourceAnswer *chosen = NULL;

  g_free (step);
  if (g_task_get_completed (task) || self->is_over)
    return;
  reply->answer = body != NULL ? _postseal_autoconfig_read_answer (
                      self->context, body, self->source, self->origin != NULL ? self->origin : host,
                      self->is_authentic)
                               : explain_error (error);
  reply->weight = weigh (reply->answer, error);
  chosen = choose (self);
  if (chosen == NULL)
    return;
  self->is_over = TRUE;
  g_task_return_pointer (task, chosen, (GDestroyNotify)_postseal_source_answer_free);
}

void
_postseal_autoconfig_fetch_async (PostsealSearchContext *context,
                                  const char *const *uris,
                                  PostsealSource source,
                                  const char *origin,
                                  gboolean is_authentic,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Fetch *self = g_new0 (Fetch, 1);

  g_task_set_source_tag (task, _postseal_autoconfig_fetch_async);
  g_task_set_task_data (task, self, free_fetch);
  self->context = _postseal_search_context_ref (context);
  self->source = source;
  self->origin = g_strdup (origin);
  self->is_authentic = is_authentic;
  self->n_uris = g_strv_length ((char **)uris);
  self->replies = g_new0 (Reply, self->n_uris);
  if (self->n_uris == 0)
    g_task_return_pointer (
        task, _postseal_source_answer_new (POSTSEAL_SOURCE_NOTHING, g_strdup (_ ("Nobody to ask"))),
        (GDestroyNotify)_postseal_source_answer_free);
  for (guint i = 0; i < self->n_uris; i++)
    {
      Step *step = g_new0 (Step, 1);

      step->task = g_object_ref (task);
      step->index = i;
      postseal_lookup_get_async (context->lookup, uris[i], cancellable, on_body, step);
    }
}

PostsealSourceAnswer *
_postseal_autoconfig_fetch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

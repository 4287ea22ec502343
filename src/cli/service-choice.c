/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/service-choice.h"

#include "base/paths.h"
#include "cli/pending.h"
#include "client/client.h"
#include "engine/engine.h"
#include "outbox/wake.h"

gboolean
postseal_service_choice_has_daemon (const PostsealOptions *options)
{
  g_autofree char *usual = postseal_paths_config_file ();

  return !options->no_daemon && g_strcmp0 (options->config, usual) == 0
         && postseal_wake_has_daemon ();
}

PostsealService *
postseal_service_choice_get_daemon (const PostsealOptions *options)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();
  PostsealClient *client;

  if (!postseal_service_choice_has_daemon (options))
    return NULL;
  postseal_client_new_async (NULL, POSTSEAL_CLIENT_RUNNING, NULL, postseal_pending_on_ready,
                             &pending);
  client = postseal_client_new_finish (postseal_pending_wait (&pending), NULL);
  return client != NULL ? POSTSEAL_SERVICE (client) : NULL;
}

PostsealService *
postseal_service_choice_pick (const PostsealOptions *options)
{
  PostsealService *daemon = postseal_service_choice_get_daemon (options);

  return daemon != NULL ? daemon : POSTSEAL_SERVICE (postseal_engine_new (options->config));
}

PostsealService *
postseal_service_choice_make (const PostsealOptions *options)
{
  PostsealService *service = postseal_service_choice_pick (options);
  g_autoptr (GVariant) answer = NULL;

  /* A daemon sees for itself that the file was edited, but perhaps not yet. */
  answer = postseal_service_choice_ask (service, POSTSEAL_SERVICE_RELOAD, NULL, NULL);
  return service;
}

void
postseal_service_choice_end (PostsealService *service)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();

  if (!POSTSEAL_IS_ENGINE (service))
    return;
  postseal_engine_stop_async (POSTSEAL_ENGINE (service), postseal_pending_on_ready, &pending);
  postseal_engine_stop_finish (POSTSEAL_ENGINE (service), postseal_pending_wait (&pending));
}

GVariant *
postseal_service_choice_ask (PostsealService *service,
                             PostsealServiceRequest request,
                             GVariant *arguments,
                             GError **error)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();

  postseal_service_request_async (service, request, arguments, NULL, NULL,
                                  postseal_pending_on_ready, &pending);
  return postseal_service_request_finish (service, postseal_pending_wait (&pending), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/service-choice.h"

#include "base/paths.h"
#include "client/client.h"
#include "engine/engine.h"
#include "outbox/wake.h"

/* An answer that is waited for. */
typedef struct
{
  GMainLoop *loop; /* owned */
  GAsyncResult *result; /* owned */
} Wait;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->result = g_object_ref (result);
  g_main_loop_quit (wait->loop);
}

static void
clear_wait (Wait *self)
{
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_object (&self->result);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wait, clear_wait)

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
  g_auto (Wait) wait = { g_main_loop_new (NULL, FALSE), NULL };
  PostsealClient *client;

  if (!postseal_service_choice_has_daemon (options))
    return NULL;
  postseal_client_new_async (NULL, POSTSEAL_CLIENT_RUNNING, NULL, on_answer, &wait);
  g_main_loop_run (wait.loop);
  client = postseal_client_new_finish (wait.result, NULL);
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
  g_auto (Wait) wait = { g_main_loop_new (NULL, FALSE), NULL };

  if (!POSTSEAL_IS_ENGINE (service))
    return;
  postseal_engine_stop_async (POSTSEAL_ENGINE (service), on_answer, &wait);
  g_main_loop_run (wait.loop);
  postseal_engine_stop_finish (POSTSEAL_ENGINE (service), wait.result);
}

GVariant *
postseal_service_choice_ask (PostsealService *service,
                             PostsealServiceRequest request,
                             GVariant *arguments,
                             GError **error)
{
  g_auto (Wait) wait = { g_main_loop_new (NULL, FALSE), NULL };

  postseal_service_request_async (service, request, arguments, NULL, NULL, on_answer, &wait);
  g_main_loop_run (wait.loop);
  return postseal_service_request_finish (service, wait.result, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/job-access-private.h"

#include "base/paths.h"

static char *
get_latches_path (const char *state_dir)
{
  return g_build_filename (state_dir, POSTSEAL_PATHS_LATCHES, NULL);
}

PostsealLatches *
_postseal_job_access_load_latches (const char *state_dir, GError **error)
{
  g_autofree char *path = get_latches_path (state_dir);

  return postseal_latches_load (path, error);
}

static void
load_latches (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  PostsealLatches *latches = _postseal_job_access_load_latches (task_data, &error);

  if (latches != NULL)
    g_task_return_pointer (task, latches, (GDestroyNotify)postseal_latches_unref);
  else
    g_task_return_error (task, error);
}

void
_postseal_job_access_load_latches_async (const char *state_dir,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, _postseal_job_access_load_latches_async);
  g_task_set_task_data (task, g_strdup (state_dir), g_free);
  g_task_run_in_thread (task, load_latches);
}

PostsealLatches *
_postseal_job_access_load_latches_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
_postseal_job_access_keep_latches (PostsealLatches *latches, const char *state_dir, GError **error)
{
  g_autofree char *path = get_latches_path (state_dir);

  return latches == NULL || !postseal_latches_is_changed (latches)
         || postseal_latches_teach (latches, path, error);
}

void
_postseal_job_access_dial_async (const PostsealAccount *account,
                                 gboolean sending,
                                 PostsealLatches *latches,
                                 PostsealTranscript *transcript,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  postseal_dial_async (sending ? account->send : account->receive,
                       sending ? account->send_policy : account->receive_policy, latches,
                       account->name, account->timeout_ms, transcript, cancellable, callback,
                       user_data);
}

PostsealSealedLink *
_postseal_job_access_dial_finish (const PostsealAccount *account,
                                  gboolean sending,
                                  PostsealTlsCounts *counts,
                                  GAsyncResult *result,
                                  GError **error)
{
  g_autofree char *server
      = postseal_endpoint_to_string (sending ? account->send : account->receive);
  GError *local = NULL;
  PostsealSealedLink *link = postseal_dial_finish (result, &local);

  postseal_tls_counts_add (counts, server, sending,
                           sending ? account->send_policy : account->receive_policy,
                           link != NULL ? postseal_sealed_link_get_seal (link) : NULL, local,
                           g_get_real_time () / G_USEC_PER_SEC);
  if (local != NULL)
    g_propagate_error (error, local);
  return link;
}

void
_postseal_job_access_keep_counts (PostsealTlsCounts *counts, const char *state_dir)
{
  g_autofree char *path = g_build_filename (state_dir, POSTSEAL_PATHS_TLS_COUNTS, NULL);
  g_autoptr (GError) error = NULL;

  if (!postseal_tls_counts_keep (counts, path, &error))
    g_debug ("Cannot count the connections: %s", error->message);
}

PostsealAuthenticator *
_postseal_job_access_make_authenticator (const PostsealAccount *account,
                                         gboolean sending,
                                         PostsealVault *vault,
                                         PostsealLatches *latches,
                                         GError **error)
{
  const char *user = sending ? account->send_user : account->receive_user;
  g_autoptr (PostsealVault) own = NULL;

  if (sending && account->auth_none)
    return NULL;
  if (vault == NULL && account->password != NULL)
    {
      own = postseal_vault_new (account->password, error);
      if (own == NULL)
        return NULL;
    }
  return postseal_authenticator_new (account->name, user, vault != NULL ? vault : own,
                                     (const char *const *)account->auth, latches);
}

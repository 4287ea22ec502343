/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/client-secret-private.h"

#include "auth/vault.h"

typedef enum
{
  NEED_PERHAPS, /* it may be in the keyring */
  NEED_HARDLY, /* likewise, but that is not used otherwise */
  NEED_SURELY, /* the user says where it is */
} Need;

static Need
get_need (const PostsealTokenProvider *provider)
{
  if (provider->client_secret != NULL)
    return NEED_SURELY;
  return provider->refresh_token != NULL ? NEED_HARDLY : NEED_PERHAPS;
}

static gboolean
is_none (Need need, const GError *error)
{
  if (need == NEED_SURELY)
    return FALSE;
  return g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT)
         || g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_READ_ONLY)
         || (need == NEED_HARDLY
             && g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE));
}

gboolean
_postseal_client_secret_is_none (const PostsealTokenProvider *provider, const GError *error)
{
  return is_none (get_need (provider), error);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Need need = GPOINTER_TO_INT (g_task_get_task_data (task));
  g_autoptr (GError) error = NULL;
  PostsealCredential *secret
      = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);

  if (is_none (need, error))
    g_clear_error (&error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, secret,
                           secret != NULL ? (GDestroyNotify)postseal_credential_unref : NULL);
}

void
_postseal_client_secret_async (const PostsealTokenProvider *provider,
                               const char *spec,
                               const char *account,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (PostsealVault) vault = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, _postseal_client_secret_async);
  g_task_set_task_data (task, GINT_TO_POINTER (get_need (provider)), NULL);
  vault = postseal_vault_new_client_secret (spec, &error);
  if (vault == NULL)
    g_task_return_error (task, error);
  else
    postseal_vault_lookup_async (vault, account, NULL, on_looked_up, g_steal_pointer (&task));
}

gboolean
_postseal_client_secret_finish (GAsyncResult *result,
                                PostsealCredential **ret_secret,
                                GError **error)
{
  GError *local = NULL;
  PostsealCredential *secret = g_task_propagate_pointer (G_TASK (result), &local);

  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  *ret_secret = secret;
  return TRUE;
}

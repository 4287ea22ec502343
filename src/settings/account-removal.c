/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/account-removal.h"

#include "auth/vault.h"
#include "engine/account-store.h"

typedef struct
{
  char *config; /* owned */
  char *name; /* owned */
  char *password; /* owned, nullable */
} Removal;

static void
free_removal (Removal *self)
{
  g_free (self->config);
  g_free (self->name);
  g_free (self->password);
  g_free (self);
}

static void
on_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (postseal_vault_clear_finish (POSTSEAL_VAULT (source), result, &error)
      || g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
clear_secret (GTask *task)
{
  const Removal *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PostsealVault) vault = postseal_vault_new (self->password, &error);

  if (vault != NULL)
    postseal_vault_clear_async (vault, self->name, NULL, on_cleared, g_object_ref (task));
  else
    g_task_return_error (task, error);
}

static void
remove_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Removal *self = data;
  GError *error = NULL;

  if (postseal_account_store_remove (self->config, self->name, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Removal *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_error (task, error);
  else if (self->password == NULL)
    g_task_return_boolean (task, TRUE);
  else
    clear_secret (task);
}

void
postseal_account_removal_run_async (const char *config,
                                    const char *name,
                                    const char *password,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (GTask) removing = g_task_new (NULL, NULL, on_removed, task);
  Removal *self = g_new0 (Removal, 1);

  self->config = g_strdup (config);
  self->name = g_strdup (name);
  self->password = g_strdup (password);
  g_task_set_source_tag (task, postseal_account_removal_run_async);
  g_task_set_task_data (task, self, (GDestroyNotify)free_removal);
  g_task_set_source_tag (removing, postseal_account_removal_run_async);
  g_task_set_task_data (removing, self, NULL);
  g_task_run_in_thread (removing, remove_in_thread);
}

gboolean
postseal_account_removal_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

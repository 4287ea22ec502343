/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-save.h"

typedef struct
{
  PostsealAccountForm *form; /* owned */
  char *name; /* owned */
  char *config; /* owned */
  PostsealVault *vault; /* owned, nullable */
  PostsealCredential *secret; /* owned, nullable */
  PostsealCredential *before; /* owned, nullable: what was there */
  GError *error; /* owned, nullable: why it is being undone */
} Work;

static void
free_work (Work *self)
{
  g_object_unref (self->form);
  g_free (self->name);
  g_free (self->config);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  g_clear_pointer (&self->before, postseal_credential_unref);
  g_clear_error (&self->error);
  g_free (self);
}

/* --- back again --- */

static void
on_restored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean is_restored
      = self->before != NULL
            ? postseal_vault_store_finish (POSTSEAL_VAULT (source), result, &error)
            : postseal_vault_clear_finish (POSTSEAL_VAULT (source), result, &error);

  if (!is_restored)
    g_message ("%s", error->message);
  g_task_return_error (task, g_steal_pointer (&self->error));
}

/* The vault is as it was, then the task fails. @error: (transfer full) */
static void
undo (GTask *task, GError *error)
{
  Work *self = g_task_get_task_data (task);

  g_task_set_check_cancellable (task, FALSE);
  self->error = error;
  if (self->secret == NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else if (self->before != NULL)
    postseal_vault_store_async (self->vault, self->name, self->before, NULL, on_restored,
                                g_object_ref (task));
  else
    postseal_vault_clear_async (self->vault, self->name, NULL, on_restored, g_object_ref (task));
}

/* --- forth --- */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (postseal_account_form_save_finish (POSTSEAL_ACCOUNT_FORM (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    undo (task, error);
}

static void
save (GTask *task)
{
  Work *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      undo (task, error);
      return;
    }
  g_task_set_check_cancellable (task, FALSE);
  postseal_account_form_save_async (self->form, self->config, on_saved, g_object_ref (task));
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (postseal_vault_store_finish (POSTSEAL_VAULT (source), result, &error))
    save (task);
  else
    g_task_return_error (task, error);
}

static void
on_before (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->before = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);
  /* What cannot be seen could not be brought back, either. */
  if (self->before == NULL
      && !g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    /* Not cancelled half-way: only what is known to be stored can be taken back. */
    postseal_vault_store_async (self->vault, self->name, self->secret, NULL, on_stored,
                                g_object_ref (task));
}

/* --- public --- */

void
postseal_account_save_async (PostsealAccountForm *form,
                             const char *config,
                             PostsealVault *vault,
                             PostsealCredential *secret,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Work *self = NULL;

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (form));
  g_return_if_fail (config != NULL);
  g_return_if_fail (secret == NULL || vault != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_account_save_async);
  self = g_new0 (Work, 1);
  self->form = g_object_ref (form);
  self->name = g_strdup (postseal_account_form_get_name (form));
  self->config = g_strdup (config);
  self->vault = vault != NULL ? g_object_ref (vault) : NULL;
  self->secret = secret != NULL ? postseal_credential_ref (secret) : NULL;
  g_task_set_task_data (task, self, (GDestroyNotify)free_work);
  if (secret == NULL)
    save (task);
  else
    postseal_vault_lookup_async (vault, self->name, cancellable, on_before,
                                 g_steal_pointer (&task));
}

gboolean
postseal_account_save_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

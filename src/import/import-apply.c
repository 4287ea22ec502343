/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An account is taken over: what is known as retrieved, then the password, last the section. */
#include <glib/gi18n-lib.h>

#include "auth/keyring.h"
#include "auth/vault.h"
#include "engine/account-store.h"
#include "import/import-private.h"
#include "setup/account-save.h"

typedef struct
{
  PostsealImport *import; /* owned */
  PostsealImportDraft *draft; /* borrowed from import */
  PostsealAccount *account; /* owned, nullable: while it is not yet known */
  PostsealVault *vault; /* owned, nullable */
  gboolean stores_secret;
} Apply;

static void
free_apply (gpointer data)
{
  Apply *self = data;

  g_clear_pointer (&self->account, postseal_account_unref);
  g_clear_object (&self->vault);
  postseal_import_unref (self->import);
  g_free (self);
}

/* --- last: the password and the section --- */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  g_task_set_check_cancellable (task, FALSE);
  if (postseal_account_save_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* --- first: what is known as retrieved --- */

static PostsealConfigError
get_code (const GError *error)
{
  return error->domain == POSTSEAL_CONFIG_ERROR ? (PostsealConfigError)error->code
                                                : POSTSEAL_CONFIG_ERROR_VALUE;
}

/* What was read may be old by now. */
static gboolean
check_free (Apply *self, GError **error)
{
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (self->import->config, NULL);
  const char *name = self->account->name;

  if (!self->draft->account.exists && (store == NULL || !postseal_account_store_has (store, name)))
    return TRUE;
  g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
               _ ("There is an account “%s”, or one with these servers, already; nothing was "
                  "changed"),
               name);
  return FALSE;
}

static void
adopt_in_thread (GTask *step, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Apply *self = task_data;
  GError *error = NULL;

  if (check_free (self, &error)
      && (self->account->receive == NULL
          || postseal_prior_mail_adopt (self->account, self->draft->prior, &error)))
    g_task_return_boolean (step, TRUE);
  else
    g_task_return_error (step, error);
}

static void
on_adopted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Apply *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    postseal_account_save_async (self->draft->account.form, self->import->config, self->vault,
                                 self->stores_secret ? self->draft->secret : NULL,
                                 g_task_get_cancellable (task), on_saved, g_object_ref (task));
  else
    g_task_return_error (task, error);
}

static void
adopt (GTask *task)
{
  g_autoptr (GTask) step = g_task_new (NULL, g_task_get_cancellable (task), on_adopted, task);

  g_task_set_source_tag (step, adopt);
  g_task_set_task_data (step, g_task_get_task_data (task), NULL);
  g_task_run_in_thread (step, adopt_in_thread);
}

/* --- before anything is written --- */

static gboolean
check_keyring (PostsealKeyringState state, GError **error)
{
  switch (state)
    {
    case POSTSEAL_KEYRING_OPEN:
    case POSTSEAL_KEYRING_NONE_YET:
      return TRUE;
    case POSTSEAL_KEYRING_LOCKED:
      g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED,
                   _ ("The keyring is locked, and the password cannot go there; unlock it first. "
                      "Nothing was changed"));
      return FALSE;
    case POSTSEAL_KEYRING_ABSENT:
    case POSTSEAL_KEYRING_NOT_BUILT:
    default:
      g_set_error (
          error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
          _ ("There is no keyring here that the password could go to. Nothing was changed; "
             "import the account without its password, and say in “password” where it is"));
      return FALSE;
    }
}

static void
on_keyring_state (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  PostsealKeyringState state = postseal_keyring_get_state_finish (result);

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else if (check_keyring (state, &error))
    adopt (task);
  else
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
}

static gboolean
prepare (Apply *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->account = postseal_account_form_make_account (self->draft->account.form, &local);
  if (self->account == NULL || !self->draft->account.is_usable)
    {
      g_set_error (error, POSTSEAL_CONFIG_ERROR,
                   local != NULL ? get_code (local) : POSTSEAL_CONFIG_ERROR_VALUE,
                   _ ("The account “%s” cannot be used as it is%s%s"),
                   postseal_account_form_get_name (self->draft->account.form),
                   local != NULL ? ": " : "", local != NULL ? local->message : "");
      return FALSE;
    }
  if (!self->stores_secret)
    return TRUE;
  self->vault = postseal_vault_new ("secret-service", error);
  return self->vault != NULL;
}

void
postseal_import_apply_async (PostsealImport *self,
                             guint index,
                             PostsealImportFlags flags,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task;
  Apply *apply;
  GError *error = NULL;

  g_return_if_fail (self != NULL && index < self->drafts->len);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_import_apply_async);
  apply = g_new0 (Apply, 1);
  apply->import = postseal_import_ref (self);
  apply->draft = g_ptr_array_index (self->drafts, index);
  apply->stores_secret
      = (flags & POSTSEAL_IMPORT_STORE_SECRETS) != 0 && apply->draft->account.has_secret;
  g_task_set_task_data (task, apply, free_apply);
  if (!prepare (apply, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
  else if (apply->stores_secret)
    postseal_keyring_get_state_async (cancellable, on_keyring_state, task);
  else
    adopt (task);
}

gboolean
postseal_import_apply_finish (PostsealImport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

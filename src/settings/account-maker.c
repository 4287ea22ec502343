/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/account-maker.h"

#include <glib/gi18n.h>

#include "auth/vault.h"
#include "engine/account-store.h"
#include "setup/account-save.h"

G_DEFINE_QUARK (postseal - maker - error - quark, postseal_maker_error)

typedef struct
{
  PostsealAccountForm *form; /* owned */
  char *config; /* owned */
  PostsealCredential *secret; /* owned, nullable */
} Work;

/* What the other thread needs, and no more. */
typedef struct
{
  char *name; /* owned */
  char *config; /* owned */
} Question;

static void
free_question (Question *self)
{
  g_free (self->name);
  g_free (self->config);
  g_free (self);
}

static void
free_work (Work *self)
{
  g_object_unref (self->form);
  g_free (self->config);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  g_free (self);
}

/* Returns: (transfer full) */
static PostsealVault *
open_vault (PostsealAccountForm *form, GError **error)
{
  g_autofree char *spec = postseal_account_form_get_effective (form, "password");

  return postseal_vault_new (spec != NULL ? spec : "secret-service", error);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (postseal_account_save_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
begin (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PostsealVault) vault = work->secret != NULL ? open_vault (work->form, &error) : NULL;

  if (error != NULL)
    g_task_return_error (task, error);
  else
    postseal_account_save_async (work->form, work->config, vault, work->secret, NULL, on_saved,
                                 g_object_ref (task));
}

/* --- whether there is one --- */

static void
look_for_account (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Question *question = task_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAccountForm) existing
      = postseal_account_form_load (question->config, question->name, &error);

  if (existing != NULL)
    g_task_return_new_error (task, POSTSEAL_MAKER_ERROR, POSTSEAL_MAKER_ERROR_EXISTS,
                             _ ("There is an account “%s” already; it has not been changed"),
                             question->name);
  else if (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_SYNTAX))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    begin (task);
  else
    g_task_return_error (task, error);
}

void
postseal_account_maker_run_async (PostsealAccountForm *form,
                                  const char *config,
                                  PostsealCredential *secret,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (GTask) look = NULL;
  Work *work = g_new0 (Work, 1);
  Question *question = g_new0 (Question, 1);

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (form));
  g_return_if_fail (config != NULL);

  g_task_set_source_tag (task, postseal_account_maker_run_async);
  work->form = g_object_ref (form);
  work->config = g_strdup (config);
  work->secret = secret != NULL ? postseal_credential_ref (secret) : NULL;
  g_task_set_task_data (task, work, (GDestroyNotify)free_work);
  question->name = g_strdup (postseal_account_form_get_name (form));
  question->config = g_strdup (config);
  look = g_task_new (NULL, NULL, on_looked, g_object_ref (task));
  g_task_set_task_data (look, question, (GDestroyNotify)free_question);
  g_task_run_in_thread (look, look_for_account);
}

gboolean
postseal_account_maker_run_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!postseal_vault_clear_finish (POSTSEAL_VAULT (source), result, &error))
    g_message ("%s", error->message);
}

void
postseal_account_maker_clear_secret (const char *spec, const char *account)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new (spec, NULL);

  g_return_if_fail (account != NULL);

  if (vault != NULL)
    postseal_vault_clear_async (vault, account, NULL, on_cleared, NULL);
}

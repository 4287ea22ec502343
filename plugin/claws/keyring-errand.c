/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/keyring-errand.h"

#include <glib/gi18n-lib.h>

#include "auth/vault.h"

/* The task's data. */
typedef struct
{
  PostsealClawsSignIn *sign_in; /* owned */
  PostsealCredential *secret; /* owned, nullable: to be kept */
  PostsealVault *vault; /* owned */
  char *own; /* owned: the name for the host alone */
  GPtrArray *shared; /* owned, nullable: element-type PostsealClawsSharedSignIn */
  guint at; /* in @shared */
  GError *absent; /* owned, nullable: what is said when nothing is found */
  const char *target; /* borrowed from the names: where it is stored */
} Errand;

static void
free_errand (Errand *self)
{
  postseal_claws_sign_in_free (self->sign_in);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  g_clear_object (&self->vault);
  g_free (self->own);
  g_clear_pointer (&self->shared, g_ptr_array_unref);
  g_clear_error (&self->absent);
  g_free (self);
}

gboolean
postseal_claws_is_same_secret (PostsealCredential *a, PostsealCredential *b)
{
  gsize length = postseal_credential_get_length (a);
  const char *left = postseal_credential_get (a);
  const char *right = postseal_credential_get (b);
  guint8 difference = 0;

  if (length != postseal_credential_get_length (b))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    difference |= (guint8)left[i] ^ (guint8)right[i];
  return difference == 0;
}

/* --- beginning --- */

static void
find_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, postseal_claws_sign_in_find_shared (data),
                         (GDestroyNotify)g_ptr_array_unref);
}

/* Returns: FALSE when @task has ended */
static gboolean
take_shared (GTask *task, GAsyncResult *result)
{
  Errand *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->shared = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->shared != NULL)
    return TRUE;
  g_task_return_error (task, error);
  return FALSE;
}

/* @secret: (nullable) */
static GTask *
begin (const PostsealClawsSignIn *sign_in,
       PostsealCredential *secret,
       gpointer source_tag,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Errand *self = g_new0 (Errand, 1);

  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, self, (GDestroyNotify)free_errand);
  self->sign_in = postseal_claws_sign_in_copy (sign_in);
  self->own = postseal_claws_sign_in_name (sign_in);
  self->secret = secret != NULL ? postseal_credential_ref (secret) : NULL;
  return task;
}

/* Returns: FALSE when there is none, and @task has ended */
static gboolean
open_vault (GTask *task)
{
  Errand *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->vault = postseal_vault_new ("secret-service", &error);
  if (self->vault != NULL)
    return TRUE;
  g_task_return_error (task, error);
  return FALSE;
}

/* @task: (transfer full) */
static void
find_shared (GTask *task, GAsyncReadyCallback callback)
{
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GTask) finding = g_task_new (NULL, g_task_get_cancellable (task), callback, task);

  g_task_set_task_data (finding, postseal_claws_sign_in_copy (self->sign_in),
                        (GDestroyNotify)postseal_claws_sign_in_free);
  g_task_run_in_thread (finding, find_in_thread);
}

/* Returns: (transfer none) (nullable) */
static PostsealClawsSharedSignIn *
get_shared (const Errand *self)
{
  return self->at < self->shared->len ? self->shared->pdata[self->at] : NULL;
}

/* --- looking up --- */

static gboolean
is_absent (const GError *error)
{
  return g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT);
}

static void look_at_shared (GTask *task);

static void
on_shared_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  PostsealCredential *secret
      = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);

  if (secret != NULL)
    {
      g_task_return_pointer (task, secret, (GDestroyNotify)postseal_credential_unref);
      return;
    }
  if (!is_absent (error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self->at++;
  look_at_shared (g_steal_pointer (&task));
}

/* @task: (transfer full) */
static void
look_at_shared (GTask *task)
{
  Errand *self = g_task_get_task_data (task);
  const PostsealClawsSharedSignIn *shared = get_shared (self);

  if (shared != NULL)
    {
      postseal_vault_lookup_async (self->vault, shared->account, g_task_get_cancellable (task),
                                   on_shared_found, task);
      return;
    }
  g_task_return_error (task, g_steal_pointer (&self->absent));
  g_object_unref (task);
}

static void
on_shared_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (take_shared (task, result))
    look_at_shared (g_steal_pointer (&task));
}

static void
on_own_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *self = g_task_get_task_data (task);
  GError *error = NULL;
  PostsealCredential *secret
      = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);

  if (secret != NULL)
    g_task_return_pointer (task, secret, (GDestroyNotify)postseal_credential_unref);
  else if (!is_absent (error))
    g_task_return_error (task, error);
  else
    {
      self->absent = error;
      find_shared (g_steal_pointer (&task), on_shared_known);
    }
}

void
postseal_claws_keyring_lookup_async (const PostsealClawsSignIn *sign_in,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = begin (sign_in, NULL, postseal_claws_keyring_lookup_async, cancellable,
                                  callback, user_data);
  Errand *self = g_task_get_task_data (task);

  if (open_vault (task))
    postseal_vault_lookup_async (self->vault, self->own, cancellable, on_own_found,
                                 g_steal_pointer (&task));
}

PostsealCredential *
postseal_claws_keyring_lookup_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- removing --- */

static void
on_dropped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (postseal_vault_clear_finish (POSTSEAL_VAULT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* @task: (transfer full) */
static void
drop_own (GTask *task)
{
  Errand *self = g_task_get_task_data (task);

  postseal_vault_clear_async (self->vault, self->own, g_task_get_cancellable (task), on_dropped,
                              task);
}

void
postseal_claws_keyring_drop_async (const PostsealClawsSignIn *sign_in,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task
      = begin (sign_in, NULL, postseal_claws_keyring_drop_async, cancellable, callback, user_data);

  if (open_vault (task))
    drop_own (g_steal_pointer (&task));
}

gboolean
postseal_claws_keyring_drop_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- keeping --- */

static void
on_read_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Errand *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PostsealCredential) found
      = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);

  if (found == NULL)
    g_task_return_error (task, error);
  else if (!postseal_claws_is_same_secret (found, self->secret))
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("The keyring does not give back what was stored there"));
  else if (self->target == self->own)
    g_task_return_boolean (task, TRUE);
  else
    drop_own (g_steal_pointer (&task));
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Errand *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (!postseal_vault_store_finish (POSTSEAL_VAULT (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  postseal_vault_lookup_async (self->vault, self->target, g_task_get_cancellable (task),
                               on_read_back, g_object_ref (task));
}

/* @task: (transfer full) */
static void
store_at (GTask *task, const char *name)
{
  Errand *self = g_task_get_task_data (task);

  self->target = name;
  postseal_vault_store_async (self->vault, name, self->secret, g_task_get_cancellable (task),
                              on_stored, task);
}

static void compare_shared (GTask *task);

static void
on_compared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *self = g_task_get_task_data (task);
  const PostsealClawsSharedSignIn *shared = get_shared (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealCredential) found
      = postseal_vault_lookup_finish (POSTSEAL_VAULT (source), result, &error);

  if (found == NULL && !is_absent (error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (found != NULL && postseal_claws_is_same_secret (found, self->secret))
    {
      drop_own (g_steal_pointer (&task));
      return;
    }
  if (found == NULL && shared->is_for_this)
    {
      store_at (g_steal_pointer (&task), shared->account);
      return;
    }
  self->at++;
  compare_shared (g_steal_pointer (&task));
}

/* @task: (transfer full) */
static void
compare_shared (GTask *task)
{
  Errand *self = g_task_get_task_data (task);
  const PostsealClawsSharedSignIn *shared = get_shared (self);

  if (shared == NULL)
    store_at (task, self->own);
  else
    postseal_vault_lookup_async (self->vault, shared->account, g_task_get_cancellable (task),
                                 on_compared, task);
}

static void
on_shared_known_for_keeping (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (take_shared (task, result))
    compare_shared (g_steal_pointer (&task));
}

void
postseal_claws_keyring_keep_async (const PostsealClawsSignIn *sign_in,
                                   PostsealCredential *secret,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = begin (sign_in, secret, postseal_claws_keyring_keep_async, cancellable,
                                  callback, user_data);

  if (open_vault (task))
    find_shared (g_steal_pointer (&task), on_shared_known_for_keeping);
}

gboolean
postseal_claws_keyring_keep_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-move.h"

#include <glib/gi18n-lib.h>
#include <passwordstore.h>
#include <string.h>
#include <common/utils.h>

#include "auth/vault.h"
#include "claws/account-sign-ins.h"
#include "claws/keyring-errand.h"

#define REMEMBERED "passwords-moved"
#define STORE_FILE "passwordstorerc" /* the host's own */

/* The task's data. */
typedef struct
{
  PostsealClawsBindings *bindings; /* owned */
  PostsealClawsMoveKind kind;
  int id;
  PostsealClawsPasswordUse use; /* the one at work */
  PostsealCredential *secrets[POSTSEAL_CLAWS_PASSWORD_USES]; /* owned, nullable: as stored */
  guint count;
} Move;

static void
free_move (Move *self)
{
  g_object_unref (self->bindings);
  for (guint use = 0; use < POSTSEAL_CLAWS_PASSWORD_USES; use++)
    g_clear_pointer (&self->secrets[use], postseal_credential_unref);
  g_free (self);
}

/* --- the host's own store --- */

static gboolean
is_stored (int id, PostsealClawsPasswordUse use)
{
  return passwd_store_has_password_account (id, postseal_claws_password_id (use));
}

/* The host may ask for its primary passphrase. Returns: (transfer full) (nullable) */
static PostsealCredential *
read_stored (int id, PostsealClawsPasswordUse use)
{
  char *text = passwd_store_get_account (id, postseal_claws_password_id (use));
  PostsealCredential *secret = NULL;

  if (text == NULL)
    return NULL;
  if (*text != '\0')
    secret = postseal_credential_new (text, -1);
  postseal_wipe (text, strlen (text));
  g_free (text);
  return secret;
}

/* Whether the host's file has an entry, since nobody says whether it was written. */
static gboolean
is_in_file (int id, PostsealClawsPasswordUse use)
{
  g_autofree char *path = g_build_filename (get_rc_dir (), STORE_FILE, NULL);
  g_autofree char *text = NULL;
  g_autofree char *section = g_strdup_printf ("[account:%d]", id);
  g_autofree char *entry = g_strconcat (postseal_claws_password_id (use), " ", NULL);
  g_auto (GStrv) lines = NULL;
  gboolean is_in_section = FALSE;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (*lines[i] == '[')
        is_in_section = g_str_equal (lines[i], section);
      else if (is_in_section && g_str_has_prefix (lines[i], entry))
        return TRUE;
    }
  return FALSE;
}

static gboolean
write_stored (int id, PostsealClawsPasswordUse use, PostsealCredential *secret)
{
  g_autoptr (PostsealCredential) there = NULL;

  if (!passwd_store_set_account (id, postseal_claws_password_id (use),
                                 postseal_credential_get (secret), FALSE))
    return FALSE;
  passwd_store_write_config ();
  there = read_stored (id, use);
  return there != NULL && postseal_claws_is_same_secret (there, secret) && is_in_file (id, use);
}

gboolean
postseal_claws_password_was_moved (PostsealClawsBindings *bindings, int id)
{
  g_autofree char *word = postseal_claws_bindings_recall (bindings, id, REMEMBERED);

  return word != NULL;
}

/* --- one after the other --- */

static void work (GTask *task);

/* Returns: (transfer full) (nullable) */
static PostsealClawsSignIn *
get_sign_in (const Move *self)
{
  const PrefsAccount *account = account_find_from_id (self->id);

  return account != NULL ? postseal_claws_account_sign_in (account, self->use) : NULL;
}

/* @task: (transfer full) */
static void
work_next (GTask *task)
{
  Move *self = g_task_get_task_data (task);

  self->use++;
  work (task);
}

/* What the keyring has now, unless somebody has stored another one meanwhile. The host's file is
   written once, and only now: should the host end while it does that, all are in the keyring. */
static void
remove_kept (Move *self)
{
  for (PostsealClawsPasswordUse use = 0; use < self->use; use++)
    {
      g_autoptr (PostsealCredential) stored
          = self->secrets[use] != NULL && is_stored (self->id, use) ? read_stored (self->id, use)
                                                                    : NULL;

      if (stored == NULL || !postseal_claws_is_same_secret (stored, self->secrets[use]))
        continue;
      passwd_store_set_account (self->id, postseal_claws_password_id (use), NULL, FALSE);
      self->count++;
    }
  if (self->count == 0)
    return;
  postseal_claws_bindings_remember (self->bindings, self->id, REMEMBERED, "1");
  passwd_store_write_config ();
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (postseal_claws_keyring_keep_finish (result, &error))
    {
      work_next (g_steal_pointer (&task));
      return;
    }
  remove_kept (g_task_get_task_data (task));
  g_task_return_error (task, error);
}

/* @task: (transfer full) */
static void
move_there (GTask *task, const PostsealClawsSignIn *sign_in)
{
  Move *self = g_task_get_task_data (task);
  PostsealCredential *secret = NULL;

  if (!is_stored (self->id, self->use))
    {
      work_next (task);
      return;
    }
  secret = read_stored (self->id, self->use);
  self->secrets[self->use] = secret;
  if (secret != NULL)
    {
      postseal_claws_keyring_keep_async (sign_in, secret, g_task_get_cancellable (task), on_kept,
                                         task);
      return;
    }
  remove_kept (self);
  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                           _ ("Claws Mail does not say the password that it has stored. Type its "
                              "primary passphrase when it asks for it"));
  g_object_unref (task);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Move *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealCredential) found = postseal_claws_keyring_lookup_finish (result, &error);

  if (found == NULL && !g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (found != NULL && !write_stored (self->id, self->use, found))
    {
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                               _ ("Claws Mail could not store the password"));
      return;
    }
  if (found != NULL)
    self->count++;
  work_next (g_steal_pointer (&task));
}

/* @task: (transfer full) */
static void
finish_work (GTask *task)
{
  Move *self = g_task_get_task_data (task);

  if (self->kind == POSTSEAL_CLAWS_COPY_BACK)
    postseal_claws_bindings_remember (self->bindings, self->id, REMEMBERED, NULL);
  else
    remove_kept (self);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* @task: (transfer full) */
static void
work (GTask *task)
{
  Move *self = g_task_get_task_data (task);
  g_autoptr (PostsealClawsSignIn) sign_in = NULL;

  while (self->use < POSTSEAL_CLAWS_PASSWORD_USES && (sign_in = get_sign_in (self)) == NULL)
    self->use++;
  if (self->use == POSTSEAL_CLAWS_PASSWORD_USES)
    finish_work (task);
  else if (self->kind == POSTSEAL_CLAWS_COPY_BACK)
    postseal_claws_keyring_lookup_async (sign_in, g_task_get_cancellable (task), on_found, task);
  else
    move_there (task, sign_in);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (postseal_claws_keyring_door_open_finish (result, &error))
    work (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
postseal_claws_password_move_async (PostsealClawsBindings *bindings,
                                    PostsealClawsKeyringDoor *door,
                                    PostsealClawsMoveKind kind,
                                    int id,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Move *self = g_new0 (Move, 1);

  g_task_set_source_tag (task, postseal_claws_password_move_async);
  self->bindings = g_object_ref (bindings);
  self->kind = kind;
  self->id = id;
  g_task_set_task_data (task, self, (GDestroyNotify)free_move);
  /* What is in both places is no harm, what is in none is. */
  g_task_set_check_cancellable (task, FALSE);
  if (door == NULL)
    {
      work (task);
      return;
    }
  postseal_claws_keyring_door_forget (door);
  postseal_claws_keyring_door_open_async (door, cancellable, on_opened, task);
}

gboolean
postseal_claws_password_move_finish (GAsyncResult *result, guint *ret_count, GError **error)
{
  Move *self = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  if (ret_count != NULL)
    *ret_count = self->count;
  return g_task_propagate_boolean (G_TASK (result), error);
}

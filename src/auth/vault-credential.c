/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* credential:NAME. What systemd has put into $CREDENTIALS_DIRECTORY (systemd.exec(5),
 * LoadCredential=). */
#define POSTSEAL_TYPE_VAULT_CREDENTIAL (postseal_vault_credential_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealVaultCredential, postseal_vault_credential, POSTSEAL, VAULT_CREDENTIAL, GObject)

struct _PostsealVaultCredential
{
  GObject parent_instance;
  char *name; /* owned */
};

static void
look_up_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  PostsealCredential *secret = _postseal_vault_read_private_file (task_data, TRUE, &error);

  if (secret != NULL)
    g_task_return_pointer (task, secret, (GDestroyNotify)postseal_credential_unref);
  else
    g_task_return_error (task, error);
}

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  PostsealVaultCredential *self = POSTSEAL_VAULT_CREDENTIAL (vault);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  const char *directory = g_getenv ("CREDENTIALS_DIRECTORY");

  g_task_set_source_tag (task, look_up);
  if (directory == NULL || !g_path_is_absolute (directory))
    {
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
                               _ ("There is no credential %s for %s: $CREDENTIALS_DIRECTORY is not "
                                  "set. Run Postseal as a "
                                  "systemd unit with LoadCredential="),
                               self->name, account);
      return;
    }
  g_task_set_task_data (task, g_build_filename (directory, self->name, NULL), g_free);
  g_task_run_in_thread (task, look_up_in_thread);
}

static char *
explain_read_only (PostsealVault *vault)
{
  return g_strdup_printf (
      _ ("Postseal cannot change a credential of systemd. Put the password into the file that "
         "“LoadCredential=%s:PATH” in the unit names"),
      POSTSEAL_VAULT_CREDENTIAL (vault)->name);
}

char *
_postseal_vault_credential_check (const char *name)
{
  if (*name != '\0' && strlen (name) < 256 && strchr (name, '/') == NULL && strcmp (name, ".") != 0
      && strcmp (name, "..") != 0)
    return NULL;
  return g_strdup (_ ("the name of a credential is a plain file name, without “/”"));
}

static void
postseal_vault_credential_iface_init (PostsealVaultInterface *iface)
{
  iface->lookup_async = look_up;
  iface->explain_read_only = explain_read_only;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealVaultCredential,
                               postseal_vault_credential,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT,
                                                      postseal_vault_credential_iface_init))

static void
postseal_vault_credential_finalize (GObject *object)
{
  g_free (POSTSEAL_VAULT_CREDENTIAL (object)->name);
  G_OBJECT_CLASS (postseal_vault_credential_parent_class)->finalize (object);
}

static void
postseal_vault_credential_class_init (PostsealVaultCredentialClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_vault_credential_finalize;
}

static void
postseal_vault_credential_init (PostsealVaultCredential *self)
{
}

PostsealVault *
_postseal_vault_credential_new (const char *name)
{
  PostsealVaultCredential *self = g_object_new (POSTSEAL_TYPE_VAULT_CREDENTIAL, NULL);

  self->name = g_strdup (name);
  return POSTSEAL_VAULT (self);
}

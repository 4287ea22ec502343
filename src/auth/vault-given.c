/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault-given.h"

#include <glib/gi18n-lib.h>

#include "auth/vault-private.h"

/* Whatever account asks: it is what the person has typed for it. */
#define POSTSEAL_TYPE_VAULT_GIVEN (postseal_vault_given_get_type ())
G_DECLARE_FINAL_TYPE (PostsealVaultGiven, postseal_vault_given, POSTSEAL, VAULT_GIVEN, GObject)

struct _PostsealVaultGiven
{
  GObject parent_instance;
  PostsealCredential *secret; /* owned */
};

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  PostsealVaultGiven *self = POSTSEAL_VAULT_GIVEN (vault);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, look_up);
  g_task_return_pointer (task, postseal_credential_ref (self->secret),
                         (GDestroyNotify)postseal_credential_unref);
}

static char *
explain_read_only (PostsealVault *vault)
{
  return g_strdup (_ ("A password that has just been typed is nowhere to be stored or removed"));
}

static void
postseal_vault_given_iface_init (PostsealVaultInterface *iface)
{
  iface->lookup_async = look_up;
  iface->explain_read_only = explain_read_only;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealVaultGiven,
                               postseal_vault_given,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT,
                                                      postseal_vault_given_iface_init))

static void
postseal_vault_given_finalize (GObject *object)
{
  postseal_credential_unref (POSTSEAL_VAULT_GIVEN (object)->secret);
  G_OBJECT_CLASS (postseal_vault_given_parent_class)->finalize (object);
}

static void
postseal_vault_given_class_init (PostsealVaultGivenClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_vault_given_finalize;
}

static void
postseal_vault_given_init (PostsealVaultGiven *self)
{
}

PostsealVault *
postseal_vault_given_new (PostsealCredential *secret)
{
  PostsealVaultGiven *self = NULL;

  g_return_val_if_fail (secret != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_VAULT_GIVEN, NULL);
  self->secret = postseal_credential_ref (secret);
  return POSTSEAL_VAULT (self);
}

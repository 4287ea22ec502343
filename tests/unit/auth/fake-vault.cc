/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-vault.h"

G_DECLARE_FINAL_TYPE (FakeVault, fake_vault, FAKE, VAULT, GObject)

struct _FakeVault
{
  GObject parent_instance;
  char *secret;
  char *account;
};

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  FakeVault *self = FAKE_VAULT (vault);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_free (self->account);
  self->account = g_strdup (account);
  if (self->secret == nullptr)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED, "locked");
  else
    g_task_return_pointer (task, postseal_credential_new (self->secret, -1),
                           (GDestroyNotify)postseal_credential_unref);
}

static void
fake_vault_iface_init (PostsealVaultInterface *iface)
{
  iface->lookup_async = look_up;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeVault,
                               fake_vault,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT, fake_vault_iface_init))

static void
fake_vault_finalize (GObject *object)
{
  g_free (FAKE_VAULT (object)->secret);
  g_free (FAKE_VAULT (object)->account);
  G_OBJECT_CLASS (fake_vault_parent_class)->finalize (object);
}

static void
fake_vault_class_init (FakeVaultClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_vault_finalize;
}

static void
fake_vault_init (FakeVault *self)
{
}

PostsealVault *
fake_vault_new (const char *secret)
{
  auto *self = FAKE_VAULT (g_object_new (fake_vault_get_type (), nullptr));

  self->secret = g_strdup (secret);
  return POSTSEAL_VAULT (self);
}

std::string
fake_vault_get_last_account (PostsealVault *vault)
{
  const char *account = FAKE_VAULT (vault)->account;

  return account == nullptr ? "" : account;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-token-vault.h"

G_DECLARE_FINAL_TYPE (FakeTokenVault, fake_token_vault, FAKE, TOKEN_VAULT, GObject)

struct _FakeTokenVault
{
  GObject parent_instance;
  unsigned number;
  char *user;
};

static std::string
name_token (FakeTokenVault *self)
{
  return "token-" + std::to_string (self->number + 1);
}

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (vault, cancellable, callback, user_data);

  g_task_return_pointer (
      task, postseal_credential_new (name_token (FAKE_TOKEN_VAULT (vault)).c_str (), -1),
      (GDestroyNotify)postseal_credential_unref);
}

static void
invalidate (PostsealVault *vault, const char *account, PostsealCredential *token)
{
  FakeTokenVault *self = FAKE_TOKEN_VAULT (vault);

  if (name_token (self) == postseal_credential_get (token))
    self->number++;
}

static void
set_user (PostsealVault *vault, const char *user)
{
  FakeTokenVault *self = FAKE_TOKEN_VAULT (vault);

  g_free (self->user);
  self->user = g_strdup (user);
}

static void
fake_token_vault_iface_init (PostsealVaultInterface *iface)
{
  iface->kind = POSTSEAL_VAULT_TOKEN;
  iface->lookup_async = look_up;
  iface->invalidate = invalidate;
  iface->set_user = set_user;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeTokenVault,
                               fake_token_vault,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT,
                                                      fake_token_vault_iface_init))

static void
fake_token_vault_finalize (GObject *object)
{
  g_free (FAKE_TOKEN_VAULT (object)->user);
  G_OBJECT_CLASS (fake_token_vault_parent_class)->finalize (object);
}

static void
fake_token_vault_class_init (FakeTokenVaultClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_token_vault_finalize;
}

static void
fake_token_vault_init (FakeTokenVault *self)
{
}

PostsealVault *
fake_token_vault_new ()
{
  return POSTSEAL_VAULT (g_object_new (fake_token_vault_get_type (), nullptr));
}

std::string
fake_token_vault_get_user (PostsealVault *vault)
{
  const char *user = FAKE_TOKEN_VAULT (vault)->user;

  return user == nullptr ? "" : user;
}

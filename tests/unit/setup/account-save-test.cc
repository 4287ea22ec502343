/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-save.h"

#include <gtest/gtest.h>

#include <glib/gstdio.h>

#include <string>

#include "support/main-loop.h"

using postseal_test::AsyncLoop;

G_DECLARE_FINAL_TYPE (SlowVault, slow_vault, SLOW, VAULT, GObject)

/* A keyring that stores when it is let go, whoever still listens then. */
struct _SlowVault
{
  GObject parent_instance;
  char *secret; /* owned, nullable */
  char *coming; /* owned, nullable */
  GTask *storing; /* owned, nullable */
};

static void
slow_vault_lookup (PostsealVault *vault,
                   const char *account,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  SlowVault *self = SLOW_VAULT (vault);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (self->secret == nullptr)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT, "absent");
  else
    g_task_return_pointer (task, postseal_credential_new (self->secret, -1),
                           (GDestroyNotify)postseal_credential_unref);
}

static void
slow_vault_store (PostsealVault *vault,
                  const char *account,
                  PostsealCredential *secret,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  SlowVault *self = SLOW_VAULT (vault);

  self->coming = g_strdup (postseal_credential_get (secret));
  self->storing = g_task_new (self, cancellable, callback, user_data);
}

static void
slow_vault_clear (PostsealVault *vault,
                  const char *account,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  SlowVault *self = SLOW_VAULT (vault);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_clear_pointer (&self->secret, g_free);
  g_task_return_boolean (task, TRUE);
}

static void
slow_vault_iface_init (PostsealVaultInterface *iface)
{
  iface->lookup_async = slow_vault_lookup;
  iface->store_async = slow_vault_store;
  iface->clear_async = slow_vault_clear;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlowVault,
                               slow_vault,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT, slow_vault_iface_init))

static void
slow_vault_finalize (GObject *object)
{
  g_free (SLOW_VAULT (object)->secret);
  g_free (SLOW_VAULT (object)->coming);
  G_OBJECT_CLASS (slow_vault_parent_class)->finalize (object);
}

static void
slow_vault_class_init (SlowVaultClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slow_vault_finalize;
}

static void
slow_vault_init (SlowVault *self)
{
}

static void
slow_vault_let_go (SlowVault *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->storing);

  g_free (self->secret);
  self->secret = g_steal_pointer (&self->coming);
  g_task_return_boolean (task, TRUE);
}

namespace
{

class AccountSave : public testing::Test
{
protected:
  AccountSave ()
  {
    g_autofree char *made = g_dir_make_tmp ("account-save-XXXXXX", nullptr);

    directory = made;
    path = directory + "/accounts.conf";
    postseal_account_form_set_name (form, "work");
    postseal_account_form_set (form, "address", "jane@example.org");
    postseal_account_form_set (form, "receive", "imaps://imap.example.org");
    postseal_account_form_set (form, "deliver", "maildir:/m");
  }

  ~AccountSave () override
  {
    g_remove (path.c_str ());
    g_remove ((directory + "/.accounts.conf.lock").c_str ());
    g_rmdir (directory.c_str ());
    g_object_unref (vault);
    g_object_unref (form);
    g_object_unref (cancellable);
    postseal_credential_unref (secret);
    g_clear_error (&error);
  }

  /* Begins, and comes back when the keyring has been asked to store. */
  void
  begin ()
  {
    postseal_account_save_async (form, path.c_str (), POSTSEAL_VAULT (vault), secret, cancellable,
                                 AsyncLoop::on_ready, &loop);
    ASSERT_TRUE (loop.wait_for ([&] { return vault->storing != nullptr; }));
  }

  AsyncLoop loop;
  std::string directory, path;
  PostsealAccountForm *form = postseal_account_form_new ();
  SlowVault *vault = SLOW_VAULT (g_object_new (slow_vault_get_type (), nullptr));
  GCancellable *cancellable = g_cancellable_new ();
  PostsealCredential *secret = postseal_credential_new ("made up", -1);
  GError *error = nullptr;
};

TEST_F (AccountSave, StoresTheSecretBeforeTheSection)
{
  begin ();
  EXPECT_FALSE (g_file_test (path.c_str (), G_FILE_TEST_EXISTS));
  slow_vault_let_go (vault);
  EXPECT_TRUE (postseal_account_save_finish (loop.wait (), &error));
  EXPECT_STREQ (vault->secret, "made up");
  EXPECT_TRUE (g_file_test (path.c_str (), G_FILE_TEST_EXISTS));
}

TEST_F (AccountSave, TakesASecretOutAgainThatWasBeingStoredWhenItWasCancelled)
{
  begin ();
  g_cancellable_cancel (cancellable);
  loop.settle ();
  slow_vault_let_go (vault);
  EXPECT_FALSE (postseal_account_save_finish (loop.wait (), &error));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  EXPECT_EQ (vault->secret, nullptr);
  EXPECT_FALSE (g_file_test (path.c_str (), G_FILE_TEST_EXISTS));
}

TEST_F (AccountSave, BringsTheSecretBackThatWasThereBeforeItWasCancelled)
{
  vault->secret = g_strdup ("the old one");
  begin ();
  g_cancellable_cancel (cancellable);
  slow_vault_let_go (vault);
  ASSERT_TRUE (loop.wait_for ([&] { return vault->storing != nullptr; }));
  slow_vault_let_go (vault);
  EXPECT_FALSE (postseal_account_save_finish (loop.wait (), &error));
  EXPECT_STREQ (vault->secret, "the old one");
}

} // namespace

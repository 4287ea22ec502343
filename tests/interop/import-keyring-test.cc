/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an import that fails leaves in a real keyring: what was there before. */
#include <gtest/gtest.h>

#include <string>
#include <sys/stat.h>

#include "auth-support.h"
#include "auth/vault.h"
#include "import/import.h"

namespace
{

class ImportKeyringOpen : public testing::Test
{
protected:
  ImportKeyringOpen ()
  {
    g_autofree char *made = g_dir_make_tmp ("postseal-import-XXXXXX", nullptr);

    home = made;
    g_setenv ("XDG_STATE_HOME", (home + "/state").c_str (), TRUE);
    vault = postseal_vault_new ("secret-service", nullptr);
    /* No file of accounts, so that saving fails, last of all. */
    write ("accounts.conf", "{ \"accounts\": 1 }\n");
  }

  ~ImportKeyringOpen () override
  {
    g_autofree char *command = g_strdup_printf ("rm -r '%s'", home.c_str ());

    g_clear_pointer (&import, postseal_import_unref);
    g_clear_object (&vault);
    g_clear_error (&error);
    EXPECT_TRUE (g_spawn_command_line_sync (command, nullptr, nullptr, nullptr, nullptr));
  }

  std::string
  write (const char *name, const std::string &text)
  {
    std::string path = home + "/" + name;

    EXPECT_TRUE (g_file_set_contents (path.c_str (), text.c_str (), -1, nullptr));
    chmod (path.c_str (), 0600);
    return path;
  }

  /* Returns: whether all went well */
  bool
  apply ()
  {
    const std::string path = write ("mpoprc", "account kept\nhost pop.example.org\nuser "
                                              "jane@example.org\ntls on\npassword imported\n");
    const std::string config = home + "/accounts.conf";
    Waiter reading;
    Waiter applying;

    postseal_import_read_async (POSTSEAL_IMPORT_MPOP, path.c_str (), config.c_str (), nullptr,
                                Waiter::on_done, &reading);
    import = postseal_import_read_finish (reading.wait (), nullptr);
    if (import == nullptr)
      return false;
    postseal_import_apply_async (import, 0, POSTSEAL_IMPORT_STORE_SECRETS, nullptr, Waiter::on_done,
                                 &applying);
    g_clear_error (&error);
    return postseal_import_apply_finish (import, applying.wait (), &error);
  }

  /* "": none */
  std::string
  look_up ()
  {
    Waiter waiter;

    postseal_vault_lookup_async (vault, "kept", nullptr, Waiter::on_done, &waiter);
    g_autoptr (PostsealCredential) secret
        = postseal_vault_lookup_finish (vault, waiter.wait (), nullptr);
    return secret != nullptr ? postseal_credential_get (secret) : "";
  }

  std::string home;
  PostsealVault *vault;
  PostsealImport *import = nullptr;
  GError *error = nullptr; /* owned */
};

TEST_F (ImportKeyringOpen, FailedImportTakesItsPasswordAwayAgain)
{
  EXPECT_FALSE (apply ());
  ASSERT_NE (error, nullptr);
  EXPECT_NE (std::string (error->message).find ("is not a file of accounts"), std::string::npos)
      << error->message;
  EXPECT_EQ (look_up (), "");
}

TEST_F (ImportKeyringOpen, FailedImportBringsBackWhatWasThere)
{
  g_autoptr (PostsealCredential) old = postseal_credential_new ("older", -1);
  Waiter storing;
  Waiter clearing;

  postseal_vault_store_async (vault, "kept", old, nullptr, Waiter::on_done, &storing);
  ASSERT_TRUE (postseal_vault_store_finish (vault, storing.wait (), nullptr));
  EXPECT_FALSE (apply ());
  EXPECT_EQ (look_up (), "older");
  postseal_vault_clear_async (vault, "kept", nullptr, Waiter::on_done, &clearing);
  EXPECT_TRUE (postseal_vault_clear_finish (vault, clearing.wait (), nullptr));
}

} // namespace

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "auth-support.h"
#include "auth/keyring-watch.h"
#include "auth/vault.h"

/* What a real gnome-keyring tells. Each suite expects the session that secret-service-run has made
   for it, and is run alone. */

namespace
{

const char secrets[] = "org.freedesktop.secrets";
const char secrets_path[] = "/org/freedesktop/secrets";
const char login_path[] = "/org/freedesktop/secrets/collection/login";

class KeyringNews : public testing::Test
{
protected:
  GError *error = nullptr;
  GDBusConnection *bus = nullptr;
  PostsealKeyringWatch *watch = nullptr;
  int told = 0;

  void
  SetUp () override
  {
    bus = g_bus_get_sync (G_BUS_TYPE_SESSION, nullptr, &error);
    ASSERT_NE (bus, nullptr) << error->message;
    watch = postseal_keyring_watch_new (
        bus, [] (gpointer data) { (*static_cast<int *> (data))++; }, &told);
    has_owner ();
    settle ();
  }
  void
  TearDown () override
  {
    postseal_keyring_watch_free (watch);
    g_clear_object (&bus);
    g_clear_error (&error);
  }
  GVariant *
  call (const char *name,
        const char *path,
        const char *interface,
        const char *method,
        GVariant *parameters)
  {
    GVariant *answer
        = g_dbus_connection_call_sync (bus, name, path, interface, method, parameters, nullptr,
                                       G_DBUS_CALL_FLAGS_NO_AUTO_START, 10000, nullptr, &error);
    EXPECT_NE (answer, nullptr) << method << ": " << error->message;
    return answer;
  }
  bool
  has_owner ()
  {
    g_autoptr (GVariant) answer
        = call ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                "NameHasOwner", g_variant_new ("(s)", secrets));
    gboolean is_owned = TRUE;
    g_variant_get (answer, "(b)", &is_owned);
    return is_owned;
  }
  void
  settle ()
  {
    while (g_main_context_iteration (nullptr, FALSE))
      ;
  }
  bool
  is_told ()
  {
    bool is_late = false;
    guint limit = g_timeout_add (
        10000,
        [] (gpointer data) -> gboolean {
          *static_cast<bool *> (data) = true;
          return G_SOURCE_CONTINUE;
        },
        &is_late);
    while (told == 0 && !is_late)
      g_main_context_iteration (nullptr, TRUE);
    g_source_remove (limit);
    return told > 0;
  }
  /* Nothing that the bus has for us starts the timer. */
  bool
  is_silent ()
  {
    has_owner ();
    settle ();
    return told == 0 && g_main_context_find_source_by_user_data (nullptr, watch) == nullptr;
  }
  /* As the user's log-in does, without a prompt. */
  void
  unlock ()
  {
    g_autoptr (GVariant) opened = call (secrets, secrets_path, "org.freedesktop.Secret.Service",
                                        "OpenSession", g_variant_new_parsed ("('plain', <''>)"));
    const char *session = nullptr;
    g_variant_get_child (opened, 1, "&o", &session);
    g_autoptr (GVariant) answer
        = call (secrets, secrets_path, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
                "UnlockWithMasterPassword",
                g_variant_new ("(o(o@ay@ays))", login_path, session,
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "", 0, 1),
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "testpw", 6, 1),
                               "text/plain"));
  }
};

class KeyringNewsOpen : public KeyringNews
{
};
class KeyringNewsShut : public KeyringNews
{
};
class KeyringNewsAbsent : public KeyringNews
{
};

TEST_F (KeyringNewsOpen, TellsOfAPasswordStoredAndNotOfOneRead)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", &error);
  g_autoptr (PostsealCredential) secret = postseal_credential_new ("sesame", -1);
  Waiter stored;
  postseal_vault_store_async (vault, "news", secret, nullptr, Waiter::on_done, &stored);
  ASSERT_TRUE (postseal_vault_store_finish (vault, stored.wait (), &error)) << error->message;
  EXPECT_TRUE (is_told ());

  /* Else a failed log-in would look up its secret for ever. */
  told = 0;
  for (const char *account : { "news", "nobody" })
    {
      Waiter found;
      postseal_vault_lookup_async (vault, account, nullptr, Waiter::on_done, &found);
      g_autoptr (PostsealCredential) credential
          = postseal_vault_lookup_finish (vault, found.wait (), nullptr);
      EXPECT_EQ (credential != nullptr, g_str_equal (account, "news"));
    }
  EXPECT_TRUE (is_silent ());
}

TEST_F (KeyringNewsShut, TellsThatTheKeyringWasUnlocked)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", &error);
  Waiter refused;
  postseal_vault_lookup_async (vault, "news", nullptr, Waiter::on_done, &refused);
  EXPECT_EQ (postseal_vault_lookup_finish (vault, refused.wait (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED));
  g_clear_error (&error);
  EXPECT_TRUE (is_silent ());

  unlock ();
  ASSERT_TRUE (is_told ());
  Waiter found;
  postseal_vault_lookup_async (vault, "news", nullptr, Waiter::on_done, &found);
  EXPECT_EQ (take_string (postseal_vault_lookup_finish (vault, found.wait (), &error)), "sesame");
}

/* The bus could start one. */
TEST_F (KeyringNewsAbsent, StartsNothingAndTellsThatTheSecretServiceCame)
{
  EXPECT_FALSE (has_owner ());
  EXPECT_TRUE (is_silent ());

  g_autoptr (GSubprocess) daemon = g_subprocess_new (
      (GSubprocessFlags)(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE),
      &error, "gnome-keyring-daemon", "--foreground", "--components=secrets", nullptr);
  ASSERT_NE (daemon, nullptr) << error->message;
  EXPECT_TRUE (is_told ());
  EXPECT_TRUE (has_owner ());
  g_subprocess_force_exit (daemon);
  g_subprocess_wait (daemon, nullptr, nullptr);
}

}

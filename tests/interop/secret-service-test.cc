/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "auth-support.h"
#include "auth/vault-private.h"

/* Each suite expects the session that secret-service-run has made for it, and is run alone. */

namespace
{

class SecretService : public testing::Test
{
protected:
  PostsealVault *vault = nullptr;
  GError *error = nullptr;

  void
  SetUp () override
  {
    vault = postseal_vault_new ("secret-service", &error);
    ASSERT_NE (vault, nullptr) << error->message;
  }
  void
  TearDown () override
  {
    _postseal_vault_set_limit_ms (0);
    g_clear_object (&vault);
    g_clear_error (&error);
  }
  std::string
  look_up (const char *account)
  {
    Waiter waiter;
    g_clear_error (&error);
    postseal_vault_lookup_async (vault, account, nullptr, Waiter::on_done, &waiter);
    return take_string (postseal_vault_lookup_finish (vault, waiter.wait (), &error));
  }
  bool
  store (const char *account, const std::string &text)
  {
    Waiter waiter;
    g_autoptr (PostsealCredential) secret
        = postseal_credential_new (text.data (), (gssize)text.size ());
    g_clear_error (&error);
    postseal_vault_store_async (vault, account, secret, nullptr, Waiter::on_done, &waiter);
    return postseal_vault_store_finish (vault, waiter.wait (), &error);
  }
  bool
  clear (const char *account)
  {
    Waiter waiter;
    g_clear_error (&error);
    postseal_vault_clear_async (vault, account, nullptr, Waiter::on_done, &waiter);
    return postseal_vault_clear_finish (vault, waiter.wait (), &error);
  }
  bool
  is_error (int code)
  {
    return g_error_matches (error, POSTSEAL_VAULT_ERROR, code);
  }
  void
  expect_all (int code)
  {
    EXPECT_EQ (look_up ("work"), "(null)");
    EXPECT_TRUE (is_error (code)) << (error == nullptr ? "" : error->message);
    EXPECT_FALSE (store ("work", "sesame-open"));
    EXPECT_TRUE (is_error (code)) << (error == nullptr ? "" : error->message);
    EXPECT_EQ (std::string (error->message).find ("sesame"), std::string::npos);
  }
};

class SecretServiceUnlocked : public SecretService
{
};
class SecretServiceLocked : public SecretService
{
};
class SecretServiceWithoutKeyring : public SecretService
{
};
class SecretServiceAbsent : public SecretService
{
};
class SecretServiceWithoutBus : public SecretService
{
};

TEST_F (SecretServiceUnlocked, SaysThatAPasswordIsAbsent)
{
  EXPECT_EQ (look_up ("nobody"), "(null)");
  EXPECT_TRUE (is_error (POSTSEAL_VAULT_ERROR_ABSENT));
  EXPECT_NE (std::string (error->message).find ("postseal password set nobody"), std::string::npos);
}

TEST_F (SecretServiceUnlocked, ReturnsWhatWasStored)
{
  ASSERT_TRUE (store ("work", "s\u00e9same \U0001f511"));
  EXPECT_EQ (look_up ("work"), "s\u00e9same \U0001f511");
}

TEST_F (SecretServiceUnlocked, KeepsAccountsApart)
{
  ASSERT_TRUE (store ("one", "first"));
  ASSERT_TRUE (store ("two", "second"));
  EXPECT_EQ (look_up ("one"), "first");
  EXPECT_EQ (look_up ("two"), "second");
  ASSERT_TRUE (clear ("one"));
  EXPECT_EQ (look_up ("one"), "(null)");
  EXPECT_EQ (look_up ("two"), "second");
}

TEST_F (SecretServiceUnlocked, ReplacesAnOlderPassword)
{
  ASSERT_TRUE (store ("again", "old"));
  ASSERT_TRUE (store ("again", "new"));
  EXPECT_EQ (look_up ("again"), "new");
  ASSERT_TRUE (clear ("again"));
  EXPECT_EQ (look_up ("again"), "(null)");
  EXPECT_TRUE (is_error (POSTSEAL_VAULT_ERROR_ABSENT));
}

TEST_F (SecretServiceUnlocked, ClearsWhatIsNotThereWithoutComplaint)
{
  EXPECT_TRUE (clear ("nobody"));
}

TEST_F (SecretServiceUnlocked, CarriesALongToken)
{
  std::string token (4000, 't');
  ASSERT_TRUE (store ("token", token));
  EXPECT_EQ (look_up ("token"), token);
}

/* One account has one of each, and none is found in place of another. */
TEST_F (SecretServiceUnlocked, KeepsWhatItemsAreForApart)
{
  ASSERT_TRUE (store ("work", "password"));
  for (PostsealSecretRole role : { POSTSEAL_SECRET_REFRESH_TOKEN, POSTSEAL_SECRET_CLIENT_SECRET })
    {
      g_clear_object (&vault);
      vault = _postseal_vault_secret_service_new (role);
      EXPECT_EQ (look_up ("work"), "(null)");
      EXPECT_TRUE (is_error (POSTSEAL_VAULT_ERROR_ABSENT));
      EXPECT_NE (std::string (error->message)
                     .find (role == POSTSEAL_SECRET_REFRESH_TOKEN ? "authorize work"
                                                                  : "--client-secret work"),
                 std::string::npos)
          << error->message;
      ASSERT_TRUE (store ("work", "role-" + std::to_string (role)));
    }
  EXPECT_EQ (look_up ("work"), "role-" + std::to_string (POSTSEAL_SECRET_CLIENT_SECRET));
  g_clear_object (&vault);
  vault = _postseal_vault_secret_service_new (POSTSEAL_SECRET_REFRESH_TOKEN);
  EXPECT_EQ (look_up ("work"), "role-" + std::to_string (POSTSEAL_SECRET_REFRESH_TOKEN));
  ASSERT_TRUE (clear ("work"));
  EXPECT_EQ (look_up ("work"), "(null)");
  g_clear_object (&vault);
  vault = _postseal_vault_secret_service_new (POSTSEAL_SECRET_PASSWORD);
  EXPECT_EQ (look_up ("work"), "password");
}

/* The last one: what the user does by "Lock" in the keyring's window. */
TEST_F (SecretServiceUnlocked, ZSaysThatTheKeyringHasBeenLockedSince)
{
  ASSERT_TRUE (store ("work", "kept"));
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, nullptr, &error);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
      "Lock", g_variant_new_parsed ("([objectpath '/org/freedesktop/secrets/aliases/default'],)"),
      nullptr, G_DBUS_CALL_FLAGS_NONE, 10000, nullptr, &error);
  ASSERT_NE (reply, nullptr) << error->message;

  expect_all (POSTSEAL_VAULT_ERROR_LOCKED);
  EXPECT_EQ (look_up ("never-stored"), "(null)");
  EXPECT_TRUE (is_error (POSTSEAL_VAULT_ERROR_LOCKED));
  EXPECT_FALSE (clear ("work"));
  EXPECT_TRUE (is_error (POSTSEAL_VAULT_ERROR_LOCKED));
}

TEST_F (SecretServiceLocked, SaysLockedForWhatIsThereAndWhatIsNot)
{
  expect_all (POSTSEAL_VAULT_ERROR_LOCKED);
  EXPECT_EQ (look_up ("never-stored"), "(null)");
  EXPECT_TRUE (is_error (POSTSEAL_VAULT_ERROR_LOCKED));
}

TEST_F (SecretServiceWithoutKeyring, SaysThatThereIsNoKeyringYet)
{
  expect_all (POSTSEAL_VAULT_ERROR_UNAVAILABLE);
  EXPECT_NE (std::string (error->message).find ("no default keyring"), std::string::npos);
}

TEST_F (SecretServiceAbsent, SaysThatNoKeyringAnswers)
{
  expect_all (POSTSEAL_VAULT_ERROR_UNAVAILABLE);
}

/* A keyring that hangs, e.g. on its own prompt: everything gets lost. */
TEST_F (SecretServiceAbsent, GivesUpOnAServiceThatNeverAnswers)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_sync (
      address,
      (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                             | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
      nullptr, nullptr, &error);
  ASSERT_NE (bus, nullptr) << error->message;
  g_dbus_connection_add_filter (
      bus,
      [] (GDBusConnection *, GDBusMessage *message, gboolean is_incoming,
          gpointer) -> GDBusMessage * {
        if (!is_incoming
            || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
          return message;
        g_object_unref (message);
        return nullptr;
      },
      nullptr, nullptr);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", "org.freedesktop.secrets", 0), nullptr, G_DBUS_CALL_FLAGS_NONE, 10000,
      nullptr, &error);
  ASSERT_NE (reply, nullptr) << error->message;

  _postseal_vault_set_limit_ms (200);
  expect_all (POSTSEAL_VAULT_ERROR_UNAVAILABLE);

  Waiter waiter;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  _postseal_vault_set_limit_ms (0);
  g_clear_error (&error);
  postseal_vault_lookup_async (vault, "work", cancellable, Waiter::on_done, &waiter);
  g_cancellable_cancel (cancellable);
  EXPECT_EQ (postseal_vault_lookup_finish (vault, waiter.wait (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

TEST_F (SecretServiceWithoutBus, SaysThatNoKeyringAnswers)
{
  expect_all (POSTSEAL_VAULT_ERROR_UNAVAILABLE);
}

}

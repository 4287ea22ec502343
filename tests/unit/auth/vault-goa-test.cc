/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <vector>

#include "auth-support.h"
#include "auth/token-cache-private.h"
#include "auth/vault-private.h"

namespace
{

/* GNOME Online Accounts as far as its users see it. */
struct FakeGoa
{
  std::string objects; /* the answer to GetManagedObjects, as GVariant text */
  std::string token = "goa-1";
  int lifetime = 3600;
  const char *token_error = nullptr; /* D-Bus names */
  const char *ensure_error = nullptr;
  std::vector<std::string> calls; /* "METHOD PATH" */
};
FakeGoa goa;

const char kName[] = "org.gnome.OnlineAccounts";

GVariant *
answer (const std::string &method)
{
  if (method == "GetManagedObjects")
    return g_variant_new_parsed (("(@a{oa{sa{sv}}} {" + goa.objects + "},)").c_str ());
  if (method == "EnsureCredentials")
    return g_variant_new ("(i)", goa.lifetime);
  return g_variant_new ("(si)", goa.token.c_str (), goa.lifetime);
}

GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean is_incoming, gpointer)
{
  if (!is_incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;

  std::string method = g_dbus_message_get_member (message);
  const char *failure = method == "GetAccessToken"      ? goa.token_error
                        : method == "EnsureCredentials" ? goa.ensure_error
                                                        : nullptr;
  g_autoptr (GDBusMessage) reply = nullptr;

  goa.calls.push_back (method + " " + g_dbus_message_get_path (message));
  if (failure != nullptr)
    reply = g_dbus_message_new_method_error (message, failure, "%s", "Failed to \033[31mtalk");
  else
    {
      reply = g_dbus_message_new_method_reply (message);
      g_dbus_message_set_body (reply, answer (method));
    }
  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, nullptr, nullptr);
  g_object_unref (message);
  return nullptr;
}

class VaultGoa : public testing::Test
{
protected:
  static inline GTestDBus *daemon = nullptr;
  GDBusConnection *service = nullptr;
  GError *error = nullptr;

  static void
  SetUpTestSuite ()
  {
    daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
    g_test_dbus_up (daemon);
  }
  static void
  TearDownTestSuite ()
  {
    g_test_dbus_stop (daemon);
    g_clear_object (&daemon);
  }
  void
  SetUp () override
  {
    goa = FakeGoa{};
    _postseal_token_cache_reset (0);
    goa.objects = account ("account_1", "jane@example.org") + ", "
                  + account ("account_2", "bob@example.org");
  }
  void
  TearDown () override
  {
    if (service != nullptr)
      g_dbus_connection_close_sync (service, nullptr, nullptr);
    g_clear_object (&service);
    g_clear_error (&error);
    _postseal_token_cache_reset (0);
  }
  static std::string
  account (const std::string &id,
           const std::string &address,
           const std::string &more = "",
           const std::string &interface = "OAuth2Based")
  {
    return "objectpath '/org/gnome/OnlineAccounts/Accounts/" + id
           + "': {'org.gnome.OnlineAccounts.Account': {'Id': <'" + id
           + "'>, 'ProviderName': <'Google'>, 'PresentationIdentity': <'" + address + "'>" + more
           + "}, 'org.gnome.OnlineAccounts.Mail': {'EmailAddress': <'" + address
           + "'>, 'ImapUserName': <'imap-" + address + "'>}, 'org.gnome.OnlineAccounts."
           + interface + "': @a{sv} {}}";
  }
  void
  start ()
  {
    service = g_dbus_connection_new_for_address_sync (
        g_test_dbus_get_bus_address (daemon),
        (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                               | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
        nullptr, nullptr, &error);
    ASSERT_NE (service, nullptr) << error->message;
    g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
        service, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "RequestName", g_variant_new ("(su)", kName, 0), nullptr, G_DBUS_CALL_FLAGS_NONE, 10000,
        nullptr, &error);
    ASSERT_NE (reply, nullptr) << error->message;
    g_dbus_connection_add_filter (service, on_message, nullptr, nullptr);
  }
  std::string
  look_up (const char *spec = "goa", const char *user = "Jane@example.org")
  {
    Waiter waiter;
    g_autoptr (PostsealVault) vault = postseal_vault_new (spec, nullptr);

    g_clear_error (&error);
    postseal_vault_set_user (vault, user);
    postseal_vault_lookup_async (vault, "work", nullptr, Waiter::on_done, &waiter);
    return take_string (postseal_vault_lookup_finish (vault, waiter.wait (), &error));
  }
  void
  expect_failure (GQuark domain, int code, const char *words, const char *spec = "goa")
  {
    EXPECT_EQ (look_up (spec), "(null)");
    ASSERT_NE (error, nullptr);
    EXPECT_TRUE (g_error_matches (error, domain, code)) << error->message;
    EXPECT_NE (std::string (error->message).find (words), std::string::npos) << error->message;
    EXPECT_EQ (std::string (error->message).find ('\033'), std::string::npos);
  }
  unsigned
  count (const std::string &call)
  {
    unsigned n = 0;

    for (const std::string &one : goa.calls)
      n += one.find (call) != std::string::npos;
    return n;
  }
};

TEST_F (VaultGoa, FindsTheAccountByWhoSignsIn)
{
  start ();
  EXPECT_EQ (look_up (), "goa-1");
  EXPECT_EQ (count ("GetAccessToken /org/gnome/OnlineAccounts/Accounts/account_1"), 1u);
  EXPECT_EQ (look_up (), "goa-1");
  EXPECT_EQ (goa.calls.size (), 2u) << "asked once for all";
  EXPECT_EQ (look_up ("goa", "imap-bob@example.org"), "goa-1");
  EXPECT_EQ (count ("account_2"), 1u);
}

TEST_F (VaultGoa, FindsTheAccountByItsId)
{
  start ();
  EXPECT_EQ (look_up ("goa:account_2"), "goa-1");
  EXPECT_EQ (count ("account_2"), 1u);
}

/* One with a password, and one with tokens, for one address. */
TEST_F (VaultGoa, PrefersTheAccountThatHasTokens)
{
  goa.objects = account ("account_1", "jane@example.org", "", "PasswordBased") + ", "
                + account ("account_2", "jane@example.org") + ", "
                + account ("account_3", "jane@example.org", "", "PasswordBased");
  start ();
  EXPECT_EQ (look_up (), "goa-1");
  EXPECT_EQ (count ("account_2"), 1u);
}

TEST_F (VaultGoa, SaysWhichAccountsThereAre)
{
  start ();
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT,
                  "account_1 Google (jane@example.org)", "goa:account_9");
  goa.objects = "";
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT, "nothing");
}

TEST_F (VaultGoa, SaysWhenTheAccountIsNotForThis)
{
  goa.objects = account ("account_1", "jane@example.org", ", 'MailDisabled': <true>");
  start ();
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED, "not for mail");
  goa.objects = account ("account_1", "jane@example.org", "", "PasswordBased");
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED, "no access tokens");
}

TEST_F (VaultGoa, AnAccountThatNeedsAttentionIsChecked)
{
  goa.objects = account ("account_1", "jane@example.org", ", 'AttentionNeeded': <true>");
  goa.ensure_error = "org.gnome.OnlineAccounts.Error.NotAuthorized";
  start ();
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE, "Settings");
  EXPECT_EQ (count ("GetAccessToken"), 0u);
  goa.ensure_error = nullptr;
  EXPECT_EQ (look_up (), "goa-1") << "without a restart";
}

TEST_F (VaultGoa, WithdrawnConsentIsNotTheNetwork)
{
  goa.token_error = "org.gnome.OnlineAccounts.Error.NotAuthorized";
  start ();
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE, "Google");
  goa.token_error = "org.gnome.OnlineAccounts.Error.Failed";
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY, "Failed to");
}

TEST_F (VaultGoa, ARefusedTokenIsCheckedWithTheProvider)
{
  start ();
  EXPECT_EQ (look_up (), "goa-1");
  g_autoptr (PostsealVault) vault = postseal_vault_new ("goa", nullptr);
  g_autoptr (PostsealCredential) token = postseal_credential_new ("goa-1", -1);
  postseal_vault_set_user (vault, "Jane@example.org");
  postseal_vault_invalidate (vault, "work", token);
  goa.token = "goa-2";
  EXPECT_EQ (look_up (), "goa-2");
  EXPECT_EQ (count ("EnsureCredentials"), 1u);
}

TEST_F (VaultGoa, ASilentOrAbsentServiceIsReported)
{
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE, "does not answer");
}

TEST_F (VaultGoa, CannotBeWrittenTo)
{
  Waiter waiter;
  g_autoptr (PostsealVault) vault = postseal_vault_new ("goa", nullptr);
  g_autoptr (PostsealCredential) secret = postseal_credential_new ("x", -1);

  postseal_vault_store_async (vault, "work", secret, nullptr, Waiter::on_done, &waiter);
  EXPECT_FALSE (postseal_vault_store_finish (vault, waiter.wait (), &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_READ_ONLY));
}

}

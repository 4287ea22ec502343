/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/online-account.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

const char kName[] = "org.gnome.OnlineAccounts";

/* What Online Accounts knows, as GVariant text. */
std::string
objects (const std::string &mail)
{
  return "(@a{oa{sa{sv}}} {objectpath '/org/gnome/OnlineAccounts/Accounts/account_1': "
         "{'org.gnome.OnlineAccounts.Account': {'Id': <'account_1'>, 'ProviderName': <'Example'>, "
         "'PresentationIdentity': <'jane@example.org'>}, 'org.gnome.OnlineAccounts.Mail': "
         "{'EmailAddress': <'jane@example.org'>"
         + mail + "}, 'org.gnome.OnlineAccounts.OAuth2Based': @a{sv} {}}},)";
}

GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean is_incoming, gpointer user_data)
{
  if (!is_incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  const auto *answer = static_cast<const std::string *> (user_data);
  g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_reply (message);

  g_dbus_message_set_body (reply, g_variant_new_parsed (answer->c_str ()));
  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, nullptr, nullptr);
  g_object_unref (message);
  return nullptr;
}

class OnlineAccount : public testing::Test
{
protected:
  static inline GTestDBus *daemon = nullptr;
  GDBusConnection *service = nullptr;
  std::string answer;

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
    service = g_dbus_connection_new_for_address_sync (
        g_test_dbus_get_bus_address (daemon),
        (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                               | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
        nullptr, nullptr, nullptr);
    ASSERT_NE (service, nullptr);
    g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
        service, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "RequestName", g_variant_new ("(su)", kName, 0), nullptr, G_DBUS_CALL_FLAGS_NONE, 10000,
        nullptr, nullptr);
    ASSERT_NE (reply, nullptr);
    g_dbus_connection_add_filter (service, on_message, &answer, nullptr);
  }
  void
  TearDown () override
  {
    g_dbus_connection_close_sync (service, nullptr, nullptr);
    g_clear_object (&service);
  }
  /* Returns: the id, or "" */
  std::string
  find (const char *receive_host, const char *send_host, const char *address = "jane@example.org")
  {
    GAsyncResult *result = nullptr;
    auto on_done = [] (GObject *, GAsyncResult *done, gpointer where) {
      *static_cast<GAsyncResult **> (where) = G_ASYNC_RESULT (g_object_ref (done));
    };

    postseal_online_account_find_async (address, receive_host, send_host, nullptr, on_done,
                                        &result);
    while (result == nullptr)
      g_main_context_iteration (nullptr, TRUE);
    g_autoptr (PostsealOnlineAccount) found = postseal_online_account_find_finish (result);
    g_object_unref (result);
    return found != nullptr ? found->id : "";
  }
};

TEST_F (OnlineAccount, IsOfferedForTheServersThatItNamesItself)
{
  answer = objects (", 'ImapHost': <'imap.example.org'>, 'SmtpHost': <'SMTP.example.org:587'>");

  EXPECT_EQ (find ("IMAP.example.org", "smtp.example.org"), "account_1");
  EXPECT_EQ (find ("imap.example.org", nullptr), "account_1");
  EXPECT_EQ (find (nullptr, "smtp.example.org"), "account_1");
  EXPECT_EQ (find ("imap.example.org", "smtp.example.org", "bob@example.org"), "");
}

TEST_F (OnlineAccount, GivesItsTokenToNoOtherServer)
{
  answer = objects (", 'ImapHost': <'imap.example.org'>, 'SmtpHost': <'smtp.example.org'>");

  EXPECT_EQ (find ("imap.example.net", "smtp.example.org"), "");
  EXPECT_EQ (find ("imap.example.org", "smtp.example.net"), "");
  EXPECT_EQ (find ("smtp.example.org", "imap.example.org"), "");
  EXPECT_EQ (find ("imap.example.org.example.net", nullptr), "");
  EXPECT_EQ (find (nullptr, nullptr), "");
}

TEST_F (OnlineAccount, IsNotOfferedWhereItNamesNoServer)
{
  answer = objects ("");
  EXPECT_EQ (find ("imap.example.org", "smtp.example.org"), "");
  answer = objects (", 'ImapHost': <''>, 'SmtpHost': <'smtp.example.org'>");
  EXPECT_EQ (find ("imap.example.org", "smtp.example.org"), "");
  EXPECT_EQ (find (nullptr, "smtp.example.org"), "account_1");
}

} // namespace

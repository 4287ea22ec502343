/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signing in on the provider's page, to its end: the browser and the provider are played here. */
#include <atomic>
#include <future>

#include "scenario/token-endpoint.h"
#include "scenario/toy-imap.h"
#include "scenario/toy-submission.h"
#include "support/fake-browser.h"
#include "support/private-bus.h"
#include "ui/keyring-fixture.h"

namespace postseal_test
{

class AddSignInTest : public KeyringTest
{
protected:
  static constexpr const char *kUser = "jane@consent.localhost";
  static constexpr const char *kTokens = "org.postseal.RefreshToken";

  AddSignInTest ()
  {
    /* Where there is a session bus, LeakSanitizer itself ends at the end of the program that asks
       for tokens. Its leaks are looked for in tests/scenario; what this process does was read
       before. */
    g_setenv ("ASAN_OPTIONS", "detect_leaks=0:abort_on_error=1", TRUE);
    imap.mailboxes["INBOX"].add ("Subject: Hello\r\n\r\nWelcome.\r\n");
    imap.capabilities = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER UIDPLUS";
    imap.hook = gate.imap ();
    smtp.offer ("AUTH XOAUTH2 OAUTHBEARER");
    smtp.hook = gate.smtp ();
    endpoint.answer = [this] (const TokenEndpoint::Form &form) { return decide (form); };
    ca_file = test_ca ().ca_file ();
    keyring.appear (false);
    write ("XDG_CONFIG_HOME-dir/postseal/mail-providers.conf",
           "[example]\ntitle=Example\ndomains=consent.localhost\nhosts=localhost\n"
           "receive=imaps://localhost:"
               + std::to_string (imap.port ()) + "\nsend=submissions://localhost:"
               + std::to_string (smtp.port ()) + "\noauth=example\nwants-oauth=yes\n");
    write ("XDG_CONFIG_HOME-dir/postseal/oauth-providers.conf",
           "[example]\ntitle=Example\nclient-id=someone\nscope=mail\n"
           "authorization-endpoint=https://example.localhost/authorize\ntoken-endpoint="
               + endpoint.url () + "\ndevice-endpoint=" + endpoint.url ()
               + "\nca-file=" + test_ca ().ca_file () + "\n");
  }

  ~AddSignInTest () override
  {
    close ();
    imap.stop ();
    smtp.stop ();
  }

  std::string
  decide (const TokenEndpoint::Form &form)
  {
    const std::string grant = form.count ("grant_type") != 0 ? form.at ("grant_type") : "";

    if (grant.empty ())
      return TokenEndpoint::reply (200,
                                   "{\"device_code\":\"device-1\",\"user_code\":\"WDJB-MJHT\","
                                   "\"verification_uri\":\"https://example.localhost/device?a&b\","
                                   "\"expires_in\":1800,\"interval\":1}");
    if (grant.find ("device_code") != std::string::npos && !is_allowed)
      return TokenEndpoint::refusal ("authorization_pending", "");
    return TokenEndpoint::reply (200, "{\"access_token\":\"access-1\",\"token_type\":\"Bearer\","
                                      "\"expires_in\":3599,\"refresh_token\":\"refresh-1\"}");
  }

  /* Up to where the person may sign in. */
  void
  open_sign_in ()
  {
    begin ();
    search (kUser);
    click ("main_button");
    ASSERT_TRUE (wait_for_text ("Proven"));
    click ("main_button");
    ASSERT_TRUE (
        wait ([this] { return is_shown ("browser_button") && is_shown ("device_button"); }));
  }

  /* The desktop's own browser has the page then. */
  void
  open_browser ()
  {
    std::filesystem::remove (path ("opened"));
    click ("browser_button");
    ASSERT_TRUE (wait ([this] { return read ("opened").find ('\n') != std::string::npos; }));
    browser.open (read ("opened").substr (0, read ("opened").find ('\n')));
  }

  int
  come_back (const std::string &query)
  {
    std::future<int> status = std::async (std::launch::async, [this, query] {
      return browser.visit ("/?" + query + "&state=" + browser.asked["state"]);
    });

    wait ([&status] {
      return status.wait_for (std::chrono::seconds (0)) == std::future_status::ready;
    });
    return status.get ();
  }

  void
  expect_account_works ()
  {
    ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
    EXPECT_NE (accounts_conf ().find ("\npassword=oauth:example\n"), std::string::npos)
        << accounts_conf ();
    EXPECT_EQ (keyring.secret (kUser, kTokens), "refresh-1");
    EXPECT_EQ (keyring.secret (kUser), "");
    ASSERT_TRUE (wait ([this] { return !mailbox_of (kUser).empty (); }));
    for (const std::string &attempt : gate.attempts ())
      EXPECT_EQ (attempt, "OAUTHBEARER access-1");
  }

  TokenEndpoint endpoint;
  TokenGate gate;
  ToyImap imap;
  ToySubmission smtp;
  FakeBrowser browser;
  std::atomic<bool> is_allowed = false; /* on the other device */
};

TEST_F (AddSignInTest, LeadsFromTheBrowserToFetchedMail)
{
  open_sign_in ();
  open_browser ();
  EXPECT_EQ (browser.asked["client_id"], "someone");
  EXPECT_EQ (browser.asked["login_hint"], kUser);
  EXPECT_EQ (browser.host, "127.0.0.1");
  EXPECT_EQ (gate.attempts ().size (), 0u);
  EXPECT_EQ (come_back ("code=abc"), 200);
  expect_account_works ();
  shoot ("add-consent-done");
}

TEST_F (AddSignInTest, TellsADenialAndLetsThePersonTryAgain)
{
  open_sign_in ();
  open_browser ();
  EXPECT_EQ (come_back ("error=access_denied"), 200);
  ASSERT_TRUE (wait_for_text ("Signing in came to nothing"));
  EXPECT_TRUE (is_shown ("browser_button"));
  EXPECT_TRUE (gtk_widget_is_sensitive (find ("browser_button")));
  EXPECT_EQ (endpoint.forms ().size (), 0u);
  EXPECT_EQ (gate.attempts ().size (), 0u);
  EXPECT_EQ (keyring.secret (kUser, kTokens), "");
  EXPECT_EQ (accounts_conf (), "");
  shoot ("add-consent-denied");

  open_browser ();
  EXPECT_EQ (come_back ("code=abc"), 200);
  expect_account_works ();
}

TEST_F (AddSignInTest, ListensToNobodyOnceThePersonHasGoneBack)
{
  open_sign_in ();
  open_browser ();
  go_back ();
  EXPECT_TRUE (is_shown ("browser_button"));
  EXPECT_EQ (text ().find ("Your browser shows"), std::string::npos) << text ();
  EXPECT_EQ (come_back ("code=abc"), 0);
  EXPECT_EQ (endpoint.forms ().size (), 0u);
  EXPECT_EQ (accounts_conf (), "");

  /* Another one is another page. */
  const std::string state = browser.asked["state"];
  open_browser ();
  EXPECT_NE (browser.asked["state"], state);
  EXPECT_EQ (come_back ("code=abc"), 200);
  expect_account_works ();
}

TEST_F (AddSignInTest, LeadsFromACodeOnAnotherDeviceToFetchedMail)
{
  open_sign_in ();
  click ("device_button");
  ASSERT_TRUE (wait_for_text ("WDJB-MJHT"));
  EXPECT_NE (text ().find ("https://example.localhost/device?a&b"), std::string::npos) << text ();
  EXPECT_EQ (read ("opened"), "") << "a page that another device is to show";
  shoot ("add-consent-device");
  is_allowed = true;
  expect_account_works ();
}

TEST_F (AddSignInTest, AsksNoMoreOnceACodeIsGivenUp)
{
  open_sign_in ();
  click ("device_button");
  ASSERT_TRUE (wait_for_text ("WDJB-MJHT"));
  ASSERT_TRUE (wait ([this] { return endpoint.forms ().size () >= 2; }));
  go_back ();
  EXPECT_TRUE (is_shown ("device_button"));
  EXPECT_EQ (text ().find ("WDJB-MJHT"), std::string::npos) << text ();
  is_allowed = true;
  open_browser ();
  EXPECT_EQ (come_back ("code=abc"), 200);
  expect_account_works ();
}

TEST_F (AddSignInTest, KeepsNoTokenOfAnAccountThatCameToNothing)
{
  gate.is_good = [] (const std::string &) { return false; };
  open_sign_in ();
  open_browser ();
  EXPECT_EQ (come_back ("code=abc"), 200);
  ASSERT_TRUE (wait ([this] { return keyring.secret (kUser, kTokens) == "refresh-1"; }));
  ASSERT_TRUE (wait (
      [this] { return is_shown ("test_view") && gtk_widget_is_sensitive (find ("main_button")); }));
  EXPECT_EQ (accounts_conf (), "");
  shoot ("add-consent-refused");

  go_back ();
  EXPECT_TRUE (is_shown ("card"));
  EXPECT_TRUE (wait ([this] { return keyring.secret (kUser, kTokens).empty (); }));
}

TEST_F (AddSignInTest, UnlocksTheKeyringBeforeTheBrowserOpens)
{
  keyring.appear (true, Person::Dismisses);
  open_sign_in ();
  click ("browser_button");
  ASSERT_TRUE (wait_for_text ("The keyring stays locked"));
  EXPECT_EQ (read ("opened"), "");

  keyring.appear (true, Person::Types);
  open_browser ();
  EXPECT_EQ (come_back ("code=abc"), 200);
  expect_account_works ();
}

TEST_F (AddSignInTest, NeedsAKeyring)
{
  keyring.vanish ();
  open_sign_in ();
  click ("browser_button");
  ASSERT_TRUE (wait_for_text ("There is no keyring"));
  EXPECT_EQ (read ("opened"), "");
}

/* --- GNOME Online Accounts --- */

/* Has one account, on the session bus. */
class FakeOnlineAccounts
{
public:
  explicit FakeOnlineAccounts (const std::string &host)
      : objects_ ("(@a{oa{sa{sv}}} {objectpath '/org/gnome/OnlineAccounts/Accounts/account_1': "
                  "{'org.gnome.OnlineAccounts.Account': {'Id': <'account_1'>, 'ProviderName': "
                  "<'R&D'>, 'PresentationIdentity': <'jane@consent.localhost'>}, "
                  "'org.gnome.OnlineAccounts.Mail': {'EmailAddress': <'jane@consent.localhost'>, "
                  "'ImapHost': <'"
                  + host + "'>, 'SmtpHost': <'" + host
                  + "'>}, 'org.gnome.OnlineAccounts.OAuth2Based': @a{sv} {}}},)")
  {
    service_ = g_dbus_connection_new_for_address_sync (
        g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
        (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                               | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
        nullptr, nullptr, nullptr);
    filter_ = g_dbus_connection_add_filter (service_, on_message, this, nullptr);
    PrivateBus::own_name (service_, "org.gnome.OnlineAccounts");
  }

  ~FakeOnlineAccounts ()
  {
    g_dbus_connection_remove_filter (service_, filter_);
    g_dbus_connection_close_sync (service_, nullptr, nullptr);
    g_object_unref (service_);
  }

  std::atomic<unsigned> questions = 0;

private:
  static GDBusMessage *
  on_message (GDBusConnection *bus, GDBusMessage *message, gboolean is_incoming, gpointer data)
  {
    auto *self = static_cast<FakeOnlineAccounts *> (data);

    if (!is_incoming
        || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
      return message;

    const std::string method = g_dbus_message_get_member (message);
    g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_reply (message);

    if (method == "GetManagedObjects")
      g_dbus_message_set_body (reply, g_variant_new_parsed (self->objects_.c_str ()));
    else if (method == "EnsureCredentials")
      g_dbus_message_set_body (reply, g_variant_new ("(i)", 3600));
    else
      g_dbus_message_set_body (reply, g_variant_new ("(si)", "goa-1", 3600));
    g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, nullptr, nullptr);
    self->questions++;
    g_object_unref (message);
    return nullptr;
  }

  std::string objects_;
  GDBusConnection *service_ = nullptr;
  guint filter_ = 0;
};

TEST_F (AddSignInTest, UsesTheOnlineAccountOfTheDesktop)
{
  FakeOnlineAccounts goa ("localhost");

  keyring.vanish (); /* nothing is to be kept */
  open_sign_in ();
  ASSERT_TRUE (wait ([this] { return is_shown ("online_button"); }));
  EXPECT_NE (text ().find ("R&D (jane@consent.localhost)"), std::string::npos) << text ();
  shoot ("add-online-account");
  click ("online_button");
  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_NE (accounts_conf ().find ("\npassword=goa:account_1\n"), std::string::npos)
      << accounts_conf ();
  ASSERT_TRUE (wait ([this] { return !mailbox_of (kUser).empty (); }));
  for (const std::string &attempt : gate.attempts ())
    EXPECT_EQ (attempt, "OAUTHBEARER goa-1");
  EXPECT_EQ (endpoint.forms ().size (), 0u);
}

TEST_F (AddSignInTest, OffersNoOnlineAccountOfOtherServers)
{
  FakeOnlineAccounts goa ("imap.example.org");

  open_sign_in ();
  ASSERT_TRUE (wait ([&goa] { return goa.questions > 0; }));
  settle ();
  EXPECT_FALSE (is_shown ("online_button"));
}

} // namespace postseal_test

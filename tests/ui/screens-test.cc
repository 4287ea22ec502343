/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/screens.h"

#include "auth/sasl.h"
#include "engine/account-status.h"
#include "net/net-error.h"
#include "settings/account-row.h"
#include "settings/add-found.h"
#include "settings/discard-dialog.h"
#include "settings/foreign-group.h"
#include "settings/forget-dialog.h"
#include "settings/test-view.h"

namespace postseal_test
{

namespace
{

const std::string conf = "XDG_CONFIG_HOME-dir/postseal/accounts.conf";

/* Opens all that can be opened below @root. */
void
open_rows (GtkWidget *root)
{
  if (ADW_IS_EXPANDER_ROW (root))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (root), TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != nullptr;
       child = gtk_widget_get_next_sibling (child))
    open_rows (child);
}

} // namespace

/* --- accounts --- */

TEST_P (Screens, NoAccounts)
{
  open ();
  picture ("accounts-none");
}

TEST_P (Screens, BrokenFile)
{
  write (conf, "[account work]\naddress=jane@example.org\nrecieve=imaps://x\n");
  open ();
  ASSERT_TRUE (wait_for_text ("recieve"));
  picture ("accounts-broken");
}

TEST_P (Screens, AccountsOfEveryMood)
{
  g_autoptr (PostsealAccountStatus) good = postseal_account_status_new ("jane@example.org");
  g_autoptr (PostsealAccountStatus) weak = postseal_account_status_new ("jane@example.net");
  g_autoptr (PostsealAccountStatus) stuck = postseal_account_status_new ("jane@example.com");
  g_autoptr (PostsealAccountStatus) busy = postseal_account_status_new ("jane@example.edu");

  g_object_set (good, "receives", TRUE, "receive-state", "watching", nullptr);
  g_object_set (weak, "receives", TRUE, "receive-state", "waiting", "receive-error",
                "mail.example.net does not answer", "receive-status", 75, nullptr);
  g_object_set (stuck, "sends", TRUE, "send-state", "refused", "send-error",
                "smtp.example.com has refused the password for jane@example.com", "send-status", 77,
                nullptr);
  g_object_set (busy, "receives", TRUE, "receive-state", "working", "receive-activity", "fetching",
                "messages-total", guint64{ 120 }, "messages-done", guint64{ 17 }, nullptr);
  write (conf, "[account work]\naddress=jane@example.org\nreceive=imaps://imap.example.org\n"
               "deliver=maildir:~/Mail/work\n");
  open ();
  ASSERT_TRUE (wait_for_text ("work"));
  for (PostsealAccountStatus *status : { good, weak, stuck, busy })
    gtk_list_box_append (GTK_LIST_BOX (find ("list")), postseal_account_row_new (status));
  picture ("accounts-moods");
}

/* --- a new account --- */

TEST_P (Screens, FromTheAddressToMail)
{
  publish_good ();
  begin ();
  picture ("add-1-who");
  type ("address_row", "jane doe@example.org");
  click ("main_button");
  picture ("add-1-who-mistake");
  type ("name_row", "Jane Doe");
  type ("address_row", kAddress);
  wait ([this] { return gtk_widget_get_mapped (find ("sources_list")); });
  picture ("add-1-who-looking");
  click ("main_button");
  PostsealAddFound *found = POSTSEAL_ADD_FOUND (find ("found"));
  ASSERT_TRUE (
      wait ([found] { return postseal_add_found_get_state (found) == POSTSEAL_FOUND_SETTLED; }));
  picture ("add-2-found");
  click ("main_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("password_row"); }));
  picture ("add-3-secret");
  open_rows (find ("place_group"));
  picture ("add-3-secret-place");
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find ("place_row")), FALSE);

  type ("password_row", "not this one");
  click ("main_button");
  ASSERT_TRUE (wait ([this] { return gtk_widget_is_sensitive (find ("main_button")); }));
  picture ("add-3-wrong-password");

  type ("password_row", BothSides::shared ().password ());
  click ("main_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("status_page"); }));
  picture ("add-4-done");
}

TEST_P (Screens, NothingFoundAndByHand)
{
  begin ();
  PostsealAddFound *found = POSTSEAL_ADD_FOUND (find ("found"));
  g_autoptr (PostsealDiscovery) discovery = postseal_discovery_new (kAddress, FALSE);

  gtk_stack_set_visible_child (GTK_STACK (find ("stack")), GTK_WIDGET (found));
  postseal_add_found_show (found, kAddress, "Jane Doe", discovery, nullptr, FALSE);
  picture ("add-2-nothing");
  postseal_add_found_show (found, kAddress, "Jane Doe", discovery,
                           "mail.example.localhost, port 143: —", TRUE);
  picture ("add-2-in-clear");
  postseal_add_found_enter (found, kAddress, "Jane Doe");
  picture ("add-2-by-hand");
  open_rows (GTK_WIDGET (found));
  picture ("add-2-by-hand-all", Length::Scrolls);
  click ("main_button");
  picture ("add-2-by-hand-mistake", Length::Scrolls);
}

TEST_P (Screens, TroublesWithServers)
{
  const std::map<std::string, std::string> facts
      = { { "cert-not-before", "1577880000" },
          { "cert-not-after", "1580558400" },
          { "cert-name", "www.example.net, shop.example.net" },
          { "cert-issuer", "CN=Somebody" },
          { "cert-key", "sha256:0123456789abcdef0123456789abcdef0123456789a=" },
          { "cert-fingerprint",
            "0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9:0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:"
            "C6:D7:E8:F9" } };
  std::map<std::string, std::string> early = facts;
  early["cert-not-before"] = "4102444800";
  early["cert-not-after"] = "4133980800";
  const struct
  {
    const char *name;
    GQuark domain;
    int code;
    const std::map<std::string, std::string> &facts;
  } troubles[] = {
    { "expired", POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_EXPIRED, facts },
    { "early", POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_EXPIRED, early },
    { "name", POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_IDENTITY, facts },
    { "issuer", POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED, facts },
    { "changed", POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_LATCH, facts },
    { "no-tls", POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED, {} },
    { "wrong-start", POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_WRONG_START, {} },
    { "silent", POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT, {} },
  };
  OddServer imap (POSTSEAL_PROTOCOL_IMAP, OddServer::Start::Clear, test_ca ().issue ());

  publish ("imaps", imap.port (), "localhost");
  begin ();
  type ("name_row", "Jane Doe");
  type ("address_row", kAddress);
  click ("main_button");
  PostsealAddFound *found = POSTSEAL_ADD_FOUND (find ("found"));
  ASSERT_TRUE (
      wait ([found] { return postseal_add_found_get_state (found) != POSTSEAL_FOUND_CHECKING; }));
  for (const auto &one : troubles)
    {
      g_autoptr (PostsealTrouble) trouble
          = make_trouble (one.domain, one.code, "mail.example.org: —", one.facts);

      postseal_add_found_blame (found, trouble);
      open_rows (find ("trust_group"));
      picture (std::string ("add-2-trouble-") + one.name,
               is_shown ("trust_group") ? Length::Scrolls : Length::Fits);
    }
}

TEST_P (Screens, AForeignServer)
{
  begin ();
  gtk_stack_set_visible_child (GTK_STACK (find ("stack")), find ("found"));
  postseal_foreign_group_ask (POSTSEAL_FOREIGN_GROUP (find ("foreign_group")),
                              "mail.elsewhere.example", "smtp.other.example", "example.org");
  picture ("add-2-foreign");
}

/* --- an account --- */

TEST_P (Screens, EverythingOfAnAccount)
{
  write (conf, "[account work]\naddress=jane@example.org\nname=Jane Doe\n"
               "receive=imaps://imap.example.org\ndeliver=maildir:~/Mail/work\n"
               "send=submissions://smtp.example.org\n");
  open ();
  open_account ("work");
  picture ("account-top", Length::Scrolls);
  open_rows (page ());
  picture ("account-all", Length::Scrolls);
}

TEST_P (Screens, DialogsOfAnAccount)
{
  write (conf, "[account work]\naddress=jane@example.org\nreceive=imaps://imap.example.org\n"
               "deliver=maildir:~/Mail/work\n");
  open ();
  open_account ("work");
  picture_dialog ("account-remove", "account.remove");
  gtk_window_present (postseal_discard_dialog_new (GTK_WINDOW (window ())));
  picture_dialog ("account-discard", nullptr);
  gtk_window_present (postseal_forget_dialog_new (GTK_WINDOW (window ())));
  picture_dialog ("account-forget", nullptr);
}

/* Takes connections, and is silent. */
TEST_P (Screens, ATestUnderWayAndFailed)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  const guint16 port = g_socket_listener_add_any_inet_port (listener, nullptr, nullptr);

  write (conf, "[account work]\naddress=jane@example.org\npassword=command:true\n"
               "receive=imaps://localhost:"
                   + std::to_string (port)
                   + "\ndeliver=maildir:~/Mail/work\nsend=submissions://localhost:1\n");
  open ();
  open_account ("work");
  gtk_widget_activate_action (page (), "account.test", nullptr);
  ASSERT_TRUE (wait_for_text (":" + std::to_string (port)));
  picture ("test-running");
  g_socket_listener_close (listener);
  ASSERT_TRUE (wait ([this] { return is_shown ("send_panel"); }));
  picture ("test-failed");
}

TEST_P (Screens, Folders)
{
  static bool is_filled = false;
  BothSides &server = BothSides::shared ();
  const std::string secret = write ("secret", server.password () + "\n");
  DovecotAdmin admin (unsigned (std::stoul (server.port ("imap"))), "screens", server.password ());

  std::filesystem::permissions (secret, std::filesystem::perms::owner_read);
  for (const char *name :
       { "Rubbish", "Lists/a mailing list with quite a long name/2026/November" })
    if (!is_filled)
      admin.create (name);
  is_filled = true;
  write (conf, "[account work]\naddress=jane@example.org\nreceive=imaps://screens@localhost:"
                   + server.port ("imaps")
                   + "\nfolders=INBOX;Gone;Lists/*\nca-file=" + server.ca_file ()
                   + "\npassword=file:" + secret + "\ndeliver=maildir:~/Mail/work\n");
  open ();
  open_account ("work");
  gtk_widget_activate_action (page (), "account.folders", nullptr);
  ASSERT_TRUE (wait_for_text ("INBOX"));
  picture ("folders");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (find ("check")), TRUE);
  picture ("folders-all");
}

/* --- import --- */

TEST_P (Screens, Import)
{
  write (".mpoprc", "defaults\ntls on\n\naccount jane\nhost pop.example.org\n"
                    "user jane@example.org\npassword hunter2hunter2\ntls_certcheck off\n"
                    "delivery maildir ~/Mail/jane\n");
  open ();
  gtk_widget_activate_action (GTK_WIDGET (window ()), "win.import", nullptr);
  ASSERT_TRUE (wait_for_text ("jane@example.org"));
  open_rows (page ());
  picture ("import-found", Length::Scrolls);
  click ("take_button");
  ASSERT_TRUE (wait ([this] { return accounts_conf ().find ("pop3") != std::string::npos; }));
  settle ();
  picture ("import-done", Length::Scrolls);
}

INSTANTIATE_TEST_SUITE_P (Languages,
                          Screens,
                          ::testing::Values ("", "de", "es", "fr", "pl", "zh_CN"),
                          [] (const auto &one) {
                            return std::string (*one.param != '\0' ? one.param : "en");
                          });

} // namespace postseal_test

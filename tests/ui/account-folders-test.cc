/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/folder-row.h"
#include "ui/account-fixture.h"
#include "ui/add-fixture.h"

namespace postseal_test
{

/* Folders of a real server. */
class AccountFoldersTest : public AccountTest
{
protected:
  AccountFoldersTest () : server (BothSides::shared ())
  {
    static bool is_filled = false;
    DovecotAdmin admin (unsigned (std::stoul (server.port ("imap"))), "folders",
                        server.password ());

    store_secret ("work", server.password ());
    if (is_filled)
      return;
    is_filled = true;
    for (const char *name : { "Archive/2025", "Archive/2026", "Entw&APw-rfe", "&ZeVnLIqe-", "Junk",
                              "Sent", "Trash", "Lists/gtk-devel", "Lists/a;b", "Friends & Family" })
      admin.create (name == std::string ("Friends & Family") ? "Friends &- Family" : name);
  }

  ~AccountFoldersTest () override
  {
    close ();
    clear_secret ("work");
  }

  std::string
  account (const std::string &folders = "", const std::string &port = "") const
  {
    return "[account work]\naddress=jane@example.localhost\nreceive=imaps://folders@localhost:"
           + (port.empty () ? server.port ("imaps") : port)
           + "\nfolders=" + (folders.empty () ? "INBOX" : folders)
           + "\nlayout=fs\ndeliver=maildir:~/Mail\nca-file=" + server.ca_file () + "\n";
  }

  /* Opens the page, and waits for its part: "folders", "trouble". */
  void
  choose (const std::string &text, const std::string &part = "folders")
  {
    open_account (text);
    scroll_to ("delivery_group");
    click ("folders_button");
    wait_for_part (part);
  }

  void
  wait_for_part (const std::string &part)
  {
    ASSERT_TRUE (wait ([this, part] {
      GtkStack *stack = GTK_STACK (find ("stack"));

      return !is_open () && part == gtk_stack_get_visible_child_name (stack);
    })) << text ();
    settle ();
  }

  /* The check of the row of a folder that is in sight; NULL when there is none. */
  GtkWidget *
  check (const std::string &name, GtkWidget *root = nullptr)
  {
    if (root == nullptr)
      root = find ("list_view");
    if (POSTSEAL_IS_FOLDER_ROW (root))
      return name == gtk_label_get_label (GTK_LABEL (find ("name_label", root)))
                     && gtk_widget_get_mapped (root)
                 ? find ("check", root)
                 : nullptr;
    for (GtkWidget *child = gtk_widget_get_first_child (root); child != nullptr;
         child = gtk_widget_get_next_sibling (child))
      if (GtkWidget *found = check (name, child))
        return found;
    return nullptr;
  }

  bool
  is_checked (const std::string &name)
  {
    return check (name) != nullptr && gtk_check_button_get_active (GTK_CHECK_BUTTON (check (name)));
  }

  void
  toggle (const std::string &name)
  {
    ASSERT_NE (check (name), nullptr) << name;
    ASSERT_TRUE (gtk_widget_is_sensitive (check (name))) << name;
    gtk_check_button_set_active (GTK_CHECK_BUTTON (check (name)), !is_checked (name));
    settle ();
  }

  std::string
  typed ()
  {
    return gtk_editable_get_text (GTK_EDITABLE (in ("delivery_group", "folders_field")));
  }

  BothSides &server;
};

TEST_F (AccountFoldersTest, ShowsWhatIsFetchedAndTakesWhatIsTicked)
{
  choose (account ("INBOX;Gone;Lists/*"));
  const std::string shown = text (find ("list_view"));

  EXPECT_TRUE (is_checked ("INBOX"));
  EXPECT_TRUE (is_checked ("Lists/*"));
  EXPECT_TRUE (is_checked ("Lists/gtk-devel"));
  EXPECT_FALSE (gtk_widget_is_sensitive (check ("Lists/gtk-devel")));
  EXPECT_TRUE (is_checked ("Gone"));
  EXPECT_FALSE (is_checked ("All folders"));
  EXPECT_FALSE (is_checked ("日本語"));
  EXPECT_NE (shown.find ("Gone\nNot on the server now\n"), std::string::npos) << shown;
  EXPECT_NE (shown.find ("Lists/a;b\nFetched with “Lists/*”\n"), std::string::npos) << shown;
  EXPECT_NE (shown.find ("Sent\nSent mail\n"), std::string::npos) << shown;
  EXPECT_NE (shown.find ("Friends & Family\n"), std::string::npos) << shown;
  shoot ("folders");

  toggle ("Gone");
  toggle ("Entwürfe");
  toggle ("Lists/*");
  click ("use_button");
  EXPECT_TRUE (is_open ());
  EXPECT_EQ (typed (), "INBOX;Entwürfe;Lists/a\\;b;Lists/gtk-devel");
  save ();
  EXPECT_NE (accounts_conf ().find ("\nfolders=INBOX;Entwürfe;Lists/a\\;b;Lists/gtk-devel\n"),
             std::string::npos)
      << accounts_conf ();
}

TEST_F (AccountFoldersTest, TakesAllThatWillEverBe)
{
  choose (account ());
  toggle ("All folders");
  EXPECT_TRUE (is_checked ("Junk"));
  EXPECT_FALSE (gtk_widget_is_sensitive (check ("Junk")));
  shoot ("folders-all");
  click ("use_button");
  EXPECT_EQ (typed (), "*");
}

TEST_F (AccountFoldersTest, WantsAtLeastOne)
{
  choose (account ());
  toggle ("INBOX");
  click ("use_button");
  EXPECT_FALSE (is_open ());
  EXPECT_TRUE (is_shown ("hint_label"));
  shoot ("folders-none");
  toggle ("INBOX");
  click ("use_button");
  EXPECT_TRUE (is_open ());
  EXPECT_FALSE (can_save ());
}

TEST_F (AccountFoldersTest, FindsByAnyPartOfAName)
{
  choose (account ());
  type ("search_entry", "LISTS");
  ASSERT_TRUE (wait ([this] { return check ("INBOX") == nullptr; })) << text ();
  EXPECT_NE (check ("Lists/a;b"), nullptr);
  shoot ("folders-search");
  toggle ("Lists/a;b");
  /* Escape forgets the search first, then leaves. */
  g_signal_emit_by_name (find ("search_entry"), "stop-search");
  ASSERT_TRUE (wait ([this] { return check ("INBOX") != nullptr; }));
  EXPECT_TRUE (is_checked ("Lists/a;b"));
  g_signal_emit_by_name (find ("search_entry"), "stop-search");
  settle ();
  EXPECT_TRUE (is_open ());
  EXPECT_EQ (typed (), "INBOX");
}

TEST_F (AccountFoldersTest, TellsWhatIsWrongAndAsksAgain)
{
  clear_secret ("work");
  choose (account (), "trouble");
  EXPECT_TRUE (is_shown ("panel"));
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("use_button")));
  shoot ("folders-no-password");
  store_secret ("work", server.password ());
  click ("again_button");
  wait_for_part ("folders");
  EXPECT_TRUE (is_checked ("INBOX"));
}

TEST_F (AccountFoldersTest, IsLeftAtAnyMoment)
{
  /* Nobody takes the connection, so that nothing is ever answered. */
  g_autoptr (GSocketListener) silent = g_socket_listener_new ();
  const guint16 port = g_socket_listener_add_any_inet_port (silent, nullptr, nullptr);

  open_account (account ("", std::to_string (port)));
  click ("folders_button");
  EXPECT_TRUE (is_shown ("back_button"));
  EXPECT_NE (text ().find ("Asking the server for its folders…"), std::string::npos);
  shoot ("folders-looking");
  click ("back_button");
  EXPECT_TRUE (is_open ());
  EXPECT_EQ (typed (), "INBOX");
}

TEST_F (AccountFoldersTest, IsOnlyForServersWithFolders)
{
  open_account ("[account work]\naddress=jane@example.org\nreceive=pop3s://pop.example.org\n"
                "deliver=maildir:~/Mail\n");
  EXPECT_FALSE (gtk_widget_get_visible (find ("folders_button")));
}

} // namespace postseal_test

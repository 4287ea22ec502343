/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/ui-fixture.h"

namespace postseal_test
{

using AccountsPageTest = UiTest;

TEST_F (AccountsPageTest, OffersToBeginWhereThereIsNoAccount)
{
  open ();

  EXPECT_TRUE (is_shown ("first_button"));
  EXPECT_TRUE (is_shown ("import_button"));
  shoot ("accounts-none");
}

TEST_F (AccountsPageTest, ShowsEachAccountOfTheFile)
{
  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf",
         "[account work]\naddress=jane@example.org\nreceive=imaps://imap.example.org\n"
         "deliver=maildir:~/Mail/work\n"
         "[account home]\naddress=jane@example.net\nsend=submissions://mail.example.net\n");
  open ();

  ASSERT_TRUE (wait_for_text ("home"));
  EXPECT_NE (text ().find ("work"), std::string::npos) << text ();
  shoot ("accounts-list");
}

/* A plugin's button may be pressed many times, and so may Ctrl+N. */
TEST_F (AccountsPageTest, OpensNoPageTwice)
{
  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf",
         "[account work]\naddress=jane@example.org\nsend=submissions://mail.example.org\n"
         "[account home]\naddress=jane@example.net\nsend=submissions://mail.example.net\n");
  open ();
  GtkWidget *first = page ();

  for (const char *name : { "work", "work", "home", "work" })
    gtk_widget_activate_action (GTK_WIDGET (window ()), "win.edit", "s", name);
  for (const char *action : { "win.add", "win.add", "win.import", "win.import" })
    gtk_widget_activate_action (GTK_WIDGET (window ()), action, nullptr);
  for (int i = 0; i < 4; i++)
    {
      EXPECT_NE (page (), first) << i;
      gtk_widget_activate_action (GTK_WIDGET (window ()), "win.back", nullptr);
    }
  EXPECT_EQ (page (), first);
}

TEST_F (AccountsPageTest, TakesNoNameForMarkup)
{
  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf",
         "[account a&b@example.org]\naddress=a&b@example.org\n"
         "send=submissions://mail.example.org\n");
  open ();

  EXPECT_TRUE (wait_for_text ("a&b@example.org"));
}

TEST_F (AccountsPageTest, OffersToBeginWhereTheLastAccountWasRemoved)
{
  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf", "# mine\n");
  open ();

  EXPECT_TRUE (wait ([this] { return is_shown ("first_button"); }));
}

TEST_F (AccountsPageTest, ShowsTheMistakesOfTheFileAndLeavesItAsItIs)
{
  const std::string broken = "[account work]\naddress=jane@example.org\nrecieve=imaps://x\n";

  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf", broken);
  open ();

  ASSERT_TRUE (wait_for_text ("recieve"));
  EXPECT_EQ (accounts_conf (), broken);
  shoot ("accounts-broken");
}

} // namespace postseal_test

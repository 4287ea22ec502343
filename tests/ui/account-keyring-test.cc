/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The page of an account whose secret is in a keyring that is locked, or not there. */
#include "ui/account-fixture.h"
#include "ui/keyring-fixture.h"

namespace postseal_test
{

class AccountKeyringTest : public WithKeyring<AccountTest>
{
protected:
  std::string
  account (const std::string &more = "") const
  {
    return "[account work]\naddress=jane@example.localhost\nreceive=imaps://jane@localhost:"
           + server.port ("imaps") + "\ndeliver=maildir:~/Mail\nsend=submissions://jane@localhost:"
           + server.port ("submissions") + "\nca-file=" + server.ca_file () + "\n" + more;
  }

  /* The page where a new password is typed. */
  void
  open_password ()
  {
    open_account (account ());
    press ("account.password");
  }

  BothSides &server = BothSides::shared ();
};

TEST_F (AccountKeyringTest, IsUnlockedAtAClick)
{
  keyring.appear (true, Person::Dismisses);
  open_password ();
  ASSERT_TRUE (wait ([this] { return is_shown ("unlock_button"); }));
  shoot ("account-password-locked");
  click ("unlock_button");
  ASSERT_TRUE (wait_for_text ("The keyring is still locked"));
  EXPECT_TRUE (is_shown ("unlock_button"));

  keyring.appear (true, Person::Types);
  click ("unlock_button");
  ASSERT_TRUE (wait ([this] { return !is_shown ("unlock_button"); }));
  EXPECT_EQ (text ().find ("still locked"), std::string::npos) << text ();
}

TEST_F (AccountKeyringTest, IsOpenBeforeAServerSeesTheNewPassword)
{
  keyring.appear (true, Person::Dismisses);
  open_password ();
  server.take_log ();
  type ("entry", server.password ());
  click ("store_button");
  ASSERT_TRUE (wait_for_text ("The password could not be stored"));
  EXPECT_EQ (server.take_log ().find ("Login:"), std::string::npos);
  EXPECT_TRUE (gtk_widget_is_sensitive (find ("store_button")));

  keyring.appear (true, Person::Types);
  click ("store_button");
  ASSERT_TRUE (wait_for_text ("The new password is stored."));
  EXPECT_EQ (keyring.secret ("work"), server.password ());
}

TEST_F (AccountKeyringTest, IsMadeForANewPassword)
{
  keyring.appear_empty (Person::Types);
  open_password ();
  type ("entry", server.password ());
  click ("store_button");
  ASSERT_TRUE (wait_for_text ("The new password is stored."));
  EXPECT_EQ (keyring.secret ("work"), server.password ());
}

TEST_F (AccountKeyringTest, IsMissedBeforeAServerSeesTheNewPassword)
{
  open_password ();
  server.take_log ();
  type ("entry", server.password ());
  click ("store_button");
  ASSERT_TRUE (wait_for_text ("The password could not be stored"));
  EXPECT_EQ (server.take_log ().find ("Login:"), std::string::npos);
}

TEST_F (AccountKeyringTest, IsUnlockedForATest)
{
  keyring.store ("work", server.password ());
  keyring.appear (true, Person::Types);
  open_account (account ());
  press ("account.test");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_panel"); }));
  EXPECT_EQ (keyring.prompts (), 0u) << "nobody has pressed anything";
  shoot ("account-test-locked");
  click (find ("remedy_button", find ("receive_panel")));
  ASSERT_TRUE (wait_for_text ("Everything works."));
  EXPECT_EQ (keyring.prompts (), 1u);
}

TEST_F (AccountKeyringTest, IsUnlockedBeforeTheBrowserOpens)
{
  write ("XDG_CONFIG_HOME-dir/postseal/oauth-providers.conf",
         "[example]\ntitle=Example\nclient-id=someone\nscope=mail\n"
         "authorization-endpoint=https://example.localhost/authorize\n"
         "token-endpoint=https://example.localhost/token\n");
  keyring.appear (true, Person::Dismisses);
  open_account (account ("password=oauth:example\n"));
  press ("account.sign-in");
  ASSERT_TRUE (wait ([this] { return is_shown ("browser_button"); }));
  click ("browser_button");
  ASSERT_TRUE (wait_for_text ("You are not signed in"));
  EXPECT_EQ (read ("opened"), "");

  keyring.appear (true, Person::Types);
  click ("browser_button");
  ASSERT_TRUE (wait ([this] { return read ("opened").find ('\n') != std::string::npos; }));
  EXPECT_EQ (keyring.prompts (), 2u);
}

} // namespace postseal_test

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-fixture.h"

namespace postseal_test
{

/* A keyring that is open. */
class ClawsPasswordTest : public PasswordTest
{
};

TEST_F (ClawsPasswordTest, FetchesByPop3WithThePasswordOfTheKeyring)
{
  std::string user = dovecot_.new_user ();

  add_pop3 (user);
  store (name ("pop3", user), dovecot_.password ());
  deliver (user);
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_mail (1));
  EXPECT_EQ (ask ("dialogs"), "0");
  EXPECT_EQ (ask ("session 2").find (dovecot_.password ()), std::string::npos);
  stop ();
}

TEST_F (ClawsPasswordTest, LetsTheHostAskWhenTheKeyringHasNone)
{
  std::string user = dovecot_.new_user ();

  add_pop3 (user);
  deliver (user);
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_dialog ("Input password"));
  EXPECT_EQ (ask ("type " + dovecot_.password ()), "typed");
  ASSERT_TRUE (wait_for_mail (1));
  ASSERT_TRUE (wait_for ("it in the keyring",
                         [&] { return look_up (name ("pop3", user)) == dovecot_.password (); }));
  ASSERT_TRUE (wait_for ("the host to forget it", [&] {
    return ask ("session 2").find (dovecot_.password ()) == std::string::npos;
  }));
  stop ();
}

TEST_F (ClawsPasswordTest, AsksOnceWhenTheServerHasRefusedItAndKeepsTheNewOne)
{
  std::string user = dovecot_.new_user ();

  add_pop3 (user);
  store (name ("pop3", user), "no longer right");
  deliver (user);
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_dialog ("Error"));
  EXPECT_EQ (ask ("dismiss"), "dismissed");
  ASSERT_TRUE (wait_for_dialog ("none"));
  fetch ();
  ASSERT_TRUE (wait_for_dialog ("Input password"));
  EXPECT_EQ (ask ("type " + dovecot_.password ()), "typed");
  ASSERT_TRUE (wait_for_mail (1));
  ASSERT_TRUE (wait_for ("it in the keyring",
                         [&] { return look_up (name ("pop3", user)) == dovecot_.password (); }));
  stop ();
}

} // namespace postseal_test

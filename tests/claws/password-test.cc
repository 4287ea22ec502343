/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-fixture.h"

namespace postseal_test
{

class ClawsPasswordTest : public PasswordTest
{
};

TEST_F (ClawsPasswordTest, FetchesByPop3WithThePasswordOfTheKeyring)
{
  std::string user = dovecot_.new_user ();
  int id = add_pop3 (user);

  store (name ("pop3", user), dovecot_.password ());
  deliver (user);
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_mail (1));
  ASSERT_TRUE (wait_for_forgotten (id, dovecot_.password ()));
  /* And again, without a question. */
  deliver (user);
  fetch ();
  ASSERT_TRUE (wait_for_mail (2));
  stop ();
}

TEST_F (ClawsPasswordTest, SignsInByImapWithThePasswordOfTheKeyring)
{
  std::string user = dovecot_.new_user ();
  int id = add_imap (user);

  store (name ("imap", user), dovecot_.password ());
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_login (user));
  ASSERT_TRUE (wait_for_forgotten (id, dovecot_.password ()));
  stop ();
}

TEST_F (ClawsPasswordTest, SendsWithThePasswordThatIsForSending)
{
  std::string user = dovecot_.new_user ();
  int id = add_pop3 (user, sending ("jane"));

  store (name ("pop3", user), "for receiving only");
  store (name ("smtp", "jane"), submission_.password ());
  queue (id);
  start ();
  send ();
  ASSERT_TRUE (wait_for_sent ());
  ASSERT_TRUE (wait_for_forgotten (id, submission_.password ()));
  stop ();
}

TEST_F (ClawsPasswordTest, SendsWithThePasswordForReceivingWhereThereIsNoOther)
{
  std::string user = dovecot_.new_user ();
  int id = add_pop3 (user, sending (""));

  store (name ("pop3", user), submission_.password ());
  queue (id);
  start ();
  send ();
  ASSERT_TRUE (wait_for_sent ());
  stop ();
}

TEST_F (ClawsPasswordTest, NeverMixesTwoUsersOfOneServer)
{
  std::string right = dovecot_.new_user (), wrong = dovecot_.new_user ();

  add_pop3 (right);
  add_pop3 (wrong);
  store (name ("pop3", right), dovecot_.password ());
  store (name ("pop3", wrong), "of another one");
  deliver (right);
  deliver (wrong);
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_dialog ("Error"));
  EXPECT_EQ (ask ("dismiss"), "dismissed");
  ASSERT_TRUE (wait_for_mail (1));
  EXPECT_EQ (look_up (name ("pop3", right)), dovecot_.password ());
  EXPECT_EQ (look_up (name ("pop3", wrong)), "of another one");
  stop ();
}

TEST_F (ClawsPasswordTest, SharesThePasswordOfAnAccountOfPostseal)
{
  std::string user = dovecot_.new_user ();

  instance_.configure ("[account shared]\naddress=jane@example.org\nreceive=pop3s://" + user
                       + "@127.0.0.1:1\ndeliver=maildir:" + path ("mail") + "\n\n");
  add_pop3 (user);
  store ("shared", dovecot_.password ());
  deliver (user);
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_mail (1));
  EXPECT_EQ (look_up (name ("pop3", user)), "");
  stop ();
}

TEST_F (ClawsPasswordTest, LeavesAnAccountAloneThatKeepsItsPasswordsItself)
{
  std::string user = dovecot_.new_user ();

  add_pop3 (user, "", false);
  store (name ("pop3", user), dovecot_.password ());
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_dialog ("Input password"));
  EXPECT_EQ (ask ("dismiss"), "dismissed");
  ASSERT_TRUE (wait_for_dialog ("none"));
  stop ();
}

TEST_F (ClawsPasswordTest, KeepsWhatIsTypedWhenTheKeyringHasNone)
{
  std::string user = dovecot_.new_user ();
  int id = add_pop3 (user);

  deliver (user);
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_dialog ("Input password"));
  EXPECT_EQ (ask ("type " + dovecot_.password ()), "typed");
  ASSERT_TRUE (wait_for_mail (1));
  ASSERT_TRUE (wait_for_forgotten (id, dovecot_.password ()));
  EXPECT_EQ (look_up (name ("pop3", user)), dovecot_.password ());
  stop ();
}

TEST_F (ClawsPasswordTest, HasTheHostAskForTheOneThatWasRefused)
{
  std::string user = dovecot_.new_user ();
  int id = add_pop3 (user);

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
  ASSERT_TRUE (wait_for_forgotten (id, dovecot_.password ()));
  EXPECT_EQ (look_up (name ("pop3", user)), dovecot_.password ());
  stop ();
}

TEST_F (ClawsPasswordTest, KeepsTheOneThatIsTypedInPlaceOfARefusedOneByImap)
{
  std::string user = dovecot_.new_user ();
  int id = add_imap (user);

  store (name ("imap", user), "no longer right");
  start ();
  fetch ();
  ASSERT_TRUE (wait_for_dialog ("Error"));
  EXPECT_EQ (ask ("dismiss"), "dismissed");
  ASSERT_TRUE (wait_for_dialog ("Input password"));
  EXPECT_EQ (ask ("type " + dovecot_.password ()), "typed");
  ASSERT_TRUE (wait_for_login (user));
  ASSERT_TRUE (wait_for_forgotten (id, dovecot_.password ()));
  EXPECT_EQ (look_up (name ("imap", user)), dovecot_.password ());
  stop ();
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/keyring-fixture.h"

namespace postseal_test
{

class AddKeyringTest : public KeyringTest
{
protected:
  /* Up to where the password is asked for. */
  void
  open_secret ()
  {
    publish_good ();
    begin ();
    search ();
    click ("main_button");
    ASSERT_TRUE (wait_for_text ("Proven"));
    click ("main_button");
    ASSERT_TRUE (wait ([this] { return is_shown ("password_row"); }));
  }

  BothSides &server = BothSides::shared ();
};

TEST_F (AddKeyringTest, UnlocksItWhenThePersonGoesOn)
{
  keyring.appear (true, Person::Types);
  open_secret ();
  ASSERT_TRUE (wait_for_text ("which you unlock when you press Continue"));
  EXPECT_EQ (keyring.prompts (), 0u) << "nobody has pressed anything";
  type ("password_row", server.password ());
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_EQ (keyring.prompts (), 1u);
  EXPECT_EQ (keyring.secret (kAddress), server.password ());
}

TEST_F (AddKeyringTest, SignsInNowhereWhileItStaysLocked)
{
  keyring.appear (true, Person::Dismisses);
  open_secret ();
  ASSERT_TRUE (wait_for_text ("which you unlock when you press Continue"));
  server.take_log ();
  type ("password_row", server.password ());
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("The keyring stays locked"));
  EXPECT_EQ (main_label (), "Continue");
  EXPECT_TRUE (gtk_widget_is_sensitive (find ("main_button")));
  EXPECT_EQ (accounts_conf (), "");
  EXPECT_EQ (server.take_log ().find ("Login:"), std::string::npos);
  shoot ("add-keyring-stays-locked");

  /* The person thinks better of it. */
  keyring.appear (true, Person::Types);
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_EQ (keyring.secret (kAddress), server.password ());
}

TEST_F (AddKeyringTest, TakesThePromptBackWithThePerson)
{
  keyring.appear (true, Person::Waits);
  open_secret ();
  ASSERT_TRUE (wait_for_text ("which you unlock when you press Continue"));
  type ("password_row", server.password ());
  click ("main_button");
  ASSERT_TRUE (wait ([this] { return keyring.prompts () == 1; }));
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("main_button")));

  go_back ();
  EXPECT_TRUE (is_shown ("password_row"));
  EXPECT_TRUE (gtk_widget_is_sensitive (find ("main_button")));
  ASSERT_TRUE (wait ([this] { return keyring.dismissals () == 1; }));
  EXPECT_EQ (text ().find ("The keyring stays locked"), std::string::npos) << text ();
  EXPECT_EQ (accounts_conf (), "");
}

TEST_F (AddKeyringTest, AsksNoServerWhereThePasswordCannotBeKept)
{
  open_secret ();
  ASSERT_TRUE (wait_for_text ("Your desktop has no keyring"));
  EXPECT_TRUE (is_shown ("command_row"));
  server.take_log ();
  type ("password_row", server.password ());
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("There is no keyring to keep the password in"));
  EXPECT_EQ (server.take_log ().find ("Login:"), std::string::npos);
  EXPECT_EQ (accounts_conf (), "");
  shoot ("add-keyring-absent");

  /* As the page says: start one, and press Continue again. */
  keyring.appear (false);
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_EQ (keyring.secret (kAddress), server.password ());
}

TEST_F (AddKeyringTest, UnlocksOneThatHasComeMeanwhile)
{
  open_secret ();
  ASSERT_TRUE (wait_for_text ("Your desktop has no keyring"));
  keyring.appear (true, Person::Types);
  type ("password_row", server.password ());
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_EQ (keyring.prompts (), 1u);
  EXPECT_EQ (keyring.secret (kAddress), server.password ());
}

TEST_F (AddKeyringTest, IsMadeWhereThereIsNoneYet)
{
  keyring.appear_empty (Person::Types);
  open_secret ();
  ASSERT_TRUE (wait_for_text ("In a new keyring of your desktop"));
  type ("password_row", server.password ());
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_EQ (keyring.prompts (), 1u);
  EXPECT_EQ (keyring.secret (kAddress), server.password ());
}

TEST_F (AddKeyringTest, IsNotNeededWhereAFileHasThePassword)
{
  const std::string file = write ("secret", server.password () + "\n");

  open_secret ();
  ASSERT_TRUE (wait_for_text ("Your desktop has no keyring"));
  type ("file_row", file);
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_NE (accounts_conf ().find ("password=file:" + file), std::string::npos);
}

} // namespace postseal_test

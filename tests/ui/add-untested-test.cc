/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Accounts that cannot be tested now. */
#include "ui/keyring-fixture.h"
#include "unit/net/fake-resolver.h"

namespace postseal_test
{

class AddUntestedTest : public KeyringTest
{
protected:
  AddUntestedTest ()
  {
    keyring.appear (false);
    options.dns = { "mail.example.localhost" };
    ca_file = test_ca ().ca_file ();
  }

  /* The account is there, and what it is to sign in with. */
  void
  expect_added (const std::string &secret)
  {
    ASSERT_TRUE (wait_for_text ("It was not tested."));
    EXPECT_NE (accounts_conf ().find ("[account " + std::string (kAddress) + "]"),
               std::string::npos)
        << accounts_conf ();
    EXPECT_EQ (keyring.secret (kAddress), secret);
    EXPECT_EQ (main_label (), "Done");
  }

  CertOptions options;
};

TEST_F (AddUntestedTest, AreAddedWithoutANetwork)
{
  FakeResolver resolver;

  resolver.failure = "Error resolving “mail.example.org”: Temporary failure in name resolution";
  begin ();
  search ();
  click ("hand_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_hand"); }));
  enter_server (false, "mail.example.org", "");
  enter_server (true, "mail.example.org", "");
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("This computer has no connection to the internet"));
  EXPECT_EQ (main_label (), "Next");
  shoot ("add-offline");
  click ("main_button");
  type ("password_row", "a secret");
  click ("main_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("untested_button"); }));
  EXPECT_EQ (accounts_conf (), "");
  EXPECT_EQ (keyring.secret (kAddress), "");
  shoot ("add-offline-untested");

  click ("untested_button");
  expect_added ("a secret");
  ASSERT_TRUE (wait_for_text ("name resolution"));
  shoot ("add-offline-done");
  click ("main_button");
  EXPECT_TRUE (wait_for_text ("name resolution"));
  shoot ("accounts-offline");
}

TEST_F (AddUntestedTest, AreAddedWhileTheirServerIsDown)
{
  const unsigned short ports[] = { unused_port (), unused_port () };
  OddServer imap (POSTSEAL_PROTOCOL_IMAP, OddServer::Start::Implicit, test_ca ().issue (options),
                  ports[0]);
  OddServer smtp (POSTSEAL_PROTOCOL_SMTP, OddServer::Start::Implicit, test_ca ().issue (options),
                  ports[1]);

  publish ("imaps", imap.port (), "mail.example.localhost");
  publish ("submissions", smtp.port (), "mail.example.localhost");
  begin ();
  search ();
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Proven"));
  click ("main_button");
  EXPECT_EQ (imap.learnt () + smtp.learnt (), ""); /* and it listens no more */
  type ("password_row", "a secret");
  click ("main_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("untested_button"); }));
  EXPECT_NE (text ().find ("The server cannot be reached now."), std::string::npos) << text ();
  EXPECT_EQ (text ().find ("There is no network now."), std::string::npos) << text ();
  shoot ("add-down-untested");

  click ("untested_button");
  expect_added ("a secret");
}

TEST_F (AddUntestedTest, AreNoneWhoseServerCanBeTested)
{
  OddServer imap (POSTSEAL_PROTOCOL_IMAP, OddServer::Start::Implicit, test_ca ().issue (options));
  OddServer smtp (POSTSEAL_PROTOCOL_SMTP, OddServer::Start::Implicit, test_ca ().issue (options));

  publish ("imaps", imap.port (), "mail.example.localhost");
  publish ("submissions", smtp.port (), "mail.example.localhost");
  begin ();
  search ();
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Proven"));
  click ("main_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("password_row"); }));
  EXPECT_FALSE (is_shown ("untested_button"));
}

} // namespace postseal_test

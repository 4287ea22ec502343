/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one click can do about a trouble, done, and all works then. */
#include "ui/account-fixture.h"
#include "ui/add-fixture.h"

namespace postseal_test
{

namespace
{

const char mixed_up[] = "Port and kind of encryption do not fit together";

unsigned
count (const std::string &text, const std::string &part)
{
  unsigned n = 0;

  for (size_t at = text.find (part); at != std::string::npos; at = text.find (part, at + 1))
    n++;
  return n;
}

} // namespace

using AddRemedyTest = AddTest;

/* Each server is asked for each password that was typed once at most, however often a door is
 * tried.
 */
TEST_F (AddRemedyTest, LeadsFromMixedUpPortsToAnAccount)
{
  BothSides &server = BothSides::shared ();

  publish ("imap", server.port ("imaps"), "localhost");
  publish ("submissions", server.port ("submission"), "localhost");
  begin ();
  search ();
  click ("main_button");
  for (const std::string &port : { server.port ("imaps"), server.port ("submission") })
    {
      ASSERT_TRUE (wait_for_text ("localhost, port " + port + ", ")) << port;
      EXPECT_NE (text ().find (mixed_up), std::string::npos) << text ();
      click ("remedy_button");
    }
  ASSERT_TRUE (wait_for_text ("Proven: both servers proved who they are"));
  click ("main_button");
  server.take_log ();
  type ("password_row", "not this one");
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("The password was refused"));
  type ("password_row", server.password ());
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));

  EXPECT_NE (accounts_conf ().find ("receive=imaps://localhost:" + server.port ("imaps")),
             std::string::npos)
      << accounts_conf ();
  EXPECT_NE (accounts_conf ().find ("send=submission://localhost:" + server.port ("submission")),
             std::string::npos)
      << accounts_conf ();
  ASSERT_TRUE (wait ([&server] { return server.logs ("submission-login: Info: Login:"); }));
  const std::string log = server.take_log ();
  EXPECT_EQ (count (log, "auth failed, 1 attempts"), 1u) << log;
  EXPECT_EQ (count (log, "auth failed"), 1u) << log;
  EXPECT_EQ (count (log, "submission-login: Info: Login:"), 1u) << log;
}

class AccountRemedyTest : public AccountTest
{
protected:
  AccountRemedyTest () { store_secret ("work", server.password ()); }

  ~AccountRemedyTest () override
  {
    close ();
    clear_secret ("work");
  }

  BothSides &server = BothSides::shared ();
};

TEST_F (AccountRemedyTest, IsTakenIntoTheFormAndTested)
{
  const std::string receive = "receive=imap://jane@localhost:" + server.port ("imaps") + "\n";
  const std::string send = "send=submissions://jane@localhost:" + server.port ("submission") + "\n";
  const std::string broken = "[account work]\naddress=jane@example.localhost\n" + receive
                             + "deliver=maildir:~/Mail\n" + send + "ca-file=" + server.ca_file ()
                             + "\n";

  open_account (broken);
  press ("account.test");
  ASSERT_TRUE (
      wait ([this] { return is_shown ("receive_panel") && is_shown ("send_panel"); }, 20000));
  EXPECT_NE (text (find ("receive_panel")).find (mixed_up), std::string::npos) << text ();
  EXPECT_NE (text (find ("send_panel")).find (mixed_up), std::string::npos) << text ();
  shoot ("account-mixed-up");
  click (find ("remedy_button", find ("receive_panel")));
  ASSERT_TRUE (
      wait ([this] { return is_shown ("send_panel") && !is_shown ("receive_panel"); }, 20000));
  click (find ("remedy_button", find ("send_panel")));
  ASSERT_TRUE (wait_for_text ("Everything works."));
  EXPECT_EQ (accounts_conf (), broken) << "nothing is saved that nobody has saved";

  click ("back_button");
  EXPECT_TRUE (is_open ());
  save ();
  EXPECT_EQ (accounts_conf (),
             replace (replace (broken, receive, replace (receive, "imap:", "imaps:")), send,
                      replace (send, "submissions:", "submission:")));
}

} // namespace postseal_test

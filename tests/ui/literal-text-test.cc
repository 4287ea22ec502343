/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people and servers write is shown as they have written it, and never taken for markup. */
#include "scenario/toy-imap.h"
#include "scenario/toy-submission.h"
#include "ui/account-fixture.h"
#include "ui/add-fixture.h"

namespace postseal_test
{

namespace
{

const std::string odd_name = "a<b>&c_d";
const std::string odd_words = "<b>no</b> & never_";

} // namespace

class LiteralTextTest : public AccountTest
{
protected:
  LiteralTextTest ()
  {
    imap.hook = [] (const ToyImap::Call &call) {
      if (call.verb != "AUTHENTICATE" && call.verb != "LOGIN")
        return false;
      call.peer.send (call.tag + " NO [AUTHENTICATIONFAILED] " + odd_words + "\r\n");
      return true;
    };
    smtp.offer ("AUTH PLAIN");
    smtp.answer ("AUTH", 0, "535 5.7.8 " + odd_words);
  }

  ~LiteralTextTest () override
  {
    close ();
    imap.stop ();
    smtp.stop ();
  }

  std::string
  account ()
  {
    return "[account " + odd_name + "]\naddress=a&c@example.org\nname=<i>Jane</i> & Joe\n"
           + "receive=imaps://a%26c@localhost:" + std::to_string (imap.port ())
           + "\ndeliver=maildir:~/Mail/" + odd_name + "\nsend=submissions://a%26c@localhost:"
           + std::to_string (smtp.port ()) + "\nca-file=" + test_ca ().ca_file ()
           + "\npassword=file:" + write ("<secret>&", "hunter2\n") + "\n";
  }

  void
  expect_shown (const std::string &wanted)
  {
    EXPECT_TRUE (wait_for_text (wanted)) << wanted;
    EXPECT_EQ (text ().find ("&amp;"), std::string::npos) << text ();
    EXPECT_EQ (text ().find ("&lt;"), std::string::npos) << text ();
  }

  ToyImap imap;
  ToySubmission smtp;
};

TEST_F (LiteralTextTest, IsInTheListAndThePageOfAnAccount)
{
  open_account (account (), odd_name);
  expect_shown (odd_name);
  expect_shown ("In the file " + path ("<secret>&") + ", which only you may read");
  click ("fetch_button");
  expect_shown (odd_words);
  shoot ("literal-account");
  press ("account.back");
  expect_shown (odd_name);
  shoot ("literal-list");
}

TEST_F (LiteralTextTest, IsInATest)
{
  open_account (account (), odd_name);
  press ("account.test");
  expect_shown ("The server said: “" + odd_words + "”");
  expect_shown ("The server said: “535 5.7.8 " + odd_words + "”");
  expect_shown (odd_name);
  expect_shown ("a&c");
  shoot ("literal-test");
}

TEST_F (LiteralTextTest, IsInTheQuestionWhetherToRemoveIt)
{
  open_account (account (), odd_name);
  press ("account.remove");
  EXPECT_NE (dialog_text ().find ("Remove the account “" + odd_name + "”?"), std::string::npos)
      << dialog_text ();
  EXPECT_NE (dialog_text ().find ("maildir:~/Mail/" + odd_name), std::string::npos);
  shoot ("literal-remove");
  respond ("cancel");
}

TEST_F (LiteralTextTest, IsInTheMistakesOfAFile)
{
  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf",
         "[account " + odd_name + "]\naddress=<i>&\nre<b>&=x\n");
  open ();
  expect_shown ("re<b>&");
  shoot ("literal-broken");
}

using LiteralAddressTest = AddTest;

TEST_F (LiteralAddressTest, IsOnEveryPageOfANewAccount)
{
  const std::string address = "a&c_d@example.localhost";
  ToyImap imap;
  ToySubmission smtp;

  smtp.offer ("AUTH PLAIN");
  smtp.hook = [] (const ToySubmission::Call &call) -> std::optional<std::string> {
    return call.verb == "AUTH" ? std::optional<std::string> ("235 2.7.0 welcome\r\n")
                               : std::nullopt;
  };
  ca_file = test_ca ().ca_file ();
  publish ("imaps", std::to_string (imap.port ()), "localhost");
  publish ("submissions", std::to_string (smtp.port ()), "localhost");
  begin ();
  search (address);
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Proven"));
  click ("main_button");
  EXPECT_NE (text ().find ("At localhost as " + address), std::string::npos) << text ();
  type ("file_row", write ("<secret>&", "hunter2\n"));
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Your mail is being fetched to ~/Mail/" + address + "."));
  EXPECT_TRUE (wait_for_text ("Done\n" + address + "\nYour mail"));
  EXPECT_TRUE (wait_for_text (address + ".\n" + address + "\n")); /* the row of the account */
  EXPECT_EQ (text ().find ("&amp;"), std::string::npos) << text ();
  shoot ("literal-done");
  close ();
}

} // namespace postseal_test

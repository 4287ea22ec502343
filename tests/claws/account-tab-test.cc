/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <filesystem>

#include "claws/driven-fixture.h"

/* The page in the host's dialog of an account. */

namespace postseal_test
{

namespace fs = std::filesystem;

class ClawsAccountTabTest : public DrivenTest
{
protected:
  /* Its server is never reached. */
  void
  configure ()
  {
    instance_.configure (
        "[account other]\naddress=joe@example.org\nsend=submissions://localhost:1\n"
        "password=command:false\n"
        "[account work]\naddress=Jane@example.org\nreceive=imaps://localhost:1\n"
        "password=command:false\ndeliver=maildir:~/Mail/other\n");
  }

  /* A stand-in for postseal-settings, which adds an account. */
  Environment
  settings ()
  {
    write_file (path ("settings"), "#!/bin/sh\necho \"$@\" >\"$HOME/asked\"\n"
                                   "mkdir -p \"$XDG_CONFIG_HOME/postseal\"\n"
                                   "printf '[account fresh]\\naddress=jane@example.org\\n"
                                   "send=submissions://localhost:1\\npassword=command:false\\n' "
                                   ">>\"$XDG_CONFIG_HOME/postseal/accounts.conf\"\n");
    fs::permissions (path ("settings"), fs::perms::owner_all);
    return { { "POSTSEAL_SETTINGS", path ("settings") } };
  }

  /* Makes the account 2 of the host, which is the current one, for a new user of the server.
     Returns: the user */
  std::string
  add_current ()
  {
    std::string user = dovecot_.new_user ();

    add_pop3 (user, "is_default=1\nsmtp_server=localhost\n");
    bind ("");
    return user;
  }

  bool
  has_binding (const std::string &line)
  {
    return bindings ().find (line) != std::string::npos;
  }
};

TEST_F (ClawsAccountTabTest, BindsTheAccountOfTheSameAddressAndReceivesAtOnce)
{
  std::string user = dovecot_.new_user (), address = user + "@example.org";
  std::string account = dovecot_.account ("mine", "imaps", user, "maildir:" + path ("elsewhere"));

  account.replace (account.find (address), address.size (), "jane@example.org");
  instance_.configure ("[account other]\naddress=joe@example.org\nsend=submissions://localhost:1\n"
                       "password=command:false\n"
                       + account);
  start ();
  in_account ({ "names:", "see:mine", "tick:Receive with Postseal", "press:OK",
                "gone:Account preferences" });
  /* Until the service has seen where it goes now, it goes where it went. */
  EXPECT_TRUE (wait_for ("mail", [this, &user, n = 0] () mutable {
    if (n++ % 50 == 0)
      dovecot_.admin (user)->append ("INBOX",
                                     "From: joe@example.com\r\nSubject: Hello\r\n\r\nHello\r\n");
    return count ("inbox") > 0;
  }));
  EXPECT_TRUE (wait_for ("the bindings", [this] {
    return has_binding ("[account 1]\naccount=mine\n") && has_binding ("receive=true");
  }));
  EXPECT_FALSE (has_binding ("send=true"));
  in_account ({ "see:TLS 1.3, vouched for by", "see:You sign in by: ", "press:Cancel" });
  stop ();
  dovecot_.forget_user (user);
}

TEST_F (ClawsAccountTabTest, CancelLeavesEverythingAsItIs)
{
  const std::string text = "[account 1]\naccount=other\nsend=true\n\n"
                           "[account 2]\naccount=work\nreceive=true\n";

  configure ();
  add_account ("account_name=second\naddress=joe@example.org\nprotocol=4\nconfig_version=4\n");
  bind (text);
  start ();
  in_account ({ "see:other", "untick:Send with Postseal", "choose:Postseal account:=work",
                "tick:Receive with Postseal", "see:Another account of Claws Mail receives with it",
                "press:Cancel", "gone:Account preferences" });
  in_account ({ "see:other", "press:Cancel", "gone:Account preferences" });
  stop ();
  EXPECT_TRUE (has_binding ("account=other\nsend=true\n")) << bindings ();
  EXPECT_TRUE (has_binding ("account=work\nreceive=true\n")) << bindings ();
}

TEST_F (ClawsAccountTabTest, LeavesAloneWhoDidNotChoose)
{
  configure ();
  start ();
  in_account ({ "see:work", "press:OK", "gone:Account preferences" });
  stop ();
  EXPECT_EQ (bindings (), "");
}

TEST_F (ClawsAccountTabTest, GivesADutyAndTakesIt)
{
  configure ();
  start ();
  in_account ({ "choose:Postseal account:=other", "tick:Send with Postseal", "press:OK",
                "gone:Account preferences" });
  EXPECT_TRUE (wait_for (
      "the duty", [this] { return has_binding ("account=other\n") && has_binding ("send=true"); }));
  EXPECT_TRUE (wait_for ("the host's command", [this] {
    return ask ("account 1").find ("--account \"other\"") != std::string::npos;
  }));
  in_account ({ "choose:Postseal account:=None", "press:OK", "gone:Account preferences" });
  EXPECT_TRUE (wait_for (
      "the end", [this] { return !has_binding ("account=other") && !has_binding ("send=true"); }));
  EXPECT_TRUE (
      wait_for ("the host's command", [this] { return ask ("account 1").find ("0 ") == 0; }));
  stop ();
}

TEST_F (ClawsAccountTabTest, KeepsWhatWasAppliedBeforeCancel)
{
  configure ();
  start ();
  in_account ({ "choose:Postseal account:=other", "tick:Send with Postseal", "press:Apply",
                "untick:Send with Postseal", "press:Cancel", "gone:Account preferences" });
  EXPECT_TRUE (wait_for ("the duty", [this] { return has_binding ("send=true"); }));
  stop ();
}

TEST_F (ClawsAccountTabTest, ChoosesWhatIsSetUpWhileItIsOpen)
{
  start (settings ());
  in_account (
      { "press:Set up…", "tick:Send with Postseal", "press:OK", "gone:Account preferences" });
  EXPECT_EQ (read_file (path ("asked")), "\n");
  EXPECT_TRUE (wait_for ("the binding", [this] { return has_binding ("account=fresh"); }));
  in_account ({ "press:Set up…", "press:Cancel", "gone:Account preferences" });
  EXPECT_TRUE (wait_for ("the account",
                         [this] { return read_file (path ("asked")) == "--account fresh\n"; }));
  stop ();
}

TEST_F (ClawsAccountTabTest, WorksForAnAccountThatTheHostDoesNotHaveYet)
{
  const std::vector<std::string> steps{
    "window:new account",      "row:Postseal", "choose:Postseal account:=other",
    "tick:Send with Postseal", "row:Basic",    "see:Full name",
    "fill:joe@example.org"
  };
  std::vector<std::string> given_up = steps, made = steps;

  given_up.insert (given_up.end (), { "press:Cancel", "gone:new account" });
  made.insert (made.end (), { "press:OK", "gone:new account" });
  configure ();
  start ();
  EXPECT_EQ (ask ("later Configuration/CreateAccount"), "activated");
  drive (given_up);
  EXPECT_EQ (ask ("later Configuration/CreateAccount"), "activated");
  drive (made);
  EXPECT_TRUE (wait_for ("the binding", [this] {
    return bindings ().find ("[account 2]\naccount=other\nsend=true\n") == 0;
  }));
  EXPECT_TRUE (wait_for ("the host's command", [this] {
    return ask ("account 2").find ("--account \"other\"") != std::string::npos;
  }));
  stop ();
}

TEST_F (ClawsAccountTabTest, MovesTheStoredPasswordIntoTheKeyring)
{
  std::string user = add_current ();

  start ();
  ask ("keep 2 recv " + dovecot_.password ());
  in_account ({ "press:Move the stored password there now", "see:It is in the keyring",
                "press:Cancel", "gone:Account preferences" });
  EXPECT_EQ (look_up (name ("pop3", user)), dovecot_.password ());
  EXPECT_EQ (ask ("kept 2"), "");
  EXPECT_TRUE (wait_for ("the binding", [this] { return has_binding ("passwords=true"); }));
  in_account ({ "untick:Keep this account's passwords in the desktop keyring", "press:OK",
                "gone:Account preferences" });
  EXPECT_TRUE (wait_for ("the way back", [this] { return ask ("kept 2") == "recv "; }));
  EXPECT_TRUE (wait_for ("the binding", [this] { return !has_binding ("passwords=true"); }));
  stop ();
}

TEST_F (ClawsAccountTabTest, TakesTheHostsAccountOverAndFetchesItsMail)
{
  std::string user = add_current (), conf = path ("config/postseal/accounts.conf");

  start ();
  ask ("keep 2 recv " + dovecot_.password ());
  in_account ({ "press:Take over this account's settings…", "window:Take this account over",
                "names:", "see:receive=pop3s://", "press:Cancel", "gone:Take this account over" });
  EXPECT_FALSE (fs::exists (conf));
  drive ({ "window:Account preferences", "press:Take over this account's settings…",
           "window:Take this account over", "tick:Put its password into the desktop keyring",
           "press:Take over", "gone:Take this account over", "window:Account preferences",
           "see:" + user, "tick:Receive with Postseal", "press:OK", "gone:Account preferences" });
  ASSERT_TRUE (wait_for ("its place", [this, &conf, &user] {
    return read_file (conf).find ("deliver=maildir:" + path ("state/postseal/claws/" + user) + "\n")
           != std::string::npos;
  }));
  /* The authority of the tests is not the system's. */
  ASSERT_EQ (instance_.run ({ "account", "edit", user, "ca-file=" + dovecot_.ca_file () }).status,
             0);
  deliver (user);
  EXPECT_TRUE (wait_for_mail (1));
  stop ();
}

TEST_F (ClawsAccountTabTest, IsBesideAPageThatTellsOfAllAccounts)
{
  configure ();
  start (settings ());
  EXPECT_EQ (ask ("later Configuration/Preferences"), "activated");
  drive ({ "window:Preferences", "row:Postseal", "see:Postseal works inside Claws Mail",
           "see:work: Nobody answers", "press:Accounts…", "see:fresh: ", "press:OK",
           "gone:Preferences" });
  EXPECT_EQ (read_file (path ("asked")), "\n");
  EXPECT_EQ (ask ("unload Postseal"), "unloaded");
  EXPECT_EQ (ask ("later Configuration/Preferences"), "activated");
  drive (
      { "window:Preferences", "row:Fonts", "absent:Postseal", "press:Cancel", "gone:Preferences" });
  stop ();
}

TEST_F (ClawsAccountTabTest, GoesWithThePlugin)
{
  configure ();
  start ();
  EXPECT_EQ (ask ("unload Postseal"), "unloaded");
  ask ("later Configuration/AccountPrefs");
  drive ({ "window:Account preferences", "see:Advanced", "absent:Postseal", "press:Cancel",
           "gone:Account preferences" });
  EXPECT_EQ (ask ("load " + plugin ()), "loaded");
  in_account ({ "see:work" });
  EXPECT_EQ (ask ("unload Postseal"), "unloaded");
  drive ({ "window:Account preferences", "absent:Receive with Postseal", "press:OK",
           "gone:Account preferences" });
  stop ();
}

} // namespace postseal_test

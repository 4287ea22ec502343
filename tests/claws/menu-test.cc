/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <csignal>
#include <cstdlib>

#include "claws/onlooker.h"
#include "claws/receive-fixture.h"
#include "support/dovecot.h"

/* The menu "Tools", the toolbar and the window of the status, as a screen reader uses them. */

namespace postseal_test
{

constexpr const char *GET_MAIL = "Get mail with Postseal";
constexpr const char *STATUS = "Postseal Status";

class ClawsMenuTest : public ReceiveTest
{
protected:
  ClawsMenuTest () : user_ (Dovecot::shared ().new_user ()) { use_bus (); }
  ~ClawsMenuTest () override
  {
    onlooker_.reset ();
    daemon_.reset ();
    Dovecot::shared ().forget_user (user_);
  }

  /* The account "work". @port: 0 for the server's own */
  std::string
  work (const std::string &more = {}, unsigned port = 0) const
  {
    return Dovecot::shared ().account (
        "work", "imaps", user_, "maildir:" + spool (),
        "layout=single\npush=no\ninterval=1d\nsend=submissions://jane@127.0.0.1:1\n" + more, port);
  }

  void
  start_and_look ()
  {
    start ({ { "POSTSEAL_SETTINGS", path ("settings") } });
    onlooker_ = std::make_unique<Onlooker> (process_->pid (), path ("onlooker"), environment ());
    ASSERT_TRUE (wait_for ("the onlooker", [this] { return onlooker_->is_ready (); }));
  }

  void
  stop_all ()
  {
    onlooker_.reset ();
    if (is_running ())
      stop ();
  }

  void
  press (const std::string &name, const std::string &title = {})
  {
    if (HasFatalFailure ())
      return;
    ASSERT_TRUE (wait_for (name, [&] { return onlooker_->press (title, name) == "pressed"; }));
  }

  /* Waits until the window of the status says @text, or no more. */
  void
  see (const std::string &text, bool is_there = true)
  {
    std::string seen;

    if (HasFatalFailure ())
      return;
    ASSERT_TRUE (wait_for ("“" + text + "”",
                           [&] {
                             seen = onlooker_->tell (STATUS);
                             return !seen.empty ()
                                    && (seen.find (text) != std::string::npos) == is_there;
                           }))
        << "the window says\n"
        << seen;
  }

  /* A button that does nothing while the same is being done already. */
  void
  press_until (const std::string &name, const std::string &text)
  {
    ASSERT_TRUE (wait_for ("“" + text + "”",
                           [&] {
                             onlooker_->press (STATUS, name);
                             return onlooker_->tell (STATUS).find (text) != std::string::npos;
                           }))
        << "the window says\n"
        << onlooker_->tell (STATUS);
  }

  void
  start_daemon ()
  {
    daemon_ = std::make_unique<ChildProcess> (std::vector<std::string>{ getenv ("POSTSEALD") },
                                              environment ());
  }

  bool
  has_window (const std::string &title) const
  {
    return ("\n" + onlooker_->windows ()).find ("\n" + title) != std::string::npos;
  }

  std::string user_;
  std::unique_ptr<Onlooker> onlooker_;
  std::unique_ptr<ChildProcess> daemon_;
};

TEST_F (ClawsMenuTest, ShowsHowEachAccountFares)
{
  write_file (path ("password"), "wrong");
  instance_.configure (work ("password=file:" + path ("password") + "\n")
                       + "[account other]\naddress=joe@example.net\n"
                         "receive=imaps://joe@127.0.0.1:1\npassword=command:false\n"
                         "deliver=maildir:~/other\n\n[account odd]\nreceive=gopher://x\n");
  start_and_look ();
  press ("Postseal status…");
  see ("There is no daemon");
  see ("panel: other (joe@example.net)");
  press_until ("Get mail: other", "panel: Receiving: a warning | Nobody answers at 127.0.0.1:1");
  see ("label: Next attempt: ");
  see ("the account “odd” has no “address”");
  see ("panel: Receiving: needs you | Server");
  write_file (path ("password"), Dovecot::shared ().password ());
  press_until ("Get mail: work", "label: TLS 1.3, vouched for by ");
  see ("panel: Receiving: needs you | Server", false);
  EXPECT_EQ (onlooker_->tell (STATUS).find ("Send now"), std::string::npos);
  EXPECT_EQ (onlooker_->tell (STATUS).find ("push button: \n"), std::string::npos);
  EXPECT_EQ (ask ("dialogs"), "0");
  stop_all ();
}

TEST_F (ClawsMenuTest, SendsWhatWaits)
{
  instance_.configure (work ());
  ASSERT_EQ (run_program ({ getenv ("POSTSEAL_SENDMAIL"), "--account", "work", "joe@example.net" },
                          environment (), "Subject: Hi\n\nhello\n")
                 .status,
             0);
  start_and_look ();
  press ("Postseal status…");
  see ("label: 1 message to be sent");
  press_until ("Send now: work", "panel: Sending: a warning | Nobody answers at 127.0.0.1:1");
  stop_all ();
}

TEST_F (ClawsMenuTest, FollowsADaemonThatComesAndIsKilled)
{
  instance_.configure (work ());
  start_and_look ();
  press ("Postseal status…");
  see ("There is no daemon");
  start_daemon ();
  see ("Postseal's daemon works");
  see ("push button: Get mail: work");
  daemon_->kill (SIGKILL);
  daemon_.reset ();
  see ("There is no daemon");
  press_until ("Get mail: work", "label: TLS 1.3, vouched for by ");
  stop_all ();
}

TEST_F (ClawsMenuTest, ClosesTheWindowByAKeyAndOpensItAgain)
{
  instance_.configure (work ());
  start_and_look ();
  for (int i = 0; i < 2; i++)
    {
      press ("Postseal status…");
      see ("panel: work");
      EXPECT_TRUE (wait_for ("Escape to close it", [this] {
        run_program ({ "timeout", "5", "xdotool", "search", "--onlyvisible", "--name", STATUS,
                       "windowactivate", "--sync" },
                     environment ());
        run_program ({ "xdotool", "key", "Escape" }, environment ());
        return !has_window (STATUS);
      }));
    }
  stop_all ();
}

TEST_F (ClawsMenuTest, SaysWhyThereIsNothingToGet)
{
  bind ("");
  instance_.configure (work ());
  start_and_look ();
  EXPECT_TRUE (wait_for ("the reason", [this] {
    return onlooker_->tell ("").find (std::string ("menu item: ") + GET_MAIL
                                      + " | Postseal gets mail for no account yet.")
           != std::string::npos;
  }));
  EXPECT_EQ (onlooker_->press ("", GET_MAIL), "insensitive");
  stop_all ();
}

TEST_F (ClawsMenuTest, OpensTheDialog)
{
  write_file (path ("settings"), "#!/bin/sh\necho \"$#\" \"$@\" >>" + path ("calls") + "\n");
  ASSERT_EQ (run_program ({ "chmod", "+x", path ("settings") }).status, 0);
  write_file (path ("calls"), "");
  instance_.configure (work ());
  start_and_look ();
  press ("Postseal accounts…");
  EXPECT_TRUE (wait_for ("a call", [this] { return read_file (path ("calls")) == "0\n"; }));
  press ("Postseal status…");
  press ("Set up…: work", STATUS);
  EXPECT_TRUE (wait_for ("another one",
                         [this] { return read_file (path ("calls")) == "0\n2 --account work\n"; }));
  EXPECT_EQ (run_program ({ "rm", path ("settings") }).status, 0);
  press ("Accounts…", STATUS);
  see ("cannot be started");
  press ("Close", STATUS);
  EXPECT_TRUE (wait_for ("the window to close", [this] { return !has_window (STATUS); }));
  stop_all ();
}

TEST_F (ClawsMenuTest, LeavesNothingWhenItIsUnloadedInTheMiddle)
{
  instance_.configure (work ());
  start_and_look ();
  press ("Postseal status…");
  press ("Get mail: work", STATUS);
  EXPECT_EQ (ask ("unload Postseal"), "unloaded");
  EXPECT_TRUE (wait_for ("the window to go", [this] { return !has_window (STATUS); }));
  for (const char *item : { GET_MAIL, "Postseal status…", "Postseal accounts…" })
    EXPECT_EQ (onlooker_->press ("", item), "absent") << item;
  EXPECT_EQ (ask ("load " + plugin ()), "loaded");
  press (GET_MAIL);
  EXPECT_TRUE (wait_for (
      "an answer", [this] { return ask ("status") == "Postseal: nothing new, TLS 1.3, work"; }));
  stop_all ();
}

TEST_F (ClawsMenuTest, HasAButtonThatTheUserMayPutIntoTheToolbar)
{
  const std::string BUTTON = std::string ("Postseal/") + GET_MAIL;

  instance_.configure (work ());
  start_and_look ();
  press ("Preferences...");
  ASSERT_TRUE (wait_for ("the page", [this] {
    return onlooker_->select ("Preferences", "Main Window") == "selected";
  }));
  ASSERT_TRUE (wait_for ("the kind", [this] {
    return onlooker_->choose ("Preferences", "Internal Function", "Plugins") == "chosen";
  }));
  press ("Add", "Preferences");
  press ("OK", "Preferences");
  EXPECT_TRUE (wait_for ("an answer", [&] {
    return onlooker_->press ("", BUTTON) == "pressed"
           && ask ("status") == "Postseal: nothing new, TLS 1.3, work";
  }));
  stop_all ();

  start_and_look ();
  press (BUTTON);
  EXPECT_TRUE (wait_for (
      "an answer", [this] { return ask ("status") == "Postseal: nothing new, TLS 1.3, work"; }));
  EXPECT_EQ (ask ("unload Postseal"), "unloaded");
  press (BUTTON);
  EXPECT_EQ (ask ("ready"), "ready");
  stop_all ();
}

} // namespace postseal_test

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-fixture.h"
#include "support/corpus.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace postseal_test
{

namespace fs = std::filesystem;

/* A POP3 account that sends with another name, whose two passwords are in the host's own store. */
class ClawsPasswordMoveTest : public PasswordTest
{
protected:
  ClawsPasswordMoveTest ()
      : user_ (dovecot_.new_user ()), id_ (std::to_string (add_pop3 (user_, sending (user_))))
  {
  }

  /* With what moves, in place of the plugin. */
  void
  start_mover (Environment more = {})
  {
    more["POSTSEAL_MOVED"] = path ("moved");
    start (more, false);
    ASSERT_EQ (ask (std::string ("load ") + getenv ("CLAWS_MOVER")), "loaded");
  }
  void
  fill_store ()
  {
    ask ("keep " + id_ + " recv " + dovecot_.password ());
    ask ("keep " + id_ + " send one for sending");
    ASSERT_EQ (ask ("kept " + id_), "recv send");
  }
  /* What came of "move" or "back"; "" when the host has died of it. */
  std::string
  order (const std::string &what)
  {
    fs::remove (path ("moved"));
    ask ("do " + what + " " + id_);
    for (int i = 0; i < 6000 && !fs::exists (path ("moved")); i++)
      if (process_->ended_within (0.01))
        return "";
    return fs::exists (path ("moved")) ? read_file (path ("moved")) : "nothing came of it";
  }
  /* The host's file has an entry of @kind for the account. */
  bool
  is_in_store (const std::string &kind)
  {
    std::string file = path (".claws-mail/passwordstorerc");

    return fs::exists (file) && read_file (file).find ("\n" + kind + " ") != std::string::npos;
  }

  std::string user_, id_;
};

TEST_F (ClawsPasswordMoveTest, MovesBothPasswordsAndTheAccountGoesOn)
{
  start_mover ();
  fill_store ();
  EXPECT_EQ (order ("move"), "2 moved");
  EXPECT_EQ (ask ("kept " + id_), "");
  EXPECT_FALSE (is_in_store ("recv"));
  EXPECT_FALSE (is_in_store ("send"));
  EXPECT_EQ (look_up (name ("pop3", user_)), dovecot_.password ());
  EXPECT_EQ (look_up (name ("smtp", user_)), "one for sending");
  deliver (user_);
  fetch ();
  ASSERT_TRUE (wait_for_mail (1));
  stop ();
}

TEST_F (ClawsPasswordMoveTest, CopiesBothPasswordsBack)
{
  store (name ("pop3", user_), dovecot_.password ());
  store (name ("smtp", user_), "one for sending");
  start_mover ();
  EXPECT_EQ (order ("back"), "2 moved");
  EXPECT_EQ (ask ("kept " + id_), "recv send");
  EXPECT_TRUE (is_in_store ("recv"));
  EXPECT_TRUE (is_in_store ("send"));
  EXPECT_EQ (look_up (name ("pop3", user_)), dovecot_.password ());
  ask ("unload Mover");
  deliver (user_);
  fetch ();
  ASSERT_TRUE (wait_for_mail (1));
  stop ();
}

/* The host's account dialog does so when it is closed. */
TEST_F (ClawsPasswordMoveTest, FollowsWhatTheHostStoresOnceMore)
{
  start_mover ();
  fill_store ();
  ASSERT_EQ (order ("move"), "2 moved");
  store (name ("pop3", user_), "an older one");
  ask ("keep " + id_ + " recv " + dovecot_.password ());
  deliver (user_);
  fetch ();
  ASSERT_TRUE (wait_for_mail (1));
  ASSERT_TRUE (wait_for ("it to follow", [&] { return ask ("kept " + id_).empty (); }));
  EXPECT_EQ (look_up (name ("pop3", user_)), dovecot_.password ());
  stop ();
}

TEST_F (ClawsPasswordMoveTest, LeavesPostsealsOwnPasswordAsItIs)
{
  instance_.configure ("[account other]\naddress=jane@example.org\nreceive=pop3s://" + user_
                       + "@127.0.0.1:1\ndeliver=maildir:" + path ("mail") + "\n\n");
  store ("other", "of postseal");
  start_mover ();
  fill_store ();
  EXPECT_EQ (order ("move"), "2 moved");
  EXPECT_EQ (look_up ("other"), "of postseal");
  EXPECT_EQ (look_up (name ("pop3", user_)), dovecot_.password ());
  stop ();
}

/* At each durable step on the host's own store. */
TEST_F (ClawsPasswordMoveTest, LosesNothingWhenTheHostIsKilled)
{
  unsigned step = 0;
  bool was_killed = true;

  while (was_killed && !HasFailure ())
    {
      /* In the clear, which the host reads as well. */
      write_file (path (".claws-mail/passwordstorerc"),
                  "[account:" + id_ + "]\nrecv " + dovecot_.password () + "\nsend for-sending\n");
      store (name ("pop3", user_), "none yet");
      store (name ("smtp", user_), "none yet");
      start_mover ({ { "LD_PRELOAD", getenv ("STEPS_LIBRARY") },
                     { "POSTSEAL_STEPS_ACTION", "kill-before" },
                     { "POSTSEAL_STEPS_MATCH", "passwordstorerc" },
                     { "POSTSEAL_STEPS_AT", std::to_string (++step) } });
      ASSERT_EQ (ask ("kept " + id_), "recv send");
      std::string outcome = order ("move");
      was_killed = outcome.empty ();
      EXPECT_TRUE (was_killed || outcome == "2 moved") << outcome;
      kill ();
      EXPECT_TRUE (is_in_store ("recv") || look_up (name ("pop3", user_)) == dovecot_.password ())
          << "step " << step;
      EXPECT_TRUE (is_in_store ("send") || look_up (name ("smtp", user_)) == "for-sending")
          << "step " << step;
    }
  EXPECT_GT (step, 2u) << "no step was reached";
}

} // namespace postseal_test

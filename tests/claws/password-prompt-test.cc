/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-fixture.h"
#include "support/fake-keyring.h"

#include <cstdlib>
#include <filesystem>

#include "support/corpus.h"

namespace postseal_test
{

/* A desktop whose keyring is not there, or is locked, and a person in front of its prompt. */
class ClawsPasswordPromptTest : public PasswordTest
{
protected:
  using Person = FakeKeyring::Person;

  ClawsPasswordPromptTest () : user_ (dovecot_.new_user ()) { deliver (user_); }

  /* Account 2 fetches, and its password is in the locked keyring. */
  void
  start_locked (Person person)
  {
    add_pop3 (user_, sending ("jane"));
    keyring_.store (name ("pop3", user_), dovecot_.password ());
    keyring_.store (name ("smtp", "jane"), submission_.password ());
    keyring_.appear (true, person);
    queue (2);
    start ();
    fetch ();
  }
  bool
  wait_for_prompts (unsigned n)
  {
    return wait_for ("a prompt", [&] { return keyring_.prompts () == n; });
  }
  /* The host's question, which nobody answers. */
  void
  expect_question ()
  {
    ASSERT_TRUE (wait_for_dialog ("Input password"));
    EXPECT_EQ (ask ("dismiss"), "dismissed");
    ASSERT_TRUE (wait_for_dialog ("none"));
  }

  std::string user_;
  FakeKeyring keyring_;
};

TEST_F (ClawsPasswordPromptTest, LetsTheHostAskWhereThereIsNoKeyring)
{
  add_pop3 (user_);
  start ();
  fetch ();
  expect_question ();
  stop ();
}

TEST_F (ClawsPasswordPromptTest, UnlocksTheKeyring)
{
  start_locked (Person::Types);
  ASSERT_TRUE (wait_for_mail (1));
  EXPECT_EQ (keyring_.prompts (), 1u);
  stop ();
}

TEST_F (ClawsPasswordPromptTest, LetsTheHostAskAndPromptsNoMoreWhenItIsDismissed)
{
  start_locked (Person::Dismisses);
  expect_question ();
  fetch ();
  expect_question ();
  EXPECT_EQ (keyring_.prompts (), 1u);
  stop ();
}

TEST_F (ClawsPasswordPromptTest, HasOnePromptForAllWhoAskWhileTheWindowGoesOn)
{
  start_locked (Person::Waits);
  ASSERT_TRUE (wait_for_prompts (1));
  /* Within the first question: the host is about to receive. */
  EXPECT_EQ (ask ("later /Menu/Message/SendQueue"), "activated");
  ASSERT_TRUE (wait_for ("the second question", [this] { return ask ("asked") == "2"; }));
  keyring_.answer (Person::Types);
  ASSERT_TRUE (wait_for_mail (1));
  ASSERT_TRUE (wait_for_sent ());
  EXPECT_EQ (keyring_.prompts (), 1u);
  stop ();
}

TEST_F (ClawsPasswordPromptTest, IsUnloadedWhileThePromptIsThere)
{
  start_locked (Person::Waits);
  ASSERT_TRUE (wait_for_prompts (1));
  EXPECT_EQ (ask ("unload Postseal"), "unloaded");
  expect_question ();
  EXPECT_EQ (keyring_.dismissals (), 1u);
  stop ();
}

TEST_F (ClawsPasswordPromptTest, EndsWithTheHostWhileThePromptIsThere)
{
  start_locked (Person::Waits);
  ASSERT_TRUE (wait_for_prompts (1));
  EXPECT_EQ (ask ("later /Menu/File/Exit"), "activated");
  /* At once, and as ever. */
  ASSERT_TRUE (wait_for_dialog ("Input password"));
  EXPECT_EQ (keyring_.dismissals (), 1u);
  EXPECT_EQ (ask ("dismiss"), "dismissed");
  EXPECT_TRUE (ended_within (30)) << "it waits for the keyring: " << ask ("dialog");
}

TEST_F (ClawsPasswordPromptTest, MovesNothingWhenThePromptIsDismissed)
{
  add_pop3 (user_);
  keyring_.appear (true, Person::Dismisses);
  start ({ { "POSTSEAL_MOVED", path ("moved") } }, false);
  ASSERT_EQ (ask (std::string ("load ") + getenv ("CLAWS_MOVER")), "loaded");
  ask ("keep 2 recv " + dovecot_.password ());
  ask ("do move 2");
  ASSERT_TRUE (
      wait_for ("what came of it", [this] { return std::filesystem::exists (path ("moved")); }));
  EXPECT_EQ (read_file (path ("moved")), "The keyring was not unlocked");
  EXPECT_EQ (ask ("kept 2"), "recv ");
  fetch ();
  ASSERT_TRUE (wait_for_mail (1));
  stop ();
}

} // namespace postseal_test

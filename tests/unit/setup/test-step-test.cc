/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "setup/test-step-private.h"

class TestStep : public ::testing::Test
{
protected:
  TestStep () : step (_postseal_test_step_new (POSTSEAL_TEST_SIGN_IN, TRUE, g_strdup ("Sign in")))
  {
    g_signal_connect (step, "notify", G_CALLBACK (on_notify), &told);
  }

  ~TestStep () override { g_object_unref (step); }

  static void
  on_notify (GObject *, GParamSpec *pspec, gpointer user_data)
  {
    static_cast<std::vector<std::string> *> (user_data)->push_back (pspec->name);
  }

  std::vector<std::string> told;
  PostsealTestStep *step;
};

TEST_F (TestStep, WaitsWithNothingToSay)
{
  int kind = 0, state = -1;
  gboolean sending = FALSE;
  g_autofree char *title = nullptr, *detail = nullptr;
  double seconds = -1;

  g_object_get (step, "kind", &kind, "sending", &sending, "state", &state, "title", &title,
                "detail", &detail, "seconds", &seconds, nullptr);
  EXPECT_EQ (kind, POSTSEAL_TEST_SIGN_IN);
  EXPECT_TRUE (sending);
  EXPECT_EQ (state, POSTSEAL_TEST_WAITING);
  EXPECT_STREQ (title, "Sign in");
  EXPECT_STREQ (detail, "");
  EXPECT_EQ (seconds, 0);
  EXPECT_FALSE (_postseal_test_step_is_over (step));
}

TEST_F (TestStep, TellsTheDetailAndTheTimeBeforeTheEnd)
{
  _postseal_test_step_begin (step);
  _postseal_test_step_tell (step, "PLAIN");
  g_usleep (1); /* a clock that does not stand still */
  _postseal_test_step_end (step, POSTSEAL_TEST_PASSED, nullptr);

  EXPECT_EQ (told, (std::vector<std::string>{ "state", "detail", "seconds", "state" }));
  EXPECT_STREQ (postseal_test_step_get_detail (step), "PLAIN");
  EXPECT_GT (postseal_test_step_get_seconds (step), 0);
  EXPECT_TRUE (_postseal_test_step_is_over (step));
}

TEST_F (TestStep, TellsNothingTwice)
{
  _postseal_test_step_begin (step);
  _postseal_test_step_tell (step, "PLAIN");
  told.clear ();
  _postseal_test_step_tell (step, "PLAIN");
  EXPECT_TRUE (told.empty ());
}

TEST_F (TestStep, TakesNoTimeWhenItIsSkipped)
{
  _postseal_test_step_end (step, POSTSEAL_TEST_SKIPPED, "not needed");
  EXPECT_EQ (postseal_test_step_get_seconds (step), 0);
  EXPECT_EQ (postseal_test_step_get_state (step), POSTSEAL_TEST_SKIPPED);
  EXPECT_STREQ (postseal_test_step_get_detail (step), "not needed");
}

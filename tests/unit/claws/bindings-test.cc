/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtest/gtest.h>

#include <vector>

#include "claws/bindings.h"
#include "support/corpus.h"

namespace postseal_test
{

class ClawsBindingsTest : public testing::Test
{
protected:
  ClawsBindingsTest () { open (); }
  ~ClawsBindingsTest () override { g_object_unref (bindings_); }

  void
  open ()
  {
    bindings_ = postseal_claws_bindings_new ((folder_ / "postsealrc").c_str ());
    g_signal_connect (bindings_, "changed", G_CALLBACK (on_changed), this);
  }

  /* What is there when the program runs the next time. */
  void
  open_again ()
  {
    g_object_unref (bindings_);
    open ();
  }

  std::vector<int>
  list (PostsealClawsDuty duty)
  {
    g_autoptr (GArray) ids = postseal_claws_bindings_list (bindings_, duty);

    return { (int *)(void *)ids->data, (int *)(void *)ids->data + ids->len };
  }

  bool
  does (int id, PostsealClawsDuty duty)
  {
    return postseal_claws_bindings_does (bindings_, id, duty);
  }

  static void
  on_changed (PostsealClawsBindings *, int id, gpointer self)
  {
    ((ClawsBindingsTest *)self)->changed_.push_back (id);
  }

  TemporaryFolder folder_;
  PostsealClawsBindings *bindings_;
  std::vector<int> changed_;
};

TEST_F (ClawsBindingsTest, BindsNothingAtFirst)
{
  EXPECT_EQ (postseal_claws_bindings_get_account (bindings_, 1), nullptr);
  EXPECT_FALSE (does (1, POSTSEAL_CLAWS_PASSWORDS));
  EXPECT_EQ (list (POSTSEAL_CLAWS_RECEIVE), std::vector<int>{});
}

TEST_F (ClawsBindingsTest, KnowsNextTimeWhatItWasTold)
{
  postseal_claws_bindings_set_account (bindings_, 3, "work");
  postseal_claws_bindings_set (bindings_, 3, POSTSEAL_CLAWS_RECEIVE, TRUE);
  postseal_claws_bindings_set (bindings_, 12, POSTSEAL_CLAWS_PASSWORDS, TRUE);
  postseal_claws_bindings_remember (bindings_, 3, "delivery", "a\nb=ä\n");
  open_again ();
  EXPECT_STREQ (postseal_claws_bindings_get_account (bindings_, 3), "work");
  EXPECT_TRUE (does (3, POSTSEAL_CLAWS_RECEIVE));
  EXPECT_FALSE (does (3, POSTSEAL_CLAWS_SEND));
  EXPECT_TRUE (does (12, POSTSEAL_CLAWS_PASSWORDS));
  g_autofree char *before = postseal_claws_bindings_recall (bindings_, 3, "delivery");
  EXPECT_STREQ (before, "a\nb=ä\n");
}

TEST_F (ClawsBindingsTest, TellsOfEachChangeOnceAndOfNoneThatIsNone)
{
  postseal_claws_bindings_set_account (bindings_, 3, "work");
  postseal_claws_bindings_set_account (bindings_, 3, "work");
  postseal_claws_bindings_set (bindings_, 3, POSTSEAL_CLAWS_SEND, TRUE);
  postseal_claws_bindings_set (bindings_, 3, POSTSEAL_CLAWS_SEND, TRUE);
  postseal_claws_bindings_set (bindings_, 3, POSTSEAL_CLAWS_RECEIVE, FALSE);
  postseal_claws_bindings_remember (bindings_, 3, "delivery", "x");
  EXPECT_EQ (changed_, (std::vector<int>{ 3, 3 }));
}

TEST_F (ClawsBindingsTest, ReceivesAnAccountForOneOfTheHostOnly)
{
  for (int id : { 1, 2 })
    {
      postseal_claws_bindings_set_account (bindings_, id, "work");
      postseal_claws_bindings_set (bindings_, id, POSTSEAL_CLAWS_SEND, TRUE);
      postseal_claws_bindings_set (bindings_, id, POSTSEAL_CLAWS_RECEIVE, TRUE);
    }
  EXPECT_EQ (list (POSTSEAL_CLAWS_RECEIVE), std::vector<int>{ 2 });
  EXPECT_EQ (list (POSTSEAL_CLAWS_SEND), (std::vector<int>{ 1, 2 }));
  EXPECT_EQ (postseal_claws_bindings_find (bindings_, "work", POSTSEAL_CLAWS_RECEIVE), 2);
  EXPECT_EQ (postseal_claws_bindings_find (bindings_, "home", POSTSEAL_CLAWS_RECEIVE), 0);
}

TEST_F (ClawsBindingsTest, ReceivesAndSendsNothingWithoutAnAccount)
{
  postseal_claws_bindings_set (bindings_, 1, POSTSEAL_CLAWS_RECEIVE, TRUE);
  EXPECT_FALSE (does (1, POSTSEAL_CLAWS_RECEIVE));
  postseal_claws_bindings_set_account (bindings_, 1, "work");
  EXPECT_TRUE (does (1, POSTSEAL_CLAWS_RECEIVE));
  postseal_claws_bindings_set (bindings_, 1, POSTSEAL_CLAWS_PASSWORDS, TRUE);
  postseal_claws_bindings_set_account (bindings_, 1, nullptr);
  EXPECT_FALSE (does (1, POSTSEAL_CLAWS_RECEIVE));
  EXPECT_TRUE (does (1, POSTSEAL_CLAWS_PASSWORDS));
  postseal_claws_bindings_set_account (bindings_, 1, "work");
  EXPECT_FALSE (does (1, POSTSEAL_CLAWS_RECEIVE));
}

TEST_F (ClawsBindingsTest, ForgetsAnAccount)
{
  postseal_claws_bindings_set_account (bindings_, 1, "work");
  postseal_claws_bindings_forget (bindings_, 1);
  postseal_claws_bindings_forget (bindings_, 1);
  EXPECT_EQ (changed_, (std::vector<int>{ 1, 1 }));
  open_again ();
  EXPECT_EQ (postseal_claws_bindings_get_account (bindings_, 1), nullptr);
}

TEST_F (ClawsBindingsTest, TakesABrokenFileForNone)
{
  g_object_unref (bindings_);
  write_file (folder_ / "postsealrc", "[account 1\naccount=work\n[account x]\n");
  open ();
  EXPECT_EQ (list (POSTSEAL_CLAWS_RECEIVE), std::vector<int>{});
}

} // namespace postseal_test

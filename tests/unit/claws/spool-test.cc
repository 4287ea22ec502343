/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "claws/spool.h"
#include "support/corpus.h"
#include "support/main-loop.h"

namespace postseal_test
{

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class ClawsSpoolTest : public testing::Test
{
protected:
  ClawsSpoolTest () { open (); }
  ~ClawsSpoolTest () override
  {
    postseal_claws_spool_stop (spool_);
    g_object_unref (spool_);
    loop_.settle ();
  }

  void
  open ()
  {
    spool_ = postseal_claws_spool_new (path ("").c_str ());
    g_signal_connect (spool_, "arrived", G_CALLBACK (on_arrived), this);
    arrivals_ = 0;
    loop_.wait_for ([this] { return arrivals_ == 1; });
  }

  static void
  on_arrived (PostsealClawsSpool *, gpointer self)
  {
    ((ClawsSpoolTest *)self)->arrivals_++;
  }

  std::string
  path (const std::string &name) const
  {
    return folder_ / ("spool/" + name);
  }

  void
  deliver (const std::string &name, const std::string &text)
  {
    write_file (path ("tmp/" + name), text);
    fs::rename (path ("tmp/" + name), path ("new/" + name));
  }

  Names
  take (unsigned limit)
  {
    Names names;

    postseal_claws_spool_take_async (spool_, limit, AsyncLoop::on_ready, &loop_);
    g_autoptr (GPtrArray) taken = postseal_claws_spool_take_finish (spool_, loop_.wait (), nullptr);
    EXPECT_NE (taken, nullptr);
    for (guint i = 0; taken != nullptr && i < taken->len; i++)
      names.push_back (fs::path ((char *)taken->pdata[i]).filename ());
    return names;
  }

  /* One "NAME" or "NAME=FILE" each. */
  Names
  recover ()
  {
    Names found;

    postseal_claws_spool_recover_async (spool_, (folder_ / "host").c_str (), AsyncLoop::on_ready,
                                        &loop_);
    g_autoptr (GPtrArray) taken
        = postseal_claws_spool_recover_finish (spool_, loop_.wait (), nullptr);
    for (guint i = 0; taken != nullptr && i < taken->len; i++)
      {
        auto *one = (PostsealClawsTaken *)taken->pdata[i];

        found.push_back (fs::path (one->path).filename ());
        if (one->filed != nullptr)
          found.back () += "=" + fs::path (one->filed).filename ().string ();
      }
    return found;
  }

  bool
  drop (const std::string &name, const std::string &filed)
  {
    GPtrArray *taken = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_claws_taken_free);

    g_ptr_array_add (taken, postseal_claws_taken_new (path ("cur/" + name).c_str (),
                                                      (folder_ / ("host/" + filed)).c_str ()));
    postseal_claws_spool_drop_async (spool_, taken, AsyncLoop::on_ready, &loop_);
    return postseal_claws_spool_drop_finish (spool_, loop_.wait (), nullptr);
  }

  void
  host_has (const std::string &name, const std::string &text)
  {
    write_file (folder_ / ("host/" + name), text);
  }

  AsyncLoop loop_;
  TemporaryFolder folder_;
  PostsealClawsSpool *spool_;
  int arrivals_ = 0;
};

TEST_F (ClawsSpoolTest, TellsOfArrivalsUntilItIsLookedAt)
{
  deliver ("1", "a");
  EXPECT_EQ (take (10), Names{ "1" });
  deliver ("2", "b");
  deliver ("3", "c");
  loop_.wait_for ([this] { return arrivals_ >= 2; });
  EXPECT_EQ (take (10), (Names{ "2", "3" }));
  EXPECT_EQ (take (10), Names{});
}

TEST_F (ClawsSpoolTest, TakesTheOldestFirstAndNotMoreThanIsWanted)
{
  for (const char *name : { "5", "3", "9", "1", "7" })
    deliver (name, name);
  EXPECT_EQ (take (2), (Names{ "1", "3" }));
  deliver ("8", "later");
  EXPECT_EQ (take (2), (Names{ "5", "7" }));
  EXPECT_EQ (take (9), (Names{ "9", "8" })) << "what was seen first, then the others";
  EXPECT_EQ (list_folder (path ("new")), Names{});
  EXPECT_EQ (list_folder (path ("cur")).size (), 6u);
}

TEST_F (ClawsSpoolTest, ReplacesNothingAndMindsNothingThatIsGone)
{
  deliver ("1", "new");
  deliver ("2", "gone");
  deliver ("3", "good");
  write_file (path ("cur/1"), "old");
  EXPECT_EQ (take (1), Names{ "2" });
  fs::remove (path ("new/3"));
  EXPECT_EQ (take (9), Names{});
  EXPECT_EQ (read_file (path ("cur/1")), "old");
  EXPECT_EQ (read_file (path ("new/1")), "new");
}

TEST_F (ClawsSpoolTest, DropsOnlyWhatTheHostHas)
{
  deliver ("1", "text");
  take (1);
  host_has ("1", "TEXT");
  EXPECT_FALSE (drop ("1", "1"));
  EXPECT_FALSE (drop ("1", "2")) << "there is no such file";
  EXPECT_EQ (list_folder (path ("cur")), Names{ "1" });
  host_has ("2", "text");
  EXPECT_TRUE (drop ("1", "2"));
  EXPECT_EQ (list_folder (path ("cur")), Names{});
}

TEST_F (ClawsSpoolTest, FindsWhatWasUnderWayByIdentityThenByContent)
{
  host_has ("1", "same");
  host_has ("3", "other");
  for (const char *name : { "a", "b" })
    deliver (name, "same");
  deliver ("c", "same");
  deliver ("d", "othex");
  take (9);
  fs::create_hard_link (path ("cur/b"), folder_ / "host/2");
  EXPECT_EQ (recover (), (Names{ "a=1", "b=2", "c", "d" }))
      << "each file of the host stands for one message";
}

TEST_F (ClawsSpoolTest, RecoversWhereTheHostHasNoFolderYet)
{
  deliver ("a", "text");
  take (1);
  EXPECT_EQ (recover (), Names{ "a" });
}

TEST_F (ClawsSpoolTest, TakesNothingMoreAfterItsEnd)
{
  g_autoptr (GError) error = nullptr;

  deliver ("1", "a");
  postseal_claws_spool_stop (spool_);
  postseal_claws_spool_take_async (spool_, 9, AsyncLoop::on_ready, &loop_);
  EXPECT_EQ (postseal_claws_spool_take_finish (spool_, loop_.wait (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  EXPECT_EQ (list_folder (path ("new")), Names{ "1" });
}

TEST_F (ClawsSpoolTest, ComparesBytesAndNotOnlySizes)
{
  std::string big (200000, 'x'), other = big;

  other.back () = 'y';
  write_file (path ("1"), big);
  write_file (path ("2"), big);
  write_file (path ("3"), other);
  write_file (path ("4"), "");
  write_file (path ("5"), "");
  EXPECT_TRUE (postseal_claws_spool_is_same (path ("1").c_str (), path ("2").c_str ()));
  EXPECT_FALSE (postseal_claws_spool_is_same (path ("1").c_str (), path ("3").c_str ()));
  EXPECT_TRUE (postseal_claws_spool_is_same (path ("4").c_str (), path ("5").c_str ()));
  EXPECT_FALSE (postseal_claws_spool_is_same (path ("1").c_str (), path ("6").c_str ()));
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <glib/gstdio.h>

#include <string>

#include "engine/last-run.h"

class LastRun : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("last-run-XXXXXX", nullptr);
    directory = made;
  }

  void
  TearDown () override
  {
    g_remove ((directory + "/last-run").c_str ());
    g_rmdir (directory.c_str ());
  }

  std::string directory;
};

TEST_F (LastRun, ComesBackAsItWasSaved)
{
  char error[] = "cannot\nfoo";
  char seal[] = "a=1\nb=2\n";
  PostsealLastRun saved = { 12345, 76, error, 1, 2, 3, G_MAXUINT64, seal };
  PostsealLastRun loaded;

  ASSERT_TRUE (postseal_last_run_save (&saved, directory.c_str (), nullptr));
  ASSERT_TRUE (postseal_last_run_load (directory.c_str (), &loaded));
  EXPECT_EQ (loaded.time, 12345);
  EXPECT_EQ (loaded.status, 76);
  EXPECT_STREQ (loaded.error, error);
  EXPECT_EQ (loaded.delivered, 1u);
  EXPECT_EQ (loaded.deleted, 2u);
  EXPECT_EQ (loaded.failed, 3u);
  EXPECT_EQ (loaded.bytes, G_MAXUINT64);
  EXPECT_STREQ (loaded.seal, seal);
  postseal_last_run_clear (&loaded);
}

TEST_F (LastRun, LeavesNothingOfALongerOneBefore)
{
  char error[] = "a sentence that makes the file longer than the next one will be";
  PostsealLastRun failed = { 1, 76, error, 0, 0, 0, 0, nullptr };
  PostsealLastRun fine = { 2, 0, nullptr, 0, 0, 0, 0, nullptr };
  PostsealLastRun loaded;

  ASSERT_TRUE (postseal_last_run_save (&failed, directory.c_str (), nullptr));
  ASSERT_TRUE (postseal_last_run_save (&fine, directory.c_str (), nullptr));
  ASSERT_TRUE (postseal_last_run_load (directory.c_str (), &loaded));
  EXPECT_EQ (loaded.error, nullptr);
  postseal_last_run_clear (&loaded);
}

TEST_F (LastRun, WhereThereIsNoneOrRubbishThereIsNone)
{
  PostsealLastRun loaded;

  EXPECT_FALSE (postseal_last_run_load (directory.c_str (), &loaded));
  g_file_set_contents ((directory + "/last-run").c_str (), "rubbish", -1, nullptr);
  EXPECT_FALSE (postseal_last_run_load (directory.c_str (), &loaded));
}

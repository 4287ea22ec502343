/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <glib/gstdio.h>
#include <sys/stat.h>

#include <string>

#include "base/durable-file.h"

class DurableFile : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("durable-XXXXXX", nullptr);
    directory = made;
    path = directory + "/file";
  }

  void
  TearDown () override
  {
    g_remove (path.c_str ());
    g_rmdir (directory.c_str ());
  }

  std::string directory, path;
};

TEST_F (DurableFile, ReplacesTheWholeContentWithTheModeAskedFor)
{
  g_autoptr (GError) error = nullptr;
  g_autofree char *content = nullptr;
  struct stat status;

  ASSERT_TRUE (postseal_durable_write (path.c_str (), "long before", 11, 0644, &error));
  ASSERT_TRUE (postseal_durable_write (path.c_str (), "after", 5, 0600, &error));

  ASSERT_TRUE (g_file_get_contents (path.c_str (), &content, nullptr, nullptr));
  EXPECT_STREQ (content, "after");
  ASSERT_EQ (stat (path.c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 0777, 0600u);
}

TEST_F (DurableFile, FailureLeavesTheOldFileAndNothingElse)
{
  g_autoptr (GError) error = nullptr;
  std::string missing = directory + "/missing/file";

  EXPECT_FALSE (postseal_durable_write (missing.c_str (), "x", 1, 0600, &error));
  ASSERT_TRUE (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
  EXPECT_NE (strstr (error->message, missing.c_str ()), nullptr);
}

TEST_F (DurableFile, FailedRenameRemovesTheTemporaryFile)
{
  g_autoptr (GError) error = nullptr;
  std::string target = directory + "/target";

  ASSERT_EQ (g_mkdir (target.c_str (), 0700), 0);
  EXPECT_FALSE (postseal_durable_write (target.c_str (), "x", 1, 0600, &error));
  EXPECT_EQ (g_rmdir (target.c_str ()), 0);
  /* TearDown's rmdir would fail on a leftover; look here so that the test does. */
  g_autoptr (GDir) dir = g_dir_open (directory.c_str (), 0, nullptr);
  EXPECT_EQ (g_dir_read_name (dir), nullptr);
}

TEST_F (DurableFile, MakesMissingParentsPrivate)
{
  g_autoptr (GError) error = nullptr;
  std::string parent = directory + "/a";
  std::string child = parent + "/b";
  struct stat status;

  ASSERT_TRUE (postseal_durable_make_directory (child.c_str (), &error));
  ASSERT_TRUE (postseal_durable_make_directory (child.c_str (), &error)) << "twice is fine";
  ASSERT_EQ (stat (parent.c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 0777, 0700u);
  g_rmdir (child.c_str ());
  g_rmdir (parent.c_str ());
}

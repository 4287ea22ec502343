/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "base/lock-file.h"

class LockFile : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("lock-XXXXXX", nullptr);
    directory = made;
    path = directory + "/lock";
  }

  void
  TearDown () override
  {
    g_remove (path.c_str ());
    g_rmdir (directory.c_str ());
  }

  std::string directory, path;
};

TEST_F (LockFile, SecondHolderIsToldWhoTheFirstIs)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealLockFile) first = postseal_lock_file_acquire (path.c_str (), "first", &error);
  std::string process = "(process " + std::to_string (getpid ()) + ")";

  ASSERT_NE (first, nullptr);
  EXPECT_EQ (postseal_lock_file_acquire (path.c_str (), "second", &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  EXPECT_NE (strstr (error->message, "first"), nullptr) << error->message;
  EXPECT_NE (strstr (error->message, process.c_str ()), nullptr) << error->message;
}

TEST_F (LockFile, IsFreeAfterRelease)
{
  PostsealLockFile *first = postseal_lock_file_acquire (path.c_str (), "first", nullptr);

  postseal_lock_file_release (first);
  g_autoptr (PostsealLockFile) second
      = postseal_lock_file_acquire (path.c_str (), "second", nullptr);
  EXPECT_NE (second, nullptr);
}

TEST_F (LockFile, IsWaitedForWhileItIsHeld)
{
  PostsealLockFile *first = postseal_lock_file_acquire (path.c_str (), "first", nullptr);
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_lock_file_await (path.c_str (), "second", 20, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  std::thread later ([first] { postseal_lock_file_release (first); });
  g_autoptr (PostsealLockFile) second
      = postseal_lock_file_await (path.c_str (), "second", 60000, nullptr);
  later.join ();
  EXPECT_NE (second, nullptr);
}

TEST_F (LockFile, CanBeSeenWithoutTakingIt)
{
  EXPECT_FALSE (postseal_lock_file_is_held (path.c_str ()));
  EXPECT_FALSE (g_file_test (path.c_str (), G_FILE_TEST_EXISTS)) << "looking has made the file";

  PostsealLockFile *first = postseal_lock_file_acquire (path.c_str (), "first", nullptr);
  g_autofree char *holder = postseal_lock_file_read_holder (path.c_str ());
  EXPECT_TRUE (postseal_lock_file_is_held (path.c_str ()));
  EXPECT_EQ (std::string (holder), "first (process " + std::to_string (getpid ()) + ")");

  postseal_lock_file_release (first);
  EXPECT_FALSE (postseal_lock_file_is_held (path.c_str ()));
  g_autoptr (PostsealLockFile) second
      = postseal_lock_file_acquire (path.c_str (), "second", nullptr);
  EXPECT_NE (second, nullptr);
}

TEST_F (LockFile, DiesWithItsOwner)
{
  int ready[2];
  char byte;

  ASSERT_EQ (pipe (ready), 0);
  pid_t child = fork ();
  if (child == 0)
    {
      postseal_lock_file_acquire (path.c_str (), "child", nullptr);
      if (write (ready[1], "x", 1) == 1)
        pause ();
      _exit (0);
    }
  ASSERT_EQ (read (ready[0], &byte, 1), 1);
  EXPECT_EQ (postseal_lock_file_acquire (path.c_str (), "parent", nullptr), nullptr);

  kill (child, SIGKILL);
  waitpid (child, nullptr, 0);
  g_autoptr (PostsealLockFile) lock = postseal_lock_file_acquire (path.c_str (), "parent", nullptr);
  EXPECT_NE (lock, nullptr);
  close (ready[0]);
  close (ready[1]);
}

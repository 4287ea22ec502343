/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/scratch-file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

TEST (ScratchFile, HasNoNameAndIsOurs)
{
  struct stat status;
  char text[4] = "";
  int fd = postseal_scratch_file_open ();

  ASSERT_GE (fd, 0);
  ASSERT_EQ (fstat (fd, &status), 0);
  EXPECT_EQ (status.st_nlink, 0u) << "others could open it, and a crash would leave it";
  EXPECT_EQ (status.st_mode & 0777, 0600u);
  EXPECT_TRUE (fcntl (fd, F_GETFD) & FD_CLOEXEC);
  EXPECT_EQ (write (fd, "abc", 3), 3);
  EXPECT_EQ (pread (fd, text, 3, 0), 3);
  EXPECT_STREQ (text, "abc");
  close (fd);
}

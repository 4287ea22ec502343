/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "base/paths.h"

class Paths : public testing::Test
{
protected:
  void
  SetUp () override
  {
    config = g_strdup (g_getenv ("XDG_CONFIG_HOME"));
    state = g_strdup (g_getenv ("XDG_STATE_HOME"));
  }

  void
  TearDown () override
  {
    restore ("XDG_CONFIG_HOME", config);
    restore ("XDG_STATE_HOME", state);
  }

  static void
  restore (const char *variable, char *value)
  {
    if (value != nullptr)
      g_setenv (variable, value, TRUE);
    else
      g_unsetenv (variable);
    g_free (value);
  }

  char *config, *state;
};

TEST_F (Paths, FollowTheEnvironment)
{
  g_setenv ("XDG_CONFIG_HOME", "/c", TRUE);
  g_setenv ("XDG_STATE_HOME", "/s", TRUE);

  g_autofree char *file = postseal_paths_config_file ();
  g_autofree char *directory = postseal_paths_account_state_dir ("work");
  EXPECT_STREQ (file, "/c/postseal/accounts.conf");
  EXPECT_STREQ (directory, "/s/postseal/accounts/work");
}

/* XDG Base Directory Specification 0.8: relative paths are invalid and ignored. */
TEST_F (Paths, RelativeOrEmptyVariablesMeanTheDefault)
{
  g_autofree char *expected
      = g_build_filename (g_get_home_dir (), ".local/state/postseal", nullptr);

  for (const char *value : { "", "relative" })
    {
      g_setenv ("XDG_STATE_HOME", value, TRUE);
      g_autofree char *directory = postseal_paths_state_dir ();
      EXPECT_STREQ (directory, expected);
    }
}

TEST_F (Paths, AccountNamesCannotLeaveTheirDirectory)
{
  g_setenv ("XDG_STATE_HOME", "/s", TRUE);

  g_autofree char *parent = postseal_paths_account_state_dir ("..");
  g_autofree char *slash = postseal_paths_account_state_dir ("../../etc");
  EXPECT_STREQ (parent, "/s/postseal/accounts/%2E.");
  EXPECT_STREQ (slash, "/s/postseal/accounts/%2E.%2F..%2Fetc");
}

TEST_F (Paths, TildeIsTheHomeDirectoryOnlyAtTheStart)
{
  g_autofree char *home = postseal_paths_expand_home ("~/Mail");
  g_autofree char *expected = g_build_filename (g_get_home_dir (), "Mail", nullptr);
  g_autofree char *middle = postseal_paths_expand_home ("/a/~/b");
  EXPECT_STREQ (home, expected);
  EXPECT_STREQ (middle, "/a/~/b");
}

/* A name that is relative would depend on where somebody is. */
TEST_F (Paths, ProgramIsTheNamedOneOrStandsBesideTheRunningOne)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", nullptr);
  g_autofree char *name = g_path_get_basename (self);

  g_setenv ("POSTSEAL_TEST_PROGRAM", "/p/program", TRUE);
  g_autofree char *named = postseal_paths_find_program ("program", "POSTSEAL_TEST_PROGRAM");
  g_setenv ("POSTSEAL_TEST_PROGRAM", "p/program", TRUE);
  g_autofree char *beside = postseal_paths_find_program (name, "POSTSEAL_TEST_PROGRAM");
  g_autofree char *nowhere = postseal_paths_find_program ("no-such", "POSTSEAL_TEST_PROGRAM");
  g_unsetenv ("POSTSEAL_TEST_PROGRAM");

  EXPECT_STREQ (named, "/p/program");
  EXPECT_STREQ (beside, self);
  EXPECT_STREQ (nowhere, nullptr);
}

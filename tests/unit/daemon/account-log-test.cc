/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/account-log.h"

#include <gtest/gtest.h>

#include "log-catcher.h"

namespace
{

class AccountLog : public testing::Test
{
protected:
  ~AccountLog () override { g_object_unref (status); }

  void
  become (const char *state, const char *error = "", const char *advice = "")
  {
    g_object_set (status, "receive-state", state, "receive-error", error, "receive-advice", advice,
                  nullptr);
    postseal_account_log_update (status);
  }

  using Lines = std::vector<std::string>;

  PostsealAccountStatus *status = postseal_account_status_new ("work");
  LogCatcher log;
};

} // namespace

TEST_F (AccountLog, TellsEachStateOnceAndNothingOfWhatIsUnderWay)
{
  become ("working");
  become ("watching");
  become ("working");
  become ("watching");
  EXPECT_EQ (log.lines (), Lines{ "work receive-watching: receiving: watching for new mail" });
  EXPECT_EQ (log.entries[0].level, G_LOG_LEVEL_INFO);
}

TEST_F (AccountLog, TellsTheSameTroubleAtGrowingIntervals)
{
  for (int i = 0; i < 9; i++)
    {
      become ("working");
      become ("waiting", "The server is away", "Wait");
      postseal_account_log_update (status); /* something else has changed */
    }
  EXPECT_EQ (
      log.lines (),
      (Lines{ "work receive-waiting: receiving: The server is away. Wait",
              "work receive-waiting: receiving: again, 2 times by now: The server is away",
              "work receive-waiting: receiving: again, 4 times by now: The server is away",
              "work receive-waiting: receiving: again, 8 times by now: The server is away" }));
  EXPECT_EQ (log.entries[0].level, G_LOG_LEVEL_MESSAGE);

  log.clear ();
  become ("watching");
  EXPECT_EQ (log.lines (), Lines{ "work receive-watching: receiving: works again: watching for new "
                                  "mail" });
}

TEST_F (AccountLog, AnotherTroubleIsToldAtOnce)
{
  become ("waiting", "The server is away");
  become ("refused", "The password is wrong");
  become ("locked");
  EXPECT_EQ (log.lines (), (Lines{ "work receive-waiting: receiving: The server is away",
                                   "work receive-refused: receiving: The password is wrong",
                                   "work receive-locked: receiving: the keyring is locked" }));
}

TEST_F (AccountLog, WhatChangedInTheSealIsToldOnce)
{
  const char *const changes[] = { "The key is another one", nullptr };
  const char *const none[] = { nullptr };

  g_object_set (status, "receive-state", "watching", "receive-changes", changes, nullptr);
  postseal_account_log_update (status);
  postseal_account_log_update (status);
  EXPECT_EQ (log.lines (), (Lines{ "work receive-watching: receiving: watching for new mail",
                                   "work seal-changed: The key is another one" }));

  g_object_set (status, "receive-changes", none, nullptr);
  postseal_account_log_update (status);
  g_object_set (status, "receive-changes", changes, nullptr);
  postseal_account_log_update (status);
  EXPECT_EQ (log.entries.size (), 3u);
}

TEST_F (AccountLog, ADirectionThatIsOffIsSilent)
{
  become ("off");
  EXPECT_TRUE (log.entries.empty ());
}

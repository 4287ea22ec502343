/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <vector>

#include "outbox/retry-schedule.h"

/* RFC 5321 section 4.5.4.1. */
TEST (RetrySchedule, TriesSoonAtFirstAndThenLessAndLessOften)
{
  const std::vector<gint64> minutes = { 5, 15, 30, 60, 120, 240, 240, 240 };

  for (guint i = 0; i < minutes.size (); i++)
    EXPECT_EQ (postseal_retry_schedule_next (i + 1, 1000, 0.5), 1000 + 60 * minutes[i]) << i;
  EXPECT_EQ (postseal_retry_schedule_next (G_MAXUINT, 1000, 0.5), 1000 + 240 * 60);
  EXPECT_EQ (postseal_retry_schedule_next (0, 1000, 0.5), 1000 + 5 * 60);
}

TEST (RetrySchedule, SpreadsOverOneFifthAroundTheMiddle)
{
  EXPECT_EQ (postseal_retry_schedule_next (4, 0, 0), 3240);
  EXPECT_EQ (postseal_retry_schedule_next (4, 0, 1), 3960);
  EXPECT_EQ (postseal_retry_schedule_next (4, 0, -7), 3240);
  EXPECT_EQ (postseal_retry_schedule_next (4, 0, 7), 3960);
}

TEST (RetrySchedule, IsOverOnlyAfterTheWholeLifetime)
{
  EXPECT_FALSE (postseal_retry_schedule_is_over (1000, 432000, 433000));
  EXPECT_TRUE (postseal_retry_schedule_is_over (1000, 432000, 433001));
  EXPECT_FALSE (postseal_retry_schedule_is_over (5000, 0, 4000)) << "the clock was set back";
}

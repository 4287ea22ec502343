/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <algorithm>
#include <gtest/gtest.h>

#include "base/backoff.h"

namespace
{

TEST (PostsealBackoff, DoublesAndStaysBetweenHalfAndTheWhole)
{
  for (int round = 0; round < 200; round++)
    {
      PostsealBackoff backoff = POSTSEAL_BACKOFF_INIT (1000, 60000);
      guint whole = 1000;

      for (int i = 0; i < 12; i++)
        {
          guint wait = postseal_backoff_next (&backoff);
          EXPECT_GE (wait, whole / 2);
          EXPECT_LE (wait, whole);
          whole = std::min (whole * 2, 60000u);
        }
    }
}

TEST (PostsealBackoff, DoesNotBringAllBackTogether)
{
  PostsealBackoff one = POSTSEAL_BACKOFF_INIT (1000000, 1000000);
  guint least = G_MAXUINT;
  guint most = 0;

  for (int i = 0; i < 200; i++)
    {
      guint wait = postseal_backoff_next (&one);
      least = std::min (least, wait);
      most = std::max (most, wait);
    }
  EXPECT_LT (least, 600000u);
  EXPECT_GT (most, 900000u);
}

TEST (PostsealBackoff, BeginsAnewAfterAReset)
{
  PostsealBackoff backoff = POSTSEAL_BACKOFF_INIT (10, 100000);

  for (int i = 0; i < 8; i++)
    postseal_backoff_next (&backoff);
  EXPECT_EQ (backoff.failures, 8u);
  postseal_backoff_reset (&backoff);
  EXPECT_EQ (backoff.failures, 0u);
  EXPECT_LE (postseal_backoff_next (&backoff), 10u);
}

TEST (PostsealBackoff, NeverOverflows)
{
  PostsealBackoff backoff = POSTSEAL_BACKOFF_INIT (3000000000u, G_MAXUINT);

  EXPECT_GE (postseal_backoff_next (&backoff), 1500000000u);
  for (guint failures : { 1u, 31u, 32u, 33u, 64u, 1000u, G_MAXUINT - 1, G_MAXUINT })
    {
      backoff.failures = failures;
      EXPECT_GE (postseal_backoff_next (&backoff), G_MAXUINT / 2);
      EXPECT_GE (backoff.failures, failures);
    }
  EXPECT_EQ (backoff.failures, G_MAXUINT);
}

TEST (PostsealBackoff, WaitsNoLongerThanTheLongestWhateverTheFirst)
{
  PostsealBackoff backoff = POSTSEAL_BACKOFF_INIT (5000, 100);

  EXPECT_LE (postseal_backoff_next (&backoff), 100u);
  backoff = POSTSEAL_BACKOFF_INIT (0, 0);
  EXPECT_EQ (postseal_backoff_next (&backoff), 0u);
  backoff = POSTSEAL_BACKOFF_INIT (1, 1);
  for (int i = 0; i < 100; i++)
    EXPECT_LE (postseal_backoff_next (&backoff), 1u);
}

}

// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gio/gio.h>

#include <gtest/gtest.h>

#include "engine/progress-pace-private.h"

class ProgressPace : public testing::Test
{
protected:
  // Any object with a signal that has no arguments.
  GCancellable *owner = g_cancellable_new ();
  PostsealProgressPace pace = { owner, g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE), nullptr };
  int n_told = 0;

  void
  SetUp () override
  {
    g_signal_connect_swapped (owner, "cancelled", G_CALLBACK (count), &n_told);
  }

  void
  TearDown () override
  {
    _postseal_progress_pace_clear (&pace);
    g_object_unref (owner);
  }

  static void
  count (int *n)
  {
    (*n)++;
  }
};

TEST_F (ProgressPace, ManyChangesAreToldOfOnceAndLater)
{
  for (int i = 0; i < 5; i++)
    _postseal_progress_pace_change (&pace);
  EXPECT_EQ (n_told, 0);
  while (n_told == 0)
    g_main_context_iteration (nullptr, TRUE);
  EXPECT_EQ (pace.source, nullptr);
  EXPECT_FALSE (g_main_context_pending (nullptr));
  EXPECT_EQ (n_told, 1);
}

TEST_F (ProgressPace, WhatIsDueCanBeToldAtOnce)
{
  _postseal_progress_pace_flush (&pace);
  EXPECT_EQ (n_told, 0) << "nothing has changed";
  _postseal_progress_pace_change (&pace);
  _postseal_progress_pace_flush (&pace);
  EXPECT_EQ (n_told, 1);
  _postseal_progress_pace_flush (&pace);
  EXPECT_EQ (n_told, 1);
}

TEST_F (ProgressPace, NothingIsToldOnceCleared)
{
  _postseal_progress_pace_change (&pace);
  _postseal_progress_pace_clear (&pace);
  _postseal_progress_pace_flush (&pace);
  EXPECT_EQ (n_told, 0);
}

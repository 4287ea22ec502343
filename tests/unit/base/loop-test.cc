/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/loop.h"

#include <gtest/gtest.h>

namespace
{

/* A thread's own context, which is not the default one. */
class Loop : public ::testing::Test
{
protected:
  Loop () { g_main_context_push_thread_default (context_); }

  ~Loop () override
  {
    g_main_context_pop_thread_default (context_);
    g_main_context_unref (context_);
  }

  /* What is cleared is ended in its own callback, too. */
  static gboolean
  on_time (gpointer user_data)
  {
    Loop *self = static_cast<Loop *> (user_data);

    self->calls_++;
    postseal_loop_clear (&self->source_);
    return G_SOURCE_CONTINUE;
  }

  static gboolean
  on_cancelled (GCancellable *cancellable, gpointer user_data)
  {
    return on_time (user_data);
  }

  GMainContext *context_ = g_main_context_new ();
  GSource *source_ = nullptr;
  int calls_ = 0;
};

TEST_F (Loop, RunsWhereItsMakerDoes)
{
  source_ = postseal_loop_add_timeout (0, on_time, this);
  EXPECT_FALSE (g_main_context_iteration (nullptr, FALSE));
  EXPECT_EQ (calls_, 0);
  while (source_ != nullptr)
    g_main_context_iteration (context_, TRUE);
  EXPECT_FALSE (g_main_context_iteration (context_, FALSE));
  EXPECT_EQ (calls_, 1);
}

TEST_F (Loop, TellsOfCancellingFromTheLoop)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  source_ = postseal_loop_add_cancellable (cancellable, on_cancelled, this);
  g_cancellable_cancel (cancellable);
  EXPECT_EQ (calls_, 0);
  while (source_ != nullptr)
    g_main_context_iteration (context_, TRUE);
  EXPECT_EQ (calls_, 1);
  EXPECT_EQ (postseal_loop_add_cancellable (nullptr, on_cancelled, this), nullptr);
}

TEST_F (Loop, WhatIsClearedIsNotCalled)
{
  source_ = postseal_loop_add_timeout (0, on_time, this);
  postseal_loop_clear (&source_);
  postseal_loop_clear (&source_);
  EXPECT_EQ (source_, nullptr);
  EXPECT_FALSE (g_main_context_iteration (context_, FALSE));
  EXPECT_EQ (calls_, 0);
}

} // namespace

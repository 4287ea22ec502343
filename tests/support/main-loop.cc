/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/main-loop.h"

#include <gtest/gtest.h>

namespace postseal_test
{

AsyncLoop::AsyncLoop () : context_ (g_main_context_new ())
{
  g_main_context_push_thread_default (context_);
}

AsyncLoop::~AsyncLoop ()
{
  settle ();
  g_clear_object (&result_);
  g_clear_object (&arrived_);
  g_main_context_pop_thread_default (context_);
  g_main_context_unref (context_);
}

void
AsyncLoop::on_ready (GObject *, GAsyncResult *result, gpointer user_data)
{
  auto *self = static_cast<AsyncLoop *> (user_data);

  EXPECT_EQ (self->arrived_, nullptr) << "two results for one wait";
  g_set_object (&self->arrived_, result);
}

GAsyncResult *
AsyncLoop::wait (unsigned limit_ms)
{
  g_clear_object (&result_);
  wait_for ([this] { return arrived_ != nullptr; }, limit_ms);
  result_ = g_steal_pointer (&arrived_);
  return result_;
}

bool
AsyncLoop::wait_for (const std::function<bool ()> &condition, unsigned limit_ms)
{
  gboolean is_over = FALSE;
  GSource *limit = g_timeout_source_new (limit_ms);

  g_source_set_callback (
      limit,
      [] (gpointer data) -> gboolean {
        *static_cast<gboolean *> (data) = TRUE;
        return G_SOURCE_REMOVE;
      },
      &is_over, nullptr);
  g_source_attach (limit, context_);
  while (!condition () && !is_over)
    g_main_context_iteration (context_, TRUE);
  g_source_destroy (limit);
  g_source_unref (limit);
  EXPECT_FALSE (is_over) << "nothing came within " << limit_ms << " ms";
  return !is_over;
}

void
AsyncLoop::settle ()
{
  while (g_main_context_iteration (context_, FALSE))
    ;
}

} // namespace postseal_test

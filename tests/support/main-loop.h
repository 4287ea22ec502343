/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <functional>

namespace postseal_test
{

/* Waits for asynchronous results. Makes a main context of its own thread default while it lives, so
   that code which assumes the global default context hangs here instead of in somebody's program.

     AsyncLoop loop;
     postseal_dial_async (..., AsyncLoop::on_ready, &loop);
     link = postseal_dial_finish (loop.wait (), &error); */
class AsyncLoop
{
public:
  AsyncLoop ();
  ~AsyncLoop ();
  AsyncLoop (const AsyncLoop &) = delete;
  AsyncLoop &operator= (const AsyncLoop &) = delete;

  /* The GAsyncReadyCallback; its user data is the AsyncLoop. */
  static void on_ready (GObject *source, GAsyncResult *result, gpointer user_data);

  /* Iterates until the next result has come. The result is owned by the loop and stays valid until
     the next wait(). A test failure and NULL after limit_ms. */
  GAsyncResult *wait (unsigned limit_ms = 30000);

  /* Iterates until condition() holds; FALSE, and a test failure, after limit_ms. */
  bool wait_for (const std::function<bool ()> &condition, unsigned limit_ms = 30000);

  /* Iterates as long as there is something to do without waiting. */
  void settle ();

  GMainContext *
  context () const
  {
    return context_;
  }

private:
  GMainContext *context_;
  GAsyncResult *result_ = nullptr; /* what wait() returned last */
  GAsyncResult *arrived_ = nullptr; /* not yet waited for */
};

} // namespace postseal_test

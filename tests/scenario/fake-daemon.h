/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/service.h"
#include "support/private-bus.h"
#include "support/sandbox.h"

namespace postseal_test
{

/* A daemon that only says what the test wants it to: on a bus of its own, with the lock in the
   sandbox's state directory, in a thread of its own. */
class FakeDaemon
{
public:
  explicit FakeDaemon (const Sandbox &sandbox);
  ~FakeDaemon ();
  FakeDaemon (const FakeDaemon &) = delete;
  FakeDaemon &operator= (const FakeDaemon &) = delete;

  /* It is there from the beginning. */
  void start ();
  void stop ();

  /* Where programs find it. */
  std::map<std::string, std::string>
  environment () const
  {
    return { { "DBUS_SESSION_BUS_ADDRESS", bus_.address () } };
  }

  /* Runs @action on the daemon's thread, and waits for it. */
  void call (const std::function<void ()> &action);

  /* Changes properties of an account, which is made when it is not there. */
  void set (const char *account, const std::function<void (PostsealAccountStatus *)> &change);

  /* "fetch work", "retry work" ... in the order in which it was asked. */
  std::vector<std::string> requests ();

  /* The answer to the next requests, in GVariant's text format; an empty one: none, ever. */
  void set_answer (const std::string &dictionary);
  /* Waits until it was asked so often. */
  bool wait_for_requests (size_t count);

private:
  PrivateBus bus_;
  std::string lock_path_;
  GMainContext *context_;
  GMainLoop *loop_;
  PostsealService *service_;
  std::thread thread_;
  struct Presence;
  std::unique_ptr<Presence> presence_;
};

} // namespace postseal_test

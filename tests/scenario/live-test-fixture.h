/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "scenario/hostile.h"
#include "setup/live-test.h"
#include "support/main-loop.h"

namespace postseal_test
{

/* An account of Jane's, tested against servers of ours. */
class LiveTest : public testing::Test
{
protected:
  LiveTest ();
  ~LiveTest () override;

  /* The server for a direction, on this machine. */
  void receive (PostsealProtocol protocol,
                PostsealTlsStart start,
                unsigned short port,
                const char *host = "localhost");
  void send (PostsealTlsStart start, unsigned short port, const char *host = "localhost");

  /* With the password as typed, or "" for the account's own place. */
  void make (const std::string &typed = kPassword);
  /* Returns: whether all passed; FALSE when it was cancelled */
  bool run (const std::string &typed = kPassword);
  void start (); /* after make() */
  bool finish ();

  /* Waits for @settle, which waits for the ends of connections: farewells take a loop. */
  void see_off (const std::function<void ()> &settle);

  /* A letter for each step: Waiting, Running, Passed, Failed, Skipped. */
  std::string states (bool sending);
  PostsealTestStep *step (bool sending, PostsealTestKind kind);
  std::string detail (bool sending, PostsealTestKind kind);
  /* -1: no trouble */
  int trouble (bool sending);
  std::string report ();

  Sandbox sandbox; /* for state */
  AsyncLoop loop;
  PostsealAccount *account;
  PostsealLiveTest *test = nullptr;
  GCancellable *cancellable;
  GError *error = nullptr;
  std::vector<std::string> told; /* "receiving 2 running", by notify::state */
};

} // namespace postseal_test

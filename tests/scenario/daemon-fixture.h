/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <gio/gio.h>

#include <memory>
#include <string>
#include <vector>

#include "support/child-process.h"
#include "support/postseal-instance.h"

namespace postseal_test
{

/* The service manager's end of sd_notify(3). */
class NotifySocket
{
public:
  explicit NotifySocket (const std::string &path);
  ~NotifySocket ();
  NotifySocket (const NotifySocket &) = delete;
  NotifySocket &operator= (const NotifySocket &) = delete;

  /* Waits for a message with @piece; those before it are dropped. Returns: the message, "" and a
     test failure when it does not come */
  std::string expect (const std::string &piece, double seconds = 20);
  /* The next message, "" when none comes. */
  std::string next (double seconds);

private:
  GSocket *socket_;
};

/* The program postseald, named by $POSTSEALD, with a home of its own, as a service manager starts
   it. */
class DaemonTest : public testing::Test
{
protected:
  DaemonTest ();
  ~DaemonTest () override;

  /* A session bus. @has_service: it may start the daemon */
  void start_bus (bool has_service = false);
  void stop_bus ();
  std::string bus_address () const;
  Environment environment (const PostsealInstance &of) const;
  std::unique_ptr<ChildProcess>
  start (const std::vector<std::string> &arguments = {}, const Environment &more = {});
  /* Another one, with a home of its own. */
  std::unique_ptr<ChildProcess> start_other (const PostsealInstance &of);
  /* Ends it by SIGTERM. */
  Outcome stop (ChildProcess &daemon);

  /* @account: lines of the account "work". Its server does not answer, unless they say otherwise */
  void configure (const std::string &account = "");

  /* A property of the daemon on the bus, e.g. "Accounts", printed. "" when there is none */
  std::string get_property (const std::string &name);

  PostsealInstance instance_;
  NotifySocket notify_{ instance_.path ("notify") };
  std::unique_ptr<ChildProcess> bus_;
  GDBusConnection *connection_ = nullptr;
};

} // namespace postseal_test

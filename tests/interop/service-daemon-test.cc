/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <csignal>
#include <cstdlib>

#include "client/client.h"
#include "service-answer.h"
#include "support/child-process.h"
#include "support/dovecot.h"
#include "support/main-loop.h"
#include "support/postseal-instance.h"
#include "support/private-bus.h"

/* The program postseald as the service of another program. */

namespace postseal_test
{

namespace
{

class DaemonServiceTest : public testing::Test
{
protected:
  ~DaemonServiceTest () override { g_clear_object (&client_); }

  /* Starts the daemon and waits for its name on the bus. */
  void
  open (const std::string &accounts)
  {
    GDBusConnection *connection = bus_.connect ();
    bool is_there = false;
    guint watch = g_bus_watch_name_on_connection (
        connection, POSTSEAL_CLIENT_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
        [] (GDBusConnection *, const char *, const char *, gpointer data) {
          *static_cast<bool *> (data) = true;
        },
        nullptr, &is_there, nullptr);
    Environment environment = postseal_.complete ();

    postseal_.configure (accounts);
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus_.address ();
    environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent";
    daemon_ = std::make_unique<ChildProcess> (std::vector<std::string>{ getenv ("POSTSEALD") },
                                              environment);
    loop_.wait_for ([&] { return is_there; });
    g_bus_unwatch_name (watch);
    postseal_client_new_async (connection, POSTSEAL_CLIENT_RUNNING, nullptr, AsyncLoop::on_ready,
                               &loop_);
    client_ = postseal_client_new_finish (loop_.wait (), nullptr);
    ASSERT_NE (client_, nullptr);
  }

  void
  ask (Asked &asked, PostsealServiceRequest kind, const char *arguments)
  {
    postseal_service_request_async (POSTSEAL_SERVICE (client_), kind, dictionary (arguments),
                                    nullptr, nullptr, Asked::on_done, &asked);
  }

  AsyncLoop loop_;
  PrivateBus bus_;
  PostsealInstance postseal_;
  std::unique_ptr<ChildProcess> daemon_;
  PostsealClient *client_ = nullptr;
};

TEST_F (DaemonServiceTest, FetchesAndKeepsTheStatusTrue)
{
  Dovecot &server = Dovecot::shared ();
  std::string user = server.new_user ();
  Asked asked;

  server.admin (user)->append ("INBOX", make_corpus ("demo", 1, 3)[0].text);
  open (server.account ("work", "imaps", user, postseal_.deliver ()));
  ask (asked, POSTSEAL_SERVICE_FETCH, "{'account': <'work'>}");
  loop_.wait_for ([&] { return asked.is_done; });
  ASSERT_TRUE (asked.answer.value) << asked.answer.message ();
  EXPECT_NE (asked.answer.text ().find ("'status': <0>"), std::string::npos)
      << asked.answer.text ();
  EXPECT_EQ (read_maildir (postseal_.maildir ()).size (), 1u);
  EXPECT_TRUE (property<gboolean> (client_, "unattended"));
  PostsealAccountStatus *status
      = postseal_service_find_account (POSTSEAL_SERVICE (client_), "work");
  ASSERT_NE (status, nullptr);
  loop_.wait_for ([&] {
    g_autofree char *state = property<char *> (status, "receive-state");
    return g_str_equal (state, "watching");
  });
  server.forget_user (user);
}

TEST_F (DaemonServiceTest, IsLostWhenItIsKilledWhileItFetches)
{
  g_autoptr (GSocketListener) silent = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (silent, nullptr, nullptr);
  Asked asked;
  bool is_lost = false;

  open ("[account work]\naddress=jane@example.org\nreceive=imaps://127.0.0.1:"
        + std::to_string (port) + "\ndeliver=" + postseal_.deliver () + "\npassword=file:/none\n");
  g_signal_connect (client_, "lost", G_CALLBACK (+[] (PostsealClient *, gpointer data) {
                      *static_cast<bool *> (data) = true;
                    }),
                    &is_lost);
  PostsealAccountStatus *status
      = postseal_service_find_account (POSTSEAL_SERVICE (client_), "work");
  ASSERT_NE (status, nullptr);
  ask (asked, POSTSEAL_SERVICE_FETCH, "{'account': <'work'>}");
  loop_.wait_for ([&] {
    g_autofree char *activity = property<char *> (status, "receive-activity");
    return g_str_equal (activity, "connecting");
  });
  EXPECT_FALSE (asked.is_done);
  daemon_->kill (SIGKILL);
  loop_.wait_for ([&] { return asked.is_done && is_lost; });
  EXPECT_EQ (asked.answer.code (), 75);
  EXPECT_EQ (asked.answer.message (),
             "Postseal's daemon has ended before it answered; try again in a moment");
}

} // namespace

} // namespace postseal_test

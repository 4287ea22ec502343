/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <csignal>

#include "client-fixture.h"

/* How a program finds the daemon, and what becomes of it when the daemon goes. */

namespace
{

class ClientTest : public testing::Test
{
protected:
  ~ClientTest () override { g_clear_object (&client_); }

  /* Makes client_, or leaves error_code_ and error_message_. */
  void
  open (PostsealClientWish wish, GDBusConnection *connection)
  {
    g_autoptr (GError) error = nullptr;

    postseal_client_new_async (connection, wish, nullptr, AsyncLoop::on_ready, &loop_);
    client_ = postseal_client_new_finish (loop_.wait (), &error);
    if (client_ == nullptr)
      {
        error_code_ = error->domain == POSTSEAL_SERVICE_ERROR ? error->code : -1;
        error_message_ = error->message;
        return;
      }
    g_signal_connect (client_, "lost", G_CALLBACK (+[] (PostsealClient *, gpointer data) {
                        ++*static_cast<int *> (data);
                      }),
                      &n_lost_);
  }

  void
  open (PostsealClientWish wish = POSTSEAL_CLIENT_RUNNING)
  {
    g_autoptr (GDBusConnection) connection = bus_.connect ();

    open (wish, connection);
  }

  void
  ask (Asked &asked, PostsealServiceRequest kind, const char *arguments = "@a{sv} {}")
  {
    postseal_service_request_async (POSTSEAL_SERVICE (client_), kind, dictionary (arguments),
                                    nullptr, nullptr, Asked::on_done, &asked);
  }

  Answer
  ask_and_wait (PostsealServiceRequest kind, const char *arguments = "@a{sv} {}")
  {
    Asked asked;

    ask (asked, kind, arguments);
    loop_.wait_for ([&] { return asked.is_done; });
    return asked.answer;
  }

  /* What the daemon has said before has been heard. */
  void
  sync (TestDaemon &daemon)
  {
    test_service_set_handler (daemon.service,
                              [] (TestRequest &request) { request.answer ("@a{sv} {}"); });
    ask_and_wait (POSTSEAL_SERVICE_QUEUE_LIST);
  }

  AsyncLoop loop_;
  SessionBus bus_;
  PostsealClient *client_ = nullptr;
  int n_lost_ = 0;
  int error_code_ = 0;
  std::string error_message_;
};

TEST_F (ClientTest, SaysThatThereIsNoDaemon)
{
  open ();

  EXPECT_EQ (client_, nullptr);
  EXPECT_EQ (error_code_, 69);
  EXPECT_EQ (error_message_, "Postseal's daemon is not running");
}

TEST_F (ClientTest, SaysThatNoDaemonCanBeStarted)
{
  open (POSTSEAL_CLIENT_ACTIVATE);

  EXPECT_EQ (client_, nullptr);
  EXPECT_EQ (error_code_, 69);
  EXPECT_NE (error_message_.find ("could not be reached"), std::string::npos) << error_message_;
  EXPECT_EQ (error_message_.find ("GDBus.Error"), std::string::npos) << error_message_;
}

TEST_F (ClientTest, UsesTheSessionBusUnlessToldOtherwise)
{
  TestDaemon daemon (bus_);

  daemon.own_name ();
  open (POSTSEAL_CLIENT_RUNNING, nullptr);

  ASSERT_NE (client_, nullptr) << error_message_;
  EXPECT_TRUE (names_of (POSTSEAL_SERVICE (client_)).empty ());
}

TEST_F (ClientTest, SaysThatThereIsNoBus)
{
  bus_.stop ();
  open (POSTSEAL_CLIENT_ACTIVATE, nullptr);

  EXPECT_EQ (client_, nullptr);
  EXPECT_EQ (error_code_, 69);
}

TEST_F (ClientTest, IsCancelledBeforeThereIsAnything)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = nullptr;

  g_cancellable_cancel (cancellable);
  postseal_client_new_async (nullptr, POSTSEAL_CLIENT_RUNNING, cancellable, AsyncLoop::on_ready,
                             &loop_);
  EXPECT_EQ (postseal_client_new_finish (loop_.wait (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

TEST_F (ClientTest, SaysThatThereIsNoSuchAccount)
{
  TestDaemon daemon (bus_);

  daemon.own_name ();
  test_service_add (daemon.service, "work");
  test_service_set_handler (daemon.service,
                            [] (TestRequest &request) { request.answer ("@a{sv} {}"); });
  open ();
  ASSERT_NE (client_, nullptr);
  for (auto kind : { POSTSEAL_SERVICE_FETCH, POSTSEAL_SERVICE_CHECK })
    {
      Answer answer = ask_and_wait (kind, "{'account': <'wrok'>}");

      EXPECT_EQ (answer.code (), 78);
      EXPECT_EQ (answer.message (), "There is no account “wrok”; see “postseal account list”");
    }
}

/* accounts.conf may have been edited a moment ago, or the daemon may just have begun. */
TEST_F (ClientTest, HasTheDaemonReloadBeforeAnAccountIsUnknown)
{
  TestDaemon daemon (bus_);
  std::vector<PostsealServiceRequest> kinds;

  test_service_set_handler (daemon.service, [&] (TestRequest &request) {
    kinds.push_back (request.kind);
    if (request.kind == POSTSEAL_SERVICE_RELOAD)
      test_service_add (daemon.service, "new");
    request.answer ("{'status': <0>}");
  });
  daemon.own_name ();
  open ();
  ASSERT_NE (client_, nullptr);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_FETCH, "{'account': <'new'>}").text (),
             "{'status': <0>}");
  EXPECT_EQ (kinds, (std::vector<PostsealServiceRequest>{ POSTSEAL_SERVICE_RELOAD,
                                                          POSTSEAL_SERVICE_FETCH }));
  EXPECT_EQ (names_of (POSTSEAL_SERVICE (client_)), std::vector<std::string>{ "new" });
}

TEST_F (ClientTest, SendsNothingThatIsIncomplete)
{
  TestDaemon daemon (bus_);

  daemon.own_name ();
  open ();
  ASSERT_NE (client_, nullptr);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_FETCH).code (), 64);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_SUBMIT).code (), 64);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_SUBMIT, "{'message': <handle 0>}").code (), 64);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_QUEUE_CHANGE, "{'change': <'hold'>}").code (), 64);
  EXPECT_EQ (
      ask_and_wait (POSTSEAL_SERVICE_QUEUE_CHANGE, "{'change': <'hold'>, 'ids': <'1'>}").code (),
      64);
  EXPECT_EQ (postseal_bus_front_get_pending (daemon.front), 0u);
}

TEST_F (ClientTest, IsLostWhenTheDaemonGoesAndSoIsWhatItAsked)
{
  TestDaemon daemon (bus_);
  Asked asked[3];

  daemon.own_name ();
  open ();
  ASSERT_NE (client_, nullptr);
  for (auto &one : asked)
    ask (one, POSTSEAL_SERVICE_QUEUE_FLUSH);
  loop_.wait_for ([&] { return test_service_requests (daemon.service).size () == 3; });
  daemon.end ();

  for (auto &one : asked)
    {
      loop_.wait_for ([&] { return one.is_done; });
      EXPECT_EQ (one.answer.code (), 75);
      EXPECT_EQ (one.answer.message (),
                 "Postseal's daemon has ended before it answered; try again in a moment");
    }
  loop_.wait_for ([&] { return n_lost_ > 0; });
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_QUEUE_LIST).code (), 75);
  loop_.settle ();
  EXPECT_EQ (n_lost_, 1);
}

TEST_F (ClientTest, IsLostWhenAnotherDaemonTakesTheName)
{
  TestDaemon daemon (bus_), other (bus_);

  daemon.own_name ();
  open ();
  ASSERT_NE (client_, nullptr);
  g_autoptr (GVariant) released = g_dbus_connection_call_sync (
      daemon.connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "ReleaseName", g_variant_new ("(s)", POSTSEAL_CLIENT_BUS_NAME), nullptr,
      G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr);
  other.own_name ();

  loop_.wait_for ([&] { return n_lost_ == 1; });
}

TEST_F (ClientTest, StillHearsTheAnswerOfADaemonThatIsEnding)
{
  TestDaemon daemon (bus_);
  Asked asked;

  daemon.own_name ();
  open ();
  ASSERT_NE (client_, nullptr);
  ask (asked, POSTSEAL_SERVICE_QUEUE_FLUSH);
  loop_.wait_for ([&] { return !test_service_requests (daemon.service).empty (); });
  g_autoptr (GVariant) released = g_dbus_connection_call_sync (
      daemon.connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "ReleaseName", g_variant_new ("(s)", POSTSEAL_CLIENT_BUS_NAME), nullptr,
      G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr);
  loop_.wait_for ([&] { return n_lost_ == 1; });
  TestRequest request = test_service_take (daemon.service);
  request.answer ("{'sent': <uint64 1>}");
  free_request (request);
  loop_.wait_for ([&] { return asked.is_done; });
  EXPECT_EQ (asked.answer.text (), "{'sent': <uint64 1>}");
}

TEST_F (ClientTest, IsAnsweredByAFrontThatEnds)
{
  TestDaemon daemon (bus_);
  Asked asked;

  daemon.own_name ();
  open ();
  ASSERT_NE (client_, nullptr);
  ask (asked, POSTSEAL_SERVICE_QUEUE_FLUSH);
  loop_.wait_for ([&] { return !test_service_requests (daemon.service).empty (); });
  EXPECT_EQ (postseal_bus_front_get_pending (daemon.front), 1u);
  g_clear_pointer (&daemon.front, postseal_bus_front_free);
  loop_.wait_for ([&] { return asked.is_done; });
  EXPECT_EQ (asked.answer.code (), 75);
  /* What was begun goes on, and nobody minds its end. */
  TestRequest request = test_service_take (daemon.service);
  request.answer ("@a{sv} {}");
  free_request (request);
  loop_.settle ();
}

TEST_F (ClientTest, SurvivesTheEndOfTheBus)
{
  auto daemon = std::make_unique<TestDaemon> (bus_);
  Asked asked;

  daemon->own_name ();
  open (POSTSEAL_CLIENT_RUNNING, nullptr);
  ASSERT_NE (client_, nullptr);
  ask (asked, POSTSEAL_SERVICE_QUEUE_FLUSH);
  loop_.wait_for ([&] { return !test_service_requests (daemon->service).empty (); });
  bus_.stop ();

  loop_.wait_for ([&] { return asked.is_done && n_lost_ == 1; });
  EXPECT_EQ (asked.answer.code (), 75);
  g_dbus_connection_set_exit_on_close (daemon->connection, FALSE);
}

TEST_F (ClientTest, MayGoWhileItsRequestsAreUnderWay)
{
  TestDaemon daemon (bus_);
  Asked asked;

  daemon.own_name ();
  open ();
  ASSERT_NE (client_, nullptr);
  ask (asked, POSTSEAL_SERVICE_QUEUE_FLUSH);
  g_clear_object (&client_);
  loop_.wait_for ([&] { return !test_service_requests (daemon.service).empty (); });
  TestRequest request = test_service_take (daemon.service);
  request.answer ("{'sent': <uint64 1>}");
  free_request (request);
  loop_.wait_for ([&] { return asked.is_done; });
  EXPECT_EQ (asked.answer.text (), "{'sent': <uint64 1>}");
}

TEST_F (ClientTest, IgnoresSignalsOfOthers)
{
  TestDaemon daemon (bus_);
  g_autoptr (GDBusConnection) stranger = bus_.connect ();

  daemon.own_name ();
  open ();
  ASSERT_NE (client_, nullptr);
  int n_heard = 0;
  g_signal_connect (client_, "queue-changed", G_CALLBACK (+[] (PostsealService *, gpointer data) {
                      ++*static_cast<int *> (data);
                    }),
                    &n_heard);
  g_dbus_connection_emit_signal (stranger, nullptr, "/org/postseal/Postseal1/daemon",
                                 "org.postseal.Outbox1", "Changed", nullptr, nullptr);
  g_dbus_connection_flush_sync (stranger, nullptr, nullptr);
  sync (daemon);
  EXPECT_EQ (n_heard, 0);
}

/* A daemon of another version, or one that lies: nothing here may end the program. */
TEST_F (ClientTest, OverlooksWhatADaemonSaysWrongly)
{
  TestDaemon daemon (bus_);
  const char *account = "/org/postseal/Postseal1/accounts/work";
  const char *properties = "org.freedesktop.DBus.Properties";
  const struct
  {
    const char *path, *interface, *signal, *parameters;
  } lies[] = {
    { account, properties, "PropertiesChanged",
      "('org.postseal.Account1', {'Address': <7>, 'ReceiveSeal': <@as []>, 'Waiting': <'x'>, "
      "'Nonsense': <1>, '': <2>, 'ReceiveStatus': <uint64 5>}, @as [])" },
    { account, properties, "PropertiesChanged", "('org.postseal.Account1',)" },
    { "/org/postseal/Postseal1/daemon", properties, "PropertiesChanged",
      "('org.postseal.Daemon1', {'Online': <'yes'>, 'Accounts': <7>, 'Problems': <''>}, @as [])" },
    { "/org/postseal/Postseal1", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
      "(objectpath '/x', {'org.postseal.Account1': {'Name': <1>}})" },
    { "/org/postseal/Postseal1", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
      "(objectpath '/nowhere', ['org.postseal.Account1'])" },
    { account, "org.postseal.Account1", "MailArrived", "('x',)" },
    { account, "org.postseal.Account1", "Unheard", "()" },
    { "/org/postseal/Postseal1/daemon", "org.postseal.Outbox1", "MessageTried", "(1, 2)" },
  };

  daemon.own_name ();
  PostsealAccountStatus *status = test_service_add (daemon.service, "work");
  g_object_set (status, "address", "jane@example.org", nullptr);
  open ();
  ASSERT_NE (client_, nullptr);
  for (auto &lie : lies)
    g_dbus_connection_emit_signal (daemon.connection, nullptr, lie.path, lie.interface, lie.signal,
                                   dictionary (lie.parameters), nullptr);
  sync (daemon);
  PostsealAccountStatus *mirror
      = postseal_service_find_account (POSTSEAL_SERVICE (client_), "work");
  ASSERT_NE (mirror, nullptr);
  g_autofree char *address = property<char *> (mirror, "address");
  EXPECT_STREQ (address, "jane@example.org");
}

/* --- a daemon of its own process --- */

class ClientPeerTest : public testing::Test
{
protected:
  ClientPeerTest ()
  {
    g_autofree char *folder = g_dir_make_tmp (nullptr, nullptr);
    std::string text = std::string ("[D-BUS Service]\nName=") + POSTSEAL_CLIENT_BUS_NAME
                       + "\nExec=" + g_getenv ("CLIENT_PEER") + "\n";

    folder_ = folder;
    g_file_set_contents ((folder_ + "/" + POSTSEAL_CLIENT_BUS_NAME + ".service").c_str (),
                         text.c_str (), -1, nullptr);
    bus_ = std::make_unique<SessionBus> (folder_);
  }
  ~ClientPeerTest () override
  {
    g_clear_object (&client_);
    remove ((folder_ + "/" + POSTSEAL_CLIENT_BUS_NAME + ".service").c_str ());
    remove (folder_.c_str ());
  }

  void
  open (PostsealClientWish wish)
  {
    g_autoptr (GError) error = nullptr;

    postseal_client_new_async (nullptr, wish, nullptr, AsyncLoop::on_ready, &loop_);
    client_ = postseal_client_new_finish (loop_.wait (), &error);
    message_ = error != nullptr ? error->message : "";
  }

  pid_t
  find_peer ()
  {
    g_autoptr (GDBusConnection) connection = bus_->connect ();
    g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
        connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "GetConnectionUnixProcessID", g_variant_new ("(s)", POSTSEAL_CLIENT_BUS_NAME), nullptr,
        G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr);
    guint32 pid = 0;

    if (reply != nullptr)
      g_variant_get (reply, "(u)", &pid);
    return static_cast<pid_t> (pid);
  }

  AsyncLoop loop_;
  std::string folder_;
  std::unique_ptr<SessionBus> bus_;
  PostsealClient *client_ = nullptr;
  std::string message_;
};

TEST_F (ClientPeerTest, LeavesADaemonAloneThatIsNotRunning)
{
  open (POSTSEAL_CLIENT_RUNNING);

  EXPECT_EQ (client_, nullptr);
  EXPECT_EQ (find_peer (), 0);
}

TEST_F (ClientPeerTest, HasTheBusStartTheDaemon)
{
  open (POSTSEAL_CLIENT_ACTIVATE);

  ASSERT_NE (client_, nullptr) << message_;
  EXPECT_EQ (names_of (POSTSEAL_SERVICE (client_)), std::vector<std::string>{ "work" });
}

TEST_F (ClientPeerTest, IsLostWhenTheDaemonIsKilled)
{
  Asked first, second;
  bool is_lost = false;

  open (POSTSEAL_CLIENT_ACTIVATE);
  ASSERT_NE (client_, nullptr) << message_;
  g_signal_connect (client_, "lost", G_CALLBACK (+[] (PostsealClient *, gpointer data) {
                      *static_cast<bool *> (data) = true;
                    }),
                    &is_lost);
  postseal_service_request_async (POSTSEAL_SERVICE (client_), POSTSEAL_SERVICE_QUEUE_FLUSH, nullptr,
                                  nullptr, nullptr, Asked::on_done, &first);
  postseal_service_request_async (POSTSEAL_SERVICE (client_), POSTSEAL_SERVICE_QUEUE_LIST, nullptr,
                                  nullptr, nullptr, Asked::on_done, &second);
  loop_.wait_for ([&] { return second.is_done; });
  EXPECT_EQ (second.answer.text (), "{'id': <'peer'>}");
  pid_t peer = find_peer ();
  ASSERT_GT (peer, 1);
  kill (peer, SIGKILL);

  loop_.wait_for ([&] { return first.is_done && is_lost; });
  EXPECT_EQ (first.answer.code (), 75);
}

} // namespace

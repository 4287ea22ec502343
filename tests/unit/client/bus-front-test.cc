/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fstream>
#include <functional>
#include <sstream>

#include <unistd.h>

#include "base/limits.h"
#include "client-fixture.h"

/* What anybody on the bus may do to the daemon. */

namespace
{

const char root[] = "/org/postseal/Postseal1";
const char daemon_path[] = "/org/postseal/Postseal1/daemon";
const char account_path[] = "/org/postseal/Postseal1/accounts/work";

class BusFrontTest : public testing::Test
{
protected:
  BusFrontTest () : daemon_ (bus_), caller_ (bus_.connect ())
  {
    status_ = test_service_add (daemon_.service, "work");
  }
  ~BusFrontTest () override { g_clear_object (&caller_); }

  /* Returns: the answer, or the name of the error and its message */
  std::string
  call (const char *path, const char *interface, const char *method, const char *parameters)
  {
    GError *error = nullptr;

    g_dbus_connection_call (caller_, g_dbus_connection_get_unique_name (daemon_.connection), path,
                            interface, method,
                            parameters == nullptr ? nullptr : dictionary (parameters), nullptr,
                            G_DBUS_CALL_FLAGS_NONE, -1, nullptr, AsyncLoop::on_ready, &loop_);
    g_autoptr (GVariant) reply = g_dbus_connection_call_finish (caller_, loop_.wait (), &error);
    if (reply == nullptr)
      {
        g_autofree char *name = g_dbus_error_get_remote_error (error);
        g_dbus_error_strip_remote_error (error);
        std::string text = std::string (name != nullptr ? name : "?") + ": " + error->message;
        g_error_free (error);
        return text;
      }
    g_autofree char *text = g_variant_print (reply, TRUE);
    return text;
  }

  void
  answer_everything ()
  {
    test_service_set_handler (daemon_.service,
                              [] (TestRequest &request) { request.answer ("@a{sv} {}"); });
  }

  AsyncLoop loop_;
  SessionBus bus_;
  TestDaemon daemon_;
  GDBusConnection *caller_;
  PostsealAccountStatus *status_;
};

TEST_F (BusFrontTest, RefusesWrongTypesAndMissingArguments)
{
  const struct
  {
    const char *path, *interface, *method, *parameters;
  } cases[] = {
    { account_path, "org.postseal.Account1", "Fetch", "({'transcript': <'x'>},)" },
    { account_path, "org.postseal.Account1", "Fetch", "({'transcript': <handle 0>},)" },
    { account_path, "org.postseal.Account1", "Fetch", "({'transcript': <handle -1>},)" },
    { account_path, "org.postseal.Account1", "Fetch",
      "({'x': <1>, 'transcript': <handle 2147483647>},)" },
    { account_path, "org.postseal.Account1", "Check", "({'direction': <1>},)" },
    { account_path, "org.postseal.Account1", "Check", "({'direction': <<'send'>>},)" },
    { daemon_path, "org.postseal.Daemon1", "Retry", "({'account': <['work']>},)" },
    { daemon_path, "org.postseal.Outbox1", "List", "({'done': <'true'>},)" },
    { daemon_path, "org.postseal.Outbox1", "Flush", "({'ids': <'1'>},)" },
    { daemon_path, "org.postseal.Outbox1", "Flush", "({'ids': <@ai []>},)" },
    { daemon_path, "org.postseal.Outbox1", "Submit", "(@a{sv} {},)" },
    { daemon_path, "org.postseal.Outbox1", "Submit", "({'message': <'text'>},)" },
    { daemon_path, "org.postseal.Outbox1", "Submit", "({'message': <handle 0>},)" },
  };

  for (auto &row : cases)
    {
      std::string said = call (row.path, row.interface, row.method, row.parameters);

      EXPECT_EQ (said.find ("org.postseal.Error.Usage: "), 0u) << row.parameters << ": " << said;
    }
  EXPECT_EQ (postseal_bus_front_get_pending (daemon_.front), 0u);
  EXPECT_TRUE (test_service_requests (daemon_.service).empty ());
}

/* The second of two equal keys counts as little as the first may lie. */
TEST_F (BusFrontTest, LooksAtBothOfTwoEqualKeys)
{
  answer_everything ();
  EXPECT_EQ (
      call (daemon_path, "org.postseal.Outbox1", "List", "([{'done', <true>}, {'done', <1>}],)")
          .find ("org.postseal.Error.Usage"),
      0u);
}

TEST_F (BusFrontTest, NamesTheArgumentThatIsWrong)
{
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "List", "({'done': <1>},)"),
             "org.postseal.Error.Usage: “done” of the request “List” is of the type “i”; it must "
             "be “b”");
}

TEST_F (BusFrontTest, RefusesWhatIsNoMethodOfItsObjects)
{
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "List", "(1,)")
                 .find ("org.freedesktop.DBus.Error.InvalidArgs"),
             0u);
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "Nonsense", "()")
                 .find ("org.freedesktop.DBus.Error.UnknownMethod"),
             0u);
  EXPECT_EQ (call (daemon_path, "org.postseal.Account1", "Fetch", "(@a{sv} {},)")
                 .find ("org.freedesktop.DBus.Error.UnknownMethod"),
             0u);
  EXPECT_EQ (call ("/org/postseal/Postseal1/accounts/none", "org.postseal.Account1", "Fetch",
                   "(@a{sv} {},)")
                 .find ("org.freedesktop.DBus.Error.UnknownMethod"),
             0u);
  EXPECT_EQ (call (account_path, "org.freedesktop.DBus.Properties", "Set",
                   "('org.postseal.Account1', 'Address', <'x'>)")
                 .find ("org.freedesktop.DBus.Error."),
             0u);
}

TEST_F (BusFrontTest, OverlooksOptionsItDoesNotKnow)
{
  answer_everything ();
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "List",
                   "({'later-version': <(1, 'x')>, 'done': <true>},)"),
             "(@a{sv} {},)");
}

TEST_F (BusFrontTest, AsksForTheAccountOfTheObjectWhateverTheOptionsSay)
{
  std::string account;

  test_service_set_handler (daemon_.service, [&] (TestRequest &request) {
    const char *name = "";
    g_variant_lookup (request.arguments, "account", "&s", &name);
    account = name;
    request.answer ("@a{sv} {}");
  });
  for (auto options : { "({'account': <'other'>},)", "({'account': <7>},)" })
    {
      account = "";
      call (account_path, "org.postseal.Account1", "Fetch", options);
      EXPECT_EQ (account, "work");
    }
}

/* Calls that want no reply: the bus bounds only the others. */
TEST_F (BusFrontTest, BoundsWhatOneCallerMayAskForAtOnce)
{
  const guint limit = POSTSEAL_LIMIT_BUS_REQUESTS;

  for (int i = 0; i < 3000; i++)
    g_dbus_connection_call (caller_, g_dbus_connection_get_unique_name (daemon_.connection),
                            daemon_path, "org.postseal.Outbox1", "Flush",
                            dictionary ("(@a{sv} {},)"), nullptr, G_DBUS_CALL_FLAGS_NONE, -1,
                            nullptr, nullptr, nullptr);
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "List", "(@a{sv} {},)"),
             "org.postseal.Error.Later: 256 requests of this program are still being worked on; "
             "ask again later");
  EXPECT_EQ (postseal_bus_front_get_pending (daemon_.front), limit);

  /* Another caller is served, */
  std::deque<TestRequest> waiting;
  waiting.swap (test_service_requests (daemon_.service));
  EXPECT_EQ (waiting.size (), limit);
  answer_everything ();
  GDBusConnection *first = caller_;
  caller_ = bus_.connect ();
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "List", "(@a{sv} {},)"), "(@a{sv} {},)");
  g_object_unref (caller_);
  caller_ = first;
  /* and so is this one when it has been. */
  for (auto &request : waiting)
    {
      request.answer ("@a{sv} {}");
      free_request (request);
    }
  loop_.wait_for ([&] { return postseal_bus_front_get_pending (daemon_.front) == 0; });
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "List", "(@a{sv} {},)"), "(@a{sv} {},)");
}

TEST_F (BusFrontTest, GoesOnForACallerThatHasLeft)
{
  GDBusConnection *leaving = bus_.connect ();

  g_dbus_connection_call (leaving, g_dbus_connection_get_unique_name (daemon_.connection),
                          daemon_path, "org.postseal.Outbox1", "Flush", dictionary ("(@a{sv} {},)"),
                          nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr, nullptr);
  loop_.wait_for ([&] { return !test_service_requests (daemon_.service).empty (); });
  g_dbus_connection_close_sync (leaving, nullptr, nullptr);
  g_object_unref (leaving);
  TestRequest request = test_service_take (daemon_.service);
  EXPECT_FALSE (g_cancellable_is_cancelled (g_task_get_cancellable (request.task)));
  request.answer ("@a{sv} {}");
  free_request (request);
  loop_.wait_for ([&] { return postseal_bus_front_get_pending (daemon_.front) == 0; });
  answer_everything ();
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "List", "(@a{sv} {},)"), "(@a{sv} {},)");
}

TEST_F (BusFrontTest, TellsOfErrorsOfLowerLayersByTheirStatus)
{
  const struct
  {
    GQuark domain;
    int code;
    const char *name;
  } cases[] = {
    { G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "org.postseal.Error.Later: Sentence" },
    { G_IO_ERROR, G_IO_ERROR_CANCELLED, "org.postseal.Error.Later: Sentence" },
    { G_IO_ERROR, G_IO_ERROR_FAILED, "org.postseal.Error.IO: Sentence" },
    { G_FILE_ERROR, G_FILE_ERROR_ACCES, "org.postseal.Error.Create: Sentence" },
    { POSTSEAL_SERVICE_ERROR, 1, "org.postseal.Error.IO: Sentence" },
    { POSTSEAL_SERVICE_ERROR, 77, "org.postseal.Error.Permission: Sentence" },
  };

  for (auto &row : cases)
    {
      test_service_set_handler (daemon_.service, [&] (TestRequest &request) {
        request.fail (row.domain, row.code, "Sentence");
      });
      EXPECT_EQ (call (daemon_path, "org.postseal.Daemon1", "Reload", "(@a{sv} {},)"), row.name);
    }
}

TEST_F (BusFrontTest, TellsOfManyChangesInFewMessages)
{
  int n_told = 0;
  guint id = g_dbus_connection_signal_subscribe (
      caller_, g_dbus_connection_get_unique_name (daemon_.connection),
      "org.freedesktop.DBus.Properties", "PropertiesChanged", account_path, nullptr,
      G_DBUS_SIGNAL_FLAGS_NONE,
      [] (GDBusConnection *, const char *, const char *, const char *, const char *, GVariant *,
          gpointer data) { ++*static_cast<int *> (data); },
      &n_told, nullptr);
  /* The match is in place once another call has been answered. */
  answer_everything ();
  call (daemon_path, "org.postseal.Outbox1", "List", "(@a{sv} {},)");
  gint64 start = g_get_monotonic_time ();
  for (guint64 i = 1; i <= 2000; i++)
    {
      g_object_set (status_, "bytes-done", i, "receive-activity", i % 2 ? "fetching" : "settling",
                    nullptr);
      loop_.settle ();
    }
  call (daemon_path, "org.postseal.Outbox1", "List", "(@a{sv} {},)");
  gint64 periods = (g_get_monotonic_time () - start) / (POSTSEAL_BUS_CHANGES_MS * 1000);
  EXPECT_GE (n_told, 2);
  EXPECT_LE (n_told, periods + 2);
  g_dbus_connection_signal_unsubscribe (caller_, id);
}

TEST_F (BusFrontTest, HasAPathForEveryName)
{
  test_service_add (daemon_.service, "Ä b/..");
  EXPECT_NE (call ("/org/postseal/Postseal1/accounts/_c3_84_20b_2f_2e_2e",
                   "org.freedesktop.DBus.Properties", "Get", "('org.postseal.Account1', 'Name')")
                 .find ("Ä b/.."),
             std::string::npos);
}

TEST_F (BusFrontTest, SaysSoWhenThePathIsTaken)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (TestService) service = test_service_new ();

  EXPECT_EQ (postseal_bus_front_new (daemon_.connection, POSTSEAL_SERVICE (service), &error),
             nullptr);
  EXPECT_EQ (error->domain, G_IO_ERROR);
}

TEST_F (BusFrontTest, LeavesNothingOnTheBusWhenItEnds)
{
  g_clear_pointer (&daemon_.front, postseal_bus_front_free);
  EXPECT_EQ (call (daemon_path, "org.postseal.Outbox1", "List", "(@a{sv} {},)")
                 .find ("org.freedesktop.DBus.Error.UnknownMethod"),
             0u);
  EXPECT_EQ (call (root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", nullptr)
                 .find ("org.freedesktop.DBus.Error.UnknownMethod"),
             0u);
  /* and may begin again */
  daemon_.front
      = postseal_bus_front_new (daemon_.connection, POSTSEAL_SERVICE (daemon_.service), nullptr);
  EXPECT_NE (daemon_.front, nullptr);
}

/* --- the description --- */

std::string
show_arguments (GDBusArgInfo **arguments)
{
  std::string shown;

  for (; arguments != nullptr && *arguments != nullptr; arguments++)
    shown += std::string (" ") + (*arguments)->name + ":" + (*arguments)->signature;
  return shown;
}

/* All that callers can rely on. */
std::set<std::string>
show_interface (GDBusInterfaceInfo *info)
{
  std::set<std::string> lines;
  std::string name = info->name;

  for (auto at = info->methods; at != nullptr && *at != nullptr; at++)
    lines.insert (name + " method " + (*at)->name + show_arguments ((*at)->in_args) + " ->"
                  + show_arguments ((*at)->out_args));
  for (auto at = info->signals; at != nullptr && *at != nullptr; at++)
    lines.insert (name + " signal " + (*at)->name + show_arguments ((*at)->args));
  for (auto at = info->properties; at != nullptr && *at != nullptr; at++)
    lines.insert (name + " property " + (*at)->name + ":" + (*at)->signature
                  + std::to_string ((*at)->flags));
  return lines;
}

TEST_F (BusFrontTest, IsWhatItsDescriptionSays)
{
  std::ifstream file (std::string (g_getenv ("SRCDIR"))
                      + "/../src/client/org.postseal.Postseal1.xml");
  std::stringstream xml;
  g_autoptr (GError) error = nullptr;
  const struct
  {
    const char *interface, *path;
  } places[] = {
    { "org.postseal.Daemon1", daemon_path },
    { "org.postseal.Account1", account_path },
    { "org.postseal.Outbox1", daemon_path },
  };

  xml << file.rdbuf ();
  g_autoptr (GDBusNodeInfo) written = g_dbus_node_info_new_for_xml (xml.str ().c_str (), &error);
  ASSERT_NE (written, nullptr) << error->message;
  for (auto &place : places)
    {
      g_autoptr (GVariant) reply = nullptr;
      const char *text;

      g_dbus_connection_call (caller_, g_dbus_connection_get_unique_name (daemon_.connection),
                              place.path, "org.freedesktop.DBus.Introspectable", "Introspect",
                              nullptr, G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1, nullptr,
                              AsyncLoop::on_ready, &loop_);
      reply = g_dbus_connection_call_finish (caller_, loop_.wait (), nullptr);
      ASSERT_NE (reply, nullptr);
      g_variant_get (reply, "(&s)", &text);
      g_autoptr (GDBusNodeInfo) live = g_dbus_node_info_new_for_xml (text, nullptr);
      auto wanted = show_interface (g_dbus_node_info_lookup_interface (written, place.interface));
      EXPECT_EQ (show_interface (g_dbus_node_info_lookup_interface (live, place.interface)),
                 wanted);
      EXPECT_FALSE (wanted.empty ());
    }
}

/* The status is the description's Account1, and the other way round. */
TEST_F (BusFrontTest, ShowsEveryPropertyOfAStatus)
{
  std::string all = call (account_path, "org.freedesktop.DBus.Properties", "GetAll",
                          "('org.postseal.Account1',)");
  int n_names = 0;

  for (auto name = postseal_account_status_get_properties (); *name != nullptr; name++, n_names++)
    {
      std::string on_bus;

      for (const char *at = *name; *at != '\0'; at++)
        on_bus += at == *name || at[-1] == '-' ? std::string (1, g_ascii_toupper (*at))
                  : *at == '-'                 ? ""
                                               : std::string (1, *at);
      EXPECT_NE (all.find ("'" + on_bus + "': "), std::string::npos) << on_bus << " in " << all;
    }
  int n_shown = 0;
  for (size_t at = all.find ("': <"); at != std::string::npos; at = all.find ("': <", at + 1))
    n_shown++;
  EXPECT_EQ (n_shown, n_names) << all;
}

} // namespace

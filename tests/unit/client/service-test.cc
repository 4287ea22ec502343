/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <unistd.h>

#include "client-fixture.h"

/* What every implementation of the service must do, asked of one directly and by way of the bus:
   front ends must not see a difference. */

namespace
{

enum class Way
{
  Direct,
  Bus,
};

std::string
name_way (const testing::TestParamInfo<Way> &info)
{
  return info.param == Way::Direct ? "Direct" : "Bus";
}

class ServiceTest : public testing::TestWithParam<Way>
{
protected:
  ServiceTest () : fake_ (test_service_new ()) {}

  ~ServiceTest () override
  {
    g_clear_object (&service_);
    g_clear_object (&client_bus_);
    g_clear_pointer (&front_, postseal_bus_front_free);
    g_clear_object (&front_bus_);
    g_clear_object (&fake_);
  }

  /* To be called when the fake has what it is to have at the beginning. */
  void
  open ()
  {
    if (GetParam () == Way::Direct)
      {
        service_ = POSTSEAL_SERVICE (g_object_ref (fake_));
        return;
      }
    bus_ = std::make_unique<SessionBus> ();
    front_bus_ = bus_->connect ();
    client_bus_ = bus_->connect ();
    front_ = postseal_bus_front_new (front_bus_, POSTSEAL_SERVICE (fake_), nullptr);
    ASSERT_NE (front_, nullptr);
    g_autoptr (GVariant) owned = g_dbus_connection_call_sync (
        front_bus_, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "RequestName", g_variant_new ("(su)", POSTSEAL_CLIENT_BUS_NAME, 0u), nullptr,
        G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr);
    ASSERT_NE (owned, nullptr);
    g_autoptr (GError) error = nullptr;
    postseal_client_new_async (client_bus_, POSTSEAL_CLIENT_RUNNING, nullptr, AsyncLoop::on_ready,
                               &loop_);
    PostsealClient *client = postseal_client_new_finish (loop_.wait (), &error);
    ASSERT_NE (client, nullptr) << error->message;
    service_ = POSTSEAL_SERVICE (client);
  }

  void
  ask (Asked &asked,
       PostsealServiceRequest kind,
       const char *arguments = "@a{sv} {}",
       GUnixFDList *descriptors = nullptr,
       GCancellable *cancellable = nullptr)
  {
    postseal_service_request_async (service_, kind, dictionary (arguments), descriptors,
                                    cancellable, Asked::on_done, &asked);
  }

  /* Waits for the request to reach the fake. */
  TestRequest
  take ()
  {
    loop_.wait_for ([this] { return !test_service_requests (fake_).empty (); });
    return test_service_take (fake_);
  }

  void
  wait (Asked &asked)
  {
    loop_.wait_for ([&] { return asked.is_done; });
  }

  PostsealAccountStatus *
  find (const char *name)
  {
    return postseal_service_find_account (service_, name);
  }

  AsyncLoop loop_;
  TestService *fake_;
  PostsealService *service_ = nullptr;
  std::unique_ptr<SessionBus> bus_;
  GDBusConnection *front_bus_ = nullptr;
  GDBusConnection *client_bus_ = nullptr;
  PostsealBusFront *front_ = nullptr;
};

/* Something other than its default in each property but the name, different in each @round. */
void
fill_status (PostsealAccountStatus *status, int round)
{
  for (auto name = postseal_account_status_get_properties () + 1; *name != nullptr; name++)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (status), *name);
      std::string text = std::string (*name) + " “" + std::to_string (round) + "”";
      const char *strings[] = { text.c_str (), "ü", nullptr };
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_init (&value, pspec->value_type);
      if (G_VALUE_HOLDS_STRING (&value))
        g_value_set_string (&value, text.c_str ());
      else if (G_VALUE_HOLDS_BOOLEAN (&value))
        g_value_set_boolean (&value, round % 2 == 1);
      else if (G_VALUE_HOLDS_INT (&value))
        g_value_set_int (&value, -round);
      else if (G_VALUE_HOLDS_UINT (&value))
        g_value_set_uint (&value, G_MAXUINT32 - round);
      else if (G_VALUE_HOLDS_INT64 (&value))
        g_value_set_int64 (&value, G_MININT64 + round);
      else if (G_VALUE_HOLDS_UINT64 (&value))
        g_value_set_uint64 (&value, G_MAXUINT64 - round);
      else if (G_VALUE_HOLDS_VARIANT (&value))
        g_value_take_variant (&value, g_variant_ref_sink (g_variant_new_parsed (
                                          "{'protocol': %s, 'name': 'ü'}", text.c_str ())));
      else
        g_value_set_boxed (&value, strings);
      g_object_set_property (G_OBJECT (status), *name, &value);
    }
}

/* All properties of a status in one line each. */
std::string
show_status (PostsealAccountStatus *status)
{
  std::string shown;

  for (auto name = postseal_account_status_get_properties (); *name != nullptr; name++)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (status), *name);
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_init (&value, pspec->value_type);
      g_object_get_property (G_OBJECT (status), *name, &value);
      g_autofree char *text = g_strdup_value_contents (&value);
      if (G_VALUE_HOLDS_BOXED (&value))
        {
          g_free (text);
          text = g_strjoinv ("|", static_cast<char **> (g_value_get_boxed (&value)));
        }
      else if (G_VALUE_HOLDS_VARIANT (&value))
        {
          g_free (text);
          text = g_variant_print (g_value_get_variant (&value), TRUE);
        }
      shown += std::string (*name) + "=" + text + "\n";
    }
  return shown;
}

TEST_P (ServiceTest, ListsTheAccountsInTheirOrder)
{
  for (auto name : { "work", "home", "Ärger & Söhne", "a_b", "a b" })
    test_service_add (fake_, name);
  open ();

  EXPECT_EQ (names_of (service_),
             (std::vector<std::string>{ "work", "home", "Ärger & Söhne", "a_b", "a b" }));
  EXPECT_EQ (g_list_model_get_item_type (postseal_service_get_accounts (service_)),
             POSTSEAL_TYPE_ACCOUNT_STATUS);
}

TEST_P (ServiceTest, FindsAnAccountByItsName)
{
  for (auto name : { "work", "Ärger & Söhne" })
    test_service_add (fake_, name);
  open ();

  ASSERT_NE (find ("Ärger & Söhne"), nullptr);
  EXPECT_STREQ (postseal_account_status_get_name (find ("Ärger & Söhne")), "Ärger & Söhne");
  EXPECT_EQ (find ("wor"), nullptr);
  EXPECT_EQ (find (""), nullptr);
}

TEST_P (ServiceTest, HasNoAccountsAtFirst)
{
  open ();

  EXPECT_TRUE (names_of (service_).empty ());
}

TEST_P (ServiceTest, ShowsEveryPropertyOfAnAccount)
{
  PostsealAccountStatus *status = test_service_add (fake_, "work");

  fill_status (status, 1);
  open ();

  EXPECT_EQ (show_status (find ("work")), show_status (status));
}

TEST_P (ServiceTest, ShowsAnEmptyStatusAsOneThatIsNew)
{
  g_autoptr (PostsealAccountStatus) empty = postseal_account_status_new ("work");

  test_service_add (fake_, "work");
  open ();

  EXPECT_EQ (show_status (find ("work")), show_status (empty));
}

TEST_P (ServiceTest, TellsOfEveryChangeOfAProperty)
{
  PostsealAccountStatus *status = test_service_add (fake_, "work");
  std::set<std::string> notified;

  fill_status (status, 1);
  open ();
  g_signal_connect (find ("work"), "notify",
                    G_CALLBACK (+[] (GObject *, GParamSpec *pspec, gpointer data) {
                      static_cast<std::set<std::string> *> (data)->insert (pspec->name);
                    }),
                    &notified);
  fill_status (status, 2);

  loop_.wait_for ([&] { return show_status (find ("work")) == show_status (status); });
  for (auto name = postseal_account_status_get_properties () + 1; *name != nullptr; name++)
    EXPECT_EQ (notified.count (*name), 1u) << *name;
  g_signal_handlers_disconnect_by_data (find ("work"), &notified);
}

TEST_P (ServiceTest, EmptiesWhatHasBecomeEmpty)
{
  PostsealAccountStatus *status = test_service_add (fake_, "work");
  const char *none[] = { nullptr };

  fill_status (status, 1);
  open ();
  g_object_set (status, "receive-error", "", "receive-seal", nullptr, "receive-changes", none,
                "waiting", 0u, nullptr);

  loop_.wait_for ([&] { return show_status (find ("work")) == show_status (status); });
  EXPECT_EQ (property<guint> (find ("work"), "waiting"), 0u);
}

TEST_P (ServiceTest, HasTheNewestOfManyChanges)
{
  PostsealAccountStatus *status = test_service_add (fake_, "work");

  open ();
  for (guint64 i = 1; i <= 1000; i++)
    {
      g_object_set (status, "messages-done", i, nullptr);
      if (i % 100 == 0)
        loop_.settle ();
    }

  loop_.wait_for ([&] { return property<guint64> (find ("work"), "messages-done") == 1000; });
}

TEST_P (ServiceTest, FollowsAccountsThatComeAndGo)
{
  using Names = std::vector<std::string>;

  for (auto name : { "a", "b", "c" })
    test_service_add (fake_, name);
  open ();
  PostsealAccountStatus *a = find ("a");

  g_list_store_remove (test_service_accounts (fake_), 1);
  loop_.wait_for ([&] { return names_of (service_) == Names{ "a", "c" }; });
  test_service_add (fake_, "d");
  loop_.wait_for ([&] { return names_of (service_) == Names{ "a", "c", "d" }; });
  g_autoptr (PostsealAccountStatus) first = postseal_account_status_new ("0");
  g_list_store_insert (test_service_accounts (fake_), 0, first);
  loop_.wait_for ([&] { return names_of (service_) == Names{ "0", "a", "c", "d" }; });
  EXPECT_EQ (find ("a"), a) << "an account that stayed is another object now";
}

TEST_P (ServiceTest, FollowsANewOrder)
{
  for (auto name : { "c", "a", "b" })
    test_service_add (fake_, name);
  open ();
  g_list_store_sort (
      test_service_accounts (fake_),
      [] (gconstpointer a, gconstpointer b, gpointer) {
        return strcmp (
            postseal_account_status_get_name (POSTSEAL_ACCOUNT_STATUS (const_cast<gpointer> (a))),
            postseal_account_status_get_name (POSTSEAL_ACCOUNT_STATUS (const_cast<gpointer> (b))));
      },
      nullptr);

  loop_.wait_for ([&] { return names_of (service_) == std::vector<std::string>{ "a", "b", "c" }; });
}

TEST_P (ServiceTest, ReplacesAnAccountByAnotherOfItsName)
{
  test_service_add (fake_, "work");
  open ();
  g_autoptr (PostsealAccountStatus) status = postseal_account_status_new ("work");
  g_object_set (status, "address", "jane@example.org", nullptr);
  g_list_store_append (test_service_accounts (fake_), status);
  g_list_store_remove (test_service_accounts (fake_), 0);

  loop_.wait_for ([&] {
    g_autofree char *address
        = find ("work") == nullptr ? nullptr : property<char *> (find ("work"), "address");
    return g_strcmp0 (address, "jane@example.org") == 0;
  });
  EXPECT_EQ (names_of (service_), std::vector<std::string>{ "work" });
  g_object_set (status, "waiting", 3u, nullptr);
  loop_.wait_for ([&] { return property<guint> (find ("work"), "waiting") == 3; });
}

TEST_P (ServiceTest, ShowsWhatIsCommonToAllAccounts)
{
  const char *problems[] = { "accounts.conf:3: unknown key “ü”", "accounts.conf:9: x", nullptr };

  g_object_set (fake_, "online", TRUE, "unattended", TRUE, "problems", problems, nullptr);
  open ();
  EXPECT_TRUE (property<gboolean> (service_, "online"));
  EXPECT_FALSE (property<gboolean> (service_, "metered"));
  EXPECT_TRUE (property<gboolean> (service_, "unattended"));
  g_auto (GStrv) found = property<char **> (service_, "problems");
  EXPECT_TRUE (g_strv_equal (found, problems));

  bool is_told = false;
  g_signal_connect (service_, "notify::metered",
                    G_CALLBACK (+[] (GObject *, GParamSpec *, gpointer data) {
                      *static_cast<bool *> (data) = true;
                    }),
                    &is_told);
  g_object_set (fake_, "metered", TRUE, "online", FALSE, "problems", problems + 2, nullptr);
  loop_.wait_for ([&] { return is_told && property<gboolean> (service_, "metered"); });
  EXPECT_FALSE (property<gboolean> (service_, "online"));
  g_auto (GStrv) none = property<char **> (service_, "problems");
  EXPECT_EQ (g_strv_length (none), 0u);
  g_signal_handlers_disconnect_by_data (service_, &is_told);
}

/* --- requests --- */

TEST_P (ServiceTest, PassesEveryRequestAndItsAnswerUnchanged)
{
  static const struct
  {
    PostsealServiceRequest kind;
    const char *arguments;
    const char *answer;
  } cases[] = {
    { POSTSEAL_SERVICE_FETCH, "{'account': <'work'>}",
      "{'account': <'work'>, 'status': <0>, 'delivered': <uint64 3>, 'seal': <{'protocol': "
      "'IMAP'}>}" },
    { POSTSEAL_SERVICE_CHECK, "{'account': <'work'>, 'direction': <'send'>}",
      "{'send': <{'status': <77>, 'advice': <'…'>}>}" },
    { POSTSEAL_SERVICE_QUEUE_LIST, "{'done': <true>}",
      "{'entries': <[{'id': <'1'>, 'size': <uint64 9>}]>, 'problems': <@as []>}" },
    { POSTSEAL_SERVICE_QUEUE_CHANGE, "{'change': <'hold'>, 'ids': <['1', 'ü']>}",
      "{'results': <[{'id': <'1'>, 'status': <0>}]>}" },
    { POSTSEAL_SERVICE_QUEUE_FLUSH, "{'ids': <['1']>, 'due': <true>}", "{'tried': <uint64 1>}" },
    { POSTSEAL_SERVICE_RELOAD, "@a{sv} {}", "{'problems': <['x']>}" },
    { POSTSEAL_SERVICE_RETRY, "{'account': <'work'>}", "@a{sv} {}" },
    { POSTSEAL_SERVICE_FORGET, "{'account': <'work'>, 'server': <'h:1'>, 'latch': <'tls'>}",
      "{'forgotten': <[{'server': 'h:1', 'latch': 'tls', 'value': '1.3'}]>}" },
  };

  test_service_add (fake_, "work");
  open ();
  for (auto &row : cases)
    {
      Asked asked;

      ask (asked, row.kind, row.arguments);
      EXPECT_FALSE (asked.is_done) << "the answer came before the question had been asked";
      TestRequest request = take ();
      g_autoptr (GVariant) wanted = g_variant_ref_sink (dictionary (row.arguments));
      g_autoptr (GVariant) answer = g_variant_ref_sink (dictionary (row.answer));
      GVariantIter iter;
      const char *key;
      GVariant *value;

      EXPECT_EQ (request.kind, row.kind);
      EXPECT_EQ (g_variant_n_children (request.arguments), g_variant_n_children (wanted));
      g_variant_iter_init (&iter, wanted);
      while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
        {
          g_autoptr (GVariant) found = g_variant_lookup_value (request.arguments, key, nullptr);

          EXPECT_TRUE (found != nullptr && g_variant_equal (found, value)) << key;
        }
      request.answer (row.answer);
      free_request (request);
      wait (asked);
      ASSERT_TRUE (asked.answer.value) << asked.answer.message ();
      EXPECT_TRUE (g_variant_equal (asked.answer.value.get (), answer)) << asked.answer.text ();
      EXPECT_FALSE (g_variant_is_floating (asked.answer.value.get ()));
    }
}

TEST_P (ServiceTest, TakesNoArgumentsForNone)
{
  Asked asked;

  open ();
  postseal_service_request_async (service_, POSTSEAL_SERVICE_QUEUE_LIST, nullptr, nullptr, nullptr,
                                  Asked::on_done, &asked);
  TestRequest request = take ();
  EXPECT_EQ (g_variant_n_children (request.arguments), 0u);
  request.answer ("@a{sv} {}");
  free_request (request);
  wait (asked);
  EXPECT_EQ (asked.answer.text (), "@a{sv} {}");
}

TEST_P (ServiceTest, PassesADescriptorToWriteTo)
{
  Asked asked;
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  int ends[2];

  test_service_add (fake_, "work");
  open ();
  ASSERT_EQ (pipe (ends), 0);
  ASSERT_EQ (g_unix_fd_list_append (list, ends[1], nullptr), 0);
  close (ends[1]);
  ask (asked, POSTSEAL_SERVICE_FETCH, "{'account': <'work'>, 'transcript': <handle 0>}", list);
  g_clear_object (&list);
  TestRequest request = take ();
  ASSERT_NE (request.descriptors, nullptr);
  gint32 index = -1;
  ASSERT_TRUE (g_variant_lookup (request.arguments, "transcript", "h", &index));
  int out = g_unix_fd_list_get (request.descriptors, index, nullptr);
  EXPECT_EQ (write (out, "S: * OK\n", 8), 8);
  close (out);
  request.answer ("{'status': <0>}");
  free_request (request);
  wait (asked);

  char text[64];
  EXPECT_EQ (read (ends[0], text, sizeof text), 8);
  EXPECT_EQ (std::string (text, 8), "S: * OK\n");
  asked.answer = {};
  loop_.settle ();
  EXPECT_EQ (read (ends[0], text, sizeof text), 0) << "somebody still holds the other end";
  close (ends[0]);
}

TEST_P (ServiceTest, PassesAMessageAsADescriptor)
{
  Asked asked;
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  g_autofree char *name = nullptr;
  int file = g_file_open_tmp (nullptr, &name, nullptr);

  g_unlink (name);
  open ();
  ASSERT_EQ (write (file, "Subject: x\n\n", 12), 12);
  lseek (file, 0, SEEK_SET);
  g_unix_fd_list_append (list, file, nullptr);
  close (file);
  ask (asked, POSTSEAL_SERVICE_SUBMIT,
       "{'message': <handle 0>, 'recipients': <['a@example.org']>, 'from-header': <true>}", list);
  TestRequest request = take ();
  gint32 index = -1;
  ASSERT_TRUE (g_variant_lookup (request.arguments, "message", "h", &index));
  int in = g_unix_fd_list_get (request.descriptors, index, nullptr);
  char text[64];
  EXPECT_EQ (read (in, text, sizeof text), 12);
  close (in);
  request.answer ("{'id': <'7'>}");
  free_request (request);
  wait (asked);
  EXPECT_EQ (asked.answer.text (), "{'id': <'7'>}");
}

TEST_P (ServiceTest, KeepsCodeAndSentenceOfAnError)
{
  open ();
  for (int code : { 64, 65, 69, 73, 74, 75, 76, 77, 78 })
    {
      Asked asked;

      ask (asked, POSTSEAL_SERVICE_QUEUE_LIST);
      TestRequest request = take ();
      request.fail (POSTSEAL_SERVICE_ERROR, code, "The file “ü” is not there: look");
      free_request (request);
      wait (asked);
      EXPECT_EQ (asked.answer.code (), code);
      EXPECT_EQ (asked.answer.message (), "The file “ü” is not there: look");
    }
}

TEST_P (ServiceTest, GivesUpWhenCancelled)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Asked asked;

  open ();
  ask (asked, POSTSEAL_SERVICE_QUEUE_FLUSH, "@a{sv} {}", nullptr, cancellable);
  TestRequest request = take ();
  g_cancellable_cancel (cancellable);
  if (GetParam () == Way::Direct)
    request.answer ("@a{sv} {}");
  wait (asked);
  EXPECT_TRUE (g_error_matches (asked.answer.error.get (), G_IO_ERROR, G_IO_ERROR_CANCELLED));
  if (GetParam () == Way::Bus)
    request.answer ("@a{sv} {}");
  free_request (request);
  loop_.settle ();
}

TEST_P (ServiceTest, AnswersEachOfManyRequestsWithItsOwn)
{
  Asked asked[50];

  open ();
  for (int i = 0; i < 50; i++)
    {
      std::string arguments = "{'ids': <['" + std::to_string (i) + "']>}";

      ask (asked[i], POSTSEAL_SERVICE_QUEUE_FLUSH, arguments.c_str ());
    }
  loop_.wait_for ([this] { return test_service_requests (fake_).size () == 50; });
  auto &requests = test_service_requests (fake_);
  while (!requests.empty ())
    {
      TestRequest request = requests.back ();
      g_autofree const char **ids = nullptr;

      requests.pop_back ();
      g_variant_lookup (request.arguments, "ids", "^a&s", &ids);
      request.answer ((std::string ("{'error': <'") + ids[0] + "'>}").c_str ());
      free_request (request);
    }
  for (int i = 0; i < 50; i++)
    {
      wait (asked[i]);
      EXPECT_EQ (asked[i].answer.text (), "{'error': <'" + std::to_string (i) + "'>}");
    }
}

TEST_P (ServiceTest, HasAnsweredWithTheStatusInPlace)
{
  Asked asked;
  PostsealAccountStatus *status = test_service_add (fake_, "work");

  open ();
  for (int i = 1; i < 10; i++)
    {
      asked = {};
      ask (asked, POSTSEAL_SERVICE_FETCH, "{'account': <'work'>}");
      TestRequest request = take ();
      g_object_set (status, "receive-status", i, nullptr);
      request.answer ("@a{sv} {}");
      free_request (request);
      wait (asked);
      EXPECT_EQ (property<int> (find ("work"), "receive-status"), i);
    }
}

TEST_P (ServiceTest, HasAnsweredAReloadWithTheAccountsInPlace)
{
  Asked asked;

  open ();
  test_service_set_handler (fake_, [this] (TestRequest &request) {
    test_service_add (fake_, "a");
    test_service_add (fake_, "b");
    request.answer ("@a{sv} {}");
  });
  ask (asked, POSTSEAL_SERVICE_RELOAD);
  wait (asked);
  EXPECT_EQ (names_of (service_), (std::vector<std::string>{ "a", "b" }));
}

/* --- signals --- */

struct Heard
{
  std::vector<std::string> lines;

  explicit Heard (PostsealService *service) : service_ (service)
  {
    g_signal_connect (
        service, "mail-arrived",
        G_CALLBACK (+[] (PostsealService *, const char *account, GVariant *details, gpointer data) {
          static_cast<Heard *> (data)->add (std::string ("mail ") + account, details);
        }),
        this);
    g_signal_connect (service, "message-tried",
                      G_CALLBACK (+[] (PostsealService *, GVariant *details, gpointer data) {
                        static_cast<Heard *> (data)->add ("tried", details);
                      }),
                      this);
    g_signal_connect (service, "queue-changed", G_CALLBACK (+[] (PostsealService *, gpointer data) {
                        static_cast<Heard *> (data)->lines.push_back ("changed");
                      }),
                      this);
  }
  ~Heard () { g_signal_handlers_disconnect_by_data (service_, this); }

private:
  void
  add (const std::string &what, GVariant *details)
  {
    g_autofree char *text = g_variant_print (details, TRUE);

    lines.push_back (what + " " + text);
  }

  PostsealService *service_;
};

TEST_P (ServiceTest, TellsOfMailMessagesAndTheQueue)
{
  for (auto name : { "a", "Ärger" })
    test_service_add (fake_, name);
  open ();
  Heard heard (service_);
  PostsealService *fake = POSTSEAL_SERVICE (fake_);

  postseal_service_emit_mail_arrived (
      fake, "Ärger", dictionary ("{'mailbox': <'INBOX'>, 'count': <uint32 2>, 'files': <['/x']>}"));
  postseal_service_emit_message_tried (fake, dictionary ("{'id': <'1'>, 'status': <75>}"));
  postseal_service_emit_queue_changed (fake);

  loop_.wait_for ([&] { return heard.lines.size () == 3; });
  EXPECT_EQ (heard.lines,
             (std::vector<std::string>{
                 "mail Ärger {'mailbox': <'INBOX'>, 'count': <uint32 2>, 'files': <['/x']>}",
                 "tried {'id': <'1'>, 'status': <75>}", "changed" }));
}

TEST_P (ServiceTest, TellsOfEachMessageBeforeTheFlushIsAnswered)
{
  Asked asked;

  open ();
  Heard heard (service_);
  test_service_set_handler (fake_, [this] (TestRequest &request) {
    for (auto id : { "{'id': <'1'>}", "{'id': <'2'>}" })
      postseal_service_emit_message_tried (POSTSEAL_SERVICE (fake_), dictionary (id));
    request.answer ("{'tried': <uint64 2>}");
  });
  ask (asked, POSTSEAL_SERVICE_QUEUE_FLUSH);
  wait (asked);
  EXPECT_EQ (heard.lines,
             (std::vector<std::string>{ "tried {'id': <'1'>}", "tried {'id': <'2'>}" }));
}

TEST_P (ServiceTest, TellsOfNewMailWithTheStatusInPlace)
{
  PostsealAccountStatus *status = test_service_add (fake_, "work");
  guint64 seen = 0;

  open ();
  struct Both
  {
    PostsealService *service;
    guint64 *seen;
  } both = { service_, &seen };
  g_signal_connect (
      service_, "mail-arrived",
      G_CALLBACK (+[] (PostsealService *, const char *account, GVariant *, gpointer data) {
        auto *pair = static_cast<Both *> (data);
        *pair->seen = property<guint64> (postseal_service_find_account (pair->service, account),
                                         "messages-done");
      }),
      &both);
  g_object_set (status, "messages-done", guint64 (7), nullptr);
  postseal_service_emit_mail_arrived (POSTSEAL_SERVICE (fake_), "work",
                                      dictionary ("{'count': <uint32 1>}"));
  loop_.wait_for ([&] { return seen != 0; });
  EXPECT_EQ (seen, 7u);
  g_signal_handlers_disconnect_by_data (service_, &both);
}

INSTANTIATE_TEST_SUITE_P (Service, ServiceTest, testing::Values (Way::Direct, Way::Bus), name_way);

} // namespace

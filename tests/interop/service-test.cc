/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "client/bus-front.h"
#include "client/client.h"
#include "engine/engine.h"
#include "service-answer.h"
#include "support/dovecot.h"
#include "support/main-loop.h"
#include "support/postseal-instance.h"
#include "support/private-bus.h"
#include "support/submission-server.h"

/* The engine with real servers, asked directly and by way of the bus: the same questions, the same
   answers. */

namespace postseal_test
{

namespace
{

enum class Way
{
  Engine,
  Bus,
};

std::string
name_way (const testing::TestParamInfo<Way> &info)
{
  return info.param == Way::Engine ? "Engine" : "Bus";
}

class EngineServiceTest : public testing::TestWithParam<Way>
{
protected:
  EngineServiceTest ()
  {
    for (const auto &[name, value] : postseal_.complete ())
      g_setenv (name.c_str (), value.c_str (), TRUE);
    if (GetParam () == Way::Bus)
      bus_ = std::make_unique<PrivateBus> ();
  }

  ~EngineServiceTest () override
  {
    bool is_stopped = false;

    g_clear_object (&service_);
    g_clear_pointer (&front_, postseal_bus_front_free);
    if (engine_ != nullptr)
      {
        postseal_engine_stop_async (
            engine_,
            [] (GObject *source, GAsyncResult *result, gpointer data) {
              postseal_engine_stop_finish (POSTSEAL_ENGINE (source), result);
              *static_cast<bool *> (data) = true;
            },
            &is_stopped);
        loop_.wait_for ([&] { return is_stopped; });
      }
    g_clear_object (&engine_);
    if (!user_.empty ())
      Dovecot::shared ().forget_user (user_);
  }

  /* Writes accounts.conf and opens the service. */
  void
  open (const std::string &accounts)
  {
    postseal_.configure (accounts);
    engine_ = postseal_engine_new (nullptr);
    if (GetParam () == Way::Engine)
      {
        service_ = POSTSEAL_SERVICE (g_object_ref (engine_));
        return;
      }
    front_bus_ = bus_->connect ();
    client_bus_ = bus_->connect ();
    front_ = postseal_bus_front_new (front_bus_, POSTSEAL_SERVICE (engine_), nullptr);
    ASSERT_NE (front_, nullptr);
    PrivateBus::own_name (front_bus_, POSTSEAL_CLIENT_BUS_NAME);
    postseal_client_new_async (client_bus_, POSTSEAL_CLIENT_RUNNING, nullptr, AsyncLoop::on_ready,
                               &loop_);
    PostsealClient *client = postseal_client_new_finish (loop_.wait (), nullptr);
    ASSERT_NE (client, nullptr);
    service_ = POSTSEAL_SERVICE (client);
  }

  void
  ask (Asked &asked,
       PostsealServiceRequest kind,
       const std::string &arguments = "@a{sv} {}",
       GUnixFDList *descriptors = nullptr)
  {
    postseal_service_request_async (service_, kind, dictionary (arguments.c_str ()), descriptors,
                                    nullptr, Asked::on_done, &asked);
  }

  Answer
  ask_and_wait (PostsealServiceRequest kind,
                const std::string &arguments = "@a{sv} {}",
                GUnixFDList *descriptors = nullptr)
  {
    Asked asked;

    ask (asked, kind, arguments, descriptors);
    loop_.wait_for ([&] { return asked.is_done; }, 60000);
    return asked.answer;
  }

  /* An account "NAME" with a mailbox of its own that holds @count messages. */
  std::string
  receiving (const std::string &name, int count, const std::string &more = {})
  {
    Dovecot &server = Dovecot::shared ();

    if (user_.empty ())
      {
        user_ = server.new_user ();
        if (count > 0)
          {
            std::vector<std::string> texts;
            for (const auto &message : make_corpus ("demo", count, 3))
              texts.push_back (message.text);
            server.admin (user_)->append ("INBOX", texts);
          }
      }
    return server.account (name, "imaps", user_, "maildir:" + postseal_.path ("Mail-" + name),
                           more);
  }

  /* A descriptor with @text to be read. */
  static GUnixFDList *
  descriptor_of (const std::string &text)
  {
    GUnixFDList *list = g_unix_fd_list_new ();
    g_autofree char *name = nullptr;
    int file = g_file_open_tmp (nullptr, &name, nullptr);

    g_unlink (name);
    EXPECT_EQ (write (file, text.data (), text.size ()), ssize_t (text.size ()));
    lseek (file, 0, SEEK_SET);
    g_unix_fd_list_append (list, file, nullptr);
    close (file);
    return list;
  }

  Answer
  submit (const std::string &text,
          const std::string &more = ", 'recipients': <['bob@example.net']>, 'sender': "
                                    "<'jane@example.org'>")
  {
    g_autoptr (GUnixFDList) list = descriptor_of (text);

    return ask_and_wait (POSTSEAL_SERVICE_SUBMIT, "{'message': <handle 0>" + more + "}", list);
  }

  /* The ids in the outbox with their states. */
  std::map<std::string, std::string>
  queue (const std::string &arguments = "@a{sv} {}")
  {
    Answer answer = ask_and_wait (POSTSEAL_SERVICE_QUEUE_LIST, arguments);
    std::map<std::string, std::string> states;
    g_autoptr (GVariant) entries
        = g_variant_lookup_value (answer.value.get (), "entries", G_VARIANT_TYPE ("aa{sv}"));

    EXPECT_NE (entries, nullptr) << answer.text () << answer.message ();
    for (gsize i = 0; entries != nullptr && i < g_variant_n_children (entries); i++)
      {
        g_autoptr (GVariant) entry = g_variant_get_child_value (entries, i);
        const char *id = "?", *state = "?";

        g_variant_lookup (entry, "id", "&s", &id);
        g_variant_lookup (entry, "state", "&s", &state);
        states[id] = state;
      }
    return states;
  }

  AsyncLoop loop_;
  PostsealInstance postseal_;
  std::string user_;
  std::unique_ptr<PrivateBus> bus_;
  GDBusConnection *front_bus_ = nullptr;
  GDBusConnection *client_bus_ = nullptr;
  PostsealEngine *engine_ = nullptr;
  PostsealBusFront *front_ = nullptr;
  PostsealService *service_ = nullptr;
};

int
number (const Answer &answer, const char *key)
{
  g_autoptr (GVariant) value
      = answer.value ? g_variant_lookup_value (answer.value.get (), key, nullptr) : nullptr;

  if (value == nullptr)
    return -1;
  return g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64)  ? int (g_variant_get_uint64 (value))
         : g_variant_is_of_type (value, G_VARIANT_TYPE_INT32) ? g_variant_get_int32 (value)
                                                              : -1;
}

std::string
text (const Answer &answer, const char *key)
{
  const char *value = "(none)";

  if (answer.value)
    g_variant_lookup (answer.value.get (), key, "&s", &value);
  return value;
}

const char message[]
    = "From: Jane <jane@example.org>\nTo: bob@example.net\nSubject: Hello\n\nHi.\n";

/* --- accounts --- */

TEST_P (EngineServiceTest, HasTheAccountsOnceItIsAsked)
{
  open (receiving ("work", 0) + receiving ("Ärger & Söhne", 0));
  Answer answer = ask_and_wait (POSTSEAL_SERVICE_RELOAD);

  EXPECT_EQ (answer.text (), "{'problems': <@as []>}") << answer.message ();
  EXPECT_EQ (names_of (service_), (std::vector<std::string>{ "work", "Ärger & Söhne" }));
  PostsealAccountStatus *status = postseal_service_find_account (service_, "Ärger & Söhne");
  ASSERT_NE (status, nullptr);
  EXPECT_TRUE (property<gboolean> (status, "receives"));
  EXPECT_FALSE (property<gboolean> (status, "sends"));
  EXPECT_FALSE (property<gboolean> (service_, "unattended"));
}

TEST_P (EngineServiceTest, TellsOfMistakesAndGoesOnWithTheOthers)
{
  open (receiving ("work", 1) + "[account bad]\nreceive=imaps://x@example.org\nkepp=yes\n");
  Answer answer = ask_and_wait (POSTSEAL_SERVICE_RELOAD);

  EXPECT_NE (answer.text ().find ("kepp"), std::string::npos) << answer.text ();
  g_auto (GStrv) problems = property<char **> (service_, "problems");
  ASSERT_GE (g_strv_length (problems), 1u);
  EXPECT_NE (std::string (problems[0]).find ("accounts.conf:"), std::string::npos) << problems[0];
  EXPECT_EQ (number (ask_and_wait (POSTSEAL_SERVICE_FETCH, "{'account': <'work'>}"), "status"), 0);
  answer = ask_and_wait (POSTSEAL_SERVICE_FETCH, "{'account': <'bad'>}");
  EXPECT_EQ (answer.code (), 78) << answer.text () << answer.message ();
}

TEST_P (EngineServiceTest, SaysThatThereIsNoSuchAccount)
{
  open (receiving ("work", 0));
  ask_and_wait (POSTSEAL_SERVICE_RELOAD);
  for (auto kind : { POSTSEAL_SERVICE_FETCH, POSTSEAL_SERVICE_CHECK })
    {
      Answer answer = ask_and_wait (kind, "{'account': <'wrok'>}");

      EXPECT_EQ (answer.code (), 78);
      EXPECT_EQ (answer.message (), "There is no account “wrok”; see “postseal account list”");
    }
}

TEST_P (EngineServiceTest, RefusesRequestsThatLackSomething)
{
  open (receiving ("work", 0));
  ask_and_wait (POSTSEAL_SERVICE_RELOAD);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_FETCH).code (), 64);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_CHECK).code (), 64);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_SUBMIT).code (), 64);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_SUBMIT, "{'message': <handle 0>}").code (), 64);
  EXPECT_EQ (ask_and_wait (POSTSEAL_SERVICE_QUEUE_CHANGE).code (), 64);
  EXPECT_EQ (
      ask_and_wait (POSTSEAL_SERVICE_QUEUE_CHANGE, "{'change': <'eat'>, 'ids': <['1']>}").code (),
      64);
  EXPECT_EQ (
      ask_and_wait (POSTSEAL_SERVICE_FETCH, "{'account': <'work'>, 'transcript': <handle 3>}")
          .code (),
      64);
}

/* --- retrieving --- */

TEST_P (EngineServiceTest, FetchesNow)
{
  std::vector<std::string> arrived;

  open (receiving ("work", 5));
  ask_and_wait (POSTSEAL_SERVICE_RELOAD);
  g_signal_connect (
      service_, "mail-arrived",
      G_CALLBACK (+[] (PostsealService *, const char *account, GVariant *, gpointer data) {
        static_cast<std::vector<std::string> *> (data)->push_back (account);
      }),
      &arrived);
  Answer answer = ask_and_wait (POSTSEAL_SERVICE_FETCH, "{'account': <'work'>}");

  EXPECT_EQ (number (answer, "status"), 0) << answer.text () << answer.message ();
  EXPECT_EQ (number (answer, "delivered"), 5);
  EXPECT_EQ (text (answer, "account"), "work");
  EXPECT_EQ (text (answer, "error"), "");
  EXPECT_NE (answer.text ().find ("'tls-version': 'TLS 1."), std::string::npos) << answer.text ();
  EXPECT_EQ (read_maildir (postseal_.path ("Mail-work")).size (), 5u);
  EXPECT_FALSE (arrived.empty ());
  /* The status has it when the answer comes. */
  PostsealAccountStatus *status = postseal_service_find_account (service_, "work");
  EXPECT_EQ (property<int> (status, "receive-status"), 0);
  EXPECT_GT (property<gint64> (status, "receive-last"), 0);
  g_autoptr (GVariant) seal = property<GVariant *> (status, "receive-seal");
  EXPECT_GT (g_variant_n_children (seal), 3u);
  /* A second time there is nothing new. */
  answer = ask_and_wait (POSTSEAL_SERVICE_FETCH, "{'account': <'work'>}");
  EXPECT_EQ (number (answer, "delivered"), 0) << answer.text ();
  g_signal_handlers_disconnect_by_data (service_, &arrived);
}

TEST_P (EngineServiceTest, AnswersAFetchThatIsRefusedWithItsStatus)
{
  std::string secret = postseal_.path ("wrong");

  write_file (secret, "not the password\n");
  open (receiving ("work", 1, "password=file:" + secret + "\n"));
  Answer answer = ask_and_wait (POSTSEAL_SERVICE_FETCH, "{'account': <'work'>}");

  EXPECT_EQ (number (answer, "status"), 77) << answer.text () << answer.message ();
  EXPECT_NE (text (answer, "error"), "");
  PostsealAccountStatus *status = postseal_service_find_account (service_, "work");
  EXPECT_EQ (property<int> (status, "receive-status"), 77);
  g_autofree char *error = property<char *> (status, "receive-error");
  EXPECT_EQ (text (answer, "error"), error);
}

TEST_P (EngineServiceTest, WritesTheTranscriptWithoutSecrets)
{
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  int ends[2];
  std::string lines;

  open (receiving ("work", 2));
  ASSERT_EQ (pipe (ends), 0);
  g_unix_fd_list_append (list, ends[1], nullptr);
  close (ends[1]);
  std::thread reader ([&] {
    char piece[4096];
    ssize_t n;
    while ((n = read (ends[0], piece, sizeof piece)) > 0)
      lines.append (piece, n);
  });
  Answer answer = ask_and_wait (POSTSEAL_SERVICE_FETCH,
                                "{'account': <'work'>, 'transcript': <handle 0>}", list);
  g_clear_object (&list);
  loop_.settle ();
  reader.join (); /* nobody else holds the other end */
  close (ends[0]);

  EXPECT_EQ (number (answer, "status"), 0) << answer.text () << answer.message ();
  EXPECT_NE (lines.find ("SELECT"), std::string::npos) << lines;
  EXPECT_NE (lines.find ("FETCH"), std::string::npos) << lines;
  EXPECT_EQ (lines.find (Dovecot::shared ().password ()), std::string::npos);
}

TEST_P (EngineServiceTest, ChecksBothDirections)
{
  SubmissionServer *submission = SubmissionServer::shared ("aiosmtpd");
  std::string both = receiving ("work", 0);

  both.erase (both.find_last_not_of ('\n') + 1);
  both += "\nsend=submissions://127.0.0.1:1\n\n";
  open (both + submission->account ("out", "submission"));
  Answer answer = ask_and_wait (POSTSEAL_SERVICE_CHECK, "{'account': <'work'>}");
  GVariant *value = answer.value.get ();
  int status = -1;

  ASSERT_NE (value, nullptr) << answer.message ();
  g_autoptr (GVariant) receive = g_variant_lookup_value (value, "receive", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) send = g_variant_lookup_value (value, "send", G_VARIANT_TYPE_VARDICT);
  ASSERT_TRUE (receive != nullptr && send != nullptr) << answer.text ();
  g_variant_lookup (receive, "status", "i", &status);
  EXPECT_EQ (status, 0) << answer.text ();
  g_variant_lookup (send, "status", "i", &status);
  EXPECT_EQ (status, 75) << answer.text ();
  answer = ask_and_wait (POSTSEAL_SERVICE_CHECK, "{'account': <'out'>, 'direction': <'send'>}");
  ASSERT_TRUE (answer.value) << answer.message ();
  EXPECT_NE (answer.text ().find ("'send': <{"), std::string::npos) << answer.text ();
  EXPECT_NE (answer.text ().find ("'status': <0>"), std::string::npos) << answer.text ();
  EXPECT_EQ (answer.text ().find ("'receive'"), std::string::npos) << answer.text ();
}

TEST_P (EngineServiceTest, AnswersManyAtOnce)
{
  const int n_rounds = 8;
  Asked fetches[n_rounds], lists[n_rounds], others[n_rounds];
  int delivered = 0;

  open (receiving ("a", 6) + receiving ("b", 6));
  for (int i = 0; i < n_rounds; i++)
    {
      ask (fetches[i], POSTSEAL_SERVICE_FETCH, "{'account': <'a'>}");
      ask (others[i], POSTSEAL_SERVICE_FETCH, "{'account': <'b'>}");
      ask (lists[i], POSTSEAL_SERVICE_QUEUE_LIST);
    }
  for (int i = 0; i < n_rounds; i++)
    {
      loop_.wait_for ([&] { return fetches[i].is_done && others[i].is_done && lists[i].is_done; },
                      60000);
      EXPECT_EQ (number (fetches[i].answer, "status"), 0)
          << fetches[i].answer.text () << fetches[i].answer.message ();
      EXPECT_EQ (text (others[i].answer, "account"), "b");
      EXPECT_TRUE (lists[i].answer.value) << lists[i].answer.message ();
      delivered = std::max (delivered, number (fetches[i].answer, "delivered"));
    }
  EXPECT_EQ (delivered, 6);
  EXPECT_EQ (read_maildir (postseal_.path ("Mail-a")).size (), 6u);
  EXPECT_EQ (read_maildir (postseal_.path ("Mail-b")).size (), 6u);
}

/* --- outbox --- */

TEST_P (EngineServiceTest, TakesHoldsReleasesAndSendsAMessage)
{
  SubmissionServer *server = SubmissionServer::shared ("aiosmtpd");
  std::vector<std::string> tried;

  server->take ();
  open (server->account ("main", "submission"));
  ask_and_wait (POSTSEAL_SERVICE_RELOAD);
  g_signal_connect (service_, "message-tried",
                    G_CALLBACK (+[] (PostsealService *, GVariant *details, gpointer data) {
                      const char *id = "?";
                      const char *state = "?";
                      g_variant_lookup (details, "id", "&s", &id);
                      g_variant_lookup (details, "state", "&s", &state);
                      static_cast<std::vector<std::string> *> (data)->push_back (std::string (id)
                                                                                 + " " + state);
                    }),
                    &tried);
  Answer answer = submit (message);
  std::string id = text (answer, "id");
  ASSERT_TRUE (answer.value) << answer.message ();
  std::string ids = "'ids': <['" + id + "']>";
  using Queue = std::map<std::string, std::string>;
  EXPECT_EQ (queue (), (Queue{ { id, "queued" } }));
  EXPECT_EQ (queue ("{'account': <'other'>}"), Queue{});

  ask_and_wait (POSTSEAL_SERVICE_QUEUE_CHANGE, "{'change': <'hold'>, " + ids + "}");
  EXPECT_EQ (queue (), (Queue{ { id, "held" } }));
  ask_and_wait (POSTSEAL_SERVICE_QUEUE_CHANGE, "{'change': <'release'>, " + ids + "}");
  EXPECT_EQ (queue (), (Queue{ { id, "queued" } }));

  answer = ask_and_wait (POSTSEAL_SERVICE_QUEUE_FLUSH);
  EXPECT_EQ (number (answer, "status"), 0) << answer.text () << answer.message ();
  EXPECT_EQ (number (answer, "tried"), 1);
  EXPECT_EQ (number (answer, "sent"), 1);
  EXPECT_EQ (tried, std::vector<std::string>{ id + " sent" });
  EXPECT_EQ (queue (), Queue{});
  EXPECT_EQ (queue ("{'done': <true>}"), (Queue{ { id, "sent" } }));
  auto arrived = server->take ();
  ASSERT_EQ (arrived.size (), 1u);
  EXPECT_EQ (arrived[0].recipients, std::vector<std::string>{ "bob@example.net" });
  PostsealAccountStatus *status = postseal_service_find_account (service_, "main");
  EXPECT_EQ (property<int> (status, "send-status"), 0);
  EXPECT_GT (property<gint64> (status, "send-last"), 0);
  g_signal_handlers_disconnect_by_data (service_, &tried);
}

TEST_P (EngineServiceTest, RemovesMessagesAndSaysWhichItDoesNotKnow)
{
  open (SubmissionServer::shared ("aiosmtpd")->account ("main", "submission"));
  std::string id = text (submit (message), "id");
  Answer answer = ask_and_wait (POSTSEAL_SERVICE_QUEUE_CHANGE,
                                "{'change': <'remove'>, 'ids': <['" + id + "', 'zzzzzzzzzz']>}");

  EXPECT_NE (answer.text ().find ("'" + id + "'"), std::string::npos) << answer.text ();
  EXPECT_NE (answer.text ().find ("<64>"), std::string::npos) << answer.text ();
  EXPECT_TRUE (queue ().empty ());
}

TEST_P (EngineServiceTest, KeepsWhatTheServerDoesNotTakeNow)
{
  SubmissionServer *server = SubmissionServer::shared ("aiosmtpd");

  open (server->account ("main", "submission", "", 1));
  submit (message);
  Answer answer = ask_and_wait (POSTSEAL_SERVICE_QUEUE_FLUSH);
  EXPECT_EQ (number (answer, "status"), 75) << answer.text () << answer.message ();
  EXPECT_NE (text (answer, "error"), "");
  EXPECT_EQ (number (answer, "sent"), 0);
  EXPECT_EQ (queue ().size (), 1u);
}

TEST_P (EngineServiceTest, RefusesMessagesThatCannotBeSent)
{
  open (SubmissionServer::shared ("aiosmtpd")->account ("main", "submission"));
  EXPECT_EQ (submit (message, "").code (), 64);
  EXPECT_EQ (submit (message, ", 'recipients': <['not an address']>").code (), 65);
  EXPECT_EQ (
      submit (message, ", 'recipients': <['bob@example.net']>, 'sender': <'eve@elsewhere.example'>")
          .code (),
      78);
  EXPECT_TRUE (queue ().empty ());
}

TEST_P (EngineServiceTest, TakesRecipientsFromTheHeader)
{
  open (SubmissionServer::shared ("aiosmtpd")->account ("main", "submission"));
  Answer answer = submit (message, ", 'from-header': <true>");
  EXPECT_TRUE (answer.value) << answer.message ();
  answer = ask_and_wait (POSTSEAL_SERVICE_QUEUE_LIST);
  EXPECT_NE (answer.text ().find ("'address': <'bob@example.net'>"), std::string::npos)
      << answer.text ();
  EXPECT_NE (answer.text ().find ("'subject': <'Hello'>"), std::string::npos) << answer.text ();
}

INSTANTIATE_TEST_SUITE_P (Service,
                          EngineServiceTest,
                          testing::Values (Way::Engine, Way::Bus),
                          name_way);

} // namespace

} // namespace postseal_test

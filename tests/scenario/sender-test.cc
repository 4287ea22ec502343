/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sends unattended, against a toy submission server, in this process. */
#include "engine/sender.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include "engine/account-store.h"
#include "engine/check-job.h"
#include "engine/outbox-service.h"
#include "outbox/outbox.h"
#include "scenario/hostile.h"
#include "scenario/toy-submission.h"
#include "support/main-loop.h"

namespace postseal_test
{

class Sender : public testing::Test
{
protected:
  using Reply = std::optional<std::string>;
  using Call = ToySubmission::Call;

  void
  SetUp () override
  {
    g_setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), TRUE);
    status = postseal_account_status_new ("work");
    servers = postseal_servers_new ();
    world = postseal_world_new (nullptr);
  }

  void
  TearDown () override
  {
    if (sender != nullptr)
      stop ();
    g_clear_object (&sender);
    g_clear_object (&world);
    g_clear_object (&status);
    g_clear_pointer (&servers, postseal_servers_unref);
    g_clear_pointer (&account, postseal_account_unref);
    loop.settle ();
  }

  void
  configure (unsigned short port, const std::string &extra = "")
  {
    std::string secret = sandbox.write ("secret", std::string (kPassword) + "\n");
    std::string config = sandbox.write (
        "accounts.conf", "[account work]\naddress=jane@example.org\nsend=submissions://"
                             + std::string (kUser) + "@localhost:" + std::to_string (port)
                             + "\nca-file=" + test_ca ().ca_file ()
                             + "\ntimeout=5s\npassword=file:" + secret + "\n" + extra);
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealAccountStore) store = postseal_account_store_load (config.c_str (), &error);

    ASSERT_NE (store, nullptr) << error->message;
    PostsealAccount *found = postseal_account_store_lookup (store, "work", &error);
    ASSERT_NE (found, nullptr) << error->message;
    account = postseal_account_ref (found);
    sender = postseal_sender_new (account, status, servers);
  }

  /* Puts a message into the outbox and tells nobody. Returns: its ID */
  static std::string
  put (const std::string &subject = "one")
  {
    g_autoptr (PostsealEnvelope) envelope = postseal_envelope_new ();
    std::string text = "From: jane@example.org\r\nSubject: " + subject
                       + "\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n";

    g_free (envelope->account);
    envelope->account = g_strdup ("work");
    g_free (envelope->sender);
    envelope->sender = g_strdup ("jane@example.org");
    envelope->arrived = g_get_real_time () / G_USEC_PER_SEC;
    envelope->length = text.size ();
    postseal_envelope_add_recipient (envelope, "bob@example.net", 0, nullptr);
    PostsealOutboxDraft *draft = postseal_outbox_draft_open (envelope, nullptr);
    postseal_outbox_draft_write (draft, text.data (), text.size (), nullptr);
    g_autofree char *id = postseal_outbox_draft_commit (draft, envelope, nullptr);
    return id != nullptr ? id : "";
  }

  static PostsealOutboxEntry *
  load (const std::string &id)
  {
    g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (nullptr);

    return postseal_outbox_load (outbox, id.c_str (), nullptr);
  }

  static std::string
  state_of (const std::string &id)
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);

    return entry != nullptr ? postseal_outbox_state_name (entry->state) : "";
  }

  std::string
  text (const char *property)
  {
    g_autofree char *value = nullptr;

    g_object_get (status, property, &value, nullptr);
    return value;
  }

  gint64
  number (const char *property)
  {
    gint64 value = 0;

    g_object_get (status, property, &value, nullptr);
    return value;
  }

  void
  expect_state (const std::string &state)
  {
    loop.wait_for ([&] { return text ("send-state") == state; });
    EXPECT_EQ (text ("send-state"), state) << text ("send-error");
  }

  /* Unattended, with work. */
  void
  start ()
  {
    postseal_sender_start (sender, world);
    postseal_sender_set_next_due (sender, 0);
  }

  void
  stop ()
  {
    postseal_sender_stop_async (sender, AsyncLoop::on_ready, &loop);
    postseal_sender_stop_finish (sender, loop.wait ());
  }

  GVariant *
  flush (PostsealSendScope scope = POSTSEAL_SEND_WAITING, GError **error = nullptr)
  {
    postseal_sender_flush_async (sender, scope, nullptr, nullptr, nullptr, AsyncLoop::on_ready,
                                 &loop);
    return postseal_sender_flush_finish (sender, loop.wait (), error);
  }

  static std::string
  print (GVariant *dictionary, const char *key)
  {
    g_autoptr (GVariant) value = g_variant_lookup_value (dictionary, key, nullptr);
    g_autofree char *shown = value != nullptr ? g_variant_print (value, FALSE) : nullptr;

    return shown != nullptr ? shown : "absent";
  }

  /* What the server's threads do wakes no loop of ours: it looks every now and then. */
  bool
  eventually (const std::function<bool ()> &condition)
  {
    GSource *tick = g_timeout_source_new (5);

    g_source_set_callback (
        tick, +[] (gpointer) -> gboolean { return G_SOURCE_CONTINUE; }, nullptr, nullptr);
    g_source_attach (tick, loop.context ());
    bool holds = loop.wait_for (condition);
    g_source_destroy (tick);
    g_source_unref (tick);
    return holds;
  }

  /* Until every connection has ended, for which the client needs the loop. */
  void
  see_off (ToySubmission &server)
  {
    std::atomic<bool> is_settled{ false };
    std::thread waiter ([&] {
      server.settle ();
      is_settled = true;
    });

    eventually ([&] { return is_settled.load (); });
    waiter.join ();
  }

  bool
  wait_for_deliveries (ToySubmission &server, size_t count)
  {
    return eventually ([&] { return server.deliveries ().size () == count; });
  }

  AsyncLoop loop;
  Sandbox sandbox;
  PostsealAccount *account = nullptr;
  PostsealAccountStatus *status = nullptr;
  PostsealServers *servers = nullptr;
  PostsealWorld *world = nullptr;
  PostsealSender *sender = nullptr;
};

TEST_F (Sender, SendsWhatIsPutIntoTheOutbox)
{
  ToySubmission server;

  configure (server.port ());
  start ();
  expect_state ("waiting");
  EXPECT_EQ (server.connections (), 0u) << "nothing to do";
  std::string id = put ();
  postseal_sender_set_next_due (sender, 0);
  expect_state ("working");
  expect_state ("waiting");
  EXPECT_EQ (server.deliveries ().size (), 1u);
  EXPECT_EQ (state_of (id), "sent");
  EXPECT_EQ (text ("send-error"), "");
  EXPECT_EQ (text ("send-activity"), "");
  EXPECT_GT (number ("send-last"), 0);
  EXPECT_EQ (number ("send-next"), 0);
  g_autoptr (GVariant) seal = nullptr;
  g_object_get (status, "send-seal", &seal, nullptr);
  EXPECT_NE (print (seal, "tls-version").find ("TLS 1."), std::string::npos);
}

TEST_F (Sender, DoesNothingOfItsOwnAccordWithoutAWorld)
{
  ToySubmission server;

  configure (server.port ());
  put ();
  postseal_sender_set_next_due (sender, 0);
  loop.settle ();
  EXPECT_EQ (text ("send-state"), "off");
  EXPECT_EQ (server.connections (), 0u);
}

TEST_F (Sender, HoldsBackWhileTheServerIsAwayAndGoesOnWithAnotherNetwork)
{
  const unsigned short port = unused_port ();

  configure (port);
  std::string id = put ();
  start ();
  loop.wait_for ([&] { return number ("send-next") != 0; });
  EXPECT_EQ (text ("send-state"), "waiting");
  EXPECT_NE (text ("send-error"), "");
  EXPECT_GT (number ("send-next"), g_get_real_time () / G_USEC_PER_SEC);
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);
    EXPECT_EQ (entry->attempts, 0u) << "being offline is no attempt";
  }
  ToySubmission server (ToySubmission::Start::Implicit, port);
  g_signal_emit_by_name (world, "network-changed");
  EXPECT_TRUE (wait_for_deliveries (server, 1));
  expect_state ("waiting");
  EXPECT_EQ (text ("send-error"), "");
}

/* A status goes to the bus and into the journal, where correspondents are nobody's business. */
TEST_F (Sender, SaysNothingOfCorrespondentsInTheStatus)
{
  ToySubmission server;

  server.answer ("RCPT", 1, "450 4.2.0 bob@example.net is busy");
  server.answer ("RCPT", 2, "550 5.1.1 no bob@example.net here");
  configure (server.port ());
  std::string id = put ();
  start ();
  ASSERT_TRUE (eventually ([&] { return text ("send-error") != ""; }));
  EXPECT_EQ (text ("send-error").find ("bob"), std::string::npos) << text ("send-error");
  EXPECT_EQ (text ("send-state"), "waiting");
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_NE (std::string (entry->recipients[0].text).find ("bob"), std::string::npos);
  g_autoptr (GVariant) answer = flush ();
  EXPECT_NE (print (answer, "error").find ("bob"), std::string::npos) << "who asks is told";
  EXPECT_EQ (text ("send-error"), "") << "the message has come to its end, the account is well";
}

TEST_F (Sender, TriesAServerInTroubleAgainByItself)
{
  ToySubmission server;

  server.answer ("GREETING", 1, "421 4.3.2 closing");
  configure (server.port ());
  put ();
  start ();
  loop.wait_for ([&] { return number ("send-next") != 0; });
  EXPECT_LE (number ("send-next"), g_get_real_time () / G_USEC_PER_SEC + 6)
      << "well before the message's own time";
  EXPECT_NE (postseal_servers_get_not_before (servers, account->send), 0) << "others wait, too";
  postseal_servers_forget_trouble (servers); /* as if the time was over */
  postseal_sender_set_next_due (sender, g_get_real_time () / G_USEC_PER_SEC + 300);
  EXPECT_TRUE (wait_for_deliveries (server, 1));
}

TEST_F (Sender, LeavesAServerInPeaceThatRefusesToSignInUntilItIsRetried)
{
  ToySubmission server;

  server.password = "another";
  configure (server.port ());
  std::string id = put ();
  start ();
  expect_state ("refused");
  EXPECT_EQ (state_of (id), "blocked");
  EXPECT_NE (text ("send-advice"), "");
  loop.wait_for ([&] { return number ("send-next") != 0; });
  unsigned connections = server.connections ();
  put ("two");
  postseal_sender_set_next_due (sender, 0);
  loop.settle ();
  EXPECT_EQ (server.connections (), connections);
  see_off (server);
  server.password = kPassword;
  postseal_sender_retry (sender);
  EXPECT_TRUE (wait_for_deliveries (server, 2));
  expect_state ("waiting");
}

/* As at log-in: the daemon is there before the keyring. */
TEST_F (Sender, SendsWhatWaitedForASecretAsSoonAsItIsThere)
{
  ToySubmission server;

  configure (server.port ());
  std::filesystem::path secret = account->password + strlen ("file:");
  std::filesystem::path away = secret.string () + ".away";
  std::filesystem::rename (secret, away);
  std::string id = put ();
  start ();
  ASSERT_TRUE (eventually ([&] { return state_of (id) == "blocked"; }));
  ASSERT_TRUE (eventually ([&] { return number ("send-next") != 0; }));
  std::filesystem::rename (away, secret);
  g_signal_emit_by_name (world, "secrets-changed");
  EXPECT_TRUE (wait_for_deliveries (server, 1));
}

/* Keyrings change for many reasons. */
TEST_F (Sender, DoesNotSignInAgainWheneverSomeSecretChanges)
{
  ToySubmission server;

  server.password = "another";
  configure (server.port ());
  put ();
  start ();
  expect_state ("refused");
  loop.wait_for ([&] { return number ("send-next") != 0; });
  see_off (server);
  unsigned connections = server.connections ();
  for (int i = 0; i < 3; i++)
    g_signal_emit_by_name (world, "secrets-changed");
  loop.settle ();
  EXPECT_EQ (text ("send-state"), "refused") << "it waits for some time";
  EXPECT_EQ (server.connections (), connections);
}

TEST_F (Sender, WaitsForAnotherProgramThatSends)
{
  ToySubmission server;
  g_autoptr (GError) error = nullptr;

  configure (server.port ());
  put ();
  PostsealLockFile *lock = postseal_outbox_lock ("work", &error);
  ASSERT_NE (lock, nullptr) << error->message;
  start ();
  expect_state ("busy");
  EXPECT_EQ (server.connections (), 0u);
  postseal_sender_flush_async (sender, POSTSEAL_SEND_WAITING, nullptr, nullptr, nullptr,
                               AsyncLoop::on_ready, &loop);
  loop.wait_for ([&] { return text ("send-error") != ""; });
  EXPECT_EQ (text ("send-state"), "busy");
  EXPECT_EQ (server.connections (), 0u);
  postseal_lock_file_release (lock);
  g_autoptr (GVariant) answer = postseal_sender_flush_finish (sender, loop.wait (), &error);
  ASSERT_NE (answer, nullptr) << error->message;
  EXPECT_EQ (print (answer, "status"), "0") << "who asks has waited, too";
  EXPECT_EQ (print (answer, "sent"), "1");
  EXPECT_EQ (server.deliveries ().size (), 1u);
  expect_state ("waiting");
  EXPECT_EQ (text ("send-error"), "");
}

TEST_F (Sender, StopsWaitingForAnotherProgramWithWhoeverAsked)
{
  ToySubmission server;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = nullptr;

  configure (server.port ());
  put ();
  PostsealLockFile *lock = postseal_outbox_lock ("work", &error);
  ASSERT_NE (lock, nullptr) << error->message;
  postseal_sender_flush_async (sender, POSTSEAL_SEND_WAITING, nullptr, nullptr, cancellable,
                               AsyncLoop::on_ready, &loop);
  expect_state ("busy");
  g_cancellable_cancel (cancellable);
  g_autoptr (GVariant) answer = postseal_sender_flush_finish (sender, loop.wait (), &error);
  EXPECT_EQ (answer, nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  postseal_lock_file_release (lock);
  expect_state ("off");
  EXPECT_EQ (server.connections (), 0u);
}

/* "postseal send --wait" asks for what the daemon has begun to send by itself. */
TEST_F (Sender, TriesNothingAgainThatWasTriedWhileTheRequestWaited)
{
  ToySubmission server;

  server.answer ("RCPT", 1, "450 4.2.0 greylisted");
  configure (server.port ());
  std::string id = put ();
  start ();
  expect_state ("working");
  const char *const ids[] = { id.c_str (), nullptr };
  postseal_sender_flush_async (sender, POSTSEAL_SEND_CHOSEN, ids, nullptr, nullptr,
                               AsyncLoop::on_ready, &loop);
  g_autoptr (GError) error = nullptr;
  g_autoptr (GVariant) answer = postseal_sender_flush_finish (sender, loop.wait (), &error);
  ASSERT_NE (answer, nullptr) << error->message;
  EXPECT_EQ (print (answer, "status"), "75");
  EXPECT_NE (print (answer, "error").find ("greylisted"), std::string::npos);
  EXPECT_EQ (print (answer, "tried"), "1");
  EXPECT_EQ (print (answer, "delayed"), "1");
  EXPECT_EQ (server.connections (), 1u);
}

TEST_F (Sender, AnswersWithWhatWasDone)
{
  ToySubmission server;
  unsigned n_messages = 0;

  server.answer ("RCPT", 2, "450 4.2.0 greylisted");
  configure (server.port ());
  put ("one");
  put ("two");
  g_signal_connect_swapped (
      sender, "message", G_CALLBACK (+[] (unsigned *count, gpointer) { ++*count; }), &n_messages);
  g_autoptr (GVariant) answer = flush ();
  ASSERT_NE (answer, nullptr);
  EXPECT_EQ (print (answer, "account"), "'work'");
  EXPECT_EQ (print (answer, "status"), "75");
  EXPECT_NE (print (answer, "error").find ("greylisted"), std::string::npos);
  EXPECT_EQ (print (answer, "tried"), "2");
  EXPECT_EQ (print (answer, "sent"), "1");
  EXPECT_EQ (print (answer, "delayed"), "1");
  EXPECT_EQ (print (answer, "failed"), "0");
  EXPECT_NE (print (answer, "seal").find ("TLS 1."), std::string::npos);
  EXPECT_EQ (n_messages, 2u);
  EXPECT_EQ (text ("send-state"), "off") << "nobody is in charge";
}

TEST_F (Sender, AnswersOneRequestAfterTheOther)
{
  ToySubmission server;
  AsyncLoop *const loops = &loop;
  std::vector<std::string> sent;
  struct Context
  {
    std::vector<std::string> *sent;
  } context = { &sent };
  auto on_answer = [] (GObject *source, GAsyncResult *result, gpointer data) {
    g_autoptr (GVariant) answer
        = postseal_sender_flush_finish (POSTSEAL_SENDER (source), result, nullptr);

    static_cast<Context *> (data)->sent->push_back (print (answer, "sent"));
  };

  configure (server.port ());
  put ();
  for (int i = 0; i < 2; i++)
    postseal_sender_flush_async (sender, POSTSEAL_SEND_WAITING, nullptr, nullptr, nullptr,
                                 on_answer, &context);
  loops->wait_for ([&] { return sent.size () == 2; });
  EXPECT_EQ (sent, (std::vector<std::string>{ "1", "0" }));
  EXPECT_EQ (server.deliveries ().size (), 1u);
}

TEST_F (Sender, ARequestCanBeTakenBack)
{
  ToySubmission server;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = nullptr;

  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "EHLO")
      return std::nullopt;
    call.peer.stall ();
    return "";
  };
  configure (server.port ());
  std::string id = put ();
  postseal_sender_flush_async (sender, POSTSEAL_SEND_WAITING, nullptr, nullptr, cancellable,
                               AsyncLoop::on_ready, &loop);
  eventually ([&] { return server.count ("EHLO") > 0; });
  g_cancellable_cancel (cancellable);
  EXPECT_EQ (postseal_sender_flush_finish (sender, loop.wait (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  EXPECT_EQ (state_of (id), "queued");
}

/* Nothing was begun: nothing is in doubt. */
TEST_F (Sender, StopsAtOnceBeforeAMessage)
{
  ToySubmission server;

  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "EHLO")
      return std::nullopt;
    call.peer.stall ();
    return "";
  };
  configure (server.port ());
  std::string id = put ();
  start ();
  eventually ([&] { return server.count ("EHLO") > 0; });
  stop ();
  EXPECT_EQ (state_of (id), "queued");
  EXPECT_EQ (text ("send-state"), "off");
  g_autoptr (GError) error = nullptr;
  EXPECT_EQ (flush (POSTSEAL_SEND_WAITING, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

/* The reply is waited for, but not for ever. */
TEST_F (Sender, StopsInTheMiddleOfAMessageWithinASecond)
{
  ToySubmission server;

  server.withdraw ("CHUNKING");
  server.hook = [] (const Call &call) -> Reply {
    if (call.verb != "CONTENT")
      return std::nullopt;
    call.peer.stall ();
    return "";
  };
  configure (server.port ());
  std::string id = put ();
  start ();
  eventually ([&] { return server.count ("DATA") > 0; });
  gint64 began = g_get_monotonic_time ();
  stop ();
  EXPECT_LT (g_get_monotonic_time () - began, 3 * G_USEC_PER_SEC);
  std::string state = state_of (id);
  EXPECT_TRUE (state == "in-doubt" || state == "queued") << state;
}

TEST_F (Sender, LetsAMessageEndBeforeItStops)
{
  ToySubmission server;
  std::atomic<bool> is_stopping{ false };

  server.withdraw ("CHUNKING");
  server.hook = [&] (const Call &call) -> Reply {
    while (call.verb == "CONTENT" && !is_stopping)
      std::this_thread::yield ();
    return std::nullopt;
  };
  configure (server.port ());
  std::string id = put ();
  start ();
  eventually ([&] { return server.count ("DATA") > 0; });
  /* What follows the DATA is on its way by now, or will be before the time is over. */
  postseal_sender_stop_async (sender, AsyncLoop::on_ready, &loop);
  is_stopping = true;
  postseal_sender_stop_finish (sender, loop.wait ());
  EXPECT_EQ (state_of (id), "sent");
}

/* --- a check, which is a sender without messages --- */

class Check : public Sender
{
protected:
  /* Returns: "STATUS ERROR" */
  std::string
  check ()
  {
    g_autoptr (GError) error = nullptr;

    postseal_check_async (account, TRUE, nullptr, nullptr, AsyncLoop::on_ready, &loop);
    g_clear_pointer (&answer, g_variant_unref);
    answer = postseal_check_finish (loop.wait (), &error);
    EXPECT_NE (answer, nullptr) << error->message;
    return print (answer, "status") + " " + print (answer, "error");
  }

  void
  TearDown () override
  {
    g_clear_pointer (&answer, g_variant_unref);
    Sender::TearDown ();
  }

  GVariant *answer = nullptr;
};

TEST_F (Check, SignsInAndSendsNothing)
{
  ToySubmission server;

  configure (server.port ());
  std::string id = put ();
  EXPECT_EQ (check (), "0 ''");
  EXPECT_NE (print (answer, "seal").find ("'mechanism': 'PLAIN'"), std::string::npos);
  EXPECT_EQ (print (answer, "advice"), "''");
  see_off (server);
  EXPECT_EQ (server.count ("AUTH"), 1u);
  EXPECT_EQ (server.count ("MAIL"), 0u);
  EXPECT_EQ (state_of (id), "queued");
  EXPECT_FALSE (std::filesystem::exists (sandbox.home () + "/state/postseal/accounts/work/latches"))
      << "a check teaches nothing";
}

TEST_F (Check, TellsAWrongPassword)
{
  ToySubmission server;

  server.password = "another";
  configure (server.port ());
  EXPECT_EQ (check ().substr (0, 3), "77 ");
  EXPECT_NE (print (answer, "advice"), "''");
}

TEST_F (Check, TellsAServerThatIsAway)
{
  configure (unused_port ());
  EXPECT_EQ (check ().substr (0, 3), "75 ");
}

} // namespace postseal_test

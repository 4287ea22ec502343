/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who asks a receiver gets an answer, whatever comes between; a server that fails again and again
   is asked more and more seldom. */
#include <gtest/gtest.h>

#include "engine/account-store.h"
#include "engine/receiver-private.h"
#include "scenario/toy-imap.h"
#include "scenario/toy-pop3.h"
#include "support/main-loop.h"
#include "support/sandbox.h"

#include <atomic>

namespace postseal_test
{

class Receiver : public testing::Test
{
protected:
  /* What somebody who asked was told. */
  struct Answer
  {
    GVariant *details = nullptr;
    GError *error = nullptr;

    ~Answer ()
    {
      g_clear_pointer (&details, g_variant_unref);
      g_clear_error (&error);
    }
    bool
    has_come () const
    {
      return details != nullptr || error != nullptr;
    }
    int
    status () const
    {
      int status = -1;

      if (details != nullptr)
        g_variant_lookup (details, "status", "i", &status);
      return status;
    }
  };

  ~Receiver () override
  {
    if (receiver_ != nullptr && !is_stopped_)
      {
        stop ();
        EXPECT_TRUE (loop.wait_for ([this] { return is_stopped_; }));
      }
    g_clear_object (&receiver_);
    g_clear_object (&status_);
    g_clear_pointer (&servers_, postseal_servers_unref);
    g_clear_object (&world_);
  }

  void
  make (const std::string &scheme, unsigned short port, const std::string &extra = "")
  {
    std::string secret = sandbox.write ("secret", "x\n");
    g_autoptr (GError) problem = nullptr;

    sandbox.configure ("[account main]\naddress=jane@example.org\nreceive=" + scheme
                       + "://jane@localhost:" + std::to_string (port) + "\ndeliver=maildir:"
                       + sandbox.home () + "/Mail\nlayout=single\nca-file=" + test_ca ().ca_file ()
                       + "\ntimeout=5s\npassword=file:" + secret + "\n" + extra);
    g_setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), TRUE);
    g_autoptr (PostsealAccountStore) store = postseal_account_store_load (
        (sandbox.home () + "/config/postseal/accounts.conf").c_str (), &problem);
    PostsealAccount *account = postseal_account_store_lookup (store, "main", &problem);

    ASSERT_NE (account, nullptr) << problem->message;
    status_ = postseal_account_status_new ("main");
    servers_ = postseal_servers_new ();
    world_ = postseal_world_new (nullptr);
    receiver_ = postseal_receiver_new (account, status_, servers_);
  }
  static void
  on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto *answer = static_cast<Answer *> (user_data);

    answer->details
        = postseal_receiver_fetch_finish (POSTSEAL_RECEIVER (source), result, &answer->error);
  }
  void
  ask (Answer &answer)
  {
    postseal_receiver_fetch_async (receiver_, nullptr, nullptr, on_answer, &answer);
  }
  static void
  on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    postseal_receiver_stop_finish (POSTSEAL_RECEIVER (source), result);
    static_cast<Receiver *> (user_data)->is_stopped_ = true;
  }
  void
  stop ()
  {
    postseal_receiver_stop_async (receiver_, on_stopped, this);
  }
  std::string
  state () const
  {
    g_autofree char *state = nullptr;

    g_object_get (status_, "receive-state", &state, nullptr);
    return state;
  }

  Sandbox sandbox;
  AsyncLoop loop;
  PostsealReceiver *receiver_ = nullptr;
  PostsealAccountStatus *status_ = nullptr;
  PostsealServers *servers_ = nullptr;
  PostsealWorld *world_ = nullptr;
  bool is_stopped_ = false;
};

/* The second one is for a job of its own, and there will be none. */
TEST_F (Receiver, ThatStopsAnswersAllWhoAsked)
{
  ToyPop3 maildrop;
  std::atomic<bool> is_reached{ false };
  Answer first, second;

  maildrop.messages = { { "a", "A: 1\r\n\r\n" } };
  maildrop.hook = [&] (Peer &peer, const std::string &line) {
    if (line != "RETR 1")
      return false;
    is_reached = true;
    peer.stall ();
    return true;
  };
  make ("pop3s", maildrop.port ());
  ask (first);
  ASSERT_TRUE (loop.wait_for ([&] { return is_reached.load (); }));
  ask (second);
  stop ();
  ASSERT_TRUE (loop.wait_for ([&] { return is_stopped_; }));
  ASSERT_TRUE (loop.wait_for ([&] { return first.has_come () && second.has_come (); }, 2000));
  EXPECT_EQ (first.status (), 75) << "it was not looked at to the end";
  EXPECT_EQ (second.status (), 75);
}

TEST_F (Receiver, ThatLetsGoForSleepDoesNotSayThatItHasLooked)
{
  ToyImap server;
  std::atomic<bool> is_reached{ false };
  Answer answer;

  server.capabilities += " IDLE";
  server.hook = [&] (const ToyImap::Call &call) {
    if (call.verb != "EXAMINE" || is_reached.exchange (true))
      return false;
    call.peer.stall ();
    return true;
  };
  make ("imaps", server.port ());
  ask (answer);
  postseal_receiver_start (receiver_, world_);
  ASSERT_TRUE (loop.wait_for ([&] { return is_reached.load (); }));
  g_signal_emit_by_name (world_, "suspending");
  ASSERT_TRUE (loop.wait_for ([&] { return answer.has_come (); }));
  EXPECT_EQ (answer.status (), 75);
  ASSERT_TRUE (loop.wait_for ([&] { return state () == "watching"; })) << "it is made up for";
}

/* RFC 2177: a server may end the conversation at any time, even always. */
TEST_F (Receiver, WaitsLongerEachTimeForAServerThatHangsUpAfterEachRound)
{
  ToyImap server;

  server.capabilities += " IDLE";
  server.hook = [] (const ToyImap::Call &call) {
    if (call.verb != "IDLE")
      return false;
    call.peer.cut ();
    return true;
  };
  make ("imaps", server.port ());
  postseal_receiver_start (receiver_, world_);
  ASSERT_TRUE (loop.wait_for ([&] { return server.server ().connections () == 3; }));
  EXPECT_EQ (receiver_->backoff.failures, 2u);
}

TEST_F (Receiver, AnswersWhoAskedWhileItWatchedOnceEverythingWasLookedAt)
{
  ToyImap server;
  Answer answer;

  server.capabilities += " IDLE";
  make ("imaps", server.port ());
  postseal_receiver_start (receiver_, world_);
  ASSERT_TRUE (loop.wait_for ([&] { return state () == "watching"; }));
  server.mailboxes["INBOX"].add ("A: 1\r\n\r\n");
  ask (answer);
  ASSERT_TRUE (loop.wait_for ([&] { return answer.has_come (); }));
  EXPECT_EQ (answer.status (), 0);
  guint64 delivered = 0;
  g_variant_lookup (answer.details, "delivered", "t", &delivered);
  EXPECT_EQ (delivered, 1u);
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What needs no server; see also the scenario of the same name. */
#include "engine/sender.h"

#include "../outbox/outbox-fixture.h"
#include "world-fixture.h"

using postseal_test::AsyncLoop;

class SenderOffline : public OutboxFixture
{
protected:
  void
  SetUp () override
  {
    PostsealWorldSources sources = {};

    OutboxFixture::SetUp ();
    monitor = fake_monitor_new ();
    fake_monitor_set (monitor, false);
    sources.monitor = G_NETWORK_MONITOR (monitor);
    world = postseal_world_new (&sources);
    servers = postseal_servers_new ();
    status = postseal_account_status_new ("work");
    account = postseal_account_new ();
    account->name = g_strdup ("work");
    account->address = g_strdup ("jane@example.org");
    account->send = postseal_endpoint_new (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT,
                                           "smtp.example.org", 0);
    sender = postseal_sender_new (account, status, servers);
  }

  void
  TearDown () override
  {
    postseal_sender_stop_async (sender, AsyncLoop::on_ready, &loop);
    postseal_sender_stop_finish (sender, loop.wait ());
    g_object_unref (sender);
    g_object_unref (status);
    g_object_unref (world);
    g_object_unref (monitor);
    postseal_servers_unref (servers);
    postseal_account_unref (account);
    OutboxFixture::TearDown ();
  }

  std::string
  text (const char *property)
  {
    g_autofree char *value = nullptr;

    g_object_get (status, property, &value, nullptr);
    return value;
  }

  AsyncLoop loop;
  FakeMonitor *monitor = nullptr;
  PostsealWorld *world = nullptr;
  PostsealServers *servers = nullptr;
  PostsealAccountStatus *status = nullptr;
  PostsealAccount *account = nullptr;
  PostsealSender *sender = nullptr;
};

TEST_F (SenderOffline, TriesNothing)
{
  std::string id = put ();
  bool was_working = false;

  g_signal_connect (status, "notify::send-state",
                    G_CALLBACK (+[] (GObject *object, GParamSpec *, gpointer data) {
                      g_autofree char *state = nullptr;

                      g_object_get (object, "send-state", &state, nullptr);
                      if (g_str_equal (state, "working"))
                        *static_cast<bool *> (data) = true;
                    }),
                    &was_working);
  postseal_sender_start (sender, world);
  loop.wait_for ([&] { return text ("send-state") == "offline"; });
  postseal_sender_set_next_due (sender, 0);
  guint waiting = 0;
  loop.wait_for ([&] {
    g_object_get (status, "waiting", &waiting, nullptr);
    return waiting == 1u;
  });
  loop.settle ();
  EXPECT_EQ (text ("send-state"), "offline");
  EXPECT_EQ (text ("send-error"), "") << "being offline is no error";
  EXPECT_FALSE (was_working);
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (nullptr);
  g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id.c_str (), nullptr);
  EXPECT_EQ (entry->since, 0) << "nor an effort";
}

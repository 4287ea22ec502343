/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/herald.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "fake-notification-server.h"
#include "fake-service.h"
#include "log-catcher.h"
#include "support/main-loop.h"
#include "support/private-bus.h"
#include "support/sandbox.h"

namespace
{

class Herald : public testing::Test
{
protected:
  Herald ()
  {
    const char *const environment[] = { "PATH=/usr/bin:/bin", nullptr };

    configure ("");
    herald
        = postseal_herald_new (service, (sandbox.home () + "/accounts.conf").c_str (), environment);
    postseal_herald_set_changed_func (
        herald, [] (gpointer data) { static_cast<Herald *> (data)->changes++; }, this);
  }

  ~Herald () override
  {
    postseal_herald_free (herald);
    g_object_unref (service);
    server.reset ();
  }

  void
  configure (const std::string &extra)
  {
    sandbox.write ("accounts.conf", "[account work]\naddress=jane@example.org\n"
                                    "receive=imaps://imap.example.org\ndeliver=maildir:/nowhere\n"
                                        + extra);
  }

  void
  start_desktop ()
  {
    bus = std::make_unique<postseal_test::PrivateBus> ();
    server = std::make_unique<FakeNotificationServer> (bus->address ());
    postseal_herald_set_bus (herald, bus->connect ());
  }

  void
  arrive (unsigned count)
  {
    g_autoptr (GVariant) details = g_variant_ref_sink (g_variant_new_parsed (
        "{'mailbox': <'INBOX'>, 'count': <%u>, 'files': <['/mail/new/1']>}", count));

    postseal_service_emit_mail_arrived (service, "work", details);
  }

  void
  try_message (const char *state)
  {
    g_autoptr (GVariant) details = g_variant_ref_sink (g_variant_new_parsed (
        "{'account': <'work'>, 'id': <'abc'>, 'state': <%s>, 'code': <@u 550>,"
        " 'text': <'5.1.1 <joe@example.net> unknown'>, 'error': <'<joe@example.net> is unknown'>}",
        state));

    postseal_service_emit_message_tried (service, details);
  }

  postseal_test::AsyncLoop loop;
  postseal_test::Sandbox sandbox;
  LogCatcher log;
  PostsealService *service = fake_service_new ();
  PostsealHerald *herald;
  std::unique_ptr<postseal_test::PrivateBus> bus;
  std::unique_ptr<FakeNotificationServer> server;
  unsigned changes = 0;
};

} // namespace

TEST_F (Herald, LogsMailAndRunsTheCommandOfTheAccount)
{
  configure ("on-mail=command:/bin/sh -c \"cat >" + sandbox.home () + "/input\"\n");
  arrive (2);
  EXPECT_EQ (log.lines (),
             std::vector<std::string>{ "work mail-arrived: 2 new messages in INBOX" });
  loop.wait_for ([this] {
    g_usleep (1000);
    g_main_context_wakeup (loop.context ());
    return postseal_test::read_file (sandbox.home () + "/input").find ("}\n") != std::string::npos;
  });
  EXPECT_NE (postseal_test::read_file (sandbox.home () + "/input").find ("\"count\":2"),
             std::string::npos);
}

TEST_F (Herald, NeverLogsARecipient)
{
  try_message ("failed");
  EXPECT_EQ (log.lines (),
             std::vector<std::string>{ "work message-tried: message abc: failed (550)" });
}

TEST_F (Herald, TellsTheDesktopOfMailAndOfWhatFailed)
{
  start_desktop ();
  arrive (1);
  try_message ("sent");
  try_message ("failed");
  loop.wait_for ([this] { return server->notices.size () == 2; });
  EXPECT_NE (server->notices[0].category, server->notices[1].category);
}

TEST_F (Herald, TellsTheDesktopWhenTheUserIsNeeded)
{
  PostsealAccountStatus *status = fake_service_add (service, "work");
  auto become = [&] (const char *state, const char *error) {
    g_object_set (status, "receive-state", state, "receive-error", error, "send-state", state,
                  "send-error", error, nullptr);
    loop.settle ();
  };

  start_desktop ();
  become ("locked", "The keyring is locked");
  become ("refused", "The password was refused");
  become ("working", "The password was refused");
  become ("offline", "The password was refused");
  become ("refused", "The password was refused");
  loop.wait_for ([this] { return server->notices.size () == 1; });
  EXPECT_EQ (server->notices[0].body, "The password was refused");
  EXPECT_TRUE (server->closed.empty ());
  become ("watching", "");
  loop.wait_for ([this] { return !server->closed.empty (); });
}

TEST_F (Herald, TellsOfChangesOnceForAll)
{
  PostsealAccountStatus *first = fake_service_add (service, "work");
  PostsealAccountStatus *second = fake_service_add (service, "club");

  loop.settle ();
  changes = 0;
  g_object_set (first, "receive-state", "waiting", "receive-error", "a", "waiting", 3u, nullptr);
  g_object_set (second, "receive-state", "offline", nullptr);
  loop.settle ();
  EXPECT_EQ (changes, 1u);

  g_object_set (first, "messages-done", (guint64)7, nullptr);
  loop.settle ();
  EXPECT_EQ (changes, 1u) << "progress is no change";

  fake_service_remove (service, 0);
  loop.settle ();
  EXPECT_EQ (changes, 2u);
}

TEST_F (Herald, LogsMistakesInTheAccountsOnce)
{
  const char *const two[] = { "accounts.conf:3: wrong", "accounts.conf:7: wrong, too", nullptr };
  const char *const one[] = { "accounts.conf:3: wrong", nullptr };
  const char *const none[] = { nullptr };

  fake_service_set_problems (service, one);
  fake_service_set_problems (service, two);
  fake_service_set_problems (service, none);
  EXPECT_EQ (log.lines (), (std::vector<std::string>{
                               " config-problem: accounts.conf:3: wrong",
                               " config-problem: accounts.conf:7: wrong, too",
                               " config-mended: the accounts have no mistakes any more" }));
}

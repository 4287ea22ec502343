/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/notifier.h"

#include <gtest/gtest.h>

#include <memory>

#include "fake-notification-server.h"
#include "support/main-loop.h"
#include "support/private-bus.h"
#include "support/sandbox.h"

namespace
{

class Notifier : public testing::Test
{
protected:
  Notifier ()
  {
    bus = private_bus.connect ();
    notifier = postseal_notifier_new (bus);
    postseal_notifier_set_pause (notifier, 20);
  }

  ~Notifier () override
  {
    postseal_notifier_free (notifier);
    server.reset ();
  }

  void
  start_server (const std::vector<std::string> &capabilities = { "body", "body-markup" })
  {
    server = std::make_unique<FakeNotificationServer> (private_bus.address (), capabilities);
  }

  void
  arrive (unsigned count,
          PostsealNotify notify = POSTSEAL_NOTIFY_COUNT,
          const std::vector<std::string> &files = {},
          const char *account = "work")
  {
    g_autoptr (PostsealMailNews) news = postseal_mail_news_new ("INBOX");

    news->count = count;
    for (const std::string &file : files)
      g_ptr_array_add (news->files, g_strdup (file.c_str ()));
    postseal_notifier_mail_arrived (notifier, account, notify, news);
  }

  const FakeNotificationServer::Notice &
  wait_for_notice (size_t n)
  {
    static const FakeNotificationServer::Notice none{};

    return loop.wait_for ([&] { return server->notices.size () >= n; }) ? server->notices[n - 1]
                                                                        : none;
  }

  /* Longer than the pause, with the answers of the bus. */
  void
  expect_no_more (size_t n)
  {
    bool is_over = false;
    GSource *timer = g_timeout_source_new (60);

    g_source_set_callback (
        timer,
        [] (gpointer data) -> gboolean {
          *static_cast<bool *> (data) = true;
          return G_SOURCE_REMOVE;
        },
        &is_over, nullptr);
    g_source_attach (timer, loop.context ());
    loop.wait_for ([&] { return is_over; });
    g_source_unref (timer);
    EXPECT_EQ (server->notices.size (), n);
  }

  std::string
  write_mail (const std::string &name, const std::string &from, const std::string &subject)
  {
    return sandbox.write (name, "From: " + from + "\nSubject: " + subject + "\n\nText\n");
  }

  postseal_test::AsyncLoop loop;
  postseal_test::Sandbox sandbox;
  postseal_test::PrivateBus private_bus;
  GDBusConnection *bus; /* borrowed */
  PostsealNotifier *notifier;
  std::unique_ptr<FakeNotificationServer> server;
};

} // namespace

TEST_F (Notifier, TellsABurstOnce)
{
  start_server ();
  arrive (1);
  arrive (2);
  const auto &notice = wait_for_notice (1);
  EXPECT_EQ (notice.summary, "New mail: work");
  EXPECT_EQ (notice.body, "3 new messages");
  EXPECT_EQ (notice.category, "email.arrived");
  EXPECT_EQ (notice.desktop_entry, "org.postseal.Postseal");
  EXPECT_EQ (notice.icon, "mail-unread");
  expect_no_more (1);
}

TEST_F (Notifier, CountsOnUntilSomebodyHasSeenIt)
{
  start_server ();
  arrive (1);
  unsigned id = wait_for_notice (1).id;
  expect_no_more (1);
  arrive (2);
  EXPECT_EQ (wait_for_notice (2).replaces, id);
  EXPECT_EQ (server->notices[1].body, "3 new messages");
  expect_no_more (2);

  server->dismiss (id);
  expect_no_more (2);
  arrive (1);
  EXPECT_EQ (wait_for_notice (3).replaces, 0u);
  EXPECT_EQ (server->notices[2].body, "1 new message");
}

TEST_F (Notifier, AccountsHaveTheirOwn)
{
  start_server ();
  arrive (1);
  arrive (1, POSTSEAL_NOTIFY_COUNT, {}, "club");
  wait_for_notice (2);
  EXPECT_NE (server->notices[0].id, server->notices[1].id);
  EXPECT_EQ (server->questions, 1u);
}

TEST_F (Notifier, NamesTheNewestWhenTheUserWants)
{
  start_server ();
  arrive (4, POSTSEAL_NOTIFY_DETAILS,
          { write_mail ("1", "first@example.org", "old"),
            write_mail ("2", "=?UTF-8?Q?J=C3=B6?= <jo@example.org>", "<b>&amp; more"),
            sandbox.home () + "/read-and-gone", write_mail ("4", "last@example.org", "newest") });
  EXPECT_EQ (wait_for_notice (1).body, "last@example.org: newest\n"
                                       "Jö: &lt;b&gt;&amp;amp; more\n"
                                       "and 2 more");
}

TEST_F (Notifier, EscapesOnlyWhereMarkupIsUnderstood)
{
  start_server ({ "body" });
  arrive (1, POSTSEAL_NOTIFY_DETAILS, { write_mail ("1", "a@example.org", "<b>&") });
  EXPECT_EQ (wait_for_notice (1).body, "a@example.org: <b>&");
}

TEST_F (Notifier, SaysItInTheSummaryWhereThereIsNoBody)
{
  start_server ({});
  arrive (1);
  EXPECT_EQ (wait_for_notice (1).summary, "New mail: work: 1 new message");
  EXPECT_EQ (server->notices[0].body, "");
}

TEST_F (Notifier, NeverShowsWhatNobodyWants)
{
  start_server ();
  arrive (1, POSTSEAL_NOTIFY_NO);
  expect_no_more (0);
  EXPECT_EQ (server->questions, 0u);
}

TEST_F (Notifier, TellsOfMessagesThatCannotBeSent)
{
  start_server ();
  postseal_notifier_message_failed (notifier, "work", "abc", POSTSEAL_NOTIFIER_FAILED);
  EXPECT_EQ (wait_for_notice (1).body,
             "A message could not be sent; “postseal queue show abc” says why");
  EXPECT_EQ (server->notices[0].category, "email.bounced");
  expect_no_more (1);
  postseal_notifier_message_failed (notifier, "work", "abc", POSTSEAL_NOTIFIER_BOUNCED);
  postseal_notifier_message_failed (notifier, "work", "def", POSTSEAL_NOTIFIER_BOUNCED);
  EXPECT_EQ (wait_for_notice (2).body, "2 messages could not be sent; reports are in your mailbox");
}

TEST_F (Notifier, TellsOfTroubleOnceAndTakesItBack)
{
  start_server ();
  postseal_notifier_set_trouble (notifier, "work", nullptr);
  postseal_notifier_set_trouble (notifier, "work", "The password was refused");
  postseal_notifier_set_trouble (notifier, "work", "The password was refused");
  EXPECT_EQ (wait_for_notice (1).summary, "Mail account work needs you");
  EXPECT_EQ (server->notices[0].body, "The password was refused");
  postseal_notifier_set_trouble (notifier, "work", "The password was refused");
  expect_no_more (1);

  postseal_notifier_set_trouble (notifier, "work", nullptr);
  loop.wait_for ([&] { return !server->closed.empty (); });
  EXPECT_EQ (server->closed, std::vector<unsigned>{ server->notices[0].id });
  postseal_notifier_set_trouble (notifier, "work", "The password was refused");
  EXPECT_EQ (wait_for_notice (2).replaces, 0u);
}

TEST_F (Notifier, IsSilentWithoutAServerAndSpeaksWhenItComes)
{
  arrive (1);
  /* Long enough to hear that nobody has the name; what is not, is told, and fails the test. */
  for (int i = 0; i < 20; i++)
    {
      g_usleep (5000);
      loop.settle ();
    }
  start_server ();
  expect_no_more (0);
  arrive (1);
  EXPECT_EQ (wait_for_notice (1).body, "1 new message") << "what nobody was told is not counted on";
}

TEST_F (Notifier, AnotherServerIsAskedAnew)
{
  start_server ();
  arrive (1);
  wait_for_notice (1);
  expect_no_more (1);
  server.reset ();
  start_server ({ "body" });
  expect_no_more (0);
  arrive (1);
  EXPECT_EQ (wait_for_notice (1).replaces, 0u);
  EXPECT_EQ (server->questions, 1u);
  EXPECT_EQ (server->notices[0].body, "1 new message");
}

TEST_F (Notifier, MayEndInTheMiddle)
{
  start_server ();
  arrive (1, POSTSEAL_NOTIFY_DETAILS, { write_mail ("1", "a@example.org", "b") });
  loop.wait_for ([&] { return server->questions > 0; });
  postseal_notifier_free (notifier);
  notifier = nullptr;
  expect_no_more (server->notices.size ());
}

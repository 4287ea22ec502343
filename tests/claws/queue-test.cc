/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/send-fixture.h"
#include "support/corpus.h"
#include "support/scripted-server.h"

/* What the user does to messages that are under way, and what else comes between. */

namespace postseal_test
{

class ClawsQueueTest : public SendTest
{
protected:
  /* A message that waits in the outbox, for a server that is not there. */
  void
  queue (const std::string &text)
  {
    configure ("", unused_port ());
    start ();
    open_window (text);
    send ();
    ASSERT_TRUE (wait_for ("the delay",
                           [this] { return has_logged ("Postseal: “Hello” is tried again at "); }));
    ASSERT_EQ (ask ("flags #mh/Mail/queue/1"), "locked");
  }

  /* One message in the inbox. */
  void
  receive ()
  {
    write_file (path ("Mail/inbox/1"),
                "From: bob@example.net\nTo: jane@example.org\nSubject: Hi\n"
                "Date: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <1@example.net>\n\nhello\n");
  }
};

TEST_F (ClawsQueueTest, TakesBackWhatIsEditedAndSendsItAsEdited)
{
  queue ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  open_window_for ("#mh/Mail/queue/1", "Message/Reedit");
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_TRUE (has_logged ("“Hello” was not sent, and is still in the Queue: it was taken out"));
  EXPECT_TRUE (outbox_is_empty ());
  EXPECT_EQ (count ("queue"), 1u) << "the window may be closed as well";
  EXPECT_EQ (ask ("flags #mh/Mail/queue/1"), "");
  configure ("");
  send ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_EQ (take ().size (), 1u);
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

TEST_F (ClawsQueueTest, SendsOnceWhatIsEditedInNoTime)
{
  queue ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  open_window_for ("#mh/Mail/queue/1", "Message/Reedit");
  send ();
  ASSERT_TRUE (wait_for ("the new one instead of the old one", [this] {
    return count ("queue") == 1 && count_records () == 1
           && list_folder (path ("state/postseal/outbox/queue")).size () == 1;
  }));
  stop ();
  configure ("");
  EXPECT_EQ (instance_.run ({ "queue", "flush" }, environment ()).status, 0);
  start ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_TRUE (outbox_is_empty ());
  EXPECT_EQ (take ().size (), 1u);
  stop ();
}

TEST_F (ClawsQueueTest, DoesNotSendWhatIsDeleted)
{
  queue ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  ASSERT_EQ (ask ("delete #mh/Mail/queue/1"), "deleted");
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_TRUE (has_logged ("Postseal: “Hello” is taken back, and not sent"));
  EXPECT_TRUE (outbox_is_empty ());
  EXPECT_EQ (count ("queue"), 0u);
  EXPECT_EQ (count ("sent"), 0u);
  stop ();
}

TEST_F (ClawsQueueTest, DoesNotSendWhatIsDeletedWhileThePluginIsAway)
{
  queue ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  ASSERT_EQ (ask ("unload Postseal"), "unloaded");
  ASSERT_EQ (ask ("delete #mh/Mail/queue/1"), "deleted");
  ASSERT_EQ (ask ("load " + plugin ()), "loaded");
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_TRUE (outbox_is_empty ());
  configure ("");
  EXPECT_EQ (count ("sent"), 0u);
  EXPECT_EQ (take ().size (), 0u);
  stop ();
}

TEST_F (ClawsQueueTest, SendsOnceThoughThePluginIsUnloadedWithIt)
{
  start ();
  open_window ("To: bob@example.net\nSubject: Hello\n\nbody\n");
  send ();
  ASSERT_EQ (ask ("unload Postseal"), "unloaded");
  for (int i = 0; i < 3; i++)
    {
      ASSERT_EQ (ask ("load " + plugin ()), "loaded");
      ASSERT_EQ (ask ("unload Postseal"), "unloaded");
    }
  /* Whatever was begun comes to its end, or waits for the next one. */
  stop ();
  start ();
  if (count_records () == 0 && count ("sent") == 0)
    remote ("--send");
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  std::vector<Submitted> submitted;
  ASSERT_TRUE (wait_for ("the message at the server", [&] {
    for (auto &one : take ())
      submitted.push_back (one);
    return !submitted.empty ();
  }));
  EXPECT_TRUE (outbox_is_empty ());
  EXPECT_EQ (submitted.size (), 1u);
  EXPECT_EQ (ask ("flags #mh/Mail/sent/1"), "");
  stop ();
}

TEST_F (ClawsQueueTest, MarksWhatIsForwarded)
{
  receive ();
  start ();
  open_window_for ("#mh/Mail/inbox/1", "Message/Forward");
  ASSERT_EQ (ask ("to bob@example.net"), "added");
  send ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  EXPECT_NE (ask ("flags #mh/Mail/inbox/1").find ("forwarded"), std::string::npos);
  ASSERT_EQ (take ().size (), 1u);
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

TEST_F (ClawsQueueTest, RedirectsAsItIs)
{
  receive ();
  start ();
  open_window_for ("#mh/Mail/inbox/1", "Message/Redirect");
  ASSERT_EQ (ask ("to dan@example.net"), "added");
  send ();
  ASSERT_TRUE (wait_for_filed (1, 0));
  ASSERT_TRUE (wait_for_no_records ());
  auto submitted = take ();
  ASSERT_EQ (submitted.size (), 1u);
  EXPECT_EQ (submitted[0].recipients, (std::vector<std::string>{ "dan@example.net" }));
  EXPECT_NE (submitted[0].text.find ("Resent-To: dan@example.net"), std::string::npos)
      << submitted[0].text;
  EXPECT_NE (submitted[0].text.find ("Message-ID: <1@example.net>"), std::string::npos)
      << submitted[0].text;
  EXPECT_EQ (count ("inbox"), 1u);
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

} // namespace postseal_test

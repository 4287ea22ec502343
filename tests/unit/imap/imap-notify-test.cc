/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap-peer.h"

using std::string;

namespace
{

/* RFC 5465. */
class ImapNotify : public ImapTest
{
protected:
  string news; /* "NAME exists uidnext uidvalidity;", "overflow;" */
  std::function<void ()> on_news;
  Waiter waiter;

  ImapNotify () { caps += " IDLE NOTIFY"; }

  void
  TearDown () override
  {
    /* Whoever still waits is told now. */
    if (session != nullptr)
      postseal_imap_session_logout (session);
    ImapTest::TearDown ();
  }

  static void
  take_news (PostsealImapSession *,
             const char *mailbox,
             const PostsealImapStatus *status,
             gpointer user_data)
  {
    auto self = static_cast<ImapNotify *> (user_data);

    if (mailbox == nullptr)
      self->news += "overflow;";
    else
      self->news += string (mailbox) + " " + std::to_string (status->exists) + " "
                    + std::to_string (status->uid_next) + " "
                    + std::to_string (status->uid_validity) + ";";
    if (self->on_news != nullptr)
      self->on_news ();
  }

  bool
  notify (const std::vector<const char *> &mailboxes, PostsealImapNewsFunc func = take_news)
  {
    std::vector<const char *> all = mailboxes;
    Waiter asked;

    all.push_back (nullptr);
    g_clear_error (&error);
    postseal_imap_session_notify_async (session, all.data (), func, this, nullptr, Waiter::on_done,
                                        &asked);
    EXPECT_TRUE (peer->run_until ([&] { return asked.is_done (); }));
    return postseal_imap_session_notify_finish (session, asked.result, &error);
  }

  void
  idle ()
  {
    static string idle_tag;

    peer->on_command = [] (const string &tag, const string &command, string &reply) {
      if (command == "IDLE")
        {
          idle_tag = tag;
          reply = "+ idling\r\n";
        }
      else if (command == "DONE")
        reply = idle_tag + " OK done\r\n";
      return command == "IDLE" || command == "DONE";
    };
    postseal_imap_session_idle_async (session, 0, nullptr, Waiter::on_done, &waiter);
    peer->settle ();
  }
};

} // namespace

TEST_F (ImapNotify, AsksForNewMessagesHereAndThere)
{
  start ();
  EXPECT_TRUE (notify ({ "Lists/a", "Sp ace", "\xc3\xa4" })) << error->message;
  EXPECT_EQ (peer->commands.back (),
             "NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge)) (MAILBOXES (Lists/a \"Sp "
             "ace\" {2+}|\xc3\xa4) (MessageNew MessageExpunge))");
  EXPECT_TRUE (notify ({}));
  EXPECT_EQ (peer->commands.back (), "NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge))");
}

TEST_F (ImapNotify, TellsOfNewsWhileNothingIsAsked)
{
  start ();
  ASSERT_TRUE (notify ({ "Box", "inbox" }));
  peer->say ("* STATUS Box (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 3 UNSEEN 1)\r\n"
             "* STATUS inBOX (MESSAGES 1)\r\n");
  peer->say (string ("* STATUS {3}\r\nB\0x (MESSAGES 1)\r\n", 32)); /* no name of ours */
  peer->say ("* STATUS (Box) (MESSAGES 1)\r\n* STATUS Box\r\n* STATUS Box 1\r\n"
             "* STATUS {3}\r\nBox (UIDNEXT 5)\r\n");
  peer->settle ();
  EXPECT_EQ (news, "Box 4 9 3;INBOX 1 0 0;Box 0 5 0;");
}

TEST_F (ImapNotify, TellsOfNewsDuringIdleAndDoesNotEndIt)
{
  start ();
  ASSERT_TRUE (notify ({ "Box" }));
  idle ();
  peer->say ("* STATUS Box (MESSAGES 4 UIDNEXT 9)\r\n");
  peer->settle ();
  EXPECT_EQ (news, "Box 4 9 0;");
  EXPECT_FALSE (waiter.is_done ());
  peer->say ("* 4 EXISTS\r\n");
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  EXPECT_TRUE (postseal_imap_session_idle_finish (session, waiter.result, nullptr));
}

TEST_F (ImapNotify, NewsMayBeginAnOperationThatEndsIdle)
{
  Waiter selection;

  start ();
  ASSERT_TRUE (notify ({ "Box" }));
  idle ();
  on_news = [&] {
    postseal_imap_session_select_async (session, "Box", FALSE, nullptr, nullptr, Waiter::on_done,
                                        &selection);
  };
  peer->say ("* STATUS Box (MESSAGES 4 UIDNEXT 9)\r\n");
  EXPECT_TRUE (peer->run_until ([&] { return selection.is_done () && waiter.is_done (); }));
  EXPECT_TRUE (postseal_imap_session_idle_finish (session, waiter.result, nullptr));
  PostsealImapStatus *opened
      = postseal_imap_session_select_finish (session, selection.result, &error);
  EXPECT_NE (opened, nullptr);
  postseal_imap_status_free (opened);
}

TEST_F (ImapNotify, NewsMayEndTheSession)
{
  start ();
  ASSERT_TRUE (notify ({ "Box" }));
  idle ();
  on_news = [&] { postseal_imap_session_logout (session); };
  peer->say ("* STATUS Box (MESSAGES 4)\r\n* STATUS Box (MESSAGES 5)\r\n");
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  EXPECT_EQ (news, "Box 4 0 0;");
}

TEST_F (ImapNotify, AnswersToStatusReachWhoAsked)
{
  start ();
  ASSERT_TRUE (notify ({ "Box", "Other" }));
  peer->answers["STATUS Box"]
      = "* STATUS Other (MESSAGES 7)\r\n* STATUS Box (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 3)\r\n"
        "TAG OK\r\n";
  PostsealImapStatus *answer = status ("Box");
  ASSERT_NE (answer, nullptr);
  EXPECT_EQ (answer->uid_next, 9u);
  EXPECT_EQ (news, "Other 7 0 0;");
  postseal_imap_status_free (answer);
}

/* A notification that comes in between says less than what was asked for. */
TEST_F (ImapNotify, NotificationBeforeTheAnswerTakesNothingFromIt)
{
  start ();
  ASSERT_TRUE (notify ({ "Box" }));
  peer->answers["STATUS Box"]
      = "* STATUS Box (MESSAGES 4 UIDNEXT 9)\r\n"
        "* STATUS Box (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 3 HIGHESTMODSEQ 12)\r\nTAG OK\r\n";
  PostsealImapStatus *answer = status ("Box");
  ASSERT_NE (answer, nullptr);
  EXPECT_EQ (answer->uid_validity, 3u);
  EXPECT_EQ (answer->highest_modseq, 12u);
  postseal_imap_status_free (answer);
}

TEST_F (ImapNotify, EachOfTwoQuestionsIsAnswered)
{
  const string told = "* STATUS Box (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 3)\r\n";
  string first;
  Waiter answers[2];

  start ();
  /* Nothing is answered before both are there. */
  peer->on_command = [&] (const string &tag, const string &, string &reply) {
    reply = first.empty () ? "" : told + told + first + " OK\r\n" + tag + " OK\r\n";
    first = tag;
    return true;
  };
  for (Waiter &answer : answers)
    postseal_imap_session_status_async (session, "Box", nullptr, Waiter::on_done, &answer);
  EXPECT_TRUE (peer->run_until ([&] { return answers[1].is_done (); }));
  for (Waiter &answer : answers)
    {
      PostsealImapStatus *status
          = postseal_imap_session_status_finish (session, answer.result, nullptr);
      EXPECT_NE (status, nullptr);
      postseal_imap_status_free (status);
    }
}

/* RFC 5465 section 5.8. */
TEST_F (ImapNotify, OverflowIsTold)
{
  start ();
  peer->say ("* OK [NOTIFICATIONOVERFLOW] nobody listens\r\n");
  peer->settle ();
  ASSERT_TRUE (notify ({ "Box" }));
  EXPECT_EQ (news, "");
  idle ();
  peer->say ("* OK [NOTIFICATIONOVERFLOW] too much\r\n");
  peer->settle ();
  EXPECT_EQ (news, "overflow;");
}

TEST_F (ImapNotify, RefusalLeavesTheOneBefore)
{
  start ();
  ASSERT_TRUE (notify ({ "Box" }));
  peer->answers["NOTIFY"] = "TAG NO [NOTIFICATIONOVERFLOW] too many\r\n";
  EXPECT_FALSE (
      notify ({ "Box", "Other" }, [] (PostsealImapSession *, const char *,
                                      const PostsealImapStatus *, gpointer) { ADD_FAILURE (); }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  peer->say ("* STATUS Box (MESSAGES 4)\r\n");
  peer->settle ();
  EXPECT_EQ (news, "Box 4 0 0;");
}

TEST_F (ImapNotify, IsNotAskedOfAServerThatHasNone)
{
  caps = "IMAP4rev2";
  start ();
  EXPECT_FALSE (notify ({ "Box" }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
}

TEST_F (ImapNotify, NothingIsToldToThoseWhoDidNotAsk)
{
  start ();
  peer->say ("* STATUS Box (MESSAGES 4)\r\n");
  peer->settle ();
  EXPECT_EQ (news, "");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap-peer.h"

#include "net/net-error.h"

using std::string;

namespace
{

/* RFC 2177, RFC 9051 section 6.3.13. The mailbox has three messages. */
class ImapIdle : public ImapTest
{
protected:
  string idle_tag;
  string plus = "+ idling\r\n"; /* to IDLE */
  string after_done = "TAG OK done\r\n";
  guint timeout_ms = 60000;
  Waiter waiter;

  ImapIdle () { caps += " IDLE"; }

  void
  TearDown () override
  {
    /* Whoever still waits is told now. */
    if (session != nullptr)
      postseal_imap_session_logout (session);
    ImapTest::TearDown ();
  }

  size_t
  count (const string &command) const
  {
    return static_cast<size_t> (
        std::count (peer->commands.begin (), peer->commands.end (), command));
  }

  void
  obey_idle ()
  {
    peer->on_command = [this] (const string &tag, const string &command, string &reply) {
      if (command == "IDLE")
        {
          idle_tag = tag;
          reply = plus;
          return true;
        }
      if (command != "DONE")
        return false;
      reply = after_done;
      for (size_t at; (at = reply.find ("TAG")) != string::npos;)
        reply.replace (at, 3, idle_tag);
      return true;
    };
  }

  void
  open_mailbox ()
  {
    start ();
    obey_idle ();
  }

  /* With another time limit than that of start(). */
  void
  open_mailbox_with_limit (guint limit_ms)
  {
    peer = new Peer ();
    peer->say (greeting);
    peer->answers["AUTHENTICATE"] = "TAG OK [CAPABILITY " + caps + "] in\r\n";
    peer->answers["SELECT"] = "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] v\r\nTAG OK open\r\n";
    session = postseal_imap_session_new (peer->take_link (), limit_ms, nullptr);
    use_mechanisms (nullptr);
    ASSERT_TRUE (login ()) << error->message;
    postseal_imap_status_free (select ("INBOX"));
    ASSERT_EQ (error, nullptr);
    obey_idle ();
  }

  void
  begin (guint renew_ms = 0, GCancellable *cancellable = nullptr)
  {
    postseal_imap_session_idle_async (session, renew_ms, cancellable, Waiter::on_done, &waiter);
    peer->settle ();
  }

  /* Returns: whether IDLE ended well; @error says why not */
  bool
  end ()
  {
    g_clear_error (&error);
    EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
    if (!waiter.is_done ())
      return false;
    EXPECT_EQ (waiter.count, 1);
    return postseal_imap_session_idle_finish (session, waiter.result, &error);
  }

  void
  wait_ms (guint ms)
  {
    gint64 until = g_get_monotonic_time () + ms * 1000;

    peer->run_until ([&] { return g_get_monotonic_time () > until; });
  }

  guint32
  exists ()
  {
    const PostsealImapStatus *selected = postseal_imap_session_get_selected (session, nullptr);

    return selected != nullptr ? selected->exists : 0;
  }
};

} // namespace

TEST_F (ImapIdle, EndsWithDoneAsSoonAsThereIsOneMessageMore)
{
  open_mailbox ();
  begin ();
  EXPECT_EQ (peer->commands.back (), "IDLE");
  EXPECT_FALSE (waiter.is_done ());
  peer->say ("* 4 EXISTS\r\n");
  EXPECT_TRUE (end ()) << error->message;
  EXPECT_EQ (peer->commands.back (), "DONE");
  EXPECT_EQ (exists (), 4u);
}

TEST_F (ImapIdle, WorksByteByByte)
{
  open_mailbox ();
  peer->is_slow = true;
  begin ();
  peer->say ("* 4 EXISTS\r\n* 1 RECENT\r\n");
  EXPECT_TRUE (end ());
  EXPECT_EQ (count ("DONE"), 1u);
}

TEST_F (ImapIdle, SleepsThroughWhatBringsNoMessage)
{
  open_mailbox ();
  begin ();
  peer->say ("* OK Still here\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* 2 FETCH (FLAGS (\\Seen))\r\n"
             "* 3 EXPUNGE\r\n* 2 EXISTS\r\n* VANISHED 5\r\n* NO slow\r\n* BAD odd\r\n"
             "* FLAGS (\\Seen)\r\n* STATUS Other (MESSAGES 9)\r\n+ again\r\n");
  peer->settle ();
  EXPECT_FALSE (waiter.is_done ());
  EXPECT_EQ (count ("DONE"), 0u);
  EXPECT_EQ (exists (), 1u);
  /* From here one more is news, though there were more before. */
  peer->say ("* 2 EXISTS\r\n");
  EXPECT_TRUE (end ());
}

TEST_F (ImapIdle, NumberOrFetchOfANewMessageIsNewsWithoutExists)
{
  for (const char *news : { "* 1 RECENT\r\n", "* 4 FETCH (FLAGS (\\Recent))\r\n" })
    {
      SCOPED_TRACE (news);
      open_mailbox ();
      begin ();
      peer->say (news);
      EXPECT_TRUE (end ());
      TearDown ();
      session = nullptr;
      g_clear_object (&waiter.result);
      waiter.count = 0;
    }
  start ();
}

/* What is heard between the call and "+" is not lost. */
TEST_F (ImapIdle, NewsBeforeThePlusEndItWithDoneAfterThePlus)
{
  open_mailbox ();
  plus = "* 1 EXPUNGE\r\n* VANISHED 6\r\n* 2 EXISTS\r\n+ idling\r\n* OK Still here\r\n";
  begin ();
  EXPECT_TRUE (end ());
  EXPECT_EQ (peer->commands.back (), "DONE");
  EXPECT_EQ (exists (), 2u);
}

TEST_F (ImapIdle, ExpungeBeforeThePlusIsNoNews)
{
  open_mailbox ();
  plus = "* 1 EXPUNGE\r\n+ idling\r\n";
  begin ();
  EXPECT_FALSE (waiter.is_done ());
  EXPECT_EQ (exists (), 2u);
  postseal_imap_session_idle_stop (session);
  EXPECT_TRUE (end ());
}

TEST_F (ImapIdle, DataBetweenDoneAndItsAnswerCount)
{
  open_mailbox ();
  after_done = "* 5 EXISTS\r\n* 2 FETCH (FLAGS ())\r\nTAG OK done\r\n";
  begin ();
  postseal_imap_session_idle_stop (session);
  EXPECT_TRUE (end ());
  EXPECT_EQ (exists (), 5u);
}

TEST_F (ImapIdle, StopBeforeThePlusSaysDoneAfterIt)
{
  open_mailbox ();
  plus = "";
  begin ();
  postseal_imap_session_idle_stop (session);
  postseal_imap_session_idle_stop (session);
  peer->settle ();
  EXPECT_EQ (count ("DONE"), 0u);
  peer->say ("+ now\r\n");
  EXPECT_TRUE (end ());
  EXPECT_EQ (count ("DONE"), 1u);
}

TEST_F (ImapIdle, StopWithoutIdleDoesNothing)
{
  open_mailbox ();
  postseal_imap_session_idle_stop (session);
  begin ();
  EXPECT_FALSE (waiter.is_done ());
  postseal_imap_session_idle_stop (session);
  EXPECT_TRUE (end ());
  postseal_imap_session_idle_stop (session);
  peer->settle ();
  EXPECT_EQ (count ("DONE"), 1u);
}

TEST_F (ImapIdle, AnotherOperationEndsItAndLeavesRightAfterTheAnswer)
{
  GArray *entries;

  open_mailbox ();
  begin ();
  entries = list_messages (1);
  ASSERT_NE (entries, nullptr) << error->message;
  g_array_unref (entries);
  EXPECT_TRUE (end ());
  ASSERT_GE (peer->flights.size (), 2u);
  EXPECT_EQ (peer->flights.end ()[-2], "DONE");
  EXPECT_EQ (peer->flights.end ()[-1], "UID FETCH 1:* (UID RFC822.SIZE)");
}

TEST_F (ImapIdle, AnOperationBehindAnIdleThatHasNotLeftYetIsNotHeldUp)
{
  Waiter listings[2];

  open_mailbox ();
  postseal_imap_session_list_messages_async (session, 1, nullptr, 0, nullptr, Waiter::on_done,
                                             &listings[0]);
  postseal_imap_session_idle_async (session, 0, nullptr, Waiter::on_done, &waiter);
  postseal_imap_session_list_messages_async (session, 4, nullptr, 0, nullptr, Waiter::on_done,
                                             &listings[1]);
  EXPECT_TRUE (peer->run_until ([&] { return listings[1].is_done (); }));
  EXPECT_TRUE (end ());
  for (Waiter &listing : listings)
    g_array_unref (postseal_imap_session_list_messages_finish (session, listing.result, nullptr));
}

TEST_F (ImapIdle, ASecondIdleEndsTheFirst)
{
  Waiter second;

  open_mailbox ();
  begin ();
  postseal_imap_session_idle_async (session, 0, nullptr, Waiter::on_done, &second);
  EXPECT_TRUE (end ());
  peer->settle ();
  EXPECT_FALSE (second.is_done ());
  EXPECT_EQ (count ("IDLE"), 2u);
  peer->say ("* 9 EXISTS\r\n");
  EXPECT_TRUE (peer->run_until ([&] { return second.is_done (); }));
  EXPECT_TRUE (postseal_imap_session_idle_finish (session, second.result, nullptr));
}

/* RFC 2177: "re-issue it at least every 29 minutes". */
TEST_F (ImapIdle, IsRenewedWithoutWakingTheCaller)
{
  open_mailbox ();
  begin (5);
  EXPECT_TRUE (peer->run_until ([&] { return count ("IDLE") >= 3; }));
  EXPECT_GE (count ("DONE"), 2u);
  EXPECT_FALSE (waiter.is_done ());
  peer->say ("* 4 EXISTS\r\n");
  EXPECT_TRUE (end ());
}

TEST_F (ImapIdle, NewsDuringTheRenewalEndIt)
{
  open_mailbox ();
  after_done = "* 4 EXISTS\r\nTAG OK done\r\n";
  begin (5);
  EXPECT_TRUE (end ());
  EXPECT_EQ (count ("IDLE"), 1u);
  EXPECT_EQ (count ("DONE"), 1u);
}

TEST_F (ImapIdle, SilenceIsAllowedWhileIdling)
{
  open_mailbox_with_limit (40);
  begin ();
  wait_ms (120);
  EXPECT_FALSE (waiter.is_done ());
  peer->say ("* 4 EXISTS\r\n");
  EXPECT_TRUE (end ());
}

TEST_F (ImapIdle, PeerThatDoesNotAnswerDoneIsDead)
{
  open_mailbox_with_limit (40);
  after_done = "";
  begin (5);
  EXPECT_FALSE (end ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (ImapIdle, PeerThatDoesNotAnswerIdleIsDead)
{
  open_mailbox_with_limit (40);
  plus = "";
  begin ();
  EXPECT_FALSE (end ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (ImapIdle, RefusalIsTold)
{
  static const struct
  {
    const char *answer;
    int code;
  } cases[] = {
    { "NO not here", POSTSEAL_IMAP_ERROR_REFUSED },
    { "BAD what", POSTSEAL_IMAP_ERROR_REFUSED },
    { "NO [UNAVAILABLE] later", POSTSEAL_IMAP_ERROR_BUSY },
    { "OK why wait", POSTSEAL_IMAP_ERROR_REFUSED },
  };

  for (const auto &c : cases)
    {
      SCOPED_TRACE (c.answer);
      open_mailbox ();
      peer->on_command = nullptr;
      peer->answers["IDLE"] = string ("TAG ") + c.answer + "\r\n";
      begin ();
      EXPECT_FALSE (end ());
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, c.code));
      /* The session goes on, and no DONE was said. */
      GArray *entries = list_messages (1);
      EXPECT_NE (entries, nullptr);
      g_clear_pointer (&entries, g_array_unref);
      EXPECT_EQ (count ("DONE"), 0u);
      TearDown ();
      session = nullptr;
      g_clear_object (&waiter.result);
      waiter.count = 0;
    }
  start ();
}

TEST_F (ImapIdle, NoAfterDoneIsARefusal)
{
  open_mailbox ();
  after_done = "TAG NO sorry\r\n";
  begin ();
  postseal_imap_session_idle_stop (session);
  EXPECT_FALSE (end ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
}

TEST_F (ImapIdle, IsNotAskedOfAServerThatHasNone)
{
  caps = "IMAP4rev1";
  open_mailbox ();
  begin ();
  EXPECT_FALSE (end ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  EXPECT_EQ (count ("IDLE"), 0u);
}

TEST_F (ImapIdle, ServerMayEndItByItself)
{
  open_mailbox ();
  begin (60000);
  peer->say (idle_tag + " OK enough\r\n");
  EXPECT_TRUE (end ());
  EXPECT_EQ (count ("DONE"), 0u);
}

TEST_F (ImapIdle, ByeEndsItAndNothingMoreIsSaid)
{
  open_mailbox ();
  begin ();
  peer->say ("* BYE [UNAVAILABLE] restart\r\n");
  peer->settle ();
  postseal_imap_session_idle_stop (session);
  peer->settle ();
  EXPECT_EQ (count ("DONE"), 0u);
  peer->hang_up ();
  EXPECT_FALSE (end ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY));
}

TEST_F (ImapIdle, ByeInTheAnswerToRenewalEndsIt)
{
  open_mailbox ();
  after_done = "* BYE off\r\nTAG OK done\r\n";
  begin (5);
  EXPECT_TRUE (peer->run_until ([&] { return count ("DONE") == 1; }));
  peer->settle ();
  peer->hang_up ();
  EXPECT_FALSE (end ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY));
  EXPECT_EQ (count ("IDLE"), 1u);
}

TEST_F (ImapIdle, CutEndsIt)
{
  open_mailbox ();
  begin (5);
  peer->hang_up ();
  EXPECT_FALSE (end ());
  EXPECT_NE (error, nullptr);
}

TEST_F (ImapIdle, LogoutWhileIdlingSaysDoneFirst)
{
  open_mailbox ();
  begin ();
  postseal_imap_session_logout (session);
  EXPECT_FALSE (end ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
  peer->settle ();
  EXPECT_EQ (peer->flights.back (), "DONE\nLOGOUT");
}

TEST_F (ImapIdle, LogoutBeforeThePlusSaysNothing)
{
  open_mailbox ();
  plus = "";
  begin ();
  postseal_imap_session_logout (session);
  EXPECT_FALSE (end ());
  peer->settle ();
  EXPECT_EQ (peer->commands.back (), "IDLE");
}

TEST_F (ImapIdle, CancellingEndsTheSession)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  open_mailbox ();
  begin (0, cancellable);
  g_cancellable_cancel (cancellable);
  EXPECT_FALSE (end ());
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

/* --- what is open --- */

TEST_F (ImapIdle, OpenMailboxIsKnownAsItIsNow)
{
  const char *name = nullptr;

  open ();
  ASSERT_TRUE (login ());
  EXPECT_EQ (postseal_imap_session_get_selected (session, &name), nullptr);
  postseal_imap_status_free (select ("INBOX"));
  const PostsealImapStatus *selected = postseal_imap_session_get_selected (session, &name);
  ASSERT_NE (selected, nullptr);
  EXPECT_STREQ (name, "INBOX");
  EXPECT_EQ (selected->uid_validity, 77u);
  EXPECT_EQ (selected->exists, 3u);
  peer->answers["SELECT"] = "TAG NO none\r\n";
  EXPECT_EQ (select ("Other"), nullptr);
  EXPECT_EQ (postseal_imap_session_get_selected (session, &name), nullptr);
}

/* --- is anybody there? --- */

TEST_F (ImapIdle, ProbeIsAnsweredByNoop)
{
  Waiter probe;

  open_mailbox ();
  peer->answers["NOOP"] = "TAG NO but here\r\n";
  postseal_imap_session_probe_async (session, 60000, nullptr, Waiter::on_done, &probe);
  EXPECT_TRUE (peer->run_until ([&] { return probe.is_done (); }));
  EXPECT_TRUE (postseal_imap_session_probe_finish (session, probe.result, nullptr));
  EXPECT_EQ (peer->commands.back (), "NOOP");
}

TEST_F (ImapIdle, ProbeWhileIdlingRenewsAndDoesNotWakeTheCaller)
{
  Waiter probes[2];

  open_mailbox ();
  begin ();
  for (Waiter &probe : probes)
    postseal_imap_session_probe_async (session, 60000, nullptr, Waiter::on_done, &probe);
  EXPECT_TRUE (peer->run_until ([&] { return probes[0].is_done () && probes[1].is_done (); }));
  for (Waiter &probe : probes)
    EXPECT_TRUE (postseal_imap_session_probe_finish (session, probe.result, nullptr));
  peer->settle ();
  EXPECT_EQ (count ("NOOP"), 0u);
  EXPECT_EQ (count ("DONE"), 1u);
  EXPECT_EQ (count ("IDLE"), 2u);
  EXPECT_FALSE (waiter.is_done ());
  peer->say ("* 4 EXISTS\r\n");
  EXPECT_TRUE (end ());
}

TEST_F (ImapIdle, ProbeOfAnIdleThatEndsIsANoop)
{
  Waiter probe;

  open_mailbox ();
  begin ();
  postseal_imap_session_idle_stop (session);
  postseal_imap_session_probe_async (session, 60000, nullptr, Waiter::on_done, &probe);
  EXPECT_TRUE (peer->run_until ([&] { return probe.is_done (); }));
  EXPECT_TRUE (end ());
  EXPECT_TRUE (postseal_imap_session_probe_finish (session, probe.result, nullptr));
  EXPECT_EQ (peer->commands.back (), "NOOP");
}

TEST_F (ImapIdle, ProbeThatNothingAnswersEndsTheSession)
{
  for (bool is_idling : { false, true })
    {
      Waiter probe;

      open_mailbox ();
      peer->answers["NOOP"] = after_done = "";
      if (is_idling)
        begin ();
      postseal_imap_session_probe_async (session, 10, nullptr, Waiter::on_done, &probe);
      EXPECT_TRUE (peer->run_until ([&] { return probe.is_done (); }));
      EXPECT_FALSE (postseal_imap_session_probe_finish (session, probe.result, &error));
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
      g_clear_error (&error);
      if (is_idling)
        {
          EXPECT_FALSE (end ());
          EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
        }
      EXPECT_FALSE (remove ({ 5 }));
      TearDown ();
      session = nullptr;
    }
  start ();
}

/* What stands before our answer may be long. */
TEST_F (ImapIdle, ProbeLetsAPeerThatTalksFinish)
{
  Waiter probe;

  open_mailbox ();
  peer->answers["NOOP"] = "";
  postseal_imap_session_probe_async (session, 30, nullptr, Waiter::on_done, &probe);
  peer->settle ();
  for (int i = 0; i < 6; i++)
    {
      wait_ms (15);
      peer->say ("* OK wait\r\n");
      peer->settle ();
    }
  EXPECT_FALSE (probe.is_done ());
  EXPECT_TRUE (peer->run_until ([&] { return probe.is_done (); }));
  EXPECT_FALSE (postseal_imap_session_probe_finish (session, probe.result, &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A job that stays, whatever its server does while it waits. */
#include <gtest/gtest.h>

#include "scenario/toy-imap.h"
#include "scenario/toy-pop3.h"
#include "support/sandbox.h"
#include "support/staying-job.h"

#include <atomic>

namespace postseal_test
{

class Stay : public testing::Test
{
protected:
  using Call = ToyImap::Call;
  using Texts = std::vector<std::string>;

  Stay () { server.capabilities += " IDLE"; }

  static std::string
  text (const std::string &name)
  {
    return "A: " + name + "\r\n\r\n";
  }
  ToyMailbox &
  inbox ()
  {
    return server.mailboxes["INBOX"];
  }
  std::unique_ptr<StayingJob>
  prepare (const std::string &extra, const std::string &scheme, unsigned short port, bool stays)
  {
    std::string secret = sandbox.write ("secret", "x\n");

    sandbox.configure ("[account main]\naddress=jane@example.org\nreceive=" + scheme
                       + "://jane@localhost:" + std::to_string (port) + "\ndeliver=maildir:"
                       + sandbox.home () + "/Mail\nlayout=single\nca-file=" + test_ca ().ca_file ()
                       + "\ntimeout=5s\npassword=file:" + secret + "\n" + extra);
    return std::make_unique<StayingJob> (loop, sandbox.home (), nullptr, stays);
  }
  std::unique_ptr<StayingJob>
  stay (const std::string &extra = "")
  {
    auto job = prepare (extra, "imaps", server.port (), true);

    job->start ();
    return job;
  }
  bool
  has_arrived (StayingJob &job, unsigned n)
  {
    return loop.wait_for ([&] { return job.arrived () >= n || job.has_ended; })
           && job.arrived () == n;
  }
  void
  expect_mail (std::initializer_list<const char *> names)
  {
    Texts wanted;

    for (const char *name : names)
      wanted.push_back (std::string ("A: ") + name + "\n\n");
    EXPECT_EQ (sandbox.messages ("Mail"), wanted);
  }
  /* Does this in the first IDLE. */
  void
  once_idle (const std::function<void (const Call &)> &action)
  {
    server.on_idle = [this, action] (const Call &call) {
      if (n_idle_++ == 0)
        action (call);
    };
  }

  Sandbox sandbox;
  AsyncLoop loop;
  ToyImap server;
  std::atomic<unsigned> n_idle_{ 0 };
};

TEST_F (Stay, WithoutIdleItEndsAfterTheFirstRound)
{
  server.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS";
  inbox ().add (text ("1"));
  auto job = stay ();
  ASSERT_TRUE (job->ends ());
  EXPECT_EQ (job->error, nullptr) << job->error->message;
  ASSERT_EQ (job->rounds.size (), 1u);
  EXPECT_EQ (job->rounds[0].delivered, 1u);
  EXPECT_TRUE (job->watched ().empty ());
  expect_mail ({ "1" });
}

TEST_F (Stay, WhereIdleIsRefusedItEndsAfterTheFirstRound)
{
  inbox ().add (text ("1"));
  server.hook = [] (const Call &call) {
    if (call.verb != "IDLE")
      return false;
    call.peer.send (call.tag + " NO not here\r\n");
    return true;
  };
  auto job = stay ();
  ASSERT_TRUE (job->ends ());
  EXPECT_EQ (job->error, nullptr) << job->error->message;
  EXPECT_EQ (job->rounds.size (), 1u);
}

TEST_F (Stay, AJobThatDoesNotStayHasOneRoundToo)
{
  inbox ().add (text ("1"));
  auto job = prepare ("", "imaps", server.port (), false);
  job->start ();
  ASSERT_TRUE (job->ends ());
  ASSERT_EQ (job->rounds.size (), 1u);
  EXPECT_EQ (job->rounds[0].delivered, 1u);
  ASSERT_EQ (job->arrivals.size (), 1u);
  EXPECT_EQ (job->arrivals[0].files.size (), 1u);
  EXPECT_EQ (server.count ("IDLE"), 0u);
}

/* News cost DONE and one flight: no SELECT, and the message is asked for with the listing. */
TEST_F (Stay, WhatIsAnnouncedComesInOneFlight)
{
  inbox ().add (text ("1"));
  once_idle ([this] (const Call &call) {
    inbox ().add (text ("2"));
    ToyImap::announce (call);
  });
  server.hook = [this] (const Call &call) {
    if (call.verb != "UID FETCH" || call.words.rfind ("2:*", 0) != 0 || n_idle_ == 0)
      return false;
    auto next = call.peer.read_line (); /* hangs where the client waits for the listing */
    EXPECT_NE (next.value_or ("").find ("UID FETCH 2 (UID BODY.PEEK[])"), std::string::npos);
    ToyImap::answer_fetch (call);
    call.peer.send (call.tag + " OK done\r\n");
    std::string tag = next->substr (0, next->find (' '));
    Call body{ call.peer, tag, "UID FETCH", "2 (UID BODY.PEEK[])", call.mailbox };
    ToyImap::answer_fetch (body);
    call.peer.send (tag + " OK done\r\n");
    return true;
  };
  auto job = stay ();
  ASSERT_TRUE (has_arrived (*job, 2));
  ASSERT_TRUE (job->has_rounds (2));
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->rounds[1].delivered, 1u);
  EXPECT_EQ (server.count ("EXAMINE"), 1u);
  expect_mail ({ "1", "2" });
}

TEST_F (Stay, AMessageThatHasNotTheNextNumberComesOnce)
{
  inbox ().add (text ("1"));
  once_idle ([this] (const Call &call) {
    inbox ().next = 7;
    inbox ().add (text ("7"));
    inbox ().add (text ("8"));
    ToyImap::announce (call);
  });
  auto job = stay ();
  ASSERT_TRUE (has_arrived (*job, 3));
  ASSERT_TRUE (job->has_rounds (2));
  EXPECT_EQ (job->rounds[1].delivered, 2u);
  EXPECT_EQ (job->rounds[1].failed, 0u);
  EXPECT_EQ (job->rounds[1].error, "");
  expect_mail ({ "1", "7", "8" });
  job->look ();
  ASSERT_TRUE (job->has_rounds (3));
  EXPECT_EQ (job->rounds[2].delivered, 0u);
  expect_mail ({ "1", "7", "8" });
}

/* RFC 9051 section 6.4.9 wants silence about a message that is not there; some say NO. */
TEST_F (Stay, AWrongGuessThatIsRefusedIsNoFailure)
{
  once_idle ([this] (const Call &call) {
    inbox ().next = 7;
    inbox ().add (text ("7"));
    ToyImap::announce (call);
  });
  server.hook = [] (const Call &call) {
    if (!call.is_body () || call.words.rfind ("1 ", 0) != 0)
      return false;
    call.peer.send (call.tag + " NO what message\r\n");
    return true;
  };
  auto job = stay ();
  ASSERT_TRUE (has_arrived (*job, 1));
  ASSERT_TRUE (job->has_rounds (2));
  EXPECT_EQ (job->rounds[1].failed, 0u);
  EXPECT_EQ (job->rounds[1].error, "");
  expect_mail ({ "7" });
}

TEST_F (Stay, ARightGuessThatIsRefusedIsTriedAgainByTheNextWholeRound)
{
  std::atomic<bool> is_refused{ false };

  once_idle ([this] (const Call &call) {
    inbox ().add (text ("1"));
    inbox ().add (text ("2"));
    ToyImap::announce (call);
  });
  server.hook = [&] (const Call &call) {
    if (!call.is_body () || is_refused.exchange (true))
      return false;
    call.peer.send (call.tag + " NO not now\r\n");
    return true;
  };
  auto job = stay ();
  ASSERT_TRUE (job->has_rounds (2));
  EXPECT_EQ (job->rounds[1].delivered, 1u);
  EXPECT_EQ (job->rounds[1].failed, 1u);
  ASSERT_TRUE (job->watches ());
  job->look ();
  ASSERT_TRUE (has_arrived (*job, 2));
  expect_mail ({ "1", "2" });
}

/* One more and one less in one answer leave the number of messages as it was. */
TEST_F (Stay, AnAnnouncementThatAnExpungeHidesIsHeard)
{
  inbox ().add (text ("1"));
  once_idle ([this] (const Call &call) {
    inbox ().add (text ("2"));
    ToyImap::announce (call);
  });
  std::atomic<bool> is_done{ false };
  server.hook = [&] (const Call &call) {
    if (!call.is_body () || call.words.rfind ("2 ", 0) != 0 || is_done.exchange (true))
      return false;
    ToyImap::answer_fetch (call);
    inbox ().add (text ("3"));
    ToyImap::announce (call);
    inbox ().messages.erase (1);
    call.peer.send ("* 1 EXPUNGE\r\n" + call.tag + " OK done\r\n");
    return true;
  };
  auto job = stay ();
  ASSERT_TRUE (has_arrived (*job, 3));
  ASSERT_TRUE (job->watches ());
  expect_mail ({ "1", "2", "3" });
}

TEST_F (Stay, WhatOneRoundCouldNotFetchIsTriedByTheNextWholeOne)
{
  std::atomic<bool> is_broken{ true };

  once_idle ([this] (const Call &call) {
    inbox ().add (text ("1"));
    ToyImap::announce (call);
  });
  server.hook = [&] (const Call &call) {
    if (!call.is_body () || !is_broken)
      return false;
    call.peer.send ("* 1 FETCH (UID 1 BODY[] NIL)\r\n" + call.tag + " OK done\r\n");
    return true;
  };
  auto job = stay ();
  ASSERT_TRUE (job->has_rounds (2));
  EXPECT_EQ (job->rounds[0].error, "");
  EXPECT_EQ (job->rounds[1].failed, 1u);
  EXPECT_NE (job->rounds[1].error, "");
  ASSERT_TRUE (job->watches ());
  is_broken = false;
  job->look ();
  ASSERT_TRUE (job->has_rounds (3));
  EXPECT_EQ (job->rounds[2].delivered, 1u);
  EXPECT_EQ (job->rounds[2].error, "");
  expect_mail ({ "1" });
  job->leave ();
  ASSERT_TRUE (job->ends ());
  EXPECT_EQ (job->error, nullptr) << "what a round told is told once";
}

TEST_F (Stay, AMailboxMadeAnewIsFetchedAnew)
{
  inbox ().add (text ("1"));
  auto job = stay ();
  ASSERT_TRUE (job->watches ());
  once_idle ([] (const Call &) {});
  inbox ().uid_validity = 10;
  job->look ();
  ASSERT_TRUE (job->has_rounds (2));
  EXPECT_EQ (job->rounds[1].delivered, 1u);
  ASSERT_TRUE (job->watches ());
}

/* RFC 5465 section 5.8. */
TEST_F (Stay, AnOverflowOfNotificationsLooksAtAllAndAsksAgain)
{
  server.capabilities += " NOTIFY";
  server.mailboxes["Box"];
  once_idle ([this] (const Call &call) {
    server.mailboxes["Box"].add (text ("1"));
    call.peer.send ("* OK [NOTIFICATIONOVERFLOW] too much\r\n");
  });
  auto job = stay ("folders=INBOX;Box\n");
  ASSERT_TRUE (has_arrived (*job, 1));
  ASSERT_TRUE (job->has_rounds (2));
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->watched (), Texts ({ "INBOX", "Box" }));
  EXPECT_EQ (server.count ("NOTIFY SET"), 2u);
  EXPECT_EQ (server.server ().connections (), 1u);
}

TEST_F (Stay, ANotificationOfNothingNewCostsNothing)
{
  server.capabilities += " NOTIFY";
  server.mailboxes["Box"].add (text ("1"));
  once_idle ([this] (const Call &call) {
    call.peer.send ("* STATUS Box (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 9)\r\n");
    inbox ().add (text ("2"));
    ToyImap::announce (call);
  });
  auto job = stay ("folders=INBOX;Box\n");
  ASSERT_TRUE (has_arrived (*job, 2));
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (server.count ("EXAMINE Box"), 1u);
}

TEST_F (Stay, WhereNotifyIsRefusedEachMailboxHasAConnection)
{
  server.capabilities += " NOTIFY";
  server.mailboxes["Box"];
  server.hook = [] (const Call &call) {
    if (call.verb != "NOTIFY")
      return false;
    call.peer.send (call.tag + " NO [NOTIFICATIONOVERFLOW] too many\r\n");
    return true;
  };
  server.on_idle = [this] (const Call &call) {
    if (call.peer.index () == 0 || n_idle_++ > 0)
      return;
    server.mailboxes["Box"].add (text ("1"));
    ToyImap::announce (call);
  };
  auto job = stay ("folders=INBOX;Box\n");
  ASSERT_TRUE (has_arrived (*job, 1));
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->watched (), Texts ({ "INBOX", "Box" }));
  EXPECT_EQ (server.server ().connections (), 2u);
}

/* What comes between the round and the moment when the further connection begins to watch. */
TEST_F (Stay, NothingIsMissedWhileTheFurtherConnectionIsMade)
{
  server.mailboxes["Box"];
  server.hook = [this] (const Call &call) {
    if (call.verb == "EXAMINE" && call.peer.index () == 1 && n_idle_++ == 0)
      server.mailboxes["Box"].add (text ("1"));
    return false;
  };
  auto job = stay ("folders=INBOX;Box\n");
  ASSERT_TRUE (has_arrived (*job, 1));
}

TEST_F (Stay, WhatNobodyWatchesIsAskedAboutEveryInterval)
{
  server.mailboxes["Box"];
  once_idle ([this] (const Call &) { server.mailboxes["Box"].add (text ("1")); });
  auto job = stay ("folders=INBOX;Box\nconnections=1\ninterval=1s\n");
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->watched (), Texts ({ "INBOX" }));
  ASSERT_TRUE (has_arrived (*job, 1));
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (server.server ().connections (), 1u);
  EXPECT_EQ (server.count ("LIST"), 2u) << "only STATUS, once a folder was listed";
}

TEST_F (Stay, LeavesWhenToldToBeforeItRuns)
{
  inbox ().add (text ("1"));
  auto job = prepare ("", "imaps", server.port (), true);
  job->leave ();
  job->start ();
  ASSERT_TRUE (job->ends ());
  EXPECT_EQ (job->error, nullptr) << job->error->message;
  EXPECT_TRUE (job->rounds.empty ());
  EXPECT_EQ (server.server ().connections (), 0u);
}

TEST_F (Stay, CancellingIsAnErrorWhereLeavingIsNone)
{
  auto job = stay ();
  ASSERT_TRUE (job->watches ());
  job->cancel ();
  ASSERT_TRUE (job->ends ());
  EXPECT_TRUE (g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

TEST_F (Stay, LeavingAMaildropDeletesNothingAndKeepsWhatCame)
{
  ToyPop3 maildrop;
  maildrop.messages = { { "a", text ("1") }, { "b", text ("2") } };
  std::unique_ptr<StayingJob> job;
  maildrop.hook = [] (Peer &peer, const std::string &line) {
    if (line != "RETR 2")
      return false;
    peer.stall ();
    return true;
  };
  job = prepare ("keep=no\n", "pop3s", maildrop.port (), true);
  job->on_arrival = [&] { job->leave (); };
  job->start ();
  ASSERT_TRUE (job->ends ());
  EXPECT_EQ (job->error, nullptr) << job->error->message;
  EXPECT_EQ (maildrop.count ("DELE"), 0u);
  expect_mail ({ "1" });
}

TEST_F (Stay, TellsTheDelayBetweenLogIns)
{
  ToyPop3 maildrop;
  maildrop.capabilities += "LOGIN-DELAY 900\r\n";
  auto job = prepare ("", "pop3s", maildrop.port (), true);
  job->start ();
  ASSERT_TRUE (job->ends ());
  EXPECT_EQ (postseal_fetch_job_get_login_delay (job->get ()), 900u);
  EXPECT_EQ (job->rounds.size (), 1u);
}

} // namespace postseal_test

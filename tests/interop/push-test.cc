/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job that stays, against a real Dovecot: what arrives there arrives here, at once. */

#include "fetch-fixture.h"
#include "net/net-error.h"
#include "support/staying-job.h"

#include <algorithm>

using namespace postseal_test;

namespace
{

using Texts = std::vector<std::string>;

class PushTest : public FetchTest
{
protected:
  static std::string
  text (const std::string &subject)
  {
    return "Subject: " + subject + "\r\n\r\nbody\r\n";
  }

  void
  add (const std::string &subject, const std::string &mailbox = "INBOX")
  {
    server ().admin (user_)->append (mailbox, text (subject));
  }

  std::unique_ptr<StayingJob>
  stay (const std::string &scheme = "imap",
        const std::string &more = {},
        unsigned port = 0,
        PostsealServers *servers = nullptr)
  {
    configure (scheme, more, port);
    auto job = std::make_unique<StayingJob> (loop_, postseal_.path (""), servers);
    job->start ();
    return job;
  }

  /* Until so many new messages were told of. */
  bool
  has_arrived (StayingJob &job, unsigned n)
  {
    return loop_.wait_for ([&] { return job.arrived () >= n || job.has_ended; })
           && job.arrived () == n;
  }

  void
  make_folders (std::initializer_list<const char *> names)
  {
    auto admin = server ().admin (user_);
    for (const char *name : names)
      admin->create (name);
  }

  AsyncLoop loop_;
};

TEST_F (PushTest, FetchesWhatArrivesWhileItWaits)
{
  add ("before");
  auto job = stay ();
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->watched (), Texts ({ "INBOX" }));
  EXPECT_EQ (job->arrived (), 1u);
  for (unsigned i = 2; i <= 5; i++)
    {
      add (std::to_string (i));
      ASSERT_TRUE (has_arrived (*job, i));
      ASSERT_TRUE (job->watches ());
    }
  EXPECT_EQ (delivered ().size (), 5u);
  EXPECT_EQ (job->arrivals.back ().mailbox, "INBOX");
  ASSERT_EQ (job->arrivals.back ().files.size (), 1u);
  EXPECT_EQ (read_file (job->arrivals.back ().files[0]), "Subject: 5\n\nbody\n");
  ASSERT_TRUE (job->has_rounds (5));
  for (const auto &round : job->rounds)
    {
      EXPECT_EQ (round.delivered, 1u);
      EXPECT_EQ (round.error, "");
    }
}

TEST_F (PushTest, LeavesInGoodOrderWhileItWaits)
{
  auto job = stay ();
  ASSERT_TRUE (job->watches ());
  job->leave ();
  ASSERT_TRUE (job->ends (5000));
  EXPECT_EQ (job->error, nullptr) << job->error->message;
  EXPECT_EQ (job->rounds.size (), 1u);
  EXPECT_TRUE (postseal_.run ({ "fetch" }).status == 0) << "the lock is not free";
}

TEST_F (PushTest, FetchesWhatArrivesWhileItFetches)
{
  auto job = stay ();
  unsigned more = 5;

  job->on_arrival = [&] {
    if (more-- > 0)
      add ("during " + std::to_string (more));
  };
  ASSERT_TRUE (job->watches ());
  add ("first");
  ASSERT_TRUE (has_arrived (*job, 6));
  EXPECT_EQ (delivered ().size (), 6u);
}

TEST_F (PushTest, DeletesWhatIsNotToBeKeptAndMissesNothing)
{
  auto job = stay ("imap", "keep=no\n");
  unsigned more = 5;

  job->on_arrival = [&] {
    if (more-- > 0)
      add ("during " + std::to_string (more));
  };
  ASSERT_TRUE (job->watches ());
  add ("first");
  ASSERT_TRUE (has_arrived (*job, 6));
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (delivered ().size (), 6u);
  EXPECT_EQ (on_server (), 0u);
}

TEST_F (PushTest, AServerWithNotifyTellsOfAllMailboxes)
{
  make_folders ({ "Lists", "Other" });
  auto job = stay ("imap", "folders=INBOX;Lists;Other\nlayout=single\n");
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->watched (), Texts ({ "INBOX", "Lists", "Other" }));
  add ("a", "Lists");
  ASSERT_TRUE (has_arrived (*job, 1));
  EXPECT_EQ (job->arrivals.back ().mailbox, "Lists");
  ASSERT_TRUE (job->watches ());
  add ("b");
  ASSERT_TRUE (has_arrived (*job, 2));
  ASSERT_TRUE (job->watches ());
  add ("c", "Other");
  add ("d", "Lists");
  add ("e");
  ASSERT_TRUE (has_arrived (*job, 5));
  EXPECT_EQ (delivered ().size (), 5u);
}

TEST_F (PushTest, LooksAtEverythingWhenAsked)
{
  make_folders ({ "Lists" });
  auto job = stay ("imap", "folders=*\nlayout=single\n");
  ASSERT_TRUE (job->watches ());
  make_folders ({ "New" });
  add ("a", "New");
  job->look ();
  ASSERT_TRUE (has_arrived (*job, 1));
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->rounds.size (), 2u);
  Texts watched = job->watched ();
  std::sort (watched.begin (), watched.end ());
  EXPECT_EQ (watched, Texts ({ "INBOX", "Lists", "New" }));
  add ("b", "New");
  ASSERT_TRUE (has_arrived (*job, 2));
}

TEST_F (PushTest, ALookDuringARoundIsFollowedByAnother)
{
  fill (some_mail ());
  auto job = stay ();

  job->on_arrival = [&] {
    job->on_arrival = nullptr;
    job->look ();
  };
  ASSERT_TRUE (job->has_rounds (2));
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->rounds.size (), 2u);
  EXPECT_EQ (job->rounds[0].delivered, some_mail ().size ());
  EXPECT_EQ (job->rounds[1].delivered, 0u);
}

TEST_F (PushTest, LeavesInTheMiddleWithWhatWasAskedForAndTheRestComesNextTime)
{
  auto many = make_corpus ("tiny", 2500, 8);
  fill (many);
  /* So many, and so far, that the first are on the disk long before the last have been asked for.
   */
  NetworkProxy far (server ().port ("imap"), { "--rtt", "500" });
  auto job = stay ("imap", "", far.port ());

  job->on_arrival = [&] { job->leave (); };
  ASSERT_TRUE (job->ends ());
  EXPECT_EQ (job->error, nullptr) << job->error->message;
  size_t first = delivered ().size ();
  EXPECT_GT (first, 0u);
  EXPECT_LT (first, many.size ());
  EXPECT_EQ (job->arrived (), first);
  configure ("imap");
  fetch_well ();
  EXPECT_EQ (difference (many), "");
}

TEST_F (PushTest, LeavesWhileItConnects)
{
  NetworkProxy far (server ().port ("imap"), { "--rtt", "400" });
  auto job = stay ("imap", "", far.port ());
  unsigned after_ms[] = { 0, 100, 700, 1300, 2100 };

  for (unsigned ms : after_ms)
    {
      auto one = std::make_unique<StayingJob> (loop_, postseal_.path (""));
      if (!job->has_ended)
        {
          job->leave ();
          ASSERT_TRUE (job->ends (3000));
          EXPECT_EQ (job->error, nullptr) << job->error->message;
        }
      gint64 until = g_get_monotonic_time () + ms * 1000;
      one->start ();
      loop_.wait_for ([&] { return g_get_monotonic_time () >= until || ms < 3000; });
      while (g_get_monotonic_time () < until)
        if (!g_main_context_iteration (loop_.context (), FALSE))
          g_usleep (1000);
      one->leave ();
      ASSERT_TRUE (one->ends (3000)) << ms;
      EXPECT_EQ (one->error, nullptr) << ms << one->error->message;
    }
}

TEST_F (PushTest, EndsWithAnErrorWhenTheServerGoes)
{
  auto own = std::make_unique<Dovecot> ();
  postseal_.configure (own->account ("main", "imap", "jane", postseal_.deliver ()));
  StayingJob job (loop_, postseal_.path (""));
  job.start ();
  ASSERT_TRUE (job.watches ());
  own.reset ();
  ASSERT_TRUE (job.ends ());
  EXPECT_NE (job.error, nullptr);
}

TEST_F (PushTest, AProbeEndsAJobWhoseServerIsSilent)
{
  NetworkProxy proxy (server ().port ("imap"));
  auto job = stay ("imap", "", proxy.port ());
  ASSERT_TRUE (job->watches ());
  job->probe (2000); /* it lives */
  ASSERT_TRUE (job->watches ());
  proxy.freeze ();
  gint64 begin = g_get_monotonic_time ();
  job->probe (300);
  ASSERT_TRUE (job->ends (5000));
  EXPECT_TRUE (g_error_matches (job->error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT))
      << (job->error != nullptr ? job->error->message : "no error");
  EXPECT_LT (g_get_monotonic_time () - begin, 2 * G_USEC_PER_SEC);
  proxy.thaw ();
}

TEST_F (PushTest, AProbeEndsAJobThatDoesNotGetConnected)
{
  NetworkProxy proxy (server ().port ("imap"), { "--rtt", "60000" });
  auto job = stay ("imap", "", proxy.port ());
  job->probe (300);
  ASSERT_TRUE (job->ends (5000));
  EXPECT_TRUE (g_error_matches (job->error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (PushTest, GoesOnWhenOneOfItsMailboxesVanishes)
{
  make_folders ({ "Lists" });
  auto job = stay ("imap", "folders=INBOX;Lists\nlayout=single\n");
  ASSERT_TRUE (job->watches ());
  server ().admin (user_)->command ("DELETE Lists");
  job->look ();
  ASSERT_TRUE (job->has_rounds (2));
  EXPECT_NE (job->rounds[1].error.find ("Lists"), std::string::npos) << job->rounds[1].error;
  ASSERT_TRUE (job->watches ());
  EXPECT_EQ (job->watched (), Texts ({ "INBOX" }));
  add ("a");
  ASSERT_TRUE (has_arrived (*job, 1));
}

/* --- a server without NOTIFY: a connection for each mailbox --- */

class SentinelTest : public PushTest
{
protected:
  static constexpr const char *capability
      = "protocol imap {\n imap_capability = IMAP4rev1 SASL-IR LITERAL+ IDLE ID ENABLE UIDPLUS "
        "NAMESPACE SPECIAL-USE\n}";

  std::unique_ptr<StayingJob>
  stay_at (Dovecot &own, const std::string &more, PostsealServers *servers = nullptr)
  {
    own.admin ("jane")->create ("Lists");
    own.admin ("jane")->create ("Other");
    own.admin ("jane")->create ("Third");
    /* A connection that has ended still counts until the server has heard of it. */
    while (own.has_sessions ("jane"))
      g_usleep (10000);
    postseal_.configure (
        own.account ("main", "imap", "jane", postseal_.deliver (), "layout=single\n" + more));
    auto job = std::make_unique<StayingJob> (loop_, postseal_.path (""), servers);
    job->start ();
    return job;
  }
  bool
  watches_all (StayingJob &job, size_t n)
  {
    return loop_.wait_for ([&] { return job.watched ().size () == n || job.has_ended; });
  }
};

TEST_F (SentinelTest, EachMailboxHasAConnection)
{
  Dovecot own ({ "--extra", capability });
  auto job = stay_at (own, "folders=INBOX;Lists;Other;Third\n");
  ASSERT_TRUE (job->watches ());
  ASSERT_TRUE (watches_all (*job, 4));
  unsigned n = 0;
  for (const char *mailbox : { "Lists", "Other", "INBOX", "Third", "Third", "Lists" })
    {
      own.admin ("jane")->append (mailbox, text (mailbox));
      ASSERT_TRUE (has_arrived (*job, ++n)) << mailbox;
      EXPECT_EQ (job->arrivals.back ().mailbox, mailbox);
    }
  job->leave ();
  ASSERT_TRUE (job->ends (5000));
  EXPECT_EQ (job->error, nullptr) << job->error->message;
}

TEST_F (SentinelTest, NoMoreConnectionsThanTheAccountAllows)
{
  Dovecot own ({ "--extra", capability });
  g_autoptr (PostsealServers) servers = postseal_servers_new ();
  auto job
      = stay_at (own, "folders=INBOX;Lists;Other;Third\nconnections=3\ninterval=1m\n", servers);
  ASSERT_TRUE (job->watches ());
  ASSERT_TRUE (watches_all (*job, 3));
  own.admin ("jane")->append ("Third", text ("late"));
  job->look ();
  EXPECT_TRUE (has_arrived (*job, 1));
  EXPECT_EQ (job->watched (), Texts ({ "INBOX", "Lists", "Other" }));
}

TEST_F (SentinelTest, AServerThatHasEnoughOfUsIsAskedInstead)
{
  Dovecot own (
      { "--extra", capability, "--extra", "protocol imap {\n mail_max_userip_connections = 2\n}" });
  auto job = stay_at (own, "folders=INBOX;Lists;Other;Third\n");
  ASSERT_TRUE (job->watches ());
  ASSERT_TRUE (watches_all (*job, 2));
  EXPECT_FALSE (job->has_ended);
  job->look ();
  ASSERT_TRUE (job->has_rounds (2));
  ASSERT_TRUE (job->watches ());
}

} // namespace

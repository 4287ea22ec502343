/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the servers are held to is forgotten while a daemon works for the account. */
#include <condition_variable>
#include <mutex>

#include "scenario/daemon-fixture.h"
#include "scenario/toy-imap.h"
#include "support/scram-server.h"

namespace postseal_test
{

namespace
{

/* A server that tells of new mail at once: the daemon stays, and holds the account. */
class DaemonTrust : public DaemonTest
{
protected:
  DaemonTrust ()
  {
    server_.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS IDLE";
    server_.on_idle = [this] (const ToyImap::Call &) {
      std::lock_guard<std::mutex> guard (mutex_);

      n_idles_++;
      changed_.notify_all ();
    };
  }

  void
  configure_trust ()
  {
    configure ("receive=imaps://jane@localhost:" + std::to_string (server_.port ())
               + "\nca-file=" + test_ca ().ca_file () + "\n");
  }

  bool
  wait_for_idle (unsigned number)
  {
    std::unique_lock<std::mutex> guard (mutex_);

    return changed_.wait_for (guard, std::chrono::seconds (30), [&] { return n_idles_ >= number; });
  }

  Outcome
  run (const std::vector<std::string> &arguments)
  {
    std::vector<std::string> all = { getenv ("POSTSEAL") };

    all.insert (all.end (), arguments.begin (), arguments.end ());
    return run_program (all, environment (instance_));
  }

  std::string
  place () const
  {
    return "localhost:" + std::to_string (server_.port ());
  }

  mutable ToyImap server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned n_idles_ = 0;
};

} // namespace

TEST_F (DaemonTrust, IsForgottenBesideADaemonWhichConnectsAnew)
{
  start_bus ();
  configure_trust ();
  auto daemon = start ();
  notify_.expect ("READY=1");
  ASSERT_TRUE (wait_for_idle (1));

  Outcome outcome = run ({ "account", "trust", "work", "--forget", "tls" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "Forgotten: " + place () + ": tls 1.3\n");
  EXPECT_TRUE (wait_for_idle (2)) << "the daemon has begun anew";
  outcome = run ({ "account", "edit", "work", "--forget-latches" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (wait_for_idle (3));
  /* Whoever else works for the account is waited for by the user. */
  outcome = run ({ "account", "trust", "work", "--forget", "--no-daemon" });
  EXPECT_EQ (outcome.status, 75) << outcome.out;

  EXPECT_EQ (stop (*daemon).status, 0);
  outcome = run ({ "account", "trust", "work" });
  EXPECT_NE (outcome.out.find ("was encrypted before"), std::string::npos) << "learned anew\n"
                                                                           << outcome.out;
}

/* What "postseal report" shows is of whoever connects. */
TEST_F (DaemonTrust, ConnectionsOfTheDaemonAreCounted)
{
  start_bus ();
  configure_trust ();
  auto daemon = start ();
  notify_.expect ("READY=1");
  ASSERT_TRUE (wait_for_idle (1));
  EXPECT_EQ (stop (*daemon).status, 0);

  const Outcome outcome = run ({ "report" });
  EXPECT_NE (outcome.out.find ("work  receiving, " + place () + "\n  sealed      "),
             std::string::npos)
      << outcome.out << outcome.err;
}

/* A server that was stronger before is not connected to until the user has forgotten that; then the
   daemon needs no other word. */
TEST_F (DaemonTrust, ThatIsForgottenLetsTheDaemonIn)
{
  start_bus ();
  configure_trust ();
  write_file (instance_.path ("state/postseal/accounts/work/latches"),
              "[latches]\nformat=1\n\n[" + place () + "]\nmechanism=SCRAM-SHA-256\n");
  auto daemon = start ();
  notify_.expect ("READY=1");
  EXPECT_EQ (run ({ "fetch", "work" }).status, 76);
  EXPECT_EQ (server_.count ("AUTHENTICATE"), 0u);

  Outcome outcome = run ({ "account", "trust", "work", "--forget", "mechanism" });
  EXPECT_EQ (outcome.out, "Forgotten: " + place () + ": mechanism SCRAM-SHA-256\n") << outcome.err;
  EXPECT_TRUE (wait_for_idle (1));
  EXPECT_EQ (stop (*daemon).status, 0);
}

} // namespace postseal_test

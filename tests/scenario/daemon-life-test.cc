/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the daemon begins and ends, and what it says to who has started it. */
#include <csignal>

#include "scenario/daemon-fixture.h"

namespace postseal_test
{

static bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

TEST_F (DaemonTest, SaysWhenItIsReadyAndEndsWithinASecond)
{
  configure ();
  auto daemon = start ();
  notify_.expect ("READY=1");
  gint64 before = g_get_monotonic_time ();
  Outcome outcome = stop (*daemon);
  EXPECT_LT (g_get_monotonic_time () - before, G_TIME_SPAN_SECOND);
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "");
  notify_.expect ("STOPPING=1", 0.1);
}

TEST_F (DaemonTest, EndsWhileItIsStarting)
{
  configure ();
  auto daemon = start ();
  /* Wherever it is: before its handlers are there, the signal itself ends it. */
  daemon->kill (SIGTERM);
  ASSERT_TRUE (daemon->ended_within (5));
  int status = daemon->wait ().status;
  EXPECT_TRUE (status == 0 || status == 128 + SIGTERM) << status;
}

TEST_F (DaemonTest, WorksWithoutASessionBusAndSaysSoOnce)
{
  auto daemon = start ();
  notify_.expect ("READY=1");
  Outcome outcome = stop (*daemon);
  EXPECT_EQ (outcome.status, 0);
  size_t first = outcome.err.find ("No session bus");
  ASSERT_NE (first, std::string::npos) << outcome.err;
  EXPECT_EQ (outcome.err.find ("No session bus", first + 1), std::string::npos) << outcome.err;
}

TEST_F (DaemonTest, IsAloneInItsStateDirectory)
{
  auto first = start ();
  notify_.expect ("READY=1");
  auto second = start ();
  ASSERT_TRUE (second->ended_within (10));
  Outcome outcome = second->wait ();
  EXPECT_EQ (outcome.status, 75);
  EXPECT_TRUE (has (outcome.err, "postseald (process " + std::to_string (first->pid ()) + ")"))
      << outcome.err;
  EXPECT_EQ (stop (*first).status, 0);

  auto third = start ();
  notify_.expect ("READY=1");
  EXPECT_EQ (stop (*third).status, 0);
}

TEST_F (DaemonTest, IsAloneOnItsBus)
{
  PostsealInstance elsewhere;

  start_bus ();
  auto first = start ();
  notify_.expect ("READY=1");
  auto second = start_other (elsewhere);
  ASSERT_TRUE (second->ended_within (10));
  Outcome outcome = second->wait ();
  EXPECT_EQ (outcome.status, 75);
  EXPECT_TRUE (has (outcome.err, "org.postseal.Postseal1")) << outcome.err;
  EXPECT_EQ (stop (*first).status, 0);
}

TEST_F (DaemonTest, ReadsTheAccountsBeforeItIsReady)
{
  start_bus ();
  configure ();
  auto daemon = start ();
  notify_.expect ("READY=1");
  EXPECT_EQ (get_property ("Accounts"), "['work']");
  EXPECT_EQ (get_property ("Unattended"), "true");
  EXPECT_EQ (stop (*daemon).status, 0);
}

TEST_F (DaemonTest, ReloadsOnSighup)
{
  start_bus ();
  configure ();
  auto daemon = start ();
  notify_.expect ("READY=1");
  configure ("interval=nonsense\n");
  daemon->kill (SIGHUP);
  EXPECT_TRUE (has (notify_.expect ("RELOADING=1"), "MONOTONIC_USEC="));
  notify_.expect ("READY=1");
  EXPECT_TRUE (has (get_property ("Problems"), "nonsense"));
  EXPECT_EQ (stop (*daemon).status, 0);
}

TEST_F (DaemonTest, RunsWithBrokenAccountsAndRecovers)
{
  start_bus ();
  configure ("interval=nonsense\n");
  auto daemon = start ();
  notify_.expect ("READY=1");
  notify_.expect ("mistake in accounts.conf");
  EXPECT_TRUE (has (get_property ("Problems"), "nonsense"));
  configure ();
  notify_.expect ("STATUS=1 is tried again later");
  EXPECT_EQ (get_property ("Problems"), "[]");
  Outcome outcome = stop (*daemon);
  EXPECT_EQ (outcome.status, 0);
  EXPECT_TRUE (has (outcome.err, "nonsense")) << outcome.err;
}

TEST_F (DaemonTest, RunsWithoutAccountsUntilThereAreSome)
{
  auto daemon = start ();
  notify_.expect ("STATUS=No accounts to watch");
  configure ();
  notify_.expect ("STATUS=1 is tried again later");
  EXPECT_EQ (stop (*daemon).status, 0);
}

TEST_F (DaemonTest, TellsTheWatchdogThatItLives)
{
  auto daemon = start ({}, { { "WATCHDOG_USEC", "100000" } });
  notify_.expect ("READY=1");
  for (int i = 0; i < 3; i++)
    notify_.expect ("WATCHDOG=1", 5);
  EXPECT_EQ (stop (*daemon).status, 0);
}

TEST_F (DaemonTest, IsStartedByTheBus)
{
  configure ();
  start_bus (true);
  EXPECT_EQ (get_property ("Accounts"), "['work']");
  notify_.expect ("READY=1");
  /* Started with --session: it goes with the bus. */
  stop_bus ();
  notify_.expect ("STOPPING=1");
}

TEST_F (DaemonTest, OutlivesTheBusOtherwise)
{
  start_bus ();
  auto daemon = start ();
  notify_.expect ("READY=1");
  stop_bus ();
  EXPECT_FALSE (daemon->ended_within (0.2));
  Outcome outcome = stop (*daemon);
  EXPECT_EQ (outcome.status, 0);
  EXPECT_TRUE (has (outcome.err, "session bus is gone")) << outcome.err;
}

TEST_F (DaemonTest, ExplainsItself)
{
  Outcome version = start ({ "--version" })->wait ();
  EXPECT_EQ (version.status, 0);
  EXPECT_EQ (version.out.rfind ("postseald ", 0), 0u);
  EXPECT_EQ (start ({ "--help" })->wait ().status, 0);
  EXPECT_EQ (start ({ "--nonsense" })->wait ().status, 64);
  EXPECT_EQ (start ({ "nonsense" })->wait ().status, 64);
}

TEST_F (DaemonTest, NeedsAPlaceForItsState)
{
  write_file (instance_.path ("state"), "in the way");
  Outcome outcome = start ()->wait ();
  EXPECT_EQ (outcome.status, 73);
  EXPECT_TRUE (has (outcome.err, instance_.path ("state"))) << outcome.err;
}

} // namespace postseal_test

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world-fixture.h"

#include "engine/sleep-watch-private.h"

using postseal_test::PrivateBus;

namespace
{

class SleepWatch : public WorldFixture
{
protected:
  PrivateBus bus;
  FakeLogind logind{ &bus };
  GDBusConnection *ours = bus.connect ();
  PostsealSleepWatch *watch = nullptr;
  std::string told; /* a letter a call: S asleep, W awake */
  std::function<void (bool)> on_told = [] (bool) {};

  void
  SetUp () override
  {
    logind.arrive ();
    watch_it ();
  }
  void
  watch_it ()
  {
    watch = _postseal_sleep_watch_new (
        ours,
        [] (gboolean is_asleep, gpointer data) {
          auto *self = static_cast<SleepWatch *> (data);
          self->told += is_asleep ? 'S' : 'W';
          self->on_told (is_asleep);
        },
        this);
    hear ();
  }
  void
  TearDown () override
  {
    g_clear_pointer (&watch, _postseal_sleep_watch_free);
  }
  /* All that the bus has for us, and what is answered to that. */
  void
  hear ()
  {
    for (int i = 0; i < 3; i++)
      {
        if (!g_dbus_connection_is_closed (ours))
          PrivateBus::sync (ours);
        loop.settle ();
      }
  }
  void
  hold ()
  {
    _postseal_sleep_watch_set_held (watch, TRUE);
  }
  void
  release ()
  {
    _postseal_sleep_watch_set_held (watch, FALSE);
  }
  bool
  is_locked ()
  {
    return eventually ([this] { return logind.locks () == 1; });
  }
  bool
  is_unlocked ()
  {
    return eventually ([this] { return logind.locks () == 0; });
  }
  /* A lock of ours is there, and known here. */
  void
  take ()
  {
    hold ();
    eventually ([this] { return logind.asked.size () > 0; });
    eventually ([this] { return logind.locks () == 1; });
    hear ();
  }
  void
  announce ()
  {
    logind.prepare_for_sleep (true);
    hear ();
  }
  void
  end_sleep ()
  {
    logind.prepare_for_sleep (false);
    hear ();
  }
};

TEST_F (SleepWatch, TellsSleepAndItsEndOnceEach)
{
  end_sleep ();
  EXPECT_EQ (told, "");
  announce ();
  announce ();
  EXPECT_EQ (told, "S");
  EXPECT_TRUE (_postseal_sleep_watch_is_asleep (watch));
  end_sleep ();
  end_sleep ();
  EXPECT_EQ (told, "SW");
  EXPECT_FALSE (_postseal_sleep_watch_is_asleep (watch));
  EXPECT_TRUE (is_idle ());
}

TEST_F (SleepWatch, TakesALockOnlyWhileHeld)
{
  EXPECT_TRUE (logind.asked.empty ());
  EXPECT_TRUE (is_idle ());
  take ();
  ASSERT_EQ (logind.asked.size (), 1u);
  EXPECT_EQ (logind.asked[0], "sleep Postseal delay");
  EXPECT_TRUE (is_idle ());

  release ();
  EXPECT_GT (due_ms (watch), 0);
  EXPECT_LE (due_ms (watch), 1000);
  EXPECT_EQ (logind.locks (), 1);
  hurry (watch);
  EXPECT_TRUE (is_unlocked ());
  EXPECT_TRUE (is_idle ());
}

TEST_F (SleepWatch, KeepsTheLockFromOneCommitToTheNext)
{
  take ();
  release ();
  hold ();
  EXPECT_TRUE (is_idle ());
  EXPECT_EQ (logind.locks (), 1);
  EXPECT_EQ (logind.asked.size (), 1u);
}

TEST_F (SleepWatch, GivesBackALockThatCameTooLate)
{
  hold ();
  release ();
  hear ();
  eventually ([this] { return due_ms (watch) >= 0; });
  hurry (watch);
  EXPECT_TRUE (is_unlocked ());
  EXPECT_TRUE (is_idle ());
}

TEST_F (SleepWatch, LetsSleepWaitForTheCommitUnderWayAndNoLonger)
{
  take ();
  announce ();
  EXPECT_EQ (told, "S");
  EXPECT_EQ (logind.locks (), 1);
  EXPECT_GT (due_ms (watch), 3000);
  EXPECT_LE (due_ms (watch), 4000);
  release ();
  EXPECT_TRUE (is_unlocked ());
}

TEST_F (SleepWatch, LetsGoInTimeThoughHeld)
{
  take ();
  announce ();
  hurry (watch);
  EXPECT_TRUE (is_unlocked ());
  EXPECT_TRUE (_postseal_sleep_watch_is_asleep (watch));

  end_sleep ();
  EXPECT_EQ (told, "SW");
  EXPECT_TRUE (is_locked ());
  EXPECT_EQ (logind.asked.size (), 2u);
}

TEST_F (SleepWatch, GivesBackAtOnceWhatNobodyNeedsWhenSleepIsAnnounced)
{
  take ();
  release ();
  announce ();
  EXPECT_TRUE (is_unlocked ());
}

TEST_F (SleepWatch, KeepsALockThatIsNeededAgainWhenSleepIsAnnounced)
{
  take ();
  release ();
  on_told = [this] (bool is_asleep) {
    if (is_asleep)
      hold ();
  };
  announce ();
  EXPECT_EQ (logind.locks (), 1);
  EXPECT_GT (due_ms (watch), 3000);
  release ();
  EXPECT_TRUE (is_unlocked ());
}

TEST_F (SleepWatch, AsksForNoLockInSleep)
{
  announce ();
  hold ();
  release ();
  hold ();
  hear ();
  EXPECT_TRUE (logind.asked.empty ());
  end_sleep ();
  EXPECT_TRUE (is_locked ());
}

TEST_F (SleepWatch, IsAwakeWhenTheWordOfItIsMissed)
{
  announce ();
  EXPECT_GT (due_ms (watch), 50000);
  EXPECT_LE (due_ms (watch), 60000);
  hurry (watch);
  EXPECT_EQ (told, "SW");
  EXPECT_TRUE (is_idle ());
}

TEST_F (SleepWatch, IsAwakeWhenOthersKnowIt)
{
  _postseal_sleep_watch_wake (watch);
  EXPECT_EQ (told, "");
  announce ();
  _postseal_sleep_watch_wake (watch);
  EXPECT_EQ (told, "SW");
  end_sleep ();
  EXPECT_EQ (told, "SW");
  EXPECT_TRUE (is_idle ());
}

TEST_F (SleepWatch, IsAwakeWhenLogindIsGone)
{
  announce ();
  logind.leave ();
  hear ();
  EXPECT_EQ (told, "SW");
  EXPECT_TRUE (is_idle ());
}

TEST_F (SleepWatch, WaitsForALogindThatComesLater)
{
  take ();
  logind.leave ();
  hear ();
  EXPECT_TRUE (is_unlocked ());
  release ();
  hold ();
  hear ();
  EXPECT_EQ (logind.asked.size (), 1u);

  logind.arrive ();
  EXPECT_TRUE (is_locked ());
  announce ();
  EXPECT_EQ (told, "S");
}

TEST_F (SleepWatch, GoesOnWithoutALock)
{
  logind.is_refusing = true;
  hold ();
  EXPECT_TRUE (eventually ([this] { return logind.asked.size () == 1; }));
  hear ();
  announce ();
  release ();
  end_sleep ();
  EXPECT_EQ (told, "SW");
}

TEST_F (SleepWatch, IsSilentWhenTheBusIsGone)
{
  take ();
  announce ();
  bus.stop ();
  EXPECT_TRUE (eventually ([this] { return told == "SW"; }));
  release ();
  hold ();
  release ();
  EXPECT_TRUE (is_idle ());
}

TEST_F (SleepWatch, LeavesNoLockBehind)
{
  take ();
  g_clear_pointer (&watch, _postseal_sleep_watch_free);
  EXPECT_TRUE (is_unlocked ());

  watch_it ();
  hold ();
  g_clear_pointer (&watch, _postseal_sleep_watch_free);
  EXPECT_TRUE (eventually ([this] { return logind.asked.size () == 2; }));
  EXPECT_TRUE (is_unlocked ());
  EXPECT_TRUE (is_idle ());
}

TEST_F (SleepWatch, MayBeFreedByWhatItTells)
{
  on_told = [this] (bool) { g_clear_pointer (&watch, _postseal_sleep_watch_free); };
  announce ();
  EXPECT_EQ (told, "S");
  watch_it ();
  end_sleep ();
  on_told = [] (bool) {};
  announce ();
  on_told = [this] (bool) { g_clear_pointer (&watch, _postseal_sleep_watch_free); };
  end_sleep ();
  EXPECT_EQ (told, "SSW");
}

}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world-fixture.h"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "engine/clock-watch-private.h"

namespace
{

const gint64 second = G_USEC_PER_SEC;

class ClockWatch : public WorldFixture
{
protected:
  static inline int bell; /* what the kernel would ring */
  static inline gint64 monotonic, slept, wall;
  PostsealClockWatch *watch = nullptr;
  int told = 0;

  void
  SetUp () override
  {
    monotonic = 1000 * second;
    slept = 50 * second;
    wall = 1700000000 * second;
    _postseal_clock_watch_use (
        [] { return bell = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC); },
        [] (clockid_t clock) {
          return monotonic + (clock == CLOCK_BOOTTIME ? slept : clock == CLOCK_REALTIME ? wall : 0);
        });
    make ();
  }
  void
  make ()
  {
    watch
        = _postseal_clock_watch_new ([] (gpointer data) { (*static_cast<int *> (data))++; }, &told);
  }
  void
  TearDown () override
  {
    _postseal_clock_watch_free (watch);
    _postseal_clock_watch_use (nullptr, nullptr);
  }
  int
  look ()
  {
    return _postseal_clock_watch_look (watch);
  }
};

TEST_F (ClockWatch, SeesNothingWhileTheClocksGoTogether)
{
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_AGREE);
  monotonic += 100000 * second;
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_AGREE);
}

TEST_F (ClockWatch, SeesThatTheWallClockWasSetForwardsAndBackwards)
{
  wall += 3600 * second;
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_SET);
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_AGREE);
  wall -= 86400 * second;
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_SET);
}

TEST_F (ClockWatch, SeesSleep)
{
  slept += 600 * second;
  wall += 600 * second;
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_SLEPT | POSTSEAL_CLOCKS_SET);
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_AGREE);
}

TEST_F (ClockWatch, MakesNothingOfSmallStepsUntilTheyAddUp)
{
  for (int i = 0; i < 9; i++)
    {
      wall += second / 10;
      EXPECT_EQ (look (), POSTSEAL_CLOCKS_AGREE);
    }
  wall += second / 10;
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_SET);
}

TEST_F (ClockWatch, TellsWhenTheTimerEnds)
{
  EXPECT_TRUE (is_idle ());
  for (int i = 1; i <= 2; i++)
    {
      ASSERT_EQ (eventfd_write (bell, 1), 0);
      ASSERT_TRUE (loop.wait_for ([&] { return told == i; }));
      EXPECT_TRUE (is_idle ());
      EXPECT_EQ (told, i);
    }
}

TEST_F (ClockWatch, WorksWithoutATimer)
{
  _postseal_clock_watch_free (watch);
  _postseal_clock_watch_use ([] { return -1; }, nullptr);
  make ();
  EXPECT_TRUE (is_idle ());
  EXPECT_EQ (look (), POSTSEAL_CLOCKS_AGREE);
}

/* The kernel's own: it takes the timer, and does not wake for it. */
TEST_F (ClockWatch, WaitsForATimeThatNeverComes)
{
  static int timer;
  _postseal_clock_watch_free (watch);
  _postseal_clock_watch_use (
      [] { return timer = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK); }, nullptr);
  make ();
  struct itimerspec rest = {};
  ASSERT_EQ (timerfd_gettime (timer, &rest), 0);
  EXPECT_GT (rest.it_value.tv_sec, 3600 * 24 * 365);
  EXPECT_EQ (rest.it_interval.tv_sec, 0);
  EXPECT_TRUE (is_idle ());
  EXPECT_EQ (told, 0);
}

}

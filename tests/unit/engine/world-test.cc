/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world-fixture.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/clock-watch-private.h"
#include "engine/world.h"

using postseal_test::AsyncLoop;
using postseal_test::PrivateBus;

namespace
{

const gint64 second = G_USEC_PER_SEC;

class World : public WorldFixture
{
protected:
  static inline int bell; /* rings when the clocks are to be looked at */
  static inline gint64 slept, wall;
  PrivateBus bus;
  FakeLogind logind{ &bus };
  GDBusConnection *ours = bus.connect ();
  GDBusConnection *theirs = bus.connect ();
  FakeMonitor *monitor = fake_monitor_new ();
  PostsealWorld *world = nullptr;
  std::string told; /* the signals and notifications, each with a blank */
  struct Note
  {
    std::string *log;
    const char *name;
  } notes[5] = { { &told, "network-changed" },
                 { &told, "suspending" },
                 { &told, "resumed" },
                 { &told, "clock-changed" },
                 { &told, "secrets-changed" } };

  void
  SetUp () override
  {
    slept = wall = 0;
    _postseal_clock_watch_use (
        [] { return bell = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC); },
        [] (clockid_t clock) {
          return clock == CLOCK_BOOTTIME ? slept : clock == CLOCK_REALTIME ? wall : gint64{ 0 };
        });
    logind.arrive ();
    PrivateBus::own_name (theirs, "org.freedesktop.secrets");
    make ({ G_NETWORK_MONITOR (monitor), ours, ours });
  }
  void
  TearDown () override
  {
    g_clear_object (&world);
    g_object_unref (monitor);
    _postseal_clock_watch_use (nullptr, nullptr);
  }
  void
  make (const PostsealWorldSources &sources)
  {
    g_clear_object (&world);
    world = postseal_world_new (&sources);
    listen ();
    hear ();
  }
  void
  listen ()
  {
    for (Note &note : notes)
      g_signal_connect_swapped (world, note.name, G_CALLBACK (+[] (Note *told_note) {
                                  *told_note->log += std::string (told_note->name) + " ";
                                }),
                                &note);
    g_signal_connect (world, "notify",
                      G_CALLBACK (+[] (PostsealWorld *self, GParamSpec *pspec, std::string *log) {
                        gboolean value;
                        g_object_get (self, pspec->name, &value, nullptr);
                        *log += (value ? "+" : "-") + std::string (pspec->name) + " ";
                      }),
                      &told);
  }
  void
  hear ()
  {
    for (int i = 0; i < 3; i++)
      {
        PrivateBus::sync (ours);
        loop.settle ();
      }
  }
  bool
  is_told (const std::string &what)
  {
    bool came = loop.wait_for ([&] { return told.size () >= what.size (); }, 5000);
    EXPECT_EQ (told, what);
    return came && told == what;
  }
  void
  sleep (bool is_begin)
  {
    logind.prepare_for_sleep (is_begin);
    hear ();
  }
  void
  ring ()
  {
    ASSERT_EQ (eventfd_write (bell, 1), 0);
    loop.wait_for ([this] { return told.size () > 0; });
    loop.settle ();
  }
  bool
  may_reach (const char *host)
  {
    return postseal_world_may_reach (world, host);
  }
};

TEST_F (World, IsOnlineAndStillWithoutSources)
{
  g_clear_object (&world);
  g_autoptr (PostsealWorld) still = postseal_world_new (nullptr);
  EXPECT_TRUE (postseal_world_is_online (still));
  EXPECT_FALSE (postseal_world_is_metered (still));
  EXPECT_FALSE (postseal_world_is_asleep (still));
  EXPECT_TRUE (postseal_world_may_reach (still, "mail.example.org"));
  postseal_world_hold_sleep (still);
  postseal_world_release_sleep (still);
  EXPECT_TRUE (is_idle ());
}

TEST_F (World, IsSilentWhereASourceIsMissing)
{
  make ({ nullptr, nullptr, nullptr });
  EXPECT_TRUE (postseal_world_is_online (world));
  fake_monitor_set (monitor, false);
  sleep (true);
  EXPECT_TRUE (is_idle ());
  EXPECT_EQ (told, "");
}

TEST_F (World, NeverWakesUpWhileNothingHappens)
{
  EXPECT_TRUE (is_idle ());
  fake_monitor_set (monitor, false);
  EXPECT_FALSE (is_idle ());
  is_told ("-online ");
  postseal_world_hold_sleep (world);
  EXPECT_TRUE (eventually ([this] { return logind.locks () == 1; }));
  hear ();
  EXPECT_TRUE (is_idle ());
  postseal_world_release_sleep (world);
  EXPECT_TRUE (eventually ([this] { return logind.locks () == 0; }));
  EXPECT_TRUE (is_idle ());
}

TEST_F (World, TellsTheNetwork)
{
  fake_monitor_set (monitor, false);
  EXPECT_TRUE (is_told ("-online "));
  EXPECT_FALSE (postseal_world_is_online (world));
  monitor->is_metered = TRUE;
  fake_monitor_set (monitor, true);
  EXPECT_TRUE (is_told ("-online +metered +online network-changed "));
  EXPECT_TRUE (postseal_world_is_online (world));
  EXPECT_TRUE (postseal_world_is_metered (world));
  told.clear ();
  fake_monitor_set (monitor, true);
  EXPECT_TRUE (is_told ("network-changed "));
}

TEST_F (World, ReachesThisMachineWithoutANetwork)
{
  EXPECT_TRUE (may_reach ("mail.example.org"));
  fake_monitor_set (monitor, false);
  is_told ("-online ");
  for (const char *host : { "localhost", "LocalHost", "localhost.", "imap.localhost", "127.0.0.1",
                            "127.8.9.1", "::1" })
    EXPECT_TRUE (may_reach (host)) << host;
  for (const char *host : { "mail.example.org", "localhost.example.org", "notlocalhost", "",
                            "192.0.2.1", "2001:db8::1", "127.0.0.1.example.org" })
    EXPECT_FALSE (may_reach (host)) << host;
}

TEST_F (World, ReachesNothingAsleep)
{
  sleep (true);
  EXPECT_EQ (told, "+asleep suspending ");
  EXPECT_TRUE (postseal_world_is_asleep (world));
  EXPECT_FALSE (may_reach ("mail.example.org"));
  EXPECT_FALSE (may_reach ("localhost"));
  told.clear ();
  sleep (false);
  EXPECT_EQ (told, "-asleep resumed ");
  EXPECT_TRUE (may_reach ("localhost"));
}

TEST_F (World, CountsThoseWhoHoldSleep)
{
  postseal_world_hold_sleep (world);
  postseal_world_hold_sleep (world);
  EXPECT_TRUE (eventually ([this] { return logind.locks () == 1; }));
  hear ();
  sleep (true);
  postseal_world_release_sleep (world);
  hear ();
  EXPECT_EQ (logind.locks (), 1);
  postseal_world_release_sleep (world);
  EXPECT_TRUE (eventually ([this] { return logind.locks () == 0; }));
  EXPECT_EQ (logind.asked.size (), 1u);
}

TEST_F (World, TellsThatTheWallClockWasSet)
{
  wall -= 7200 * second;
  ring ();
  EXPECT_EQ (told, "clock-changed ");
}

TEST_F (World, NoticesSleepThatNobodyAnnounced)
{
  slept += 3600 * second;
  wall += 3600 * second;
  ring ();
  EXPECT_EQ (told, "resumed clock-changed ");
}

TEST_F (World, NoticesSleepWhenTheNetworkReturns)
{
  slept += 3600 * second;
  fake_monitor_set (monitor, true);
  EXPECT_TRUE (is_told ("resumed network-changed "));
}

TEST_F (World, TellsOneSleepOnceWhoeverKnowsItFirst)
{
  sleep (true);
  slept += 3600 * second;
  wall += 3600 * second;
  told.clear ();
  ring ();
  EXPECT_EQ (told, "-asleep resumed clock-changed ");
  sleep (false);
  EXPECT_EQ (told, "-asleep resumed clock-changed ");

  told.clear ();
  sleep (true);
  slept += 3600 * second;
  wall += 3600 * second;
  sleep (false);
  EXPECT_EQ (told, "+asleep suspending -asleep resumed clock-changed ");
  ASSERT_EQ (eventfd_write (bell, 1), 0);
  while (g_main_context_pending (loop.context ()))
    loop.settle ();
  EXPECT_EQ (told, "+asleep suspending -asleep resumed clock-changed ");
}

TEST_F (World, TellsThatSecretsHaveChanged)
{
  PrivateBus::emit (theirs, "/org/freedesktop/secrets/collection/login",
                    "org.freedesktop.DBus.Properties", "PropertiesChanged",
                    "('org.freedesktop.Secret.Collection', {'Locked': <false>}, @as [])");
  EXPECT_TRUE (is_told ("secrets-changed "));
}

TEST_F (World, MayBeLetGoByWhatItTells)
{
  for (const char *name : { "network-changed", "suspending", "resumed", "secrets-changed" })
    {
      g_signal_connect_swapped (
          world, name, G_CALLBACK (+[] (PostsealWorld **place) { g_clear_object (place); }),
          &world);
      if (g_str_equal (name, "network-changed"))
        fake_monitor_set (monitor, true);
      else if (g_str_equal (name, "suspending"))
        logind.prepare_for_sleep (true);
      else if (g_str_equal (name, "resumed"))
        {
          slept += 60 * second;
          ASSERT_EQ (eventfd_write (bell, 1), 0);
        }
      else
        PrivateBus::emit (theirs, "/x", "org.freedesktop.Secret.Collection", "ItemCreated",
                          "(objectpath '/x',)");
      EXPECT_TRUE (loop.wait_for ([this] { return world == nullptr; }, 5000)) << name;
      make ({ G_NETWORK_MONITOR (monitor), ours, ours });
    }
}

TEST_F (World, IsSilentWhenTheBusesAreGone)
{
  bus.stop ();
  loop.wait_for ([this] { return g_dbus_connection_is_closed (ours); });
  postseal_world_hold_sleep (world);
  postseal_world_release_sleep (world);
  EXPECT_TRUE (is_idle ());
  EXPECT_EQ (told, "");
}

/* What g_bus_get() gives is shared by the process as long as somebody has it. */
class WorldOfTheSystem : public WorldFixture
{
protected:
  std::string saved_system, saved_session;

  void
  SetUp () override
  {
    g_setenv ("GIO_USE_NETWORK_MONITOR", "base", TRUE);
  }
  void
  TearDown () override
  {
    g_unsetenv ("DBUS_SYSTEM_BUS_ADDRESS");
    g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  }
  PostsealWorld *
  make (const std::string &address)
  {
    g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", address.c_str (), TRUE);
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", address.c_str (), TRUE);
    postseal_world_new_system_async (AsyncLoop::on_ready, &loop);
    return postseal_world_new_system_finish (loop.wait ());
  }
};

TEST_F (WorldOfTheSystem, GoesOnWithoutBuses)
{
  g_autoptr (PostsealWorld) world = make ("unix:path=/nonexistent/bus");
  ASSERT_NE (world, nullptr);
  EXPECT_TRUE (postseal_world_may_reach (world, "localhost"));
  EXPECT_TRUE (is_idle ());
}

TEST_F (WorldOfTheSystem, HearsBothBusesAndOutlivesThem)
{
  PrivateBus bus;
  FakeLogind logind (&bus);
  GDBusConnection *theirs = bus.connect ();
  logind.arrive ();
  PrivateBus::own_name (theirs, "org.freedesktop.secrets");
  g_autoptr (PostsealWorld) world = make (bus.address ());
  bool is_secret = false;
  g_signal_connect_swapped (world, "secrets-changed",
                            G_CALLBACK (+[] (bool *flag) { *flag = true; }), &is_secret);
  for (GBusType type : { G_BUS_TYPE_SYSTEM, G_BUS_TYPE_SESSION })
    {
      g_autoptr (GDBusConnection) shared = g_bus_get_sync (type, nullptr, nullptr);
      ASSERT_NE (shared, nullptr);
      EXPECT_FALSE (g_dbus_connection_get_exit_on_close (shared));
      PrivateBus::sync (shared);
    }
  loop.settle ();

  logind.prepare_for_sleep (true);
  EXPECT_TRUE (loop.wait_for ([&] { return postseal_world_is_asleep (world); }));
  PrivateBus::emit (theirs, "/x", "org.freedesktop.Secret.Collection", "ItemCreated",
                    "(objectpath '/x',)");
  EXPECT_TRUE (loop.wait_for ([&] { return is_secret; }));

  bus.stop ();
  EXPECT_TRUE (loop.wait_for ([&] { return !postseal_world_is_asleep (world); }));
  EXPECT_TRUE (is_idle ());
}

}

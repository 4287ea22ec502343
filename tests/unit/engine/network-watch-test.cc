/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world-fixture.h"

#include "engine/network-watch-private.h"

namespace
{

class NetworkWatch : public WorldFixture
{
protected:
  FakeMonitor *monitor = fake_monitor_new ();
  PostsealNetworkWatch *watch = nullptr;
  std::string told; /* a letter a call: A another network, - not */

  void
  watch_it ()
  {
    watch = _postseal_network_watch_new (
        G_NETWORK_MONITOR (monitor),
        [] (gboolean is_another, gpointer data) {
          *static_cast<std::string *> (data) += is_another ? 'A' : '-';
        },
        &told);
  }
  void
  SetUp () override
  {
    watch_it ();
  }
  void
  TearDown () override
  {
    _postseal_network_watch_free (watch);
    g_object_unref (monitor);
  }
  bool
  is_online ()
  {
    return _postseal_network_watch_is_online (watch);
  }
};

TEST_F (NetworkWatch, BeginsWithWhatIs)
{
  EXPECT_TRUE (is_online ());
  EXPECT_FALSE (_postseal_network_watch_is_metered (watch));
  _postseal_network_watch_free (watch);
  monitor->is_available = FALSE;
  monitor->is_metered = TRUE;
  watch_it ();
  EXPECT_FALSE (is_online ());
  EXPECT_TRUE (_postseal_network_watch_is_metered (watch));
  EXPECT_TRUE (is_idle ());
}

TEST_F (NetworkWatch, TellsTheLossAndTheReturn)
{
  fake_monitor_set (monitor, false);
  EXPECT_GT (due_ms (watch), 400);
  EXPECT_LE (due_ms (watch), 500);
  EXPECT_TRUE (is_online ());
  hurry (watch);
  EXPECT_FALSE (is_online ());
  EXPECT_EQ (told, "-");

  fake_monitor_set (monitor, true);
  hurry (watch);
  EXPECT_TRUE (is_online ());
  EXPECT_EQ (told, "-A");
  EXPECT_TRUE (is_idle ());
}

TEST_F (NetworkWatch, TellsABurstOnce)
{
  for (int i = 0; i < 6; i++)
    fake_monitor_set (monitor, true);
  hurry (watch);
  EXPECT_EQ (told, "A");
  EXPECT_TRUE (is_idle ());
}

TEST_F (NetworkWatch, DoesNotMissALossThatIsOverBeforeItSettles)
{
  fake_monitor_set (monitor, false);
  fake_monitor_set (monitor, true);
  hurry (watch);
  EXPECT_EQ (told, "A");
}

TEST_F (NetworkWatch, MakesNothingOfChangesWhileOffline)
{
  fake_monitor_set (monitor, false);
  hurry (watch);
  fake_monitor_set (monitor, false);
  hurry (watch);
  EXPECT_EQ (told, "--");
}

TEST_F (NetworkWatch, TakesACaptivePortalThatOpensForAnotherNetwork)
{
  monitor->connectivity = G_NETWORK_CONNECTIVITY_PORTAL;
  g_object_notify (G_OBJECT (monitor), "connectivity");
  hurry (watch);
  monitor->connectivity = G_NETWORK_CONNECTIVITY_FULL;
  g_object_notify (G_OBJECT (monitor), "connectivity");
  hurry (watch);
  EXPECT_EQ (told, "AA");
}

TEST_F (NetworkWatch, TellsThatTheNetworkIsMeteredAndTheSame)
{
  monitor->is_metered = TRUE;
  g_object_notify (G_OBJECT (monitor), "network-metered");
  hurry (watch);
  EXPECT_TRUE (_postseal_network_watch_is_metered (watch));
  EXPECT_EQ (told, "-");
}

TEST_F (NetworkWatch, MakesNothingOfEmptyWords)
{
  g_object_notify (G_OBJECT (monitor), "connectivity");
  g_object_notify (G_OBJECT (monitor), "network-available");
  hurry (watch);
  EXPECT_EQ (told, "-");
}

TEST_F (NetworkWatch, TellsNothingOnceFreed)
{
  fake_monitor_set (monitor, false);
  _postseal_network_watch_free (watch);
  fake_monitor_set (monitor, true);
  EXPECT_TRUE (is_idle ());
  EXPECT_EQ (told, "");
  watch_it ();
}

}

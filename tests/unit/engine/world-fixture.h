/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <functional>
#include <gio/gio.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "support/main-loop.h"
#include "support/private-bus.h"

/* A network monitor whose state is what a test says. */
G_DECLARE_FINAL_TYPE (FakeMonitor, fake_monitor, FAKE, MONITOR, GObject)

struct _FakeMonitor
{
  GObject parent_instance;
  gboolean is_available;
  gboolean is_metered;
  GNetworkConnectivity connectivity;
};

FakeMonitor *fake_monitor_new ();
/* Sets and tells, as GNetworkMonitorNetlink does: also when nothing is new. */
void fake_monitor_set (FakeMonitor *self, bool is_available);

/* org.freedesktop.login1, as far as sleep goes. */
class FakeLogind
{
public:
  explicit FakeLogind (postseal_test::PrivateBus *bus);
  ~FakeLogind ();

  void arrive ();
  void leave ();
  void prepare_for_sleep (bool is_begin);

  /* Locks that somebody holds now. */
  int locks () const;

  std::vector<std::string> asked; /* arguments of each Inhibit */
  bool is_refusing = false;

private:
  void inhibit (GVariant *parameters, GDBusMethodInvocation *invocation);

  GDBusConnection *connection_;
  guint object_ = 0;
  std::vector<int> pipes_; /* ends of us that hang up with the lock */
};

/* Runs a loop of its own; makes timers come at once. */
class WorldFixture : public testing::Test
{
protected:
  postseal_test::AsyncLoop loop;

  /* Milliseconds until the timer whose callback gets @data; -1: there is none. */
  gint64 due_ms (gpointer data);
  /* Lets that timer come now, and all that follows from it at once. */
  void hurry (gpointer data);
  /* Iterates until @condition, which nothing announces, holds. */
  bool eventually (const std::function<bool ()> &condition);
  /* No timer runs: the loop would sleep for ever. */
  bool is_idle ();
};

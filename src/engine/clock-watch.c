/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/clock-watch-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LEAP G_USEC_PER_SEC

struct _PostsealClockWatch
{
  PostsealClockWatchFunc func;
  gpointer user_data; /* borrowed: the maker's */
  int timer; /* -1: there is none, and only those who look see */
  GSource *source; /* owned, nullable */
  /* Microseconds, as of the last look. */
  gint64 slept; /* CLOCK_BOOTTIME - CLOCK_MONOTONIC */
  gint64 wall; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
};

static gint64
read_system_clock (clockid_t clock)
{
  struct timespec time = { 0 };

  clock_gettime (clock, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static int
open_system_timer (void)
{
  return timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
}

static int (*open_timer) (void) = open_system_timer;
static gint64 (*read_clock) (clockid_t clock) = read_system_clock;

void
_postseal_clock_watch_use (int (*use_open_timer) (void), gint64 (*use_read_clock) (clockid_t clock))
{
  open_timer = use_open_timer == NULL ? open_system_timer : use_open_timer;
  read_clock = use_read_clock == NULL ? read_system_clock : use_read_clock;
}

/* Waits for a time that never comes. */
static void
arm (PostsealClockWatch *self)
{
  const struct itimerspec never = { .it_value.tv_sec = (time_t)G_MAXINT64 };

  /* ECANCELED: it was set at this moment; the timer is armed all the same, and who calls looks. */
  if (timerfd_settime (self->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0
      && errno != ECANCELED)
    g_debug ("Cannot watch the wall clock: %s", g_strerror (errno));
}

static gboolean
on_timer (int fd, GIOCondition condition, gpointer user_data)
{
  PostsealClockWatch *self = user_data;
  uint64_t expirations;

  /* Whatever it says: ECANCELED is what is expected. */
  if (read (fd, &expirations, sizeof expirations) < 0 && errno == EAGAIN)
    return G_SOURCE_CONTINUE;
  arm (self);
  /* Last: it may free the watch. */
  self->func (self->user_data);
  return G_SOURCE_CONTINUE;
}

PostsealClocks
_postseal_clock_watch_look (PostsealClockWatch *self)
{
  gint64 monotonic = read_clock (CLOCK_MONOTONIC);
  gint64 slept = read_clock (CLOCK_BOOTTIME) - monotonic;
  gint64 wall = read_clock (CLOCK_REALTIME) - monotonic;
  PostsealClocks found = POSTSEAL_CLOCKS_AGREE;

  /* Small steps add up until they are a leap. */
  if (slept - self->slept >= LEAP)
    {
      found |= POSTSEAL_CLOCKS_SLEPT;
      self->slept = slept;
    }
  if (ABS (wall - self->wall) >= LEAP)
    {
      found |= POSTSEAL_CLOCKS_SET;
      self->wall = wall;
    }
  return found;
}

PostsealClockWatch *
_postseal_clock_watch_new (PostsealClockWatchFunc func, gpointer user_data)
{
  PostsealClockWatch *self = g_new0 (PostsealClockWatch, 1);

  self->func = func;
  self->user_data = user_data;
  self->timer = open_timer ();
  if (self->timer >= 0)
    {
      arm (self);
      self->source = g_unix_fd_source_new (self->timer, G_IO_IN);
      g_source_set_static_name (self->source, "[postseal] wall clock");
      g_source_set_callback (self->source, G_SOURCE_FUNC (on_timer), self, NULL);
      g_source_attach (self->source, g_main_context_get_thread_default ());
    }
  self->slept = read_clock (CLOCK_BOOTTIME) - read_clock (CLOCK_MONOTONIC);
  self->wall = read_clock (CLOCK_REALTIME) - read_clock (CLOCK_MONOTONIC);
  return self;
}

void
_postseal_clock_watch_free (PostsealClockWatch *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->timer >= 0)
    close (self->timer);
  g_free (self);
}

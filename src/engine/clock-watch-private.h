/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <time.h>

G_BEGIN_DECLS

/* Tells that the clocks have parted: the wall clock was set, or the machine was asleep (with or
   without a logind to say so). Nothing wakes up for it in between: the kernel ends the wait for a
   timer that never comes as soon as the wall clock leaps against the monotonic one
   (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET), and waking from sleep is such a leap. */
typedef struct _PostsealClockWatch PostsealClockWatch;

typedef enum
{
  POSTSEAL_CLOCKS_AGREE = 0,
  POSTSEAL_CLOCKS_SLEPT = 1 << 0, /* the machine was asleep for a second or more */
  POSTSEAL_CLOCKS_SET = 1 << 1, /* the wall clock is a second or more from where it would be, had
                                   it gone on with the monotonic clock */
} PostsealClocks;

/* It is worth a look. */
typedef void (*PostsealClockWatchFunc) (gpointer user_data);

PostsealClockWatch *_postseal_clock_watch_new (PostsealClockWatchFunc func, gpointer user_data);
void _postseal_clock_watch_free (PostsealClockWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClockWatch, _postseal_clock_watch_free)

/* What has happened since the last look; told once. */
PostsealClocks _postseal_clock_watch_look (PostsealClockWatch *self);

/* For tests. @open_timer: (nullable): a file descriptor that becomes readable when the clock is
   set; @read_clock: (nullable): microseconds */
void _postseal_clock_watch_use (int (*open_timer) (void), gint64 (*read_clock) (clockid_t clock));

G_END_DECLS

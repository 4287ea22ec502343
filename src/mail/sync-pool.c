/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/sync-pool.h"

#include <errno.h>
#include <unistd.h>

#include "base/limits.h"

#define MAX_PENDING 128

static GMutex lock;
static GCond changed;
static guint n_pending;
static guint n_waiting;

static void
sync_file (gpointer data, gpointer user_data)
{
  PostsealSync *sync = data;
  int error = fsync (sync->fd) == 0 ? 0 : errno;

  /* Network file systems report a full disk here. */
  if (close (sync->fd) != 0 && error == 0 && errno != EINTR)
    error = errno;

  g_mutex_lock (&lock);
  sync->error = error;
  sync->is_pending = FALSE;
  n_pending--;
  if (n_waiting > 0)
    g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
}

static GThreadPool *
get_pool (void)
{
  static gsize pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (
        &pool, (gsize)g_thread_pool_new (sync_file, NULL, POSTSEAL_FSYNC_THREADS, FALSE, NULL));
  return (GThreadPool *)pool;
}

static void
wait_for_change (void)
{
  n_waiting++;
  g_cond_wait (&changed, &lock);
  n_waiting--;
}

void
_postseal_sync_start (PostsealSync *sync, int fd)
{
  GThreadPool *pool = get_pool ();

  g_mutex_lock (&lock);
  while (n_pending >= MAX_PENDING)
    wait_for_change ();
  n_pending++;
  sync->fd = fd;
  sync->error = 0;
  sync->is_pending = TRUE;
  g_mutex_unlock (&lock);
  /* An error means that no thread could be started; the file stays queued for those that run. */
  g_thread_pool_push (pool, sync, NULL);
}

int
_postseal_sync_wait (PostsealSync *sync)
{
  int error;

  g_mutex_lock (&lock);
  while (sync->is_pending)
    wait_for_change ();
  error = sync->error;
  g_mutex_unlock (&lock);
  return error;
}

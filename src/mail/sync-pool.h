/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A few threads for the whole process that do nothing but fsync, so that the disk syncs finished
   files while the next ones are written: neighbours in time share one journal commit. */

/* One file on its way to the disk. Must stay where it is until _postseal_sync_wait() has returned.
 */
typedef struct
{
  gboolean is_pending; /* guarded by the pool */
  int error; /* errno, 0: it is on the disk */
  int fd; /* owned by the pool */
} PostsealSync;

/* Hands @fd over: it is synced and closed. Waits while very many files are on their way (file
   descriptors are bounded, for all accounts together). */
void _postseal_sync_start (PostsealSync *sync, int fd);

/* Waits for it. Returns: 0 or errno. May be called on one that was never started (all zero). */
int _postseal_sync_wait (PostsealSync *sync);

G_END_DECLS

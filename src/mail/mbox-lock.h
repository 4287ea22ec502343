/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The three locks that programs use on an mbox, dot, fcntl and flock: all of them or none. */
typedef struct _PostsealMboxLock PostsealMboxLock;

/**
 * _postseal_mbox_lock_acquire:
 * @path: the mbox, made with mode 0600 when missing
 *
 * Tries until POSTSEAL_LIMIT_LOCK_MS is over, never holding some of the locks while waiting for
 * others.
 *
 * Errors: %POSTSEAL_SINK_ERROR_TEMPORARY when others hold it, else as sinks have them.
 */
PostsealMboxLock *_postseal_mbox_lock_acquire (const char *path, GError **error);
void _postseal_mbox_lock_release (PostsealMboxLock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealMboxLock, _postseal_mbox_lock_release)

/* The mbox itself, open for reading and appending. Borrowed. */
int _postseal_mbox_lock_get_fd (PostsealMboxLock *self);

/* How long to try; 0: POSTSEAL_LIMIT_LOCK_MS. For tests. */
void _postseal_mbox_lock_set_limit (guint limit_ms);

G_END_DECLS

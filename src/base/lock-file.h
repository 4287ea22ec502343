/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An exclusive lock that dies with its owner: an open file description lock (fcntl F_OFD_SETLK) on
   a file that stays. It works between processes, between threads, and across session buses. */
typedef struct _PostsealLockFile PostsealLockFile;

#define POSTSEAL_LOCK_ERROR (postseal_lock_error_quark ())
GQuark postseal_lock_error_quark (void);
typedef enum
{
  POSTSEAL_LOCK_ERROR_BUSY, /* somebody else holds it: the message names program and process id */
} PostsealLockError;

/**
 * postseal_lock_file_acquire:
 * @path: the lock file, made with mode 0600 when missing
 * @purpose: what the holder does, in words for the error message of others, e.g. "postseal fetch"
 *
 * Takes the lock without waiting and writes "PURPOSE (process N)" into the file.
 *
 * Errors: %POSTSEAL_LOCK_ERROR_BUSY, %G_FILE_ERROR.
 * Returns: (transfer full): the lock, released by postseal_lock_file_release()
 */
PostsealLockFile *
postseal_lock_file_acquire (const char *path, const char *purpose, GError **error);

/* The same, where others hold it for moments only: waits for them, at most @limit_ms. Blocks. */
PostsealLockFile *
postseal_lock_file_await (const char *path, const char *purpose, guint limit_ms, GError **error);

/* NULL-safe. The file stays. */
void postseal_lock_file_release (PostsealLockFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLockFile, postseal_lock_file_release)

/* TRUE when somebody holds the lock at this moment; it is not taken, and no file is made. FALSE
   also when that cannot be found out. */
gboolean postseal_lock_file_is_held (const char *path);

/* "PURPOSE (process N)" of whoever has or had the lock, printable. Returns: (transfer full): ""
   when nobody has said so */
char *postseal_lock_file_read_holder (const char *path);

G_END_DECLS

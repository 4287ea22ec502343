/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/mbox-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "mail/sink-private.h"

#define RETRY_US 100000
#define STALE_SECONDS                                                                              \
  (15 * 60) /* a dot lock without its owner: others use between 5 and 30 minutes */

struct _PostsealMboxLock
{
  int fd; /* owned; the mbox */
  char *dot_path; /* owned; made by us when not NULL */
};

static guint limit_override_ms;

void
_postseal_mbox_lock_set_limit (guint limit_ms)
{
  limit_override_ms = limit_ms;
}

/* A file of our own linked to the lock's name: atomic even over NFS. Returns: 0 or errno */
static int
make_dot_lock (const char *dot_path)
{
  g_autofree char *own = g_strdup_printf ("%s.%d.%" G_GINT64_FORMAT, dot_path, (int)getpid (),
                                          g_get_monotonic_time ());
  int fd = open (own, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  int code = 0;

  if (fd < 0)
    return errno;
  close (fd);
  if (link (own, dot_path) != 0)
    code = errno;
  unlink (own);
  return code;
}

static void
drop_stale_dot_lock (const char *dot_path)
{
  struct stat status;

  if (lstat (dot_path, &status) == 0
      && g_get_real_time () / G_USEC_PER_SEC - status.st_mtime > STALE_SECONDS)
    unlink (dot_path);
}

/* Locks the file and checks that it still is the one at @path. Returns: 0 or errno */
static int
lock_file (int fd, const char *path)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  struct stat here;
  struct stat there;

  if (fcntl (fd, F_OFD_SETLK, &whole) != 0)
    return errno == EACCES ? EAGAIN : errno;
  if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    return errno;
  if (fstat (fd, &here) != 0 || stat (path, &there) != 0 || here.st_ino != there.st_ino
      || here.st_dev != there.st_dev)
    return EAGAIN;
  return 0;
}

/* One try. Returns: 0 or errno: EEXIST, EAGAIN: held by others */
static int
try_lock (PostsealMboxLock *self, const char *path, const char *dot_path)
{
  int code;

  self->fd = open (path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (self->fd < 0)
    return errno;
  code = make_dot_lock (dot_path);
  if (code == EEXIST)
    drop_stale_dot_lock (dot_path);
  if (code == 0)
    {
      self->dot_path = g_strdup (dot_path);
      code = lock_file (self->fd, path);
    }
  return code;
}

/* Closing the file releases fcntl's (of the open file description) and flock's. */
static void
unlock (PostsealMboxLock *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  if (self->dot_path != NULL)
    unlink (self->dot_path);
  g_clear_pointer (&self->dot_path, g_free);
}

PostsealMboxLock *
_postseal_mbox_lock_acquire (const char *path, GError **error)
{
  g_autofree char *dot_path = g_strconcat (path, ".lock", NULL);
  g_autoptr (PostsealMboxLock) self = g_new0 (PostsealMboxLock, 1);
  guint limit_ms = limit_override_ms != 0 ? limit_override_ms : POSTSEAL_LIMIT_LOCK_MS;
  gint64 deadline = g_get_monotonic_time () + limit_ms * G_TIME_SPAN_MILLISECOND;
  int code;

  self->fd = -1;
  while ((code = try_lock (self, path, dot_path)) != 0)
    {
      unlock (self);
      if (code != EEXIST && code != EAGAIN)
        {
          _postseal_sink_fail (error, code, _ ("Cannot lock “%s”"), path);
          return NULL;
        }
      if (g_get_monotonic_time () >= deadline)
        {
          g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_TEMPORARY,
                       _ ("“%s” is locked by another program; if none uses it, remove “%s”"), path,
                       dot_path);
          return NULL;
        }
      g_usleep (RETRY_US);
    }
  return g_steal_pointer (&self);
}

void
_postseal_mbox_lock_release (PostsealMboxLock *self)
{
  if (self == NULL)
    return;
  unlock (self);
  g_free (self);
}

int
_postseal_mbox_lock_get_fd (PostsealMboxLock *self)
{
  return self->fd;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"

#define PAUSE_MS 10

G_DEFINE_QUARK (postseal - lock - error - quark, postseal_lock_error)

struct _PostsealLockFile
{
  int fd; /* owned; the lock goes with it */
};

static PostsealLockFile *
fail_with_errno (const char *path, GError **error)
{
  int saved_errno = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), _ ("Cannot lock %s: %s"),
               path, g_strerror (saved_errno));
  return NULL;
}

static char *
read_holder (int fd)
{
  char holder[128] = { 0 };
  gssize length = pread (fd, holder, sizeof holder - 1, 0);

  return postseal_printable (holder, MAX (length, 0));
}

static PostsealLockFile *
fail_with_holder (int fd, GError **error)
{
  g_autofree char *name = read_holder (fd);

  g_set_error (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY,
               _ ("The account is in use by %s; wait for it or stop it"),
               *name != '\0' ? name : _ ("another program"));
  return NULL;
}

/* Only words for others to read: the lock itself is the kernel's, so failure changes nothing. */
static void
write_holder (int fd, const char *purpose)
{
  g_autofree char *text = g_strdup_printf ("%s (process %d)", purpose, (int)getpid ());

  if (ftruncate (fd, 0) != 0 || pwrite (fd, text, strlen (text), 0) < 0)
    g_debug ("Cannot note the holder of a lock: %s", g_strerror (errno));
}

PostsealLockFile *
postseal_lock_file_acquire (const char *path, const char *purpose, GError **error)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  PostsealLockFile *self;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (purpose != NULL, NULL);

  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return fail_with_errno (path, error);

  if (fcntl (fd, F_OFD_SETLK, &whole) != 0)
    {
      if (errno == EAGAIN || errno == EACCES)
        fail_with_holder (fd, error);
      else
        fail_with_errno (path, error);
      close (fd);
      return NULL;
    }

  write_holder (fd, purpose);
  self = g_new0 (PostsealLockFile, 1);
  self->fd = fd;
  return self;
}

PostsealLockFile *
postseal_lock_file_await (const char *path, const char *purpose, guint limit_ms, GError **error)
{
  for (guint waited_ms = 0;; waited_ms += PAUSE_MS)
    {
      g_autoptr (GError) local = NULL;
      PostsealLockFile *self = postseal_lock_file_acquire (path, purpose, &local);

      if (self != NULL)
        return self;
      if (!g_error_matches (local, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY)
          || waited_ms >= limit_ms)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      g_usleep (PAUSE_MS * 1000);
    }
}

void
postseal_lock_file_release (PostsealLockFile *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  g_free (self);
}

gboolean
postseal_lock_file_is_held (const char *path)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  gboolean is_held;
  int fd;

  g_return_val_if_fail (path != NULL, FALSE);

  fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return FALSE;
  is_held = fcntl (fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  close (fd);
  return is_held;
}

char *
postseal_lock_file_read_holder (const char *path)
{
  char *holder;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);

  fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return g_strdup ("");
  holder = read_holder (fd);
  close (fd);
  return holder;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/durable-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sets @error from errno; @action is a translated "Cannot write" or the like. */
static gboolean
fail_with_errno (const char *action, const char *path, GError **error)
{
  int saved_errno = errno;
  g_autofree char *display = g_filename_display_name (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "%s %s: %s", action,
               display, g_strerror (saved_errno));
  return FALSE;
}

static gboolean
write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize written = write (fd, data, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      data += written;
      length -= written;
    }
  return TRUE;
}

gboolean
postseal_durable_sync_directory (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean is_synced;

  if (fd < 0)
    return fail_with_errno (_ ("Cannot open the directory"), path, error);
  is_synced = fsync (fd) == 0;
  if (!is_synced)
    fail_with_errno (_ ("Cannot write the directory"), path, error);
  close (fd);
  return is_synced;
}

gboolean
postseal_durable_write (const char *path, const void *data, gsize length, int mode, GError **error)
{
  g_autofree char *temporary = NULL;
  g_autofree char *directory = NULL;
  gboolean is_written;
  int fd;

  g_return_val_if_fail (path != NULL, FALSE);

  temporary = g_strdup_printf ("%s.XXXXXX", path);
  fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, mode);
  if (fd < 0)
    return fail_with_errno (_ ("Cannot write"), path, error);

  is_written = write_all (fd, data, length) && fsync (fd) == 0;
  if (!is_written)
    fail_with_errno (_ ("Cannot write"), path, error);
  if (close (fd) != 0 && is_written)
    is_written = fail_with_errno (_ ("Cannot write"), path, error);
  if (is_written && rename (temporary, path) != 0)
    is_written = fail_with_errno (_ ("Cannot write"), path, error);
  if (!is_written)
    {
      unlink (temporary);
      return FALSE;
    }

  directory = g_path_get_dirname (path);
  return postseal_durable_sync_directory (directory, error);
}

gboolean
postseal_durable_make_directory (const char *path, GError **error)
{
  g_autofree char *parent = NULL;

  g_return_val_if_fail (path != NULL, FALSE);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;

  parent = g_path_get_dirname (path);
  if (g_strcmp0 (parent, path) != 0 && !postseal_durable_make_directory (parent, error))
    return FALSE;
  if (mkdir (path, 0700) != 0 && errno != EEXIST)
    return fail_with_errno (_ ("Cannot make the directory"), path, error);
  return postseal_durable_sync_directory (parent, error);
}

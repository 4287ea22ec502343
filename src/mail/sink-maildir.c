/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable-file.h"
#include "mail/mailbox-path.h"
#include "mail/message-name.h"

#define COMPARE_CHUNK 65536

typedef struct
{
  PostsealSink parent;
  int new_fd; /* owned */
} MaildirSink;

/* --- one file --- */

static gboolean
read_same (int a, int b)
{
  static const gsize size = COMPARE_CHUNK;
  g_autofree char *left = g_malloc (size);
  g_autofree char *right = g_malloc (size);
  off_t offset = 0;

  for (;;)
    {
      gssize n_left = pread (a, left, size, offset);
      gssize n_right = pread (b, right, size, offset);

      if (n_left != n_right || n_left < 0 || memcmp (left, right, (gsize)n_left) != 0)
        return FALSE;
      if (n_left == 0)
        return TRUE;
      offset += n_left;
    }
}

static gboolean
has_same_content (const char *staged_path, int new_fd, const char *name)
{
  int staged = open (staged_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  int other = openat (new_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean is_same = staged >= 0 && other >= 0 && read_same (staged, other);

  if (staged >= 0)
    close (staged);
  if (other >= 0)
    close (other);
  return is_same;
}

/* Without ever replacing. Returns: 0 or errno */
static int
move_file (const char *staged_path, int new_fd, const char *name)
{
  if (renameat2 (AT_FDCWD, staged_path, new_fd, name, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTTY)
    return errno;
  /* A file system that does not know the flag. */
  if (linkat (AT_FDCWD, staged_path, new_fd, name, 0) != 0)
    return errno;
  return unlink (staged_path) == 0 ? 0 : errno;
}

gboolean
_postseal_maildir_place (
    const char *staged_path, const char *maildir, int new_fd, char **name, GError **error)
{
  int code = move_file (staged_path, new_fd, *name);

  while (code == EEXIST)
    {
      char *other;

      if (has_same_content (staged_path, new_fd, *name))
        {
          code = unlink (staged_path) == 0 ? 0 : errno;
          break;
        }
      other = _postseal_message_name_make_other (*name);
      g_free (*name);
      *name = other;
      code = move_file (staged_path, new_fd, *name);
    }
  if (code == 0)
    return TRUE;
  if (code == ENOENT)
    {
      g_set_error (
          error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_TEMPORARY,
          _ ("A message vanished from “%s/tmp” before it was delivered; it is fetched again"),
          maildir);
      return FALSE;
    }
  return _postseal_sink_fail (error, code, _ ("Cannot deliver a message into “%s/new”"), maildir);
}

/* --- delivery --- */

/* The sync failed: what was renamed may or may not be there after a power cut. */
static void
take_back (PostsealSinkItem *items, gsize n_items)
{
  for (gsize i = 0; i < n_items; i++)
    g_clear_pointer (&items[i].place, g_free);
}

static gboolean
deliver_maildir (PostsealSink *sink, PostsealSinkItem *items, gsize n_items, GError **error)
{
  MaildirSink *self = (MaildirSink *)sink;
  g_autoptr (GError) fatal = NULL;

  for (gsize i = 0; i < n_items && fatal == NULL; i++)
    {
      g_autofree char *name = g_strdup (items[i].name);

      if (_postseal_maildir_place (items[i].staged_path, sink->path, self->new_fd, &name,
                                   &items[i].error))
        items[i].place = g_build_filename (sink->path, "new", name, NULL);
      else if (_postseal_sink_error_is_fatal (items[i].error))
        fatal = g_error_copy (items[i].error);
    }
  if (fsync (self->new_fd) != 0)
    {
      int saved_errno = errno;

      take_back (items, n_items);
      g_clear_error (&fatal);
      _postseal_sink_fail (&fatal, saved_errno, _ ("Cannot write “%s/new” to disk"), sink->path);
    }
  if (fatal == NULL)
    return TRUE;
  _postseal_sink_fail_rest (items, n_items, fatal);
  g_propagate_error (error, g_steal_pointer (&fatal));
  return FALSE;
}

static void
clear_maildir (PostsealSink *sink)
{
  MaildirSink *self = (MaildirSink *)sink;

  if (self->new_fd >= 0)
    close (self->new_fd);
}

static const PostsealSinkClass maildir_class = { deliver_maildir, clear_maildir };

/* --- making the Maildir --- */

static gboolean
make_folder (const char *maildir, const char *name, gboolean *is_changed, GError **error)
{
  g_autofree char *path = g_build_filename (maildir, name, NULL);

  if (mkdir (path, 0700) == 0)
    *is_changed = TRUE;
  else if (errno != EEXIST)
    return _postseal_sink_fail (error, errno, _ ("Cannot make the Maildir folder “%s”"), path);
  return TRUE;
}

/* Maildir++: tells a folder from a mail store. */
static gboolean
make_marker (const char *maildir, gboolean *is_changed, GError **error)
{
  g_autofree char *path = g_build_filename (maildir, "maildirfolder", NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0)
    {
      *is_changed = TRUE;
      close (fd);
    }
  else if (errno != EEXIST)
    return _postseal_sink_fail (error, errno, _ ("Cannot make “%s”"), path);
  return TRUE;
}

static gboolean
make_maildir (const char *path, gboolean is_folder, GError **error)
{
  static const char *const folders[] = { "tmp", "new", "cur" };
  g_autoptr (GError) local = NULL;
  gboolean is_changed = FALSE;

  if (!postseal_durable_make_directory (path, &local))
    {
      g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE,
                   _ ("Cannot make the Maildir “%s”: %s"), path, local->message);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!make_folder (path, folders[i], &is_changed, error))
      return FALSE;
  if (is_folder && !make_marker (path, &is_changed, error))
    return FALSE;
  if (!is_changed || postseal_durable_sync_directory (path, &local))
    return TRUE;
  g_set_error_literal (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK, local->message);
  return FALSE;
}

static char *
make_path (const char *path, PostsealLayout layout, const char *mailbox, char delimiter)
{
  g_autofree char *relative = NULL;

  if (mailbox == NULL)
    return g_strdup (path);
  relative = _postseal_mailbox_path (mailbox, delimiter, layout, POSTSEAL_SINK_MAILDIR);
  return g_build_filename (path, relative, NULL);
}

PostsealSink *
_postseal_sink_maildir_new (
    const char *path, PostsealLayout layout, const char *mailbox, char delimiter, GError **error)
{
  g_autofree char *own_path = make_path (path, layout, mailbox, delimiter);
  g_autofree char *new_path = g_build_filename (own_path, "new", NULL);
  gboolean is_folder = mailbox != NULL && layout == POSTSEAL_LAYOUT_MAILDIRPP;
  MaildirSink *self;
  int new_fd;

  /* A Maildir++ folder is below a whole Maildir, so that readers find it. */
  if (is_folder && !make_maildir (path, FALSE, error))
    return NULL;
  if (!make_maildir (own_path, is_folder, error))
    return NULL;
  new_fd = open (new_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (new_fd < 0)
    {
      _postseal_sink_fail (error, errno, _ ("Cannot open “%s”"), new_path);
      return NULL;
    }
  self = g_new0 (MaildirSink, 1);
  self->parent.klass = &maildir_class;
  self->parent.kind = POSTSEAL_SINK_MAILDIR;
  self->parent.stage_dir = g_build_filename (own_path, "tmp", NULL);
  self->parent.path = g_steal_pointer (&own_path);
  self->new_fd = new_fd;
  return &self->parent;
}

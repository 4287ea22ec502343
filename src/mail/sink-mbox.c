/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/durable-file.h"
#include "mail/mailbox-path.h"
#include "mail/mbox-lock.h"

#define CHUNK 65536
#define FROM_LENGTH 5 /* "From " */

/* Copies a message so that its end and the next one's beginning can be told: mboxrd, where a line
   of any number of
   ">" and "From " gets one more ">". Lines may be of any length. */
typedef struct
{
  int fd; /* borrowed: the mbox, at its end */
  guint8 *out; /* owned */
  gsize n_out;
  gboolean is_start; /* of a line; only ">" was seen in it */
  guint8 held[FROM_LENGTH]; /* the beginning of "From ", not written yet */
  gsize n_held;
  guint n_quotes; /* ">" of this line, not written yet */
  guint8 last; /* byte of the message */
  off_t n_written; /* to the mbox */
  int code; /* errno of the first failure */
} Copier;

static void
drain (Copier *self)
{
  gsize done = 0;

  while (done < self->n_out && self->code == 0)
    {
      gssize n = write (self->fd, self->out + done, self->n_out - done);

      if (n >= 0)
        {
          done += (gsize)n;
          self->n_written += (off_t)n;
        }
      else if (errno != EINTR)
        self->code = errno;
    }
  self->n_out = 0;
}

static void
put (Copier *self, guint8 byte)
{
  if (self->n_out == CHUNK)
    drain (self);
  self->out[self->n_out++] = byte;
}

static void
put_text (Copier *self, const char *text)
{
  for (; *text != '\0'; text++)
    put (self, (guint8)*text);
}

/* What was held is known now: a From_ line, which is quoted, or not one. */
static void
release_held (Copier *self, gboolean is_from)
{
  if (is_from)
    put (self, '>');
  for (; self->n_quotes > 0; self->n_quotes--)
    put (self, '>');
  for (gsize i = 0; i < self->n_held; i++)
    put (self, self->held[i]);
  self->n_held = 0;
  self->is_start = FALSE;
}

static void
copy_byte (Copier *self, guint8 byte)
{
  static const char from[] = "From ";

  self->last = byte;
  if (self->is_start)
    {
      if (byte == '>' && self->n_held == 0)
        {
          self->n_quotes++;
          return;
        }
      if (byte == (guint8)from[self->n_held])
        {
          self->held[self->n_held++] = byte;
          if (self->n_held == FROM_LENGTH)
            release_held (self, TRUE);
          return;
        }
      release_held (self, FALSE);
    }
  put (self, byte);
  self->is_start = byte == '\n';
}

/* RFC 4155 appendix A: "From ", sender, time in UTC as asctime() has it. The sender is not known
 * here. */
static void
put_separator (Copier *self)
{
  time_t now = (time_t)(g_get_real_time () / G_USEC_PER_SEC);
  struct tm utc;
  char date[26];

  put_text (self, "From MAILER-DAEMON ");
  put_text (self, asctime_r (gmtime_r (&now, &utc), date));
}

static void
copy_message (Copier *self, int message)
{
  g_autofree guint8 *in = g_malloc (CHUNK);
  gssize n;

  put_separator (self);
  self->is_start = TRUE;
  self->last = '\n';
  while (self->code == 0 && (n = read (message, in, CHUNK)) != 0)
    {
      if (n < 0 && errno != EINTR)
        self->code = errno;
      for (gssize i = 0; i < n; i++)
        copy_byte (self, in[i]);
    }
  release_held (self, FALSE);
  if (self->last != '\n')
    put (self, '\n');
  put (self, '\n');
  drain (self);
}

/* The file must end in an empty line, as other programs may not have left it. Returns: what to put,
 * or NULL */
static const char *
find_gap (int fd, off_t size)
{
  char tail[2] = { '\n', '\n' };

  if (size == 0)
    return "";
  if (size == 1)
    return "\n";
  if (pread (fd, tail, 2, size - 2) != 2)
    return NULL;
  if (tail[1] != '\n')
    return "\n\n";
  return tail[0] != '\n' ? "\n" : "";
}

/* Cuts off what we wrote, unless somebody who knows no locks has written behind it. */
static void
cut_back (int fd, off_t size, off_t n_written)
{
  struct stat now;

  if (fstat (fd, &now) != 0 || now.st_size != size + n_written || ftruncate (fd, size) != 0)
    g_warning ("A part of a message may be left at the end of an mbox");
}

/* Returns: 0 or errno; the mbox is as it was then */
static int
append_message (int fd, const char *staged_path, off_t *n_written)
{
  Copier copier = { .fd = fd };
  struct stat before;
  const char *gap;
  int message = open (staged_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (message < 0)
    return errno;
  gap = fstat (fd, &before) == 0 ? find_gap (fd, before.st_size) : NULL;
  if (gap == NULL)
    {
      close (message);
      return EIO;
    }
  copier.out = g_malloc (CHUNK);
  put_text (&copier, gap);
  copy_message (&copier, message);
  g_free (copier.out);
  close (message);
  if (copier.code == 0)
    *n_written += copier.n_written;
  else
    cut_back (fd, before.st_size, copier.n_written);
  return copier.code;
}

/* --- the sink --- */

/* All of @items share one lock and one sync. */
static gboolean
append_all (PostsealSink *self, int fd, PostsealSinkItem *items, gsize n_items, GError **error)
{
  g_autoptr (GError) fatal = NULL;
  struct stat before;
  off_t n_written = 0;
  int code;

  if (fstat (fd, &before) != 0)
    return _postseal_sink_fail (error, errno, _ ("Cannot read “%s”"), self->path);
  for (gsize i = 0; i < n_items && fatal == NULL; i++)
    {
      code = append_message (fd, items[i].staged_path, &n_written);
      if (code == 0)
        items[i].place = g_strdup (self->path);
      else
        _postseal_sink_fail (&fatal, code, _ ("Cannot append to “%s”"), self->path);
    }
  if (fsync (fd) != 0)
    {
      code = errno;
      cut_back (fd, before.st_size, n_written);
      for (gsize i = 0; i < n_items; i++)
        g_clear_pointer (&items[i].place, g_free);
      g_clear_error (&fatal);
      _postseal_sink_fail (&fatal, code, _ ("Cannot write “%s” to disk"), self->path);
    }
  if (fatal == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&fatal));
  return FALSE;
}

static gboolean
deliver_mbox (PostsealSink *self, PostsealSinkItem *items, gsize n_items, GError **error)
{
  g_autoptr (GError) local = NULL;
  PostsealMboxLock *lock = _postseal_mbox_lock_acquire (self->path, &local);

  if (lock != NULL)
    {
      append_all (self, _postseal_mbox_lock_get_fd (lock), items, n_items, &local);
      _postseal_mbox_lock_release (lock);
    }
  for (gsize i = 0; i < n_items; i++)
    if (items[i].place != NULL)
      unlink (items[i].staged_path);
  if (local == NULL)
    return TRUE;
  _postseal_sink_fail_rest (items, n_items, local);
  if (!_postseal_sink_error_is_fatal (local))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
clear_mbox (PostsealSink *self)
{
}

static const PostsealSinkClass mbox_class = { deliver_mbox, clear_mbox };

/* Makes the file, so that a place that cannot be written is found before anything is fetched. */
static gboolean
make_mbox (const char *path, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  g_autoptr (GError) local = NULL;
  int fd;

  if (!postseal_durable_make_directory (dir, &local))
    {
      g_set_error_literal (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE,
                           local->message);
      return FALSE;
    }
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return _postseal_sink_fail (error, errno, _ ("Cannot open the mbox “%s”"), path);
  close (fd);
  if (postseal_durable_sync_directory (dir, &local))
    return TRUE;
  g_set_error_literal (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK, local->message);
  return FALSE;
}

PostsealSink *
_postseal_sink_mbox_new (
    const char *path, PostsealLayout layout, const char *mailbox, char delimiter, GError **error)
{
  g_autofree char *relative = NULL;
  g_autofree char *own_path = NULL;
  PostsealSink *self;

  if (mailbox != NULL)
    relative = _postseal_mailbox_path (mailbox, delimiter, layout, POSTSEAL_SINK_MBOX);
  own_path = g_strconcat (path, relative != NULL ? relative : "", NULL);
  if (!make_mbox (own_path, error))
    return NULL;
  self = g_new0 (PostsealSink, 1);
  self->klass = &mbox_class;
  self->kind = POSTSEAL_SINK_MBOX;
  self->path = g_steal_pointer (&own_path);
  return self;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "outbox/outbox-place-private.h"
#include "outbox/outbox.h"

#define BUFFER_SIZE 65536
#define MOST_TRIES 1000 /* for a name: as many in one microsecond */

struct _PostsealOutboxDraft
{
  int fd; /* owned */
  char *path; /* owned: in tmp/; NULL when there is none any more */
  GByteArray *buffer; /* owned: what is not in the file yet */
  gsize head_length;
  gboolean is_begun; /* the file has the head as it was at first */
};

static int
open_file (const char *tmp, char **ret_path)
{
  for (guint i = 0; i < MOST_TRIES; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%" G_GINT64_FORMAT ".%d", tmp,
                                               g_get_real_time () + i, (int)getpid ());
      int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

      if (fd >= 0)
        *ret_path = g_steal_pointer (&path);
      if (fd >= 0 || errno != EEXIST)
        return fd;
    }
  return -1;
}

PostsealOutboxDraft *
postseal_outbox_draft_open (const PostsealEnvelope *envelope, GError **error)
{
  g_autofree char *tmp = _postseal_outbox_build_path ("tmp");
  g_autofree char *head = NULL;
  PostsealOutboxDraft *self;
  char *path = NULL;
  int fd;

  g_return_val_if_fail (envelope != NULL, NULL);

  fd = open_file (tmp, &path);
  if (fd < 0 && errno == ENOENT)
    {
      if (!_postseal_outbox_make_directories (error))
        return NULL;
      fd = open_file (tmp, &path);
    }
  if (fd < 0)
    {
      _postseal_outbox_fail_errno (errno, _ ("Cannot write into"), tmp, error);
      return NULL;
    }

  self = g_new0 (PostsealOutboxDraft, 1);
  self->fd = fd;
  self->path = path;
  self->buffer = g_byte_array_sized_new (BUFFER_SIZE);
  head = postseal_envelope_serialize (envelope);
  self->head_length = strlen (head);
  g_byte_array_append (self->buffer, (const guint8 *)head, (guint)self->head_length);
  return self;
}

static gboolean
fail_writing (PostsealOutboxDraft *self, GError **error)
{
  return _postseal_outbox_fail_errno (errno, _ ("Cannot write the message into"), self->path,
                                      error);
}

static gboolean
write_all (PostsealOutboxDraft *self, const guint8 *data, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize written = write (self->fd, data, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return fail_writing (self, error);
      data += written;
      length -= (gsize)written;
    }
  return TRUE;
}

static gboolean
flush (PostsealOutboxDraft *self, GError **error)
{
  if (self->buffer->len == 0)
    return TRUE;
  if (!write_all (self, self->buffer->data, self->buffer->len, error))
    return FALSE;
  self->is_begun = TRUE;
  g_byte_array_set_size (self->buffer, 0);
  return TRUE;
}

gboolean
postseal_outbox_draft_write (PostsealOutboxDraft *self,
                             const void *data,
                             gsize length,
                             GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (self->buffer->len + length <= BUFFER_SIZE)
    {
      g_byte_array_append (self->buffer, data, (guint)length);
      return TRUE;
    }
  return flush (self, error) && write_all (self, data, length, error);
}

static gboolean
rewrite_head (PostsealOutboxDraft *self, const PostsealEnvelope *envelope, GError **error)
{
  g_autofree char *head = postseal_envelope_serialize (envelope);
  gsize done = 0;

  g_assert (strlen (head) == self->head_length);
  if (!self->is_begun)
    {
      memcpy (self->buffer->data, head, self->head_length);
      return TRUE;
    }
  while (done < self->head_length)
    {
      gssize written = pwrite (self->fd, head + done, self->head_length - done, (off_t)done);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return fail_writing (self, error);
      done += (gsize)written;
    }
  return TRUE;
}

/* Not every file system knows how not to replace. */
static gboolean
move_or_link (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (link (from, to) != 0)
    return FALSE;
  unlink (from);
  return TRUE;
}

/* Returns: (transfer full): the ID */
static char *
put_into_queue (PostsealOutboxDraft *self, GError **error)
{
  gint64 now = MAX (g_get_real_time (), 0);
  g_autofree char *path = NULL;

  for (guint i = 0; i < MOST_TRIES; i++)
    {
      char id[POSTSEAL_OUTBOX_ID_LENGTH + 1];

      _postseal_outbox_format_id ((PostsealOutboxNumber)now + i, id);
      g_free (path);
      path = _postseal_outbox_build_entry_path (id);
      if (move_or_link (self->path, path))
        {
          g_clear_pointer (&self->path, g_free);
          if (_postseal_outbox_sync_queue (error))
            return g_strdup (id);
          unlink (path);
          return NULL;
        }
      if (errno != EEXIST)
        break;
    }
  _postseal_outbox_fail_errno (errno, _ ("Cannot put the message into the outbox as"), path, error);
  return NULL;
}

char *
postseal_outbox_draft_commit (PostsealOutboxDraft *self,
                              const PostsealEnvelope *envelope,
                              GError **error)
{
  char *id = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (envelope != NULL, NULL);

  if (rewrite_head (self, envelope, error) && flush (self, error))
    {
      if (fsync (self->fd) == 0)
        id = put_into_queue (self, error);
      else
        fail_writing (self, error);
    }
  postseal_outbox_draft_abandon (self);
  return id;
}

void
postseal_outbox_draft_abandon (PostsealOutboxDraft *self)
{
  if (self == NULL)
    return;
  if (self->path != NULL)
    unlink (self->path);
  close (self->fd);
  g_free (self->path);
  g_byte_array_unref (self->buffer);
  g_free (self);
}

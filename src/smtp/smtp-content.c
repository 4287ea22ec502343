/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-transaction-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

/* What a worker thread may read of: nothing in it changes. */
typedef struct
{
  GBytes *head; /* owned: the first octets */
  int fd; /* owned */
  guint64 rest; /* where in the file the octets behind the head begin */
} File;

struct _PostsealSmtpContent
{
  PostsealSmtpTransaction *owner; /* borrowed; NULL when it is gone */
  const char *head; /* borrowed: the caller's */
  gsize n_head;
  File *file; /* owned: reference counted box; NULL until something is read */
  GBytes *chunk; /* owned: what was read last, and given out, or not yet */
  guint64 chunk_offset;
  gboolean is_reading;
  GError *error; /* owned: reading failed */
};

typedef struct
{
  File *file; /* owned */
  guint64 offset; /* in the message */
  gsize length;
} Request;

static void
clear_file (gpointer data)
{
  File *self = data;

  if (self->fd >= 0)
    close (self->fd);
  g_bytes_unref (self->head);
}

static void
free_request (gpointer data)
{
  Request *self = data;

  g_atomic_rc_box_release_full (self->file, clear_file);
  g_free (self);
}

static void
free_content (PostsealSmtpContent *self)
{
  if (self->file != NULL)
    g_atomic_rc_box_release_full (self->file, clear_file);
  g_clear_pointer (&self->chunk, g_bytes_unref);
  g_clear_error (&self->error);
  g_free (self);
}

PostsealSmtpContent *
_postseal_smtp_content_new (PostsealSmtpTransaction *owner)
{
  PostsealSmtpContent *self = g_new0 (PostsealSmtpContent, 1);

  self->owner = owner;
  if (owner->message->content != NULL)
    self->head = g_bytes_get_data (owner->message->content, &self->n_head);
  return self;
}

void
_postseal_smtp_content_free (PostsealSmtpContent *self)
{
  if (self == NULL)
    return;
  self->owner = NULL;
  if (!self->is_reading)
    free_content (self);
}

/* --- in a worker thread --- */

static gboolean
read_file (int fd, guint64 position, char *to, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize n = pread (fd, to, length, (off_t)position);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          int reason = n < 0 ? errno : EIO;

          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (reason),
                       _ ("Cannot read the message from its file: %s"),
                       n < 0 ? g_strerror (reason) : _ ("the file is shorter than the message"));
          return FALSE;
        }
      to += n;
      position += (guint64)n;
      length -= (gsize)n;
    }
  return TRUE;
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Request *request = data;
  gsize n_head = 0;
  const char *head = g_bytes_get_data (request->file->head, &n_head);
  gsize n_in_head = request->offset < n_head ? MIN (request->length, n_head - request->offset) : 0;
  char *buffer = g_malloc (request->length);
  GError *error = NULL;

  if (n_in_head > 0)
    memcpy (buffer, head + request->offset, n_in_head);
  if (read_file (request->file->fd, request->file->rest + request->offset + n_in_head - n_head,
                 buffer + n_in_head, request->length - n_in_head, &error))
    g_task_return_pointer (task, g_bytes_new_take (buffer, request->length),
                           (GDestroyNotify)g_bytes_unref);
  else
    {
      g_free (buffer);
      g_task_return_error (task, error);
    }
}

/* --- on the session's context --- */

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealSmtpContent *self = user_data;

  self->is_reading = FALSE;
  self->chunk = g_task_propagate_pointer (G_TASK (result), &self->error);
  if (self->owner == NULL)
    free_content (self);
  else
    _postseal_smtp_session_pump (self->owner->base.session);
}

/* The caller may close its own descriptor as soon as the operation ends. */
static gboolean
open_file (PostsealSmtpContent *self)
{
  const PostsealSmtpMessage *message = self->owner->message;
  int fd = fcntl (message->fd, F_DUPFD_CLOEXEC, 0);

  if (fd < 0)
    {
      int reason = errno;

      g_set_error (&self->error, G_FILE_ERROR, g_file_error_from_errno (reason),
                   _ ("Cannot read the message from its file: %s"), g_strerror (reason));
      return FALSE;
    }
  self->file = g_atomic_rc_box_new0 (File);
  self->file->fd = fd;
  self->file->head
      = message->content != NULL ? g_bytes_ref (message->content) : g_bytes_new (NULL, 0);
  self->file->rest = message->content_offset;
  return TRUE;
}

static gboolean
is_in_head (PostsealSmtpContent *self, guint64 offset, gsize length)
{
  return offset + length <= self->n_head;
}

void
_postseal_smtp_content_prefetch (PostsealSmtpContent *self, guint64 offset, gsize length)
{
  g_autoptr (GTask) task = NULL;
  Request *request = NULL;

  if (length == 0 || is_in_head (self, offset, length) || self->is_reading || self->error != NULL
      || (self->file == NULL && !open_file (self)))
    return;
  g_clear_pointer (&self->chunk, g_bytes_unref);
  self->chunk_offset = offset;
  self->is_reading = TRUE;
  request = g_new0 (Request, 1);
  request->file = g_atomic_rc_box_acquire (self->file);
  request->offset = offset;
  request->length = length;
  task = g_task_new (NULL, NULL, on_read, self);
  g_task_set_source_tag (task, _postseal_smtp_content_prefetch);
  g_task_set_task_data (task, request, free_request);
  g_task_run_in_thread (task, read_in_thread);
}

gboolean
_postseal_smtp_content_get (
    PostsealSmtpContent *self, guint64 offset, gsize length, const char **ret_data, GError **error)
{
  if (is_in_head (self, offset, length))
    {
      *ret_data = length > 0 ? self->head + offset : "";
      return TRUE;
    }
  if (self->chunk != NULL && self->chunk_offset == offset
      && g_bytes_get_size (self->chunk) == length)
    {
      *ret_data = g_bytes_get_data (self->chunk, NULL);
      return TRUE;
    }
  _postseal_smtp_content_prefetch (self, offset, length);
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "outbox/outbox-index-private.h"

const char *
postseal_outbox_state_name (PostsealOutboxState state)
{
  static const char *const names[] = {
    [POSTSEAL_OUTBOX_QUEUED] = "queued",     [POSTSEAL_OUTBOX_SENDING] = "sending",
    [POSTSEAL_OUTBOX_IN_DOUBT] = "in-doubt", [POSTSEAL_OUTBOX_BLOCKED] = "blocked",
    [POSTSEAL_OUTBOX_HELD] = "held",         [POSTSEAL_OUTBOX_FAILED] = "failed",
    [POSTSEAL_OUTBOX_SENT] = "sent",         [POSTSEAL_OUTBOX_BOUNCED] = "bounced",
  };

  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (names), "queued");
  return names[state];
}

void
postseal_outbox_entry_free (PostsealOutboxEntry *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < self->n_recipients; i++)
    {
      g_free (self->recipients[i].status);
      g_free (self->recipients[i].text);
    }
  g_free (self->recipients);
  g_clear_pointer (&self->envelope, postseal_envelope_free);
  g_clear_pointer (&self->remembered, postseal_envelope_free);
  g_free (self->id);
  g_free (self->account);
  g_free (self->sender);
  g_free (self->subject);
  g_free (self->message_id);
  g_free (self->reason);
  g_free (self->seal);
  g_free (self->bounce);
  g_clear_pointer (&self->beginning, g_bytes_unref);
  g_free (self->path);
  g_free (self);
}

static void
set_text (char **field, sqlite3_stmt *row, int column)
{
  g_free (*field);
  *field = g_strdup ((const char *)sqlite3_column_text (row, column));
}

static void
use_envelope (PostsealOutboxEntry *self)
{
  self->account = g_strdup (self->envelope->account);
  self->sender = g_strdup (self->envelope->sender);
  self->subject = g_strdup (self->envelope->subject);
  self->message_id = g_strdup (self->envelope->message_id);
  self->arrived = self->envelope->arrived;
  self->length = self->envelope->length;
}

static void
use_row (PostsealOutboxEntry *self, sqlite3_stmt *row)
{
  self->state = (PostsealOutboxState)sqlite3_column_int (row, 0);
  set_text (&self->account, row, 1);
  self->next_attempt = sqlite3_column_int64 (row, 2);
  self->attempts = (guint)sqlite3_column_int (row, 3);
  self->last_attempt = sqlite3_column_int64 (row, 4);
  self->was_clear = sqlite3_column_int (row, 5) != 0;
  self->is_doubtful = sqlite3_column_int (row, 6) != 0;
  self->arrived = sqlite3_column_int64 (row, 7);
  self->length = (guint64)sqlite3_column_int64 (row, 8);
  set_text (&self->seal, row, 9);
  set_text (&self->sender, row, 10);
  set_text (&self->subject, row, 11);
  set_text (&self->reason, row, 12);
  set_text (&self->bounce, row, 13);
  self->since = sqlite3_column_int64 (row, 14);
  set_text (&self->message_id, row, 15);
}

/* Finds the row. Returns: FALSE when there is none, or with @error set */
static gboolean
read_row (PostsealOutbox *self,
          PostsealOutboxNumber number,
          PostsealOutboxEntry *entry,
          GError **error)
{
  sqlite3_stmt *row
      = postseal_database_bind (&self->db, OUTBOX_GET_ENTRY, error, "i", (gint64)number);

  if (row == NULL || !postseal_database_next (&self->db, row, error))
    return FALSE;
  use_row (entry, row);
  sqlite3_reset (row);
  return TRUE;
}

static void
use_answer (PostsealOutboxRecipient *recipient, sqlite3_stmt *row)
{
  recipient->progress = (PostsealOutboxProgress)sqlite3_column_int (row, 2);
  recipient->code = (guint)sqlite3_column_int (row, 3);
  set_text (&recipient->status, row, 4);
  set_text (&recipient->text, row, 5);
  recipient->time = sqlite3_column_int64 (row, 6);
}

static gboolean
read_answers (PostsealOutbox *self,
              PostsealOutboxNumber number,
              PostsealOutboxEntry *entry,
              GError **error)
{
  sqlite3_stmt *row
      = postseal_database_bind (&self->db, OUTBOX_GET_RECIPIENTS, error, "i", (gint64)number);
  g_autoptr (GError) local = NULL;

  if (row == NULL)
    return FALSE;
  while (postseal_database_next (&self->db, row, &local))
    {
      gsize index = (gsize)sqlite3_column_int64 (row, 0);

      if (index < entry->n_recipients)
        use_answer (&entry->recipients[index], row);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Of an entry whose file is gone, the rows tell who the recipients were. */
static gboolean
read_remembered (PostsealOutbox *self,
                 PostsealOutboxNumber number,
                 PostsealOutboxEntry *entry,
                 GError **error)
{
  sqlite3_stmt *row
      = postseal_database_bind (&self->db, OUTBOX_GET_RECIPIENTS, error, "i", (gint64)number);
  g_autoptr (GError) local = NULL;

  entry->remembered = postseal_envelope_new ();
  if (row == NULL)
    return FALSE;
  while (postseal_database_next (&self->db, row, &local))
    postseal_envelope_add_recipient (entry->remembered, (const char *)sqlite3_column_text (row, 1),
                                     0, NULL);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
list_recipients (PostsealOutboxEntry *entry, const PostsealEnvelope *envelope)
{
  entry->n_recipients = envelope->recipients->len;
  entry->recipients = g_new0 (PostsealOutboxRecipient, entry->n_recipients);
  for (gsize i = 0; i < entry->n_recipients; i++)
    entry->recipients[i].recipient = g_ptr_array_index (envelope->recipients, i);
}

static gboolean
fill_entry (PostsealOutbox *self,
            PostsealOutboxNumber number,
            PostsealOutboxEntry *entry,
            GError *head_error,
            GError **error)
{
  g_autoptr (GError) local = NULL;

  if (entry->envelope != NULL)
    use_envelope (entry);
  if (!read_row (self, number, entry, &local) && local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (entry->envelope == NULL)
    {
      /* No file: it is done, or was taken away. */
      if (!POSTSEAL_OUTBOX_IS_DONE (entry->state))
        {
          g_propagate_error (error, g_error_copy (head_error));
          return FALSE;
        }
      if (!read_remembered (self, number, entry, error))
        return FALSE;
    }
  list_recipients (entry, entry->envelope != NULL ? entry->envelope : entry->remembered);
  if (entry->state == POSTSEAL_OUTBOX_SENDING)
    entry->state = _postseal_outbox_judge_state (self, entry->state, entry->account);
  entry->is_doubtful |= entry->state == POSTSEAL_OUTBOX_IN_DOUBT;
  return read_answers (self, number, entry, error);
}

PostsealOutboxEntry *
postseal_outbox_load (PostsealOutbox *self, const char *id, GError **error)
{
  g_autoptr (PostsealOutboxEntry) entry = NULL;
  g_autoptr (GError) local = NULL;
  PostsealOutboxNumber number;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (id != NULL, NULL);

  _postseal_outbox_look_anew (self);
  if (!_postseal_outbox_resolve_id (self, id, &number, error))
    return NULL;
  entry = g_new0 (PostsealOutboxEntry, 1);
  entry->id = g_malloc (POSTSEAL_OUTBOX_ID_LENGTH + 1);
  _postseal_outbox_format_id (number, entry->id);
  entry->path = _postseal_outbox_build_entry_path (entry->id);
  /* The file first: when it is gone because it has just been sent, the row is there. */
  entry->envelope
      = _postseal_outbox_read_beginning (self, number, &entry->offset, &entry->beginning, &local);
  if (entry->envelope == NULL
      && !g_error_matches (local, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return fill_entry (self, number, entry, local, error) ? g_steal_pointer (&entry) : NULL;
}

/* --- the message --- */

static GBytes *
fail_reading (const PostsealOutboxEntry *entry, int code, GError **error)
{
  if (code == ENOENT)
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN,
                 _ ("The message “%s” is not in the outbox any more"), entry->id);
  else
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED,
                 _ ("Cannot read the message “%s”: %s"), entry->path,
                 code != 0 ? g_strerror (code) : _ ("it ends too early"));
  return NULL;
}

static gboolean
read_exactly (int fd, char *buffer, gsize length, off_t offset)
{
  while (length > 0)
    {
      gssize got = pread (fd, buffer, length, offset);

      if (got < 0 && errno == EINTR)
        continue;
      if (got == 0)
        errno = 0;
      if (got <= 0)
        return FALSE;
      buffer += got;
      length -= (gsize)got;
      offset += got;
    }
  return TRUE;
}

GBytes *
postseal_outbox_read (const PostsealOutboxEntry *entry, gsize limit, int *ret_fd, GError **error)
{
  g_autofree char *buffer = NULL;
  gsize length;
  int fd;

  g_return_val_if_fail (entry != NULL, NULL);
  g_return_val_if_fail (ret_fd != NULL, NULL);

  length = (gsize)MIN (entry->length, limit);
  *ret_fd = -1;
  /* Small messages were read with their heads, and a file in the queue never changes. */
  if (length == entry->length && entry->beginning != NULL
      && g_bytes_get_size (entry->beginning) >= entry->offset + length)
    return g_bytes_new_from_bytes (entry->beginning, entry->offset, length);
  fd = open (entry->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return fail_reading (entry, errno, error);
  buffer = g_malloc (length + 1);
  if (!read_exactly (fd, buffer, length, (off_t)entry->offset)
      || lseek (fd, (off_t)(entry->offset + length), SEEK_SET) < 0)
    {
      fail_reading (entry, errno, error);
      close (fd);
      return NULL;
    }
  if (length < entry->length)
    *ret_fd = fd;
  else
    close (fd);
  return g_bytes_new_take (g_steal_pointer (&buffer), length);
}

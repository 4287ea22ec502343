/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "outbox/outbox-index-private.h"

/* What a crash has left, and what has been remembered for long enough. */

/* What of the rows does not go with the files as they were just before. */
typedef struct
{
  GArray *suspects; /* owned: done but with a file, or the other way round */
  GArray *expired; /* owned: done for too long */
} Findings;

static void
free_findings (Findings *findings)
{
  g_array_unref (findings->suspects);
  g_array_unref (findings->expired);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Findings, free_findings)

/* A draft is written to from time to time; one that has not been for a day has nobody. */
static void
sweep_drafts (gint64 now)
{
  g_autofree char *path = _postseal_outbox_build_path ("tmp");
  DIR *dir = opendir (path);
  const struct dirent *file;
  struct stat status;

  while (dir != NULL && (file = readdir (dir)) != NULL)
    if (fstatat (dirfd (dir), file->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0
        && S_ISREG (status.st_mode) && now - status.st_mtime > POSTSEAL_LIMIT_OUTBOX_DRAFT_S)
      unlinkat (dirfd (dir), file->d_name, 0);
  if (dir != NULL)
    closedir (dir);
}

/* Both @files and the rows are in order. */
static gboolean
compare_rows (
    PostsealOutbox *self, const GArray *files, gint64 now, Findings *findings, GError **error)
{
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, OUTBOX_SCAN, error, "");
  g_autoptr (GError) local = NULL;
  guint i = 0;

  if (stmt == NULL)
    return FALSE;
  while (postseal_database_next (&self->db, stmt, &local))
    {
      PostsealOutboxNumber number = (PostsealOutboxNumber)sqlite3_column_int64 (stmt, 0);
      gboolean is_done = POSTSEAL_OUTBOX_IS_DONE (sqlite3_column_int (stmt, 1));
      gint64 finished = sqlite3_column_int64 (stmt, 4);
      gboolean has_file;

      while (i < files->len && g_array_index (files, PostsealOutboxNumber, i) < number)
        i++;
      has_file = i < files->len && g_array_index (files, PostsealOutboxNumber, i) == number;
      if (has_file == is_done)
        g_array_append_val (findings->suspects, number);
      else if (is_done && now - finished > POSTSEAL_LIMIT_OUTBOX_MEMORY_S)
        g_array_append_val (findings->expired, number);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
drop (PostsealOutbox *self, PostsealOutboxNumber number, GError **error)
{
  return postseal_database_run (&self->db, OUTBOX_DROP_RECIPIENTS, error, "i", (gint64)number)
         && postseal_database_run (&self->db, OUTBOX_DROP_ENTRY, error, "i", (gint64)number);
}

/* Whether the file is that of the row: after the clock was set back, a number can come again. */
static gboolean
is_same_message (PostsealOutbox *self, PostsealOutboxNumber number, sqlite3_stmt *row)
{
  g_autoptr (PostsealEnvelope) envelope = _postseal_outbox_read_head (self, number, NULL, NULL);

  return envelope == NULL
         || (envelope->arrived == sqlite3_column_int64 (row, 1)
             && envelope->length == (guint64)sqlite3_column_int64 (row, 2)
             && g_strcmp0 (envelope->message_id, (const char *)sqlite3_column_text (row, 3)) == 0);
}

/* Looks again, now that nobody else writes. */
static gboolean
settle_suspect (PostsealOutbox *self, PostsealOutboxNumber number, GError **error)
{
  sqlite3_stmt *row
      = postseal_database_bind (&self->db, OUTBOX_GET_IDENTITY, error, "i", (gint64)number);
  g_autoptr (GError) local = NULL;
  gboolean has_file = _postseal_outbox_has_file (self, number);
  gboolean is_done;
  gboolean is_same;

  if (row == NULL)
    return FALSE;
  if (!postseal_database_next (&self->db, row, &local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return error == NULL || *error == NULL;
    }
  is_done = POSTSEAL_OUTBOX_IS_DONE (sqlite3_column_int (row, 0));
  is_same = has_file && is_same_message (self, number, row);
  sqlite3_reset (row);
  if (has_file && is_done && is_same)
    {
      _postseal_outbox_remove_file (self, number);
      return TRUE;
    }
  return has_file != is_done || drop (self, number, error);
}

static gboolean
settle_suspects (PostsealOutbox *self, const GArray *suspects, GError **error)
{
  if (suspects->len == 0)
    return TRUE;
  if (!_postseal_outbox_begin (self, error))
    return FALSE;
  for (guint i = 0; i < suspects->len; i++)
    if (!settle_suspect (self, g_array_index (suspects, PostsealOutboxNumber, i), error))
      {
        _postseal_outbox_undo (self);
        return FALSE;
      }
  return _postseal_outbox_end (self, error);
}

/* A row goes only when its file can not come back after a power cut. */
static gboolean
forget_expired (PostsealOutbox *self, const GArray *expired, GError **error)
{
  if (expired->len == 0)
    return TRUE;
  if (!_postseal_outbox_sync_queue (error) || !_postseal_outbox_begin (self, error))
    return FALSE;
  for (guint i = 0; i < expired->len; i++)
    if (!drop (self, g_array_index (expired, PostsealOutboxNumber, i), error))
      {
        _postseal_outbox_undo (self);
        return FALSE;
      }
  g_hash_table_remove_all (self->seal_ids);
  if (!postseal_database_run (&self->db, OUTBOX_DROP_SEALS, error, ""))
    {
      _postseal_outbox_undo (self);
      return FALSE;
    }
  return _postseal_outbox_end (self, error);
}

gboolean
_postseal_outbox_sweep (PostsealOutbox *self, gint64 now, GError **error)
{
  /* Files first: a row is made for a file that is there. */
  g_autoptr (GArray) files = _postseal_outbox_read_queue (self, NULL, error);
  g_auto (Findings) findings = {
    .suspects = g_array_new (FALSE, FALSE, sizeof (PostsealOutboxNumber)),
    .expired = g_array_new (FALSE, FALSE, sizeof (PostsealOutboxNumber)),
  };

  if (files == NULL || !compare_rows (self, files, now, &findings, error))
    return FALSE;
  sweep_drafts (now);
  return settle_suspects (self, findings.suspects, error)
         && forget_expired (self, findings.expired, error);
}

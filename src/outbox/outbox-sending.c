/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <unistd.h>

#include "base/durable-file.h"
#include "base/paths.h"
#include "outbox/outbox-index-private.h"

/* Who may send for an account. */

static char *
build_lock_path (const char *account)
{
  g_autofree char *dir = postseal_paths_account_state_dir (account);

  return g_build_filename (dir, "send.lock", NULL);
}

/* A new sender finds the marks of one that is gone, and says so at once: from then on, every mark
   is its own. */
static gboolean
doubt_marks (const char *account, GError **error)
{
  g_autofree char *index = _postseal_outbox_build_path ("index.db");
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt;

  if (access (index, F_OK) != 0)
    return TRUE;
  outbox = _postseal_outbox_connect (error);
  stmt = outbox != NULL
             ? postseal_database_bind (&outbox->db, OUTBOX_HAS_MARKS, error, "t", account)
             : NULL;
  if (stmt == NULL)
    return FALSE;
  if (postseal_database_next (&outbox->db, stmt, &local))
    {
      sqlite3_reset (stmt);
      return postseal_database_run (&outbox->db, OUTBOX_DOUBT_MARKS, error, "t", account);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

PostsealLockFile *
postseal_outbox_lock (const char *account, GError **error)
{
  g_autofree char *dir = NULL;
  g_autofree char *path = NULL;
  g_autoptr (PostsealLockFile) lock = NULL;

  g_return_val_if_fail (account != NULL, NULL);

  dir = postseal_paths_account_state_dir (account);
  path = build_lock_path (account);
  if (!postseal_durable_make_directory (dir, error))
    return NULL;
  lock = postseal_lock_file_acquire (path, "postseal send", error);
  return lock != NULL && doubt_marks (account, error) ? g_steal_pointer (&lock) : NULL;
}

/* Asks without taking: who took it even for an instant would turn a sender away. */
static gboolean
is_locked (const char *account)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autofree char *path = build_lock_path (account);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean is_held;

  if (fd < 0)
    return FALSE;
  is_held = fcntl (fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  close (fd);
  return is_held;
}

void
_postseal_outbox_look_anew (PostsealOutbox *self)
{
  g_hash_table_remove_all (self->senders);
}

PostsealOutboxState
_postseal_outbox_judge_state (PostsealOutbox *self, PostsealOutboxState state, const char *account)
{
  gpointer lives;

  if (state != POSTSEAL_OUTBOX_SENDING || account == NULL)
    return state;
  if (!g_hash_table_lookup_extended (self->senders, account, NULL, &lives))
    {
      lives = GINT_TO_POINTER (is_locked (account));
      g_hash_table_insert (self->senders, g_strdup (account), lives);
    }
  return GPOINTER_TO_INT (lives) ? POSTSEAL_OUTBOX_SENDING : POSTSEAL_OUTBOX_IN_DOUBT;
}

gboolean
postseal_outbox_pause_account (
    PostsealOutbox *self, const char *account, gint64 until, const char *reason, GError **error)
{
  gint64 id;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (account != NULL, FALSE);

  if (!_postseal_outbox_begin (self, error))
    return FALSE;
  if (_postseal_outbox_intern_account (self, account, &id, error)
      && postseal_database_run (&self->db, OUTBOX_PAUSE_ACCOUNT, error, "iit", id, until,
                                until != 0 ? reason : NULL)
      && (until != 0 || postseal_database_run (&self->db, OUTBOX_UNBLOCK, error, "i", id)))
    return _postseal_outbox_end (self, error);
  _postseal_outbox_undo (self);
  return FALSE;
}

gboolean
postseal_outbox_hasten (PostsealOutbox *self, const char *account, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (account != NULL, FALSE);

  return postseal_database_run (&self->db, OUTBOX_HASTEN, error, "t", account);
}

gint64
postseal_outbox_get_pause (PostsealOutbox *self,
                           const char *account,
                           guint *ret_failures,
                           char **ret_reason,
                           GError **error)
{
  sqlite3_stmt *stmt;
  gint64 until = 0;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (account != NULL, 0);

  if (ret_failures != NULL)
    *ret_failures = 0;
  if (ret_reason != NULL)
    *ret_reason = NULL;
  stmt = postseal_database_bind (&self->db, OUTBOX_GET_PAUSE, error, "t", account);
  if (stmt == NULL || !postseal_database_next (&self->db, stmt, error))
    return 0;
  until = sqlite3_column_int64 (stmt, 0);
  if (ret_failures != NULL)
    *ret_failures = (guint)sqlite3_column_int (stmt, 1);
  if (ret_reason != NULL)
    *ret_reason = g_strdup ((const char *)sqlite3_column_text (stmt, 2));
  sqlite3_reset (stmt);
  return until;
}

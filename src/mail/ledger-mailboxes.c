/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger-private.h"

static gboolean
find_mailbox (PostsealLedger *self,
              const char *name,
              PostsealLedgerMailbox *ret_mailbox,
              GError **error)
{
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, LEDGER_FIND_MAILBOX, error, "t", name);

  if (stmt == NULL || !postseal_database_next (&self->db, stmt, error))
    return FALSE;
  ret_mailbox->id = sqlite3_column_int64 (stmt, 0);
  ret_mailbox->uid_validity = (guint32)sqlite3_column_int64 (stmt, 1);
  ret_mailbox->next_uid = (guint32)sqlite3_column_int64 (stmt, 2);
  ret_mailbox->highest_modseq = (guint64)sqlite3_column_int64 (stmt, 3);
  sqlite3_reset (stmt);
  return TRUE;
}

static gboolean
renew_mailbox (PostsealLedger *self, gint64 id, guint32 uid_validity, GError **error)
{
  if (!postseal_ledger_begin (self, error))
    return FALSE;
  if (postseal_database_run (&self->db, LEDGER_CLEAR_MESSAGES, error, "i", id)
      && postseal_database_run (&self->db, LEDGER_CLEAR_RETRIES, error, "i", id)
      && postseal_database_run (&self->db, LEDGER_RENEW_MAILBOX, error, "ii", id,
                                (gint64)uid_validity))
    return postseal_ledger_commit (self, error);
  postseal_ledger_rollback (self);
  return FALSE;
}

gboolean
postseal_ledger_open_mailbox (PostsealLedger *self,
                              const char *name,
                              guint32 uid_validity,
                              PostsealLedgerMailbox *ret_mailbox,
                              gboolean *ret_changed,
                              GError **error)
{
  g_autoptr (GError) local = NULL;
  PostsealLedgerMailbox mailbox = { 0 };
  gboolean is_known;
  gboolean is_changed;

  g_return_val_if_fail (name != NULL, FALSE);

  is_known = find_mailbox (self, name, &mailbox, &local);
  is_changed = is_known && mailbox.uid_validity != uid_validity && mailbox.uid_validity != 0;
  if (is_changed)
    renew_mailbox (self, mailbox.id, uid_validity, &local);
  else if (!is_known && local == NULL)
    postseal_database_run (&self->db, LEDGER_ADD_MAILBOX, &local, "ti", name, (gint64)uid_validity);
  if (local == NULL && (is_changed || !is_known))
    find_mailbox (self, name, &mailbox, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *ret_mailbox = mailbox;
  *ret_changed = is_changed;
  return TRUE;
}

gboolean
postseal_ledger_peek_mailbox (PostsealLedger *self,
                              const char *name,
                              gint64 due_before,
                              PostsealLedgerMailbox *ret_mailbox,
                              gboolean *ret_has_work,
                              GError **error)
{
  PostsealLedgerMailbox mailbox = { 0 };
  sqlite3_stmt *stmt;

  g_return_val_if_fail (name != NULL, FALSE);

  if (!find_mailbox (self, name, &mailbox, error))
    return FALSE;
  stmt = postseal_database_bind (&self->db, LEDGER_HAS_WORK, error, "ii", mailbox.id, due_before);
  if (stmt == NULL || !postseal_database_next (&self->db, stmt, error))
    return FALSE;
  *ret_has_work = sqlite3_column_int (stmt, 0) != 0;
  *ret_mailbox = mailbox;
  sqlite3_reset (stmt);
  return TRUE;
}

gboolean
postseal_ledger_set_progress (
    PostsealLedger *self, gint64 mailbox, guint32 next_uid, guint64 highest_modseq, GError **error)
{
  /* RFC 7162 section 3.1: a mod-sequence has 63 bits; a bigger one is a peer's lie and not kept. */
  gint64 modseq = highest_modseq <= G_MAXINT64 ? (gint64)highest_modseq : 0;

  return postseal_database_run (&self->db, LEDGER_SET_PROGRESS, error, "iii", mailbox,
                                (gint64)next_uid, modseq);
}

/* Both are ascending. */
static gboolean
forget_others (PostsealLedger *self,
               gint64 mailbox,
               const GArray *rows,
               const guint32 *uids,
               gsize n_uids,
               GError **error)
{
  gsize next = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      guint32 uid = g_array_index (rows, guint32, i);

      while (next < n_uids && uids[next] < uid)
        next++;
      if (next < n_uids && uids[next] == uid)
        continue;
      if (!postseal_database_run (&self->db, LEDGER_FORGET_MESSAGE, error, "ii", mailbox,
                                  (gint64)uid))
        return FALSE;
    }
  return TRUE;
}

gboolean
postseal_ledger_rewind (
    PostsealLedger *self, gint64 mailbox, const guint32 *uids, gsize n_uids, GError **error)
{
  g_autoptr (GArray) rows = postseal_ledger_get_known (self, mailbox, 0, error);

  if (rows == NULL || !postseal_ledger_begin (self, error))
    return FALSE;
  if (forget_others (self, mailbox, rows, uids, n_uids, error)
      && postseal_database_run (&self->db, LEDGER_REWIND_MAILBOX, error, "i", mailbox))
    return postseal_ledger_commit (self, error);
  postseal_ledger_rollback (self);
  return FALSE;
}

GArray *
postseal_ledger_get_retries (PostsealLedger *self, gint64 mailbox, GError **error)
{
  return _postseal_ledger_collect_uids (
      self, postseal_database_bind (&self->db, LEDGER_GET_RETRIES, error, "i", mailbox), error);
}

gboolean
postseal_ledger_add_retry (PostsealLedger *self, gint64 mailbox, guint32 uid, GError **error)
{
  return postseal_database_run (&self->db, LEDGER_ADD_RETRY, error, "ii", mailbox, (gint64)uid);
}

/* An unchanged list is not written again. */
static gboolean
has_same_retries (PostsealLedger *self, gint64 mailbox, const guint32 *uids, gsize n_uids)
{
  g_autoptr (GArray) old = postseal_ledger_get_retries (self, mailbox, NULL);

  return old != NULL && old->len == n_uids
         && (n_uids == 0 || memcmp (old->data, uids, n_uids * sizeof *uids) == 0);
}

gboolean
postseal_ledger_set_retries (
    PostsealLedger *self, gint64 mailbox, const guint32 *uids, gsize n_uids, GError **error)
{
  gboolean is_done;

  if (has_same_retries (self, mailbox, uids, n_uids))
    return TRUE;
  if (!postseal_ledger_begin (self, error))
    return FALSE;
  is_done = postseal_database_run (&self->db, LEDGER_CLEAR_RETRIES, error, "i", mailbox);
  for (gsize i = 0; is_done && i < n_uids; i++)
    is_done = postseal_ledger_add_retry (self, mailbox, uids[i], error);
  if (is_done)
    return postseal_ledger_commit (self, error);
  postseal_ledger_rollback (self);
  return FALSE;
}

GArray *
postseal_ledger_get_known (PostsealLedger *self, gint64 mailbox, guint32 next_uid, GError **error)
{
  return _postseal_ledger_collect_uids (
      self,
      postseal_database_bind (&self->db, LEDGER_GET_KNOWN, error, "ii", mailbox, (gint64)next_uid),
      error);
}

GArray *
postseal_ledger_get_due (PostsealLedger *self, gint64 mailbox, gint64 before, GError **error)
{
  g_autoptr (GArray) due = g_array_new (FALSE, FALSE, sizeof (PostsealLedgerDue));
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt
      = postseal_database_bind (&self->db, LEDGER_GET_DUE, &local, "ii", mailbox, before);

  while (stmt != NULL && postseal_database_next (&self->db, stmt, &local))
    {
      PostsealLedgerDue entry
          = { (guint32)sqlite3_column_int64 (stmt, 0), (guint64)sqlite3_column_int64 (stmt, 1) };

      g_array_append_val (due, entry);
    }
  if (local == NULL)
    return g_steal_pointer (&due);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gboolean
postseal_ledger_mark_deleted (PostsealLedger *self, gint64 mailbox, guint32 uid, GError **error)
{
  return postseal_database_run (&self->db, LEDGER_MARK_DELETED, error, "ii", mailbox, (gint64)uid);
}

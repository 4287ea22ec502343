/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger-private.h"

gboolean
postseal_ledger_adopt_uidl (
    PostsealLedger *self, gint64 mailbox, const char *uidl, gint64 now, GError **error)
{
  return postseal_database_run (&self->db, LEDGER_ADOPT_UIDL, error, "itiii", mailbox, uidl,
                                (gint64)LEDGER_SIZE_UNKNOWN, now, (gint64)LEDGER_ADOPTED);
}

gboolean
postseal_ledger_adopt_uid (
    PostsealLedger *self, gint64 mailbox, guint32 uid, guint64 size, gint64 now, GError **error)
{
  return postseal_database_run (&self->db, LEDGER_ADOPT_UID, error, "iiiii", mailbox, (gint64)uid,
                                (gint64)size, now, (gint64)LEDGER_ADOPTED);
}

gboolean
postseal_ledger_await_seen (PostsealLedger *self, const char *name, GError **error)
{
  return postseal_database_run (&self->db, LEDGER_AWAIT_SEEN, error, "t", name);
}

gboolean
postseal_ledger_adopt_seen (PostsealLedger *self,
                            gint64 mailbox,
                            guint32 uid_validity,
                            const PostsealLedgerDue *seen,
                            gsize n_seen,
                            gint64 now,
                            GError **error)
{
  gboolean is_done;

  if (!postseal_ledger_begin (self, error))
    return FALSE;
  is_done = postseal_database_run (&self->db, LEDGER_RENEW_MAILBOX, error, "ii", mailbox,
                                   (gint64)uid_validity);
  for (gsize i = 0; is_done && i < n_seen; i++)
    is_done = postseal_ledger_adopt_uid (self, mailbox, seen[i].uid, seen[i].size, now, error);
  if (is_done)
    return postseal_ledger_commit (self, error);
  postseal_ledger_rollback (self);
  return FALSE;
}

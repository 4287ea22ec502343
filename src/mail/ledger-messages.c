/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger-private.h"

#include "base/digest.h"

/* Mail readers may clear tmp/ of what is older than 36 hours (the Maildir page of cr.yp.to). */
#define RECENT_SECONDS (24 * 60 * 60)

static gint64
get_unix_time (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gboolean
postseal_ledger_add_intent (PostsealLedger *self, PostsealLedgerMessage *message, GError **error)
{
  if (!postseal_database_run (&self->db, LEDGER_ADD_INTENT, error, "iitiidtttiti", message->mailbox,
                              (gint64)message->uid, message->uidl, (gint64)message->occurrence,
                              (gint64)message->size, message->digest, message->name,
                              message->staged, message->path, message->seal, self->boot_id,
                              get_unix_time ()))
    return FALSE;
  message->intent = sqlite3_last_insert_rowid (self->db.handle);
  return TRUE;
}

gboolean
postseal_ledger_mark_delivered (PostsealLedger *self,
                                const PostsealLedgerMessage *message,
                                gint64 now,
                                GError **error)
{
  gint64 content = _postseal_ledger_fold_content (message);

  if (message->uidl != NULL)
    {
      if (!postseal_database_run (&self->db, LEDGER_ADD_POP3_MESSAGE, error, "itiiiii",
                                  message->mailbox, message->uidl, (gint64)message->occurrence,
                                  (gint64)message->size, now, content, message->seal))
        return FALSE;
    }
  else if (!postseal_database_run (&self->db, LEDGER_ADD_MESSAGE, error, "iiiiii", message->mailbox,
                                   (gint64)message->uid, (gint64)message->size, now, content,
                                   message->seal)
           || !postseal_database_run (&self->db, LEDGER_DROP_RETRY, error, "ii", message->mailbox,
                                      (gint64)message->uid))
    return FALSE;
  return postseal_ledger_drop_intent (self, message->intent, error);
}

gboolean
postseal_ledger_drop_intent (PostsealLedger *self, gint64 intent, GError **error)
{
  return postseal_database_run (&self->db, LEDGER_DROP_INTENT, error, "i", intent);
}

static const char *
get_text (sqlite3_stmt *stmt, int column)
{
  return (const char *)sqlite3_column_text (stmt, column);
}

static gboolean
is_recent_intent (PostsealLedger *self, const char *boot, gint64 made_at)
{
  gint64 age = get_unix_time () - made_at;

  return *self->boot_id != '\0' && g_strcmp0 (boot, self->boot_id) == 0 && age < RECENT_SECONDS;
}

gboolean
postseal_ledger_foreach_intent (PostsealLedger *self,
                                PostsealLedgerIntentFunc func,
                                gpointer user_data,
                                GError **error)
{
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, LEDGER_LIST_INTENTS, &local, "");

  while (stmt != NULL && postseal_database_next (&self->db, stmt, &local))
    {
      PostsealLedgerMessage message = {
        .intent = sqlite3_column_int64 (stmt, 0),
        .mailbox = sqlite3_column_int64 (stmt, 1),
        .uid = (guint32)sqlite3_column_int64 (stmt, 2),
        .uidl = get_text (stmt, 3),
        .occurrence = (guint32)sqlite3_column_int64 (stmt, 4),
        .size = (guint64)sqlite3_column_int64 (stmt, 5),
        .digest = sqlite3_column_blob (stmt, 6),
        .name = get_text (stmt, 7),
        .staged = get_text (stmt, 8),
        .path = get_text (stmt, 9),
        .seal = sqlite3_column_int64 (stmt, 10),
      };

      if (sqlite3_column_bytes (stmt, 6) == POSTSEAL_DIGEST_LENGTH)
        func (&message,
              is_recent_intent (self, get_text (stmt, 11), sqlite3_column_int64 (stmt, 12)),
              user_data);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
postseal_ledger_knows (PostsealLedger *self,
                       const PostsealLedgerMessage *message,
                       gboolean *ret_knows,
                       GError **error)
{
  gint64 content = _postseal_ledger_fold_content (message);
  g_autoptr (GError) local = NULL;
  gboolean knows = FALSE;
  sqlite3_stmt *stmt;

  if (message->uidl != NULL)
    return _postseal_ledger_knows_pop3 (self, message, ret_knows, error);
  stmt = postseal_database_bind (&self->db, LEDGER_FIND_MESSAGE, &local, "iii", message->mailbox,
                                 (gint64)message->uid, content);
  if (stmt != NULL)
    {
      knows = postseal_database_next (&self->db, stmt, &local);
      sqlite3_reset (stmt);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *ret_knows = knows;
  return TRUE;
}

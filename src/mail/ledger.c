/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/durable-file.h"

#define BUSY_MS 5000 /* "postseal status" reads beside us for an instant */
#define CACHE_KIB 1024
#define LOG_BYTES (1024 * 1024)

G_DEFINE_QUARK (postseal - ledger - error - quark, postseal_ledger_error)

static const char *const texts[LEDGER_N_STATEMENTS] = {
  [LEDGER_BEGIN] = "BEGIN IMMEDIATE",
  [LEDGER_COMMIT] = "COMMIT",
  [LEDGER_FIND_MAILBOX]
  = "SELECT id, uid_validity, next_uid, highest_modseq FROM mailbox WHERE name = ?1",
  [LEDGER_ADD_MAILBOX]
  = "INSERT INTO mailbox (name, uid_validity, next_uid, highest_modseq) VALUES (?1, ?2, 1, 0)",
  [LEDGER_RENEW_MAILBOX]
  = "UPDATE mailbox SET uid_validity = ?2, next_uid = 1, highest_modseq = 0 WHERE id = ?1",
  [LEDGER_CLEAR_MESSAGES] = "DELETE FROM message WHERE mailbox = ?1",
  [LEDGER_CLEAR_RETRIES] = "DELETE FROM retry WHERE mailbox = ?1",
  [LEDGER_SET_PROGRESS] = "UPDATE mailbox SET next_uid = max (next_uid, ?2),"
                          " highest_modseq = max (highest_modseq, ?3) WHERE id = ?1"
                          " AND (next_uid < ?2 OR highest_modseq < ?3)",
  [LEDGER_GET_RETRIES] = "SELECT uid FROM retry WHERE mailbox = ?1 ORDER BY uid",
  [LEDGER_ADD_RETRY] = "INSERT OR IGNORE INTO retry (mailbox, uid) SELECT ?1, ?2 WHERE NOT EXISTS"
                       " (SELECT 1 FROM message WHERE mailbox = ?1 AND uid = ?2)",
  [LEDGER_DROP_RETRY] = "DELETE FROM retry WHERE mailbox = ?1 AND uid = ?2",
  [LEDGER_HAS_WORK] = "SELECT EXISTS (SELECT 1 FROM retry WHERE mailbox = ?1)"
                      " OR EXISTS (SELECT 1 FROM message INDEXED BY message_due"
                      " WHERE is_deleted = 0 AND mailbox = ?1"
                      " AND delivered_at <= ?2)",
  [LEDGER_ADD_INTENT]
  = "INSERT INTO intent (mailbox, uid, uidl, occurrence, size, digest, name, staged, path, seal,"
    " boot, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
  [LEDGER_DROP_INTENT] = "DELETE FROM intent WHERE id = ?1",
  [LEDGER_LIST_INTENTS]
  = "SELECT id, mailbox, uid, uidl, occurrence, size, digest, name, staged, path, seal,"
    " boot, made_at FROM intent ORDER BY id",
  [LEDGER_ADD_MESSAGE]
  = "INSERT OR REPLACE INTO message (mailbox, uid, size, delivered_at, content, seal, is_deleted)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
  [LEDGER_ADD_POP3_MESSAGE]
  = "INSERT OR REPLACE INTO pop3_message (mailbox, uidl, occurrence, size, delivered_at, content,"
    " seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
  [LEDGER_FIND_MESSAGE] = "SELECT 1 FROM message WHERE mailbox = ?1 AND uid = ?2 AND content = ?3",
  [LEDGER_FIND_POP3_MESSAGE]
  = "SELECT occurrence, size FROM pop3_message WHERE mailbox = ?1 AND uidl = ?2"
    " AND (occurrence = ?3 OR occurrence >= ?4) AND content = ?5 ORDER BY occurrence LIMIT 1",
  [LEDGER_GET_KNOWN] = "SELECT uid FROM message WHERE mailbox = ?1 AND uid >= ?2 ORDER BY uid",
  /* By time: for the order alone SQLite would rather look at every message there ever was. */
  [LEDGER_GET_DUE] = "SELECT uid, size FROM message INDEXED BY message_due"
                     " WHERE is_deleted = 0 AND mailbox = ?1"
                     " AND delivered_at <= ?2 ORDER BY uid",
  [LEDGER_MARK_DELETED] = "UPDATE message SET is_deleted = 1 WHERE mailbox = ?1 AND uid = ?2",
  [LEDGER_FORGET_MESSAGE] = "DELETE FROM message WHERE mailbox = ?1 AND uid = ?2",
  [LEDGER_REWIND_MAILBOX] = "UPDATE mailbox SET next_uid = 1, highest_modseq = 0 WHERE id = ?1",
  [LEDGER_LIST_POP3] = "SELECT uidl, occurrence, size, delivered_at, seal FROM pop3_message"
                       " WHERE mailbox = ?1 ORDER BY uidl, occurrence",
  [LEDGER_FORGET_POP3]
  = "DELETE FROM pop3_message WHERE mailbox = ?1 AND uidl = ?2 AND occurrence = ?3",
  [LEDGER_MOVE_POP3] = "UPDATE pop3_message SET occurrence = ?4"
                       " WHERE mailbox = ?1 AND uidl = ?2 AND occurrence = ?3",
  [LEDGER_RENAME_POP3] = "UPDATE OR REPLACE pop3_message SET occurrence = ?4, size = ?5"
                         " WHERE mailbox = ?1 AND uidl = ?2 AND occurrence = ?3",
  [LEDGER_SIZE_POP3] = "UPDATE pop3_message SET size = ?4"
                       " WHERE mailbox = ?1 AND uidl = ?2 AND occurrence = ?3",
  [LEDGER_ADOPT_UIDL] = "INSERT OR IGNORE INTO pop3_message (mailbox, uidl, occurrence, size,"
                        " delivered_at, content, seal) VALUES (?1, ?2, 0, ?3, ?4, 0, ?5)",
  [LEDGER_ADOPT_UID] = "INSERT OR IGNORE INTO message (mailbox, uid, size, delivered_at, content,"
                       " seal, is_deleted) VALUES (?1, ?2, ?3, ?4, 0, ?5, 1)",
  [LEDGER_AWAIT_SEEN] = "INSERT OR IGNORE INTO mailbox (name, uid_validity, next_uid,"
                        " highest_modseq) VALUES (?1, 0, 1, 0)",
  [LEDGER_FIND_SEAL] = "SELECT id FROM seal WHERE text = ?1",
  [LEDGER_ADD_SEAL] = "INSERT INTO seal (text) VALUES (?1)",
  [LEDGER_SUM_UP]
  = "SELECT count (*), max (delivered_at), (SELECT text FROM seal WHERE id = seal_id) FROM"
    " (SELECT delivered_at, seal AS seal_id FROM message WHERE seal >= 0 UNION ALL"
    "  SELECT delivered_at, seal FROM pop3_message WHERE seal >= 0)",
  [LEDGER_FIND_CONTENT]
  = "SELECT mailbox.name, delivered_at, seal.text FROM"
    " (SELECT mailbox AS box, delivered_at, seal AS seal_id FROM message"
    "  WHERE content = ?1 AND seal >= 0 UNION ALL"
    "  SELECT mailbox, delivered_at, seal FROM pop3_message WHERE content = ?1 AND seal >= 0)"
    " JOIN mailbox ON mailbox.id = box JOIN seal ON seal.id = seal_id"
    " ORDER BY delivered_at DESC LIMIT 16",
  [LEDGER_FIND_DEPARTED] = "SELECT mailbox.name, delivered_at, seal.text FROM departed"
                           " JOIN mailbox ON mailbox.id = mailbox JOIN seal ON seal.id = seal"
                           " WHERE content = ?1 ORDER BY delivered_at DESC LIMIT 16",
};

static char *boot_id_override; /* owned; for tests */

void
_postseal_ledger_set_boot_id (const char *boot_id)
{
  g_free (boot_id_override);
  boot_id_override = g_strdup (boot_id);
}

static char *
read_boot_id (void)
{
  char *contents = NULL;

  if (boot_id_override != NULL)
    return g_strdup (boot_id_override);
  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &contents, NULL, NULL))
    return g_strdup ("");
  return g_strchomp (contents);
}

gboolean
_postseal_ledger_fail (PostsealLedger *self, GError **error)
{
  const char *reason = NULL;
  int code = postseal_database_get_failure (&self->db, &reason);

  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    g_set_error (
        error, POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_DAMAGED,
        _ ("The record of delivered mail “%s” is damaged (%s). Restore it from a backup, or "
           "move it away: then all mail on the server is looked at again, and what was "
           "delivered before arrives a second time"),
        self->path, reason);
  else
    g_set_error (
        error, POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_CANNOT_WRITE,
        _ ("Cannot write the record of delivered mail “%s”: %s. Nothing is fetched without "
           "it; make room or mend its permissions"),
        self->path, reason);
  return FALSE;
}

static gboolean
fail (gpointer owner, GError **error)
{
  return _postseal_ledger_fail (owner, error);
}

GArray *
_postseal_ledger_collect_uids (PostsealLedger *self, sqlite3_stmt *stmt, GError **error)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GError) local = NULL;

  if (stmt == NULL)
    return NULL;
  while (postseal_database_next (&self->db, stmt, &local))
    {
      guint32 uid = (guint32)sqlite3_column_int64 (stmt, 0);

      g_array_append_val (uids, uid);
    }
  if (local == NULL)
    return g_steal_pointer (&uids);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gint64
_postseal_ledger_fold_content (const PostsealLedgerMessage *message)
{
  gint64 value;

  memcpy (&value, message->content != NULL ? message->content : message->digest, sizeof value);
  return GINT64_FROM_BE (value);
}

/* Makes the empty file itself, for its mode; SQLite gives its companions the same. */
static gboolean
make_file (const char *path, gboolean *ret_is_new, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0 && errno != EEXIST)
    {
      g_set_error (error, POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_CANNOT_WRITE,
                   _ ("Cannot make the record of delivered mail “%s”: %s"), path,
                   g_strerror (errno));
      return FALSE;
    }
  *ret_is_new = fd >= 0;
  if (fd >= 0)
    close (fd);
  return TRUE;
}

static gboolean
connect_file (PostsealLedger *self, GError **error)
{
  return postseal_database_open (&self->db, self->path, BUSY_MS, CACHE_KIB, LOG_BYTES, error)
         && _postseal_ledger_schema_prepare (self, error);
}

PostsealLedger *
postseal_ledger_open (const char *path, GError **error)
{
  g_autoptr (PostsealLedger) self = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *dir = NULL;
  gboolean is_new = FALSE;

  g_return_val_if_fail (path != NULL, NULL);

  if (!make_file (path, &is_new, error))
    return NULL;
  self = g_new0 (PostsealLedger, 1);
  self->path = g_strdup (path);
  self->boot_id = read_boot_id ();
  self->is_surely_undone = TRUE;
  postseal_database_init (&self->db, texts, LEDGER_N_STATEMENTS, fail, self);
  if (!connect_file (self, error))
    return NULL;

  dir = g_path_get_dirname (path);
  if (is_new && !postseal_durable_sync_directory (dir, &local))
    {
      g_set_error_literal (error, POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_CANNOT_WRITE,
                           local->message);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
postseal_ledger_close (PostsealLedger *self)
{
  if (self == NULL)
    return;
  postseal_database_close (&self->db);
  g_free (self->path);
  g_free (self->boot_id);
  g_free (self);
}

void
postseal_ledger_release_memory (PostsealLedger *self)
{
  g_return_if_fail (self != NULL);

  postseal_database_rest (&self->db);
  sqlite3_db_release_memory (self->db.handle);
}

gboolean
postseal_ledger_begin (PostsealLedger *self, GError **error)
{
  self->is_surely_undone = TRUE;
  return postseal_database_run (&self->db, LEDGER_BEGIN, error, "");
}

gboolean
postseal_ledger_commit (PostsealLedger *self, GError **error)
{
  int code;

  if (postseal_database_run (&self->db, LEDGER_COMMIT, error, ""))
    return TRUE;
  /* A failed sync may leave a whole commit in the log; one that found no room does not. */
  code = sqlite3_errcode (self->db.handle) & 0xff;
  self->is_surely_undone = code == SQLITE_FULL || code == SQLITE_READONLY || code == SQLITE_BUSY;
  postseal_ledger_rollback (self);
  return FALSE;
}

void
postseal_ledger_rollback (PostsealLedger *self)
{
  postseal_database_undo (&self->db);
}

gboolean
postseal_ledger_is_surely_undone (PostsealLedger *self)
{
  return self->is_surely_undone;
}

gint64
postseal_ledger_add_seal (PostsealLedger *self, const char *text, GError **error)
{
  gint64 id = 0;

  g_return_val_if_fail (text != NULL, 0);

  if (!postseal_database_intern (&self->db, LEDGER_FIND_SEAL, LEDGER_ADD_SEAL, text, &id, error))
    return 0;
  return id;
}

gboolean
postseal_ledger_summarize (PostsealLedger *self, PostsealLedgerSummary *ret_summary, GError **error)
{
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, LEDGER_SUM_UP, error, "");

  if (stmt == NULL || !postseal_database_next (&self->db, stmt, error))
    return FALSE;
  ret_summary->delivered = (guint64)sqlite3_column_int64 (stmt, 0);
  ret_summary->last_delivered_at = sqlite3_column_int64 (stmt, 1);
  ret_summary->last_seal = g_strdup ((const char *)sqlite3_column_text (stmt, 2));
  sqlite3_reset (stmt);
  return TRUE;
}

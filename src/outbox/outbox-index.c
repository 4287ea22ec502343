/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/outbox-index-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable-file.h"

#define BUSY_MS 10000 /* others write for an instant only */
#define CACHE_KIB 2048
#define LOG_BYTES (4 * 1024 * 1024)
#define APPLICATION_ID 0x50534f42 /* "PSOB" */
#define VERSION 2

/* An entry is found by its number alone: no index. Columns that a listing needs stand in front. A
   state is a PostsealOutboxState; IN_DOUBT is what a sender said, SENDING what it has marked. */
static const char schema[] = "CREATE TABLE account ("
                             "  id INTEGER PRIMARY KEY,"
                             "  name TEXT NOT NULL UNIQUE,"
                             "  paused_until INTEGER NOT NULL DEFAULT 0,"
                             "  failures INTEGER NOT NULL DEFAULT 0,"
                             "  reason TEXT"
                             ") STRICT;"
                             "CREATE TABLE entry ("
                             "  id INTEGER PRIMARY KEY,"
                             "  state INTEGER NOT NULL,"
                             "  account INTEGER NOT NULL,"
                             "  next_attempt INTEGER NOT NULL DEFAULT 0,"
                             "  finished INTEGER NOT NULL DEFAULT 0,"
                             "  attempts INTEGER NOT NULL DEFAULT 0,"
                             "  last_attempt INTEGER NOT NULL DEFAULT 0,"
                             "  was_clear INTEGER NOT NULL DEFAULT 0,"
                             "  is_doubtful INTEGER NOT NULL DEFAULT 0,"
                             "  arrived INTEGER NOT NULL,"
                             "  length INTEGER NOT NULL,"
                             "  seal INTEGER,"
                             "  sender TEXT NOT NULL,"
                             "  subject TEXT NOT NULL,"
                             "  message_id TEXT NOT NULL,"
                             "  reason TEXT,"
                             "  bounce TEXT,"
                             "  since INTEGER NOT NULL DEFAULT 0,"
                             "  is_offline INTEGER NOT NULL DEFAULT 0"
                             ") STRICT;"
                             "CREATE TABLE recipient ("
                             "  entry INTEGER NOT NULL,"
                             "  number INTEGER NOT NULL,"
                             "  address TEXT NOT NULL,"
                             "  progress INTEGER NOT NULL,"
                             "  code INTEGER NOT NULL,"
                             "  status TEXT,"
                             "  text TEXT,"
                             "  time INTEGER NOT NULL,"
                             "  PRIMARY KEY (entry, number)"
                             ") STRICT, WITHOUT ROWID;"
                             "CREATE TABLE seal ("
                             "  id INTEGER PRIMARY KEY,"
                             "  text TEXT NOT NULL UNIQUE"
                             ") STRICT;";

/* Version 1 counted from the arrival on. */
static const char upgrade_1[]
    = "ALTER TABLE entry ADD COLUMN since INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE entry ADD COLUMN is_offline INTEGER NOT NULL DEFAULT 0;"
      "UPDATE entry SET since = arrived WHERE attempts > 0;"
      "PRAGMA user_version = 2;";

static const char *const texts[OUTBOX_N_STATEMENTS] = {
  [OUTBOX_BEGIN] = "BEGIN IMMEDIATE",
  [OUTBOX_BEGIN_READING] = "BEGIN DEFERRED",
  [OUTBOX_COMMIT] = "COMMIT",
  [OUTBOX_FIND_ACCOUNT] = "SELECT id FROM account WHERE name = ?1",
  [OUTBOX_ADD_ACCOUNT] = "INSERT INTO account (name) VALUES (?1)",
  [OUTBOX_LIST_ACCOUNTS] = "SELECT id, name FROM account",
  [OUTBOX_PAUSE_ACCOUNT] = "UPDATE account SET paused_until = ?2, reason = ?3,"
                           " failures = CASE ?2 WHEN 0 THEN 0 ELSE failures + 1 END"
                           " WHERE id = ?1",
  [OUTBOX_GET_PAUSE] = "SELECT paused_until, failures, reason FROM account WHERE name = ?1",
  [OUTBOX_UNBLOCK]
  = "UPDATE entry SET state = 0, next_attempt = 0 WHERE account = ?1 AND state = 3",
  [OUTBOX_HASTEN] = "UPDATE entry SET next_attempt = 0 WHERE is_offline = 1 AND state = 0"
                    " AND account = (SELECT id FROM account WHERE name = ?1)",
  [OUTBOX_FIND_SEAL] = "SELECT id FROM seal WHERE text = ?1",
  [OUTBOX_ADD_SEAL] = "INSERT INTO seal (text) VALUES (?1)",
  [OUTBOX_SCAN] = "SELECT id, state, account, next_attempt, finished FROM entry ORDER BY id",
  [OUTBOX_SCAN_RANGE] = "SELECT id, state FROM entry WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
  [OUTBOX_LIST_DONE]
  = "SELECT entry.id FROM entry JOIN account ON account.id = entry.account"
    " WHERE state >= 6 AND name = coalesce (?1, name) ORDER BY finished DESC, entry.id DESC",
  [OUTBOX_LIST_REPORTS] = "SELECT entry.id FROM entry JOIN account ON account.id = entry.account"
                          " WHERE bounce IS NOT NULL AND state < 6 AND name = ?1 ORDER BY entry.id",
  [OUTBOX_GET_STATE] = "SELECT state, name FROM entry LEFT JOIN account"
                       " ON account.id = entry.account WHERE entry.id = ?1",
  [OUTBOX_GET_ENTRY]
  = "SELECT state, account.name, next_attempt, attempts, last_attempt, was_clear,"
    " is_doubtful, arrived, length, seal.text, sender, subject, entry.reason, bounce, since,"
    " message_id FROM entry"
    " LEFT JOIN account ON account.id = entry.account LEFT JOIN seal ON seal.id = entry.seal"
    " WHERE entry.id = ?1",
  [OUTBOX_GET_RECIPIENTS] = "SELECT number, address, progress, code, status, text, time"
                            " FROM recipient WHERE entry = ?1 ORDER BY number",
  [OUTBOX_ADD_ENTRY] = "INSERT INTO entry (id, state, account, arrived, length, sender, subject,"
                       " message_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
  [OUTBOX_SET_STATE] = "UPDATE entry SET state = ?2, next_attempt = ?3,"
                       " is_doubtful = is_doubtful OR state IN (1, 2) WHERE id = ?1",
  /* Whoever marks holds the lock, so that another mark is one of a sender that is gone. */
  [OUTBOX_MARK] = "UPDATE entry SET state = 1, is_doubtful = is_doubtful OR state IN (1, 2)"
                  " WHERE id = ?1 AND state IN (0, 1, 2, 3, 5)",
  /* What the user holds stays held unless it has left. */
  [OUTBOX_SETTLE]
  = "UPDATE entry SET state = CASE WHEN state = 4 AND ?2 < 6 THEN 4 ELSE ?2 END,"
    " attempts = attempts + ?3,"
    " last_attempt = CASE ?3 WHEN 0 THEN last_attempt ELSE ?4 END,"
    " next_attempt = ?5, reason = ?6, seal = coalesce (nullif (?7, 0), seal), was_clear = ?8,"
    " is_doubtful = is_doubtful OR ?9 OR ?2 = 2, bounce = ?10,"
    " finished = ?11, since = CASE since WHEN 0 THEN ?4 ELSE since END, is_offline = ?12"
    " WHERE id = ?1 AND state < 6",
  [OUTBOX_PUT_RECIPIENT] = "INSERT OR REPLACE INTO recipient (entry, number, address, progress,"
                           " code, status, text, time) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
  [OUTBOX_KEEP_RECIPIENT] = "INSERT OR IGNORE INTO recipient (entry, number, address, progress,"
                            " code, status, text, time) VALUES (?1, ?2, ?3, 0, 0, NULL, NULL, 0)",
  [OUTBOX_DROP_ENTRY] = "DELETE FROM entry WHERE id = ?1",
  [OUTBOX_DROP_RECIPIENTS] = "DELETE FROM recipient WHERE entry = ?1",
  [OUTBOX_DROP_SEALS] = "DELETE FROM seal WHERE id NOT IN"
                        " (SELECT seal FROM entry WHERE seal IS NOT NULL)",
  [OUTBOX_GET_IDENTITY] = "SELECT state, arrived, length, message_id FROM entry WHERE id = ?1",
  [OUTBOX_HAS_MARKS] = "SELECT 1 FROM entry WHERE state = 1 AND account ="
                       " (SELECT id FROM account WHERE name = ?1) LIMIT 1",
  [OUTBOX_DOUBT_MARKS] = "UPDATE entry SET state = 2, is_doubtful = 1 WHERE state = 1"
                         " AND account = (SELECT id FROM account WHERE name = ?1)",
};

static gboolean
fail_with (PostsealOutbox *self,
           PostsealOutboxError code,
           const char *reason,
           const char *advice,
           GError **error)
{
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, code, _ ("Cannot use the outbox's index “%s”: %s; %s"),
               self->path, reason, advice);
  return FALSE;
}

gboolean
_postseal_outbox_fail (PostsealOutbox *self, GError **error)
{
  const char *reason = NULL;
  int code = postseal_database_get_failure (&self->db, &reason);

  switch (code)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail_with (self, POSTSEAL_OUTBOX_ERROR_BUSY, reason,
                        _ ("another program is writing it; try again"), error);
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      return fail_with (self, POSTSEAL_OUTBOX_ERROR_DISK, reason, _ ("make room and try again"),
                        error);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return fail_with (self, POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE, reason,
                        _ ("see who may write there"), error);
    default:
      return fail_with (self, POSTSEAL_OUTBOX_ERROR_DAMAGED, reason,
                        _ ("restore it from a backup, or move it away: then messages that were "
                           "being sent may be sent twice"),
                        error);
    }
}

static gboolean
fail (gpointer owner, GError **error)
{
  return _postseal_outbox_fail (owner, error);
}

/* --- transactions --- */

gboolean
_postseal_outbox_begin (PostsealOutbox *self, GError **error)
{
  return postseal_database_run (&self->db, OUTBOX_BEGIN, error, "");
}

gboolean
_postseal_outbox_end (PostsealOutbox *self, GError **error)
{
  if (postseal_database_run (&self->db, OUTBOX_COMMIT, error, ""))
    return TRUE;
  _postseal_outbox_undo (self);
  return FALSE;
}

void
_postseal_outbox_undo (PostsealOutbox *self)
{
  postseal_database_undo (&self->db);
  g_hash_table_remove_all (self->account_ids);
  g_hash_table_remove_all (self->seal_ids);
}

gboolean
postseal_outbox_begin_loading (PostsealOutbox *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return postseal_database_run (&self->db, OUTBOX_BEGIN_READING, error, "");
}

void
postseal_outbox_end_loading (PostsealOutbox *self)
{
  g_return_if_fail (self != NULL);

  if (!sqlite3_get_autocommit (self->db.handle))
    sqlite3_exec (self->db.handle, "COMMIT", NULL, NULL, NULL);
}

/* --- names and their numbers --- */

static gboolean
intern (PostsealOutbox *self,
        GHashTable *known,
        PostsealOutboxStatement find,
        PostsealOutboxStatement add,
        const char *text,
        gint64 *ret_id,
        GError **error)
{
  gpointer value = g_hash_table_lookup (known, text);
  gint64 id = 0;

  if (value == NULL)
    {
      if (!postseal_database_intern (&self->db, find, add, text, &id, error))
        return FALSE;
      value = GSIZE_TO_POINTER ((gsize)id);
      g_hash_table_insert (known, g_strdup (text), value);
    }
  *ret_id = (gint64)GPOINTER_TO_SIZE (value);
  return TRUE;
}

gboolean
_postseal_outbox_intern_account (PostsealOutbox *self,
                                 const char *account,
                                 gint64 *ret_id,
                                 GError **error)
{
  return intern (self, self->account_ids, OUTBOX_FIND_ACCOUNT, OUTBOX_ADD_ACCOUNT, account, ret_id,
                 error);
}

gboolean
_postseal_outbox_intern_seal (PostsealOutbox *self,
                              const char *seal,
                              gint64 *ret_id,
                              GError **error)
{
  return intern (self, self->seal_ids, OUTBOX_FIND_SEAL, OUTBOX_ADD_SEAL, seal, ret_id, error);
}

/* --- opening --- */

static gboolean
check_version (PostsealOutbox *self, gint64 application, gint64 version, GError **error)
{
  if (application != APPLICATION_ID)
    return fail_with (self, POSTSEAL_OUTBOX_ERROR_DAMAGED, _ ("it is something else"),
                      _ ("move it away"), error);
  if (version != VERSION)
    return fail_with (self, POSTSEAL_OUTBOX_ERROR_DAMAGED, _ ("a newer Postseal has made it"),
                      _ ("install that one again"), error);
  return TRUE;
}

/* Switching takes the file for itself, and does not wait for others as the rest does. */
static gboolean
switch_to_wal (PostsealOutbox *self, GError **error)
{
  for (guint waited_ms = 0; waited_ms < BUSY_MS; waited_ms += 2)
    {
      int code
          = sqlite3_exec (self->db.handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) & 0xff;

      if (code == SQLITE_OK)
        return TRUE;
      if (code != SQLITE_BUSY && code != SQLITE_LOCKED)
        break;
      g_usleep (2000);
    }
  return _postseal_outbox_fail (self, error);
}

/* All in one transaction: a crash leaves an empty file or an index. Another program may be faster.
 */
static gboolean
make_tables (PostsealOutbox *self, GError **error)
{
  g_autofree char *sql = g_strdup_printf (
      "%s PRAGMA application_id = %d; PRAGMA user_version = %d;", schema, APPLICATION_ID, VERSION);

  if (!switch_to_wal (self, error) || !_postseal_outbox_begin (self, error))
    return FALSE;
  if (postseal_database_read_number (&self->db, "SELECT count (*) FROM sqlite_schema") == 0
      && sqlite3_exec (self->db.handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    {
      _postseal_outbox_fail (self, error);
      _postseal_outbox_undo (self);
      return FALSE;
    }
  return _postseal_outbox_end (self, error);
}

/* Another program may be faster. */
static gboolean
upgrade_tables (PostsealOutbox *self, GError **error)
{
  if (!_postseal_outbox_begin (self, error))
    return FALSE;
  if (postseal_database_read_number (&self->db, "PRAGMA user_version") == 1
      && sqlite3_exec (self->db.handle, upgrade_1, NULL, NULL, NULL) != SQLITE_OK)
    {
      _postseal_outbox_fail (self, error);
      _postseal_outbox_undo (self);
      return FALSE;
    }
  return _postseal_outbox_end (self, error);
}

static gboolean
prepare_tables (PostsealOutbox *self, GError **error)
{
  gint64 tables = postseal_database_read_number (&self->db, "SELECT count (*) FROM sqlite_schema");
  gint64 application;

  if (tables < 0 || (tables == 0 && !make_tables (self, error)))
    return tables == 0 ? FALSE : _postseal_outbox_fail (self, error);
  application = postseal_database_read_number (&self->db, "PRAGMA application_id");
  if (application == APPLICATION_ID
      && postseal_database_read_number (&self->db, "PRAGMA user_version") == 1
      && !upgrade_tables (self, error))
    return FALSE;
  return check_version (self, application,
                        postseal_database_read_number (&self->db, "PRAGMA user_version"), error);
}

/* Makes the empty file itself, for its mode; SQLite gives its companions the same. Never opens it:
   closing it would take away the locks of every connection that this process has already
   (fcntl(2)), and the next program would take the index for its own. */
static gboolean
make_file (const char *path, GError **error)
{
  if (mknod (path, S_IFREG | 0600, 0) != 0 && errno != EEXIST)
    return _postseal_outbox_fail_errno (errno, _ ("Cannot make the outbox's index"), path, error);
  return TRUE;
}

static gboolean
connect_file (PostsealOutbox *self, GError **error)
{
  return postseal_database_open (&self->db, self->path, BUSY_MS, CACHE_KIB, LOG_BYTES, error)
         && prepare_tables (self, error);
}

static gboolean
open_queue (PostsealOutbox *self, GError **error)
{
  g_autofree char *queue = _postseal_outbox_build_path ("queue");

  self->queue_fd = open (queue, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return self->queue_fd >= 0
         || _postseal_outbox_fail_errno (errno, _ ("Cannot open the outbox"), queue, error);
}

PostsealOutbox *
_postseal_outbox_connect (GError **error)
{
  g_autoptr (PostsealOutbox) self = g_new0 (PostsealOutbox, 1);

  self->queue_fd = -1;
  postseal_database_init (&self->db, texts, OUTBOX_N_STATEMENTS, fail, self);
  self->path = _postseal_outbox_build_path ("index.db");
  self->account_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->seal_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->names = g_string_chunk_new (256);
  self->heads = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->senders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!_postseal_outbox_make_directories (error) || !open_queue (self, error)
      || !make_file (self->path, error) || !connect_file (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

PostsealOutbox *
postseal_outbox_open (GError **error)
{
  g_autoptr (PostsealOutbox) self = _postseal_outbox_connect (error);

  if (self == NULL || !_postseal_outbox_sweep (self, g_get_real_time () / G_USEC_PER_SEC, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
postseal_outbox_free (PostsealOutbox *self)
{
  if (self == NULL)
    return;
  if (self->remover != NULL)
    g_thread_pool_free (self->remover, FALSE, TRUE);
  postseal_database_close (&self->db);
  if (self->queue_fd >= 0)
    close (self->queue_fd);
  g_free (self->path);
  g_hash_table_unref (self->account_ids);
  g_hash_table_unref (self->seal_ids);
  g_hash_table_unref (self->heads);
  g_hash_table_unref (self->senders);
  g_string_chunk_free (self->names);
  g_free (self);
}

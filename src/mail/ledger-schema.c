/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger-private.h"

#include <glib/gi18n-lib.h>

#define APPLICATION_ID 0x50534c44 /* "PSLD" */
#define VERSION 1

/* Messages are found by their key and by what is due, nothing else: no rowid, one index. "content"
   is the start of the digest, without a trace header. Intents are few and short-lived; they
   alone hold names. */
static const char schema[]
    = "CREATE TABLE mailbox ("
      "  id INTEGER PRIMARY KEY,"
      "  name TEXT NOT NULL UNIQUE,"
      "  uid_validity INTEGER NOT NULL,"
      "  next_uid INTEGER NOT NULL,"
      "  highest_modseq INTEGER NOT NULL"
      ") STRICT;"
      "CREATE TABLE message ("
      "  mailbox INTEGER NOT NULL,"
      "  uid INTEGER NOT NULL,"
      "  size INTEGER NOT NULL,"
      "  delivered_at INTEGER NOT NULL,"
      "  content INTEGER NOT NULL,"
      "  seal INTEGER NOT NULL,"
      "  is_deleted INTEGER NOT NULL,"
      "  PRIMARY KEY (mailbox, uid)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE INDEX message_due ON message (mailbox, delivered_at) WHERE is_deleted = 0;"
      "CREATE TABLE pop3_message ("
      "  mailbox INTEGER NOT NULL,"
      "  uidl TEXT NOT NULL,"
      "  occurrence INTEGER NOT NULL,"
      "  size INTEGER NOT NULL,"
      "  delivered_at INTEGER NOT NULL,"
      "  content INTEGER NOT NULL,"
      "  seal INTEGER NOT NULL,"
      "  PRIMARY KEY (mailbox, uidl, occurrence)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE retry ("
      "  mailbox INTEGER NOT NULL,"
      "  uid INTEGER NOT NULL,"
      "  PRIMARY KEY (mailbox, uid)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE intent ("
      "  id INTEGER PRIMARY KEY,"
      "  mailbox INTEGER NOT NULL,"
      "  uid INTEGER NOT NULL,"
      "  uidl TEXT,"
      "  occurrence INTEGER NOT NULL,"
      "  size INTEGER NOT NULL,"
      "  digest BLOB NOT NULL,"
      "  name TEXT NOT NULL,"
      "  staged TEXT NOT NULL,"
      "  path TEXT,"
      "  seal INTEGER NOT NULL,"
      "  boot TEXT NOT NULL,"
      "  made_at INTEGER NOT NULL"
      ") STRICT;"
      "CREATE TABLE seal ("
      "  id INTEGER PRIMARY KEY,"
      "  text TEXT NOT NULL UNIQUE"
      ") STRICT;";

/* With which seal a message was fetched that is not on the server any more, or is counted anew
   there: it may still be asked for its way. In the same transaction as what is forgotten. A ledger
   of a version without works as before, and so does that version with this. */
static const char memory[]
    = "CREATE TABLE IF NOT EXISTS departed ("
      "  content INTEGER NOT NULL,"
      "  delivered_at INTEGER NOT NULL,"
      "  mailbox INTEGER NOT NULL,"
      "  seal INTEGER NOT NULL,"
      "  PRIMARY KEY (content, delivered_at, mailbox)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TRIGGER IF NOT EXISTS message_departs AFTER DELETE ON message WHEN old.seal >= 0 "
      "BEGIN"
      "  INSERT OR IGNORE INTO departed (content, delivered_at, mailbox, seal)"
      "  VALUES (old.content, old.delivered_at, old.mailbox, old.seal); "
      "END;"
      "CREATE TRIGGER IF NOT EXISTS pop3_message_departs AFTER DELETE ON pop3_message"
      " WHEN old.seal >= 0 "
      "BEGIN"
      "  INSERT OR IGNORE INTO departed (content, delivered_at, mailbox, seal)"
      "  VALUES (old.content, old.delivered_at, old.mailbox, old.seal); "
      "END;";

/* All in one transaction: a crash leaves an empty file or a ledger. */
static gboolean
make_tables (PostsealLedger *self, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("BEGIN EXCLUSIVE; %s %s PRAGMA application_id = %d;"
                                          "PRAGMA user_version = %d; COMMIT;",
                                          schema, memory, APPLICATION_ID, VERSION);

  if (sqlite3_exec (self->db.handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) == SQLITE_OK
      && sqlite3_exec (self->db.handle, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  _postseal_ledger_fail (self, error);
  postseal_ledger_rollback (self);
  return FALSE;
}

/* To a ledger that has been made without. Where it cannot be written now, at another time: nothing
   depends on it but an answer to a person. */
static void
add_memory (PostsealLedger *self)
{
  g_autofree char *sql = g_strdup_printf ("BEGIN IMMEDIATE; %s COMMIT;", memory);

  if (postseal_database_read_number (
          &self->db, "SELECT count (*) FROM sqlite_schema WHERE name = 'pop3_message_departs'")
      != 0)
    return;
  if (sqlite3_exec (self->db.handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    postseal_ledger_rollback (self);
}

static gboolean
check_version (PostsealLedger *self, gint64 application, gint64 version, GError **error)
{
  if (application != APPLICATION_ID)
    g_set_error (
        error, POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_DAMAGED,
        _ ("“%s” is not a record of delivered mail, though it stands in its place; move it "
           "away"),
        self->path);
  else if (version != VERSION)
    g_set_error (
        error, POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_DAMAGED,
        _ ("The record of delivered mail “%s” was made by a newer Postseal (its version %d, "
           "known is %d); install that one again"),
        self->path, (int)version, VERSION);
  else
    return TRUE;
  return FALSE;
}

gboolean
_postseal_ledger_schema_prepare (PostsealLedger *self, GError **error)
{
  gint64 application = postseal_database_read_number (&self->db, "PRAGMA application_id");
  gint64 version = postseal_database_read_number (&self->db, "PRAGMA user_version");

  if (application < 0 || version < 0)
    return _postseal_ledger_fail (self, error);
  if (application == 0 && version == 0
      && postseal_database_read_number (&self->db, "SELECT count (*) FROM sqlite_schema") == 0)
    return make_tables (self, error);
  if (!check_version (self, application, version, error))
    return FALSE;
  add_memory (self);
  return TRUE;
}

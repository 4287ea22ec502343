/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/database.h"

#include <stdarg.h>

#include "base/digest.h"

void
postseal_database_init (PostsealDatabase *self,
                        const char *const *texts,
                        guint n_texts,
                        gboolean (*fail) (gpointer owner, GError **error),
                        gpointer owner)
{
  g_return_if_fail (self != NULL);

  self->fail = fail;
  self->owner = owner;
  self->handle = NULL;
  self->texts = texts;
  self->n_texts = n_texts;
  self->prepared = g_new0 (sqlite3_stmt *, n_texts);
}

void
postseal_database_rest (PostsealDatabase *self)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; self->prepared != NULL && i < self->n_texts; i++)
    g_clear_pointer (&self->prepared[i], sqlite3_finalize);
}

void
postseal_database_close (PostsealDatabase *self)
{
  g_return_if_fail (self != NULL);

  postseal_database_rest (self);
  g_clear_pointer (&self->prepared, g_free);
  g_clear_pointer (&self->handle, sqlite3_close);
}

gboolean
postseal_database_open (PostsealDatabase *self,
                        const char *path,
                        int busy_ms,
                        guint cache_kib,
                        guint log_bytes,
                        GError **error)
{
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  g_autofree char *pragmas = NULL;

  g_return_val_if_fail (self != NULL && self->handle == NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  if (sqlite3_open_v2 (path, &self->handle, flags, NULL) != SQLITE_OK)
    return self->fail (self->owner, error);
  sqlite3_busy_timeout (self->handle, busy_ms);
  pragmas = g_strdup_printf ("PRAGMA synchronous = FULL; PRAGMA cache_size = -%u;"
                             "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = %u;",
                             cache_kib, log_bytes);
  return sqlite3_exec (self->handle, pragmas, NULL, NULL, NULL) == SQLITE_OK
         || self->fail (self->owner, error);
}

int
postseal_database_get_failure (PostsealDatabase *self, const char **ret_reason)
{
  int code = self->handle != NULL ? sqlite3_errcode (self->handle) & 0xff : SQLITE_NOMEM;

  *ret_reason = self->handle != NULL ? sqlite3_errmsg (self->handle) : sqlite3_errstr (code);
  return code;
}

static void
bind_values (sqlite3_stmt *stmt, const char *types, va_list values)
{
  for (int i = 1; *types != '\0'; i++, types++)
    switch (*types)
      {
      case 'i':
        sqlite3_bind_int64 (stmt, i, va_arg (values, gint64));
        break;
      case 't':
        sqlite3_bind_text (stmt, i, va_arg (values, const char *), -1, SQLITE_STATIC);
        break;
      case 'd':
        sqlite3_bind_blob (stmt, i, va_arg (values, const guint8 *), POSTSEAL_DIGEST_LENGTH,
                           SQLITE_STATIC);
        break;
      default:
        g_assert_not_reached ();
      }
}

static sqlite3_stmt *
bind_all (PostsealDatabase *self, guint which, GError **error, const char *types, va_list values)
{
  sqlite3_stmt *stmt;

  g_return_val_if_fail (which < self->n_texts, NULL);

  stmt = self->prepared[which];
  if (stmt == NULL)
    {
      if (sqlite3_prepare_v3 (self->handle, self->texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                              &stmt, NULL)
          != SQLITE_OK)
        {
          self->fail (self->owner, error);
          return NULL;
        }
      self->prepared[which] = stmt;
    }
  sqlite3_reset (stmt);
  bind_values (stmt, types, values);
  return stmt;
}

sqlite3_stmt *
postseal_database_bind (PostsealDatabase *self, guint which, GError **error, const char *types, ...)
{
  va_list values;
  sqlite3_stmt *stmt;

  va_start (values, types);
  stmt = bind_all (self, which, error, types, values);
  va_end (values);
  return stmt;
}

gboolean
postseal_database_next (PostsealDatabase *self, sqlite3_stmt *stmt, GError **error)
{
  int code = sqlite3_step (stmt);

  if (code == SQLITE_ROW)
    return TRUE;
  if (code != SQLITE_DONE)
    self->fail (self->owner, error);
  sqlite3_reset (stmt);
  return FALSE;
}

gboolean
postseal_database_run (PostsealDatabase *self, guint which, GError **error, const char *types, ...)
{
  g_autoptr (GError) local = NULL;
  va_list values;
  sqlite3_stmt *stmt;

  va_start (values, types);
  stmt = bind_all (self, which, error, types, values);
  va_end (values);
  if (stmt == NULL)
    return FALSE;
  while (postseal_database_next (self, stmt, &local))
    ;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
postseal_database_undo (PostsealDatabase *self)
{
  if (!sqlite3_get_autocommit (self->handle))
    sqlite3_exec (self->handle, "ROLLBACK", NULL, NULL, NULL);
}

gboolean
postseal_database_intern (
    PostsealDatabase *self, guint find, guint add, const char *text, gint64 *ret_id, GError **error)
{
  sqlite3_stmt *stmt = postseal_database_bind (self, find, error, "t", text);
  g_autoptr (GError) local = NULL;

  if (stmt == NULL)
    return FALSE;
  if (postseal_database_next (self, stmt, &local))
    {
      *ret_id = sqlite3_column_int64 (stmt, 0);
      sqlite3_reset (stmt);
      return TRUE;
    }
  if (local == NULL && postseal_database_run (self, add, &local, "t", text))
    {
      *ret_id = sqlite3_last_insert_rowid (self->handle);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gint64
postseal_database_read_number (PostsealDatabase *self, const char *sql)
{
  sqlite3_stmt *stmt = NULL;
  gint64 value = -1;

  if (sqlite3_prepare_v2 (self->handle, sql, -1, &stmt, NULL) == SQLITE_OK
      && sqlite3_step (stmt) == SQLITE_ROW)
    value = sqlite3_column_int64 (stmt, 0);
  sqlite3_finalize (stmt);
  return value;
}

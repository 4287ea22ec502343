/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/statements.h"

#include "base/digest.h"

void
postseal_statements_init (PostsealStatements *self,
                          const char *const *texts,
                          guint n_texts,
                          gboolean (*fail) (gpointer owner, GError **error),
                          gpointer owner)
{
  g_return_if_fail (self != NULL);

  self->fail = fail;
  self->owner = owner;
  self->db = NULL;
  self->texts = texts;
  self->n_texts = n_texts;
  self->prepared = g_new0 (sqlite3_stmt *, n_texts);
}

void
postseal_statements_rest (PostsealStatements *self)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; self->prepared != NULL && i < self->n_texts; i++)
    g_clear_pointer (&self->prepared[i], sqlite3_finalize);
}

void
postseal_statements_clear (PostsealStatements *self)
{
  g_return_if_fail (self != NULL);

  postseal_statements_rest (self);
  g_clear_pointer (&self->prepared, g_free);
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

sqlite3_stmt *
postseal_statements_bind (
    PostsealStatements *self, guint which, GError **error, const char *types, va_list values)
{
  sqlite3_stmt *stmt;

  g_return_val_if_fail (which < self->n_texts, NULL);

  stmt = self->prepared[which];
  if (stmt == NULL)
    {
      if (sqlite3_prepare_v3 (self->db, self->texts[which], -1, SQLITE_PREPARE_PERSISTENT, &stmt,
                              NULL)
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

gboolean
postseal_statements_next (PostsealStatements *self, sqlite3_stmt *stmt, GError **error)
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
postseal_statements_run (
    PostsealStatements *self, guint which, GError **error, const char *types, va_list values)
{
  sqlite3_stmt *stmt = postseal_statements_bind (self, which, error, types, values);
  g_autoptr (GError) local = NULL;

  if (stmt == NULL)
    return FALSE;
  while (postseal_statements_next (self, stmt, &local))
    ;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gint64
postseal_statements_read_number (PostsealStatements *self, const char *sql)
{
  sqlite3_stmt *stmt = NULL;
  gint64 value = -1;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &stmt, NULL) == SQLITE_OK
      && sqlite3_step (stmt) == SQLITE_ROW)
    value = sqlite3_column_int64 (stmt, 0);
  sqlite3_finalize (stmt);
  return value;
}

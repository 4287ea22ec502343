/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "mail/ledger-private.h"

void
postseal_ledger_sighting_free (PostsealLedgerSighting *self)
{
  if (self == NULL)
    return;
  g_free (self->mailbox);
  g_free (self->seal);
  g_free (self);
}

static PostsealLedgerSighting *
read_row (sqlite3_stmt *stmt)
{
  PostsealLedgerSighting *sighting = g_new0 (PostsealLedgerSighting, 1);

  sighting->mailbox = g_strdup ((const char *)sqlite3_column_text (stmt, 0));
  sighting->delivered_at = sqlite3_column_int64 (stmt, 1);
  sighting->seal = g_strdup ((const char *)sqlite3_column_text (stmt, 2));
  return sighting;
}

/* A ledger that was never written by this version has no such table. */
static gboolean
has_memory (PostsealLedger *self)
{
  return postseal_database_read_number (
             &self->db, "SELECT count (*) FROM sqlite_schema WHERE name = 'departed'")
         > 0;
}

static gboolean
collect (PostsealLedger *self, guint statement, gint64 content, GPtrArray *found, GError **error)
{
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, statement, error, "i", content);

  if (stmt == NULL)
    return FALSE;
  while (postseal_database_next (&self->db, stmt, &local))
    g_ptr_array_add (found, read_row (stmt));
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

GPtrArray *
postseal_ledger_find_content (PostsealLedger *self, const guint8 *content, GError **error)
{
  g_autoptr (GPtrArray) found
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_ledger_sighting_free);
  gint64 value;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (content != NULL, NULL);

  memcpy (&value, content, sizeof value);
  value = GINT64_FROM_BE (value);
  if (!collect (self, LEDGER_FIND_CONTENT, value, found, error)
      || (has_memory (self) && !collect (self, LEDGER_FIND_DEPARTED, value, found, error)))
    return NULL;
  return g_steal_pointer (&found);
}

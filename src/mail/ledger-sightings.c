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

GPtrArray *
postseal_ledger_find_content (PostsealLedger *self, const guint8 *content, GError **error)
{
  g_autoptr (GPtrArray) found
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_ledger_sighting_free);
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt;
  gint64 value;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (content != NULL, NULL);

  memcpy (&value, content, sizeof value);
  stmt = postseal_database_bind (&self->db, LEDGER_FIND_CONTENT, error, "i",
                                 (gint64)GINT64_FROM_BE (value));
  if (stmt == NULL)
    return NULL;
  while (postseal_database_next (&self->db, stmt, &local))
    g_ptr_array_add (found, read_row (stmt));
  if (local == NULL)
    return g_steal_pointer (&found);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

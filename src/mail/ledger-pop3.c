/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger-private.h"

#include <string.h>

/* Both sides sorted by UIDL and occurrence, and walked once together. */
typedef struct
{
  PostsealLedger *ledger; /* borrowed */
  gint64 mailbox;
  const PostsealLedgerListed *listed; /* borrowed: of the caller */
  gsize n_listed;
  gint64 due_before;
  guint32 *order; /* owned: indexes into listed, sorted */
  gsize position; /* in order */
  GArray *fresh; /* owned (element-type guint) */
  GArray *due; /* owned (element-type guint) */
  GPtrArray *gone; /* owned (element-type utf8): remembered, not listed */
  GArray *gone_occurrences; /* owned (element-type guint32) */
} Comparison;

static int
compare_keys (const char *a, guint32 a_occurrence, const char *b, guint32 b_occurrence)
{
  int order = strcmp (a, b);

  if (order != 0)
    return order;
  return (a_occurrence > b_occurrence) - (a_occurrence < b_occurrence);
}

static int
compare_listed (const void *a, const void *b, void *user_data)
{
  const PostsealLedgerListed *listed = user_data;
  const PostsealLedgerListed *left = &listed[*(const guint32 *)a];
  const PostsealLedgerListed *right = &listed[*(const guint32 *)b];

  return compare_keys (left->uidl, left->occurrence, right->uidl, right->occurrence);
}

static int
compare_indexes (const void *a, const void *b)
{
  guint left = *(const guint *)a;
  guint right = *(const guint *)b;

  return (left > right) - (left < right);
}

static void
sort_listing (Comparison *self)
{
  self->order = g_new (guint32, MAX (self->n_listed, 1));
  for (gsize i = 0; i < self->n_listed; i++)
    self->order[i] = (guint32)i;
  qsort_r (self->order, self->n_listed, sizeof *self->order, compare_listed, (void *)self->listed);
}

/* Everything listed before the remembered (@uidl, @occurrence) is new; NULL: everything left. */
static void
add_fresh_before (Comparison *self, const char *uidl, guint32 occurrence)
{
  for (; self->position < self->n_listed; self->position++)
    {
      guint index = self->order[self->position];
      const PostsealLedgerListed *entry = &self->listed[index];

      if (uidl != NULL && compare_keys (entry->uidl, entry->occurrence, uidl, occurrence) >= 0)
        return;
      g_array_append_val (self->fresh, index);
    }
}

static void
see_remembered (Comparison *self, sqlite3_stmt *stmt)
{
  const char *uidl = (const char *)sqlite3_column_text (stmt, 0);
  guint32 occurrence = (guint32)sqlite3_column_int64 (stmt, 1);
  const PostsealLedgerListed *entry = NULL;
  guint index = 0;

  add_fresh_before (self, uidl, occurrence);
  if (self->position < self->n_listed)
    {
      index = self->order[self->position];
      entry = &self->listed[index];
    }
  if (entry == NULL || compare_keys (entry->uidl, entry->occurrence, uidl, occurrence) != 0)
    {
      g_ptr_array_add (self->gone, g_strdup (uidl));
      g_array_append_val (self->gone_occurrences, occurrence);
      return;
    }
  if ((guint64)sqlite3_column_int64 (stmt, 2) != entry->size)
    return; /* another message under a used UIDL: stays in front of us, and so counts as new */
  if (sqlite3_column_int64 (stmt, 3) <= self->due_before)
    g_array_append_val (self->due, index);
  self->position++;
}

static gboolean
walk (Comparison *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt
      = _postseal_ledger_bind (self->ledger, LEDGER_LIST_POP3, &local, "i", self->mailbox);

  while (stmt != NULL && _postseal_ledger_next (self->ledger, stmt, &local))
    see_remembered (self, stmt);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  add_fresh_before (self, NULL, 0);
  g_array_sort (self->fresh, compare_indexes);
  g_array_sort (self->due, compare_indexes);
  return TRUE;
}

static gboolean
forget_gone (Comparison *self, GError **error)
{
  if (self->gone->len == 0)
    return TRUE;
  if (!postseal_ledger_begin (self->ledger, error))
    return FALSE;
  for (guint i = 0; i < self->gone->len; i++)
    if (!postseal_ledger_forget_uidl (self->ledger, self->mailbox,
                                      g_ptr_array_index (self->gone, i),
                                      g_array_index (self->gone_occurrences, guint32, i), error))
      {
        postseal_ledger_rollback (self->ledger);
        return FALSE;
      }
  return postseal_ledger_commit (self->ledger, error);
}

gboolean
postseal_ledger_compare (PostsealLedger *self,
                         gint64 mailbox,
                         const PostsealLedgerListed *listed,
                         gsize n_listed,
                         gint64 due_before,
                         GArray **ret_new,
                         GArray **ret_due,
                         GError **error)
{
  Comparison comparison = {
    .ledger = self,
    .mailbox = mailbox,
    .listed = listed,
    .n_listed = n_listed,
    .due_before = due_before,
    .fresh = g_array_new (FALSE, FALSE, sizeof (guint)),
    .due = g_array_new (FALSE, FALSE, sizeof (guint)),
    .gone = g_ptr_array_new_with_free_func (g_free),
    .gone_occurrences = g_array_new (FALSE, FALSE, sizeof (guint32)),
  };
  gboolean is_done;

  sort_listing (&comparison);
  is_done = walk (&comparison, error) && forget_gone (&comparison, error);
  if (is_done)
    {
      *ret_new = g_steal_pointer (&comparison.fresh);
      *ret_due = g_steal_pointer (&comparison.due);
    }
  g_clear_pointer (&comparison.fresh, g_array_unref);
  g_clear_pointer (&comparison.due, g_array_unref);
  g_ptr_array_unref (comparison.gone);
  g_array_unref (comparison.gone_occurrences);
  g_free (comparison.order);
  return is_done;
}

gboolean
postseal_ledger_forget_uidl (
    PostsealLedger *self, gint64 mailbox, const char *uidl, guint32 occurrence, GError **error)
{
  return _postseal_ledger_run (self, LEDGER_FORGET_POP3, error, "iti", mailbox, uidl,
                               (gint64)occurrence);
}

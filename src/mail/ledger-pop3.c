/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/ledger-private.h"

#include <string.h>

/* A remembered message of which nobody knows any more which of the listed ones it is, because
   sizes or occurrences have shifted, gets an occurrence from here on. Such a UIDL is fetched again,
   and known by its content then. */
#define IN_DOUBT (G_GINT64_CONSTANT (1) << 32)

typedef struct
{
  gint64 occurrence;
  guint64 size;
  gint64 delivered_at;
  gboolean is_adopted; /* delivered by another program: never due */
  gboolean is_matched; /* one that is listed */
} Row;

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
  GString *uidl; /* owned: of the rows */
  GArray *rows; /* owned (element-type Row): what is remembered under uidl */
  GArray *fresh; /* owned (element-type guint) */
  GArray *due; /* owned (element-type guint) */
  GArray *moves; /* owned (element-type Move) */
} Comparison;

/* What becomes of a row. */
typedef struct
{
  char *uidl; /* owned */
  gint64 occurrence;
  gint64 to; /* -1: forgotten */
  guint64 size; /* that it has from now on; 0: as before */
} Move;

static void
clear_move (gpointer data)
{
  g_free (((Move *)data)->uidl);
}

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

static void
move_row (Comparison *self, gint64 occurrence, gint64 to)
{
  Move move = { g_strdup (self->uidl->str), occurrence, to, 0 };

  g_array_append_val (self->moves, move);
}

/* An adopted message is the one that is listed first under its UIDL. */
static void
size_row (Comparison *self, gint64 occurrence, guint64 size)
{
  Move move = { g_strdup (self->uidl->str), occurrence, occurrence, size };

  g_array_append_val (self->moves, move);
}

/* Everything listed before @uidl is new; NULL: everything left. */
static void
add_fresh_before (Comparison *self, const char *uidl)
{
  for (; self->position < self->n_listed; self->position++)
    {
      guint index = self->order[self->position];

      if (uidl != NULL && strcmp (self->listed[index].uidl, uidl) >= 0)
        return;
      g_array_append_val (self->fresh, index);
    }
}

/* By occurrence and size; both sides ascend. Returns: whether there was a row for it */
static gboolean
match_listed (Comparison *self, guint index, guint *next_row)
{
  const PostsealLedgerListed *entry = &self->listed[index];

  for (; *next_row < self->rows->len; (*next_row)++)
    {
      Row *row = &g_array_index (self->rows, Row, *next_row);

      if (row->occurrence < entry->occurrence)
        continue;
      if (row->occurrence > entry->occurrence
          || (row->size != entry->size && row->size != (guint64)LEDGER_SIZE_UNKNOWN))
        return FALSE; /* another message under a used UIDL, it seems */
      row->is_matched = TRUE;
      if (row->size == (guint64)LEDGER_SIZE_UNKNOWN)
        size_row (self, row->occurrence, entry->size);
      if (!row->is_adopted && row->delivered_at <= self->due_before)
        g_array_append_val (self->due, index);
      return TRUE;
    }
  return FALSE;
}

/* All that is remembered under one UIDL, which is one row unless the server repeats itself. */
static void
end_rows (Comparison *self)
{
  gint64 doubtful = IN_DOUBT;
  gboolean is_any_fresh = FALSE;
  guint next_row = 0;

  if (self->rows->len == 0)
    return;
  add_fresh_before (self, self->uidl->str);
  for (; self->position < self->n_listed; self->position++)
    {
      guint index = self->order[self->position];

      if (strcmp (self->listed[index].uidl, self->uidl->str) != 0)
        break;
      if (match_listed (self, index, &next_row))
        continue;
      is_any_fresh = TRUE;
      g_array_append_val (self->fresh, index);
    }

  for (guint i = 0; i < self->rows->len; i++)
    doubtful = MAX (doubtful, g_array_index (self->rows, Row, i).occurrence + 1);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = &g_array_index (self->rows, Row, i);

      if (row->is_matched)
        continue;
      if (!is_any_fresh)
        move_row (self, row->occurrence, -1);
      else if (row->occurrence < IN_DOUBT)
        move_row (self, row->occurrence, doubtful++);
    }
  g_array_set_size (self->rows, 0);
}

static void
add_row (Comparison *self, sqlite3_stmt *stmt)
{
  const char *uidl = (const char *)sqlite3_column_text (stmt, 0);
  Row row = { .occurrence = sqlite3_column_int64 (stmt, 1),
              .size = (guint64)sqlite3_column_int64 (stmt, 2),
              .delivered_at = sqlite3_column_int64 (stmt, 3),
              .is_adopted = sqlite3_column_int64 (stmt, 4) == LEDGER_ADOPTED };

  if (!g_str_equal (uidl, self->uidl->str))
    {
      end_rows (self);
      g_string_assign (self->uidl, uidl);
    }
  g_array_append_val (self->rows, row);
}

static gboolean
walk (Comparison *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt
      = postseal_database_bind (&self->ledger->db, LEDGER_LIST_POP3, &local, "i", self->mailbox);

  while (stmt != NULL && postseal_database_next (&self->ledger->db, stmt, &local))
    add_row (self, stmt);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  end_rows (self);
  add_fresh_before (self, NULL);
  g_array_sort (self->fresh, compare_indexes);
  g_array_sort (self->due, compare_indexes);
  return TRUE;
}

static gboolean
write_move (Comparison *self, const Move *move, GError **error)
{
  if (move->to < 0)
    return postseal_database_run (&self->ledger->db, LEDGER_FORGET_POP3, error, "iti",
                                  self->mailbox, move->uidl, move->occurrence);
  if (move->to == move->occurrence)
    return postseal_database_run (&self->ledger->db, LEDGER_SIZE_POP3, error, "itii", self->mailbox,
                                  move->uidl, move->occurrence, (gint64)move->size);
  return postseal_database_run (&self->ledger->db, LEDGER_MOVE_POP3, error, "itii", self->mailbox,
                                move->uidl, move->occurrence, move->to);
}

static gboolean
write_moves (Comparison *self, GError **error)
{
  if (self->moves->len == 0)
    return TRUE;
  if (!postseal_ledger_begin (self->ledger, error))
    return FALSE;
  for (guint i = 0; i < self->moves->len; i++)
    if (!write_move (self, &g_array_index (self->moves, Move, i), error))
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
    .uidl = g_string_new (NULL),
    .rows = g_array_new (FALSE, FALSE, sizeof (Row)),
    .moves = g_array_new (FALSE, FALSE, sizeof (Move)),
  };
  gboolean is_done;

  g_array_set_clear_func (comparison.moves, clear_move);
  sort_listing (&comparison);
  is_done = walk (&comparison, error) && write_moves (&comparison, error);
  if (is_done)
    {
      *ret_new = g_steal_pointer (&comparison.fresh);
      *ret_due = g_steal_pointer (&comparison.due);
    }
  g_clear_pointer (&comparison.fresh, g_array_unref);
  g_clear_pointer (&comparison.due, g_array_unref);
  g_string_free (comparison.uidl, TRUE);
  g_array_unref (comparison.rows);
  g_array_unref (comparison.moves);
  g_free (comparison.order);
  return is_done;
}

gboolean
postseal_ledger_forget_uidl (
    PostsealLedger *self, gint64 mailbox, const char *uidl, guint32 occurrence, GError **error)
{
  return postseal_database_run (&self->db, LEDGER_FORGET_POP3, error, "iti", mailbox, uidl,
                                (gint64)occurrence);
}

gboolean
_postseal_ledger_knows_pop3 (PostsealLedger *self,
                             const PostsealLedgerMessage *message,
                             gboolean *ret_knows,
                             GError **error)
{
  gint64 content = _postseal_ledger_fold_content (message);
  g_autoptr (GError) local = NULL;
  gint64 known_as = -1;
  gint64 size = 0;
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, LEDGER_FIND_POP3_MESSAGE, &local, "itiii",
                                               message->mailbox, message->uidl,
                                               (gint64)message->occurrence, IN_DOUBT, content);

  if (stmt != NULL && postseal_database_next (&self->db, stmt, &local))
    {
      known_as = sqlite3_column_int64 (stmt, 0);
      size = sqlite3_column_int64 (stmt, 1);
      sqlite3_reset (stmt);
    }
  if (local == NULL && known_as >= 0
      && (known_as != message->occurrence || (guint64)size != message->size))
    postseal_database_run (&self->db, LEDGER_RENAME_POP3, &local, "itiii", message->mailbox,
                           message->uidl, known_as, (gint64)message->occurrence,
                           (gint64)message->size);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *ret_knows = known_as >= 0;
  return TRUE;
}

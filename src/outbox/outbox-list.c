/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/outbox-index-private.h"
#include "outbox/retry-schedule.h"

#define LOOK_AFTER_S 60 /* s; whether a sender lives */

/* An entry as far as a list needs it. */
typedef struct
{
  PostsealOutboxNumber number;
  const char *account; /* borrowed: from the outbox's names */
  PostsealOutboxState state; /* as in the row */
  gint64 due; /* Unix seconds, 0: at once */
} Item;

static const char *
keep_name (PostsealOutbox *self, const char *account)
{
  return g_string_chunk_insert_const (self->names, account);
}

/* The message has not been tried: who it is from stands in its file alone.
   Returns: FALSE when the file cannot be used, or is gone */
static gboolean
read_untried (PostsealOutbox *self, Item *item, GPtrArray *problems)
{
  g_autoptr (PostsealEnvelope) envelope = NULL;
  g_autoptr (GError) local = NULL;

  item->state = POSTSEAL_OUTBOX_QUEUED;
  item->account = g_hash_table_lookup (self->heads, &item->number);
  if (item->account != NULL)
    return TRUE;

  envelope = _postseal_outbox_read_head (self, item->number, NULL, &local);
  if (envelope == NULL)
    {
      if (problems != NULL
          && !g_error_matches (local, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN))
        g_ptr_array_add (problems, g_strdup (local->message));
      return FALSE;
    }
  item->account = keep_name (self, envelope->account);
  g_hash_table_insert (self->heads, g_memdup2 (&item->number, sizeof item->number),
                       (char *)item->account);
  return TRUE;
}

/* Returns: (transfer full): names of accounts by their numbers */
static GHashTable *
read_account_names (PostsealOutbox *self, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (NULL, NULL);
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, OUTBOX_LIST_ACCOUNTS, error, "");

  if (stmt == NULL)
    return NULL;
  while (postseal_database_next (&self->db, stmt, &local))
    g_hash_table_insert (names, GSIZE_TO_POINTER ((gsize)sqlite3_column_int64 (stmt, 0)),
                         (char *)keep_name (self, (const char *)sqlite3_column_text (stmt, 1)));
  if (local == NULL)
    return g_steal_pointer (&names);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* Appends the entries without a row up to @limit, from @from in @files on.
   Returns: where in @files to go on */
static guint
add_untried (PostsealOutbox *self,
             const GArray *files,
             guint from,
             PostsealOutboxNumber limit,
             GArray *items,
             GPtrArray *problems)
{
  for (; from < files->len; from++)
    {
      Item item = { .number = g_array_index (files, PostsealOutboxNumber, from) };

      if (item.number >= limit)
        break;
      if (read_untried (self, &item, problems))
        g_array_append_val (items, item);
    }
  return from;
}

/* Goes through rows and files side by side. A row without a file has no business here. */
static gboolean
merge (
    PostsealOutbox *self, const GArray *files, GArray *items, GPtrArray *problems, GError **error)
{
  g_autoptr (GHashTable) names = read_account_names (self, error);
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, OUTBOX_SCAN, error, "");
  g_autoptr (GError) local = NULL;
  guint i = 0;

  if (names == NULL || stmt == NULL)
    return FALSE;
  while (postseal_database_next (&self->db, stmt, &local))
    {
      PostsealOutboxNumber number = (PostsealOutboxNumber)sqlite3_column_int64 (stmt, 0);

      i = add_untried (self, files, i, number, items, problems);
      if (i == files->len || g_array_index (files, PostsealOutboxNumber, i) != number)
        continue;
      i++;
      if (!POSTSEAL_OUTBOX_IS_DONE (sqlite3_column_int (stmt, 1)))
        {
          Item item = {
            .number = number,
            .state = (PostsealOutboxState)sqlite3_column_int (stmt, 1),
            .account
            = g_hash_table_lookup (names, GSIZE_TO_POINTER ((gsize)sqlite3_column_int64 (stmt, 2))),
            .due = sqlite3_column_int64 (stmt, 3),
          };

          g_array_append_val (items, item);
        }
    }
  if (local == NULL)
    {
      add_untried (self, files, i, G_MAXUINT64, items, problems);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Everything that is not done, in order. Returns: (transfer full) (element-type Item) */
static GArray *
scan (PostsealOutbox *self, GPtrArray *problems, GError **error)
{
  /* Files first: what is put in afterwards is not seen, what is done afterwards has its row. */
  g_autoptr (GArray) files = _postseal_outbox_read_queue (self, problems, error);
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (Item));
  gboolean is_within = !sqlite3_get_autocommit (self->db.handle); /* loading has begun already */
  gboolean is_read;

  _postseal_outbox_look_anew (self);
  if (files == NULL
      || (!is_within && !postseal_database_run (&self->db, OUTBOX_BEGIN_READING, error, "")))
    return NULL;
  is_read = merge (self, files, items, problems, error);
  if (!is_within)
    _postseal_outbox_undo (self);
  return is_read ? g_steal_pointer (&items) : NULL;
}

/* To be tried at all. */
static gboolean
is_waiting (PostsealOutbox *self, const Item *item)
{
  switch (_postseal_outbox_judge_state (self, item->state, item->account))
    {
    case POSTSEAL_OUTBOX_QUEUED:
    case POSTSEAL_OUTBOX_IN_DOUBT:
    case POSTSEAL_OUTBOX_BLOCKED:
    case POSTSEAL_OUTBOX_FAILED:
      return TRUE;
    case POSTSEAL_OUTBOX_SENDING:
    case POSTSEAL_OUTBOX_HELD:
    case POSTSEAL_OUTBOX_SENT:
    case POSTSEAL_OUTBOX_BOUNCED:
      break;
    }
  return FALSE;
}

/* What is to be tried later than any schedule says was put off while the clock was wrong, unless
   the user has wished so. */
static gboolean
is_due (PostsealOutbox *self, const Item *item, gint64 now)
{
  g_autoptr (PostsealEnvelope) envelope = NULL;

  if (item->due <= now || !postseal_retry_schedule_is_too_far (item->due, now))
    return item->due <= now;
  envelope = _postseal_outbox_read_head (self, item->number, NULL, NULL);
  return envelope != NULL && item->due > envelope->hold_until;
}

static gboolean
is_wanted (PostsealOutbox *self, const Item *item, PostsealOutboxFilter filter, gint64 now)
{
  switch (filter)
    {
    case POSTSEAL_OUTBOX_ALL:
      return TRUE;
    case POSTSEAL_OUTBOX_DUE:
      return is_waiting (self, item) && item->state != POSTSEAL_OUTBOX_FAILED
             && is_due (self, item, now);
    case POSTSEAL_OUTBOX_WAITING:
      return is_waiting (self, item);
    case POSTSEAL_OUTBOX_DONE:
      break;
    }
  return FALSE;
}

static void
add_id (GPtrArray *ids, PostsealOutboxNumber number)
{
  char *id = g_malloc (POSTSEAL_OUTBOX_ID_LENGTH + 1);

  _postseal_outbox_format_id (number, id);
  g_ptr_array_add (ids, id);
}

/* Appends what the statement finds for the account. */
static gboolean
collect_ids (PostsealOutbox *self,
             PostsealOutboxStatement which,
             const char *account,
             GPtrArray *ids,
             GError **error)
{
  sqlite3_stmt *stmt = postseal_database_bind (&self->db, which, error, "t", account);
  g_autoptr (GError) local = NULL;

  if (stmt == NULL)
    return FALSE;
  while (postseal_database_next (&self->db, stmt, &local))
    add_id (ids, (PostsealOutboxNumber)sqlite3_column_int64 (stmt, 0));
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
list_open (PostsealOutbox *self,
           const char *account,
           PostsealOutboxFilter filter,
           gint64 now,
           GPtrArray *ids,
           GPtrArray *problems,
           GError **error)
{
  g_autoptr (GArray) items = scan (self, problems, error);

  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      const Item *item = &g_array_index (items, Item, i);

      if ((account == NULL || g_strcmp0 (account, item->account) == 0)
          && is_wanted (self, item, filter, now))
        add_id (ids, item->number);
    }
  return items != NULL;
}

char **
postseal_outbox_list (PostsealOutbox *self,
                      const char *account,
                      PostsealOutboxFilter filter,
                      gint64 now,
                      GPtrArray **ret_problems,
                      GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  gboolean is_read;

  g_return_val_if_fail (self != NULL, NULL);

  is_read = filter == POSTSEAL_OUTBOX_DONE
                ? collect_ids (self, OUTBOX_LIST_DONE, account, ids, error)
                : list_open (self, account, filter, now, ids, problems, error);
  if (!is_read)
    return NULL;
  if (ret_problems != NULL)
    *ret_problems = g_steal_pointer (&problems);
  g_ptr_array_add (ids, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&ids), FALSE);
}

char **
postseal_outbox_list_unfinished_reports (PostsealOutbox *self, const char *account, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (account != NULL, NULL);

  if (!collect_ids (self, OUTBOX_LIST_REPORTS, account, ids, error))
    return NULL;
  g_ptr_array_add (ids, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&ids), FALSE);
}

char **
postseal_outbox_list_accounts (PostsealOutbox *self, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) accounts = g_ptr_array_new ();
  g_autoptr (GArray) items = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  items = scan (self, NULL, error);
  if (items == NULL)
    return NULL;
  for (guint i = 0; i < items->len; i++)
    {
      const char *account = g_array_index (items, Item, i).account;

      if (account != NULL && g_hash_table_add (seen, (char *)account))
        g_ptr_array_add (accounts, g_strdup (account));
    }
  g_ptr_array_add (accounts, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&accounts), FALSE);
}

static gint64
get_earlier (gint64 a, gint64 b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* -1 when it is not to be tried. */
static gint64
find_due (PostsealOutbox *self, const Item *item, gint64 now)
{
  if (item->state == POSTSEAL_OUTBOX_FAILED || !is_waiting (self, item))
    return -1;
  return is_due (self, item, now) ? 0 : item->due;
}

gint64
postseal_outbox_next_due (PostsealOutbox *self, gint64 now, GError **error)
{
  g_autoptr (GArray) items = NULL;
  gint64 earliest = -1;

  g_return_val_if_fail (self != NULL, -1);

  items = scan (self, NULL, error);
  for (guint i = 0; items != NULL && i < items->len; i++)
    earliest = get_earlier (earliest, find_due (self, &g_array_index (items, Item, i), now));
  return earliest;
}

/* The same for who watches the outbox. */
static gint64
find_look (PostsealOutbox *self, const Item *item, gint64 now)
{
  if (_postseal_outbox_judge_state (self, item->state, item->account) == POSTSEAL_OUTBOX_SENDING)
    return now + LOOK_AFTER_S;
  return find_due (self, item, now);
}

static PostsealOutboxSummary *
find_summary (GArray *summaries, const char *account)
{
  PostsealOutboxSummary fresh = { .account = account, .next_due = -1 };

  for (guint i = 0; i < summaries->len; i++)
    {
      PostsealOutboxSummary *summary = &g_array_index (summaries, PostsealOutboxSummary, i);

      if (summary->account == account) /* names are kept once */
        return summary;
    }
  g_array_append_val (summaries, fresh);
  return &g_array_index (summaries, PostsealOutboxSummary, summaries->len - 1);
}

GArray *
postseal_outbox_summarize (PostsealOutbox *self, gint64 now, GError **error)
{
  g_autoptr (GArray) items = NULL;
  g_autoptr (GArray) summaries = g_array_new (FALSE, FALSE, sizeof (PostsealOutboxSummary));

  g_return_val_if_fail (self != NULL, NULL);

  items = scan (self, NULL, error);
  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      const Item *item = &g_array_index (items, Item, i);
      PostsealOutboxSummary *summary;

      if (item->account == NULL)
        continue;
      summary = find_summary (summaries, item->account);
      summary->next_due = get_earlier (summary->next_due, find_look (self, item, now));
      summary->failed += item->state == POSTSEAL_OUTBOX_FAILED;
      summary->waiting
          += item->state != POSTSEAL_OUTBOX_FAILED && item->state != POSTSEAL_OUTBOX_HELD;
    }
  return items != NULL ? g_steal_pointer (&summaries) : NULL;
}

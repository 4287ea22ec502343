/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/outbox-index-private.h"

gboolean
_postseal_outbox_get_state (PostsealOutbox *self,
                            PostsealOutboxNumber number,
                            int *ret_state,
                            char **ret_account,
                            GError **error)
{
  sqlite3_stmt *row
      = postseal_database_bind (&self->db, OUTBOX_GET_STATE, error, "i", (gint64)number);
  g_autoptr (GError) local = NULL;

  if (row == NULL)
    return FALSE;
  *ret_state = -1;
  if (ret_account != NULL)
    *ret_account = NULL;
  if (postseal_database_next (&self->db, row, &local))
    {
      *ret_state = sqlite3_column_int (row, 0);
      if (ret_account != NULL)
        *ret_account = g_strdup ((const char *)sqlite3_column_text (row, 1));
      sqlite3_reset (row);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
insert_entry (PostsealOutbox *self,
              PostsealOutboxNumber number,
              const PostsealEnvelope *envelope,
              PostsealOutboxState state,
              GError **error)
{
  gint64 account;

  return _postseal_outbox_intern_account (self, envelope->account, &account, error)
         && postseal_database_run (&self->db, OUTBOX_ADD_ENTRY, error, "iiiiittt", (gint64)number,
                                   (gint64)state, account, envelope->arrived,
                                   (gint64)envelope->length, envelope->sender, envelope->subject,
                                   envelope->message_id);
}

gboolean
_postseal_outbox_add_entry (PostsealOutbox *self,
                            PostsealOutboxNumber number,
                            PostsealOutboxState state,
                            GError **error)
{
  g_autoptr (PostsealEnvelope) envelope = _postseal_outbox_read_head (self, number, NULL, error);

  return envelope != NULL && insert_entry (self, number, envelope, state, error);
}

/* --- what became of them --- */

/* Answers that say nothing are not kept. */
static gboolean
put_recipients (PostsealOutbox *self,
                PostsealOutboxNumber number,
                const PostsealOutboxOutcome *outcome,
                GError **error)
{
  gboolean is_done = POSTSEAL_OUTBOX_IS_DONE (outcome->state);

  for (gsize i = 0; i < outcome->n_recipients; i++)
    {
      const PostsealOutboxRecipient *recipient = &outcome->recipients[i];

      if ((is_done || recipient->progress != POSTSEAL_OUTBOX_PENDING || recipient->time != 0
           || recipient->code != 0 || recipient->text != NULL)
          && !postseal_database_run (&self->db, OUTBOX_PUT_RECIPIENT, error, "iitiitti",
                                     (gint64)number, (gint64)i, recipient->recipient->address,
                                     (gint64)recipient->progress, (gint64)recipient->code,
                                     recipient->status, recipient->text, recipient->time))
        return FALSE;
    }
  return TRUE;
}

/* The file goes, and nobody was told who they were: what it says of them is kept. */
static gboolean
keep_recipients (PostsealOutbox *self, PostsealOutboxNumber number, GError **error)
{
  g_autoptr (PostsealEnvelope) envelope = _postseal_outbox_read_head (self, number, NULL, NULL);

  for (guint i = 0; envelope != NULL && i < envelope->recipients->len; i++)
    {
      const PostsealEnvelopeRecipient *recipient = g_ptr_array_index (envelope->recipients, i);

      if (!postseal_database_run (&self->db, OUTBOX_KEEP_RECIPIENT, error, "iit", (gint64)number,
                                  (gint64)i, recipient->address))
        return FALSE;
    }
  return TRUE;
}

/* Whether there is a row to write into that has not said its last. Made where it is missing. */
static gboolean
prepare_row (PostsealOutbox *self,
             PostsealOutboxNumber number,
             gboolean *ret_is_open,
             GError **error)
{
  g_autoptr (PostsealEnvelope) envelope = NULL;
  int state;

  if (!_postseal_outbox_get_state (self, number, &state, NULL, error))
    return FALSE;
  *ret_is_open = !POSTSEAL_OUTBOX_IS_DONE (state);
  if (state >= 0)
    return TRUE;
  /* Not marked, and removed meanwhile: there is nothing more to know about it. */
  envelope = _postseal_outbox_read_head (self, number, NULL, NULL);
  *ret_is_open = envelope != NULL;
  return envelope == NULL || insert_entry (self, number, envelope, POSTSEAL_OUTBOX_QUEUED, error);
}

static gboolean
settle (PostsealOutbox *self, const PostsealOutboxOutcome *outcome, GError **error)
{
  gboolean is_done = POSTSEAL_OUTBOX_IS_DONE (outcome->state);
  PostsealOutboxNumber number;
  gboolean is_open;
  gint64 seal = 0;

  if (!_postseal_outbox_parse_id (outcome->id, &number))
    {
      g_warn_if_reached ();
      return TRUE;
    }
  if (!prepare_row (self, number, &is_open, error))
    return FALSE;
  if (!is_open)
    return TRUE;
  if (outcome->seal != NULL && !_postseal_outbox_intern_seal (self, outcome->seal, &seal, error))
    return FALSE;
  return postseal_database_run (
             &self->db, OUTBOX_SETTLE, error, "iiiiitiiitii", (gint64)number,
             (gint64)outcome->state, (gint64)(outcome->counts_as_attempt != FALSE), outcome->time,
             outcome->next_attempt, outcome->reason, seal, (gint64)(outcome->was_clear != FALSE),
             (gint64)(outcome->is_doubtful != FALSE), outcome->bounce,
             is_done ? outcome->time : (gint64)0, (gint64)(outcome->is_offline != FALSE))
         && put_recipients (self, number, outcome, error)
         && (!is_done || outcome->n_recipients > 0 || keep_recipients (self, number, error));
}

/* --- what is about to be sent --- */

/* An entry that cannot be marked stays as it is. Only the index's failure is one of all. */
static gboolean
mark (PostsealOutbox *self,
      const PostsealOutboxEntry *entry,
      gboolean *ret_is_marked,
      GError **error)
{
  PostsealOutboxNumber number;
  int state;

  *ret_is_marked = FALSE;
  if (entry->envelope == NULL || !_postseal_outbox_parse_id (entry->id, &number)
      || !_postseal_outbox_has_file (self, number))
    return TRUE;
  if (!postseal_database_run (&self->db, OUTBOX_MARK, error, "i", (gint64)number))
    return FALSE;
  *ret_is_marked = sqlite3_changes (self->db.handle) > 0;
  if (*ret_is_marked)
    return TRUE;
  if (!_postseal_outbox_get_state (self, number, &state, NULL, error))
    return FALSE;
  *ret_is_marked = state < 0;
  return state >= 0 || insert_entry (self, number, entry->envelope, POSTSEAL_OUTBOX_SENDING, error);
}

static gboolean
write_all (PostsealOutbox *self,
           const PostsealOutboxOutcome *outcomes,
           gsize n_outcomes,
           const PostsealOutboxEntry *const *marks,
           gsize n_marks,
           GPtrArray *unmarked,
           GError **error)
{
  for (gsize i = 0; i < n_outcomes; i++)
    if (!settle (self, &outcomes[i], error))
      return FALSE;
  for (gsize i = 0; i < n_marks; i++)
    {
      gboolean is_marked;

      if (!mark (self, marks[i], &is_marked, error))
        return FALSE;
      if (!is_marked)
        g_ptr_array_add (unmarked, g_strdup (marks[i]->id));
    }
  return TRUE;
}

static void
remove_file (gpointer data, gpointer user_data)
{
  PostsealOutbox *self = user_data;
  PostsealOutboxNumber *number = data;

  _postseal_outbox_remove_file (self, *number);
  g_free (number);
}

/* Takes a file system longer than all the rest, and nobody waits for it: what is not removed now is
   when the outbox is opened next. */
static void
remove_files (PostsealOutbox *self, const PostsealOutboxOutcome *outcomes, gsize n_outcomes)
{
  for (gsize i = 0; i < n_outcomes; i++)
    {
      PostsealOutboxNumber number;

      if (!POSTSEAL_OUTBOX_IS_DONE (outcomes[i].state)
          || !_postseal_outbox_parse_id (outcomes[i].id, &number))
        continue;
      g_hash_table_remove (self->heads, &number);
      if (self->remover == NULL)
        self->remover = g_thread_pool_new (remove_file, self, 1, FALSE, NULL);
      g_thread_pool_push (self->remover, g_memdup2 (&number, sizeof number), NULL);
    }
}

gboolean
postseal_outbox_commit (PostsealOutbox *self,
                        const PostsealOutboxOutcome *outcomes,
                        gsize n_outcomes,
                        const PostsealOutboxEntry *const *marks,
                        gsize n_marks,
                        char ***ret_unmarked,
                        GError **error)
{
  g_autoptr (GPtrArray) unmarked = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (outcomes != NULL || n_outcomes == 0, FALSE);

  if (!_postseal_outbox_begin (self, error))
    return FALSE;
  if (!write_all (self, outcomes, n_outcomes, marks, n_marks, unmarked, error))
    {
      _postseal_outbox_undo (self);
      return FALSE;
    }
  if (!_postseal_outbox_end (self, error))
    return FALSE;
  remove_files (self, outcomes, n_outcomes);
  if (ret_unmarked != NULL)
    {
      g_ptr_array_add (unmarked, NULL);
      *ret_unmarked = (char **)g_ptr_array_free (g_steal_pointer (&unmarked), FALSE);
    }
  return TRUE;
}

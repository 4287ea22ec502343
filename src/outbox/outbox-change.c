/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib/gi18n-lib.h>

#include "outbox/outbox-index-private.h"

/* What the user decides. All in transactions, so that no sender can mark the entry meanwhile. */

static gboolean
fail_absent (const char *id, GError **error)
{
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN,
               _ ("There is no message “%s” in the outbox"), id);
  return FALSE;
}

static gboolean
fail_left (const char *id, GError **error)
{
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN,
               _ ("The message “%s” has left the outbox already"), id);
  return FALSE;
}

/* Inside of the transaction. @ret_state: QUEUED without a row; @ret_has_row */
static gboolean
look_at (PostsealOutbox *self,
         PostsealOutboxNumber number,
         const char *id,
         PostsealOutboxState *ret_state,
         gboolean *ret_has_row,
         GError **error)
{
  g_autofree char *account = NULL;
  int state;

  _postseal_outbox_look_anew (self);
  if (!_postseal_outbox_get_state (self, number, &state, &account, error))
    return FALSE;
  *ret_has_row = state >= 0;
  *ret_state = state >= 0 ? (PostsealOutboxState)state : POSTSEAL_OUTBOX_QUEUED;
  if (!POSTSEAL_OUTBOX_IS_DONE (state) && !_postseal_outbox_has_file (self, number))
    return fail_absent (id, error);
  if (account != NULL
      && _postseal_outbox_judge_state (self, *ret_state, account) == POSTSEAL_OUTBOX_SENDING)
    {
      g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_BUSY,
                   _ ("The message “%s” is being sent right now; try again in a moment"), id);
      return FALSE;
    }
  return TRUE;
}

typedef gboolean (*ChangeFunc) (PostsealOutbox *self,
                                PostsealOutboxNumber number,
                                const char *id,
                                PostsealOutboxState state,
                                gboolean has_row,
                                GError **error);

static gboolean
change (PostsealOutbox *self, const char *name, ChangeFunc func, GError **error)
{
  PostsealOutboxNumber number;
  PostsealOutboxState state;
  gboolean has_row;
  char id[POSTSEAL_OUTBOX_ID_LENGTH + 1];

  if (!_postseal_outbox_resolve_id (self, name, &number, error)
      || !_postseal_outbox_begin (self, error))
    return FALSE;
  _postseal_outbox_format_id (number, id);
  if (look_at (self, number, id, &state, &has_row, error)
      && func (self, number, id, state, has_row, error))
    return _postseal_outbox_end (self, error);
  _postseal_outbox_undo (self);
  return FALSE;
}

static gboolean
hold (PostsealOutbox *self,
      PostsealOutboxNumber number,
      const char *id,
      PostsealOutboxState state,
      gboolean has_row,
      GError **error)
{
  if (POSTSEAL_OUTBOX_IS_DONE (state))
    return fail_left (id, error);
  return has_row ? postseal_database_run (&self->db, OUTBOX_SET_STATE, error, "iii", (gint64)number,
                                          (gint64)POSTSEAL_OUTBOX_HELD, (gint64)0)
                 : _postseal_outbox_add_entry (self, number, POSTSEAL_OUTBOX_HELD, error);
}

static gboolean
release (PostsealOutbox *self,
         PostsealOutboxNumber number,
         const char *id,
         PostsealOutboxState state,
         gboolean has_row,
         GError **error)
{
  if (POSTSEAL_OUTBOX_IS_DONE (state))
    return fail_left (id, error);
  return state != POSTSEAL_OUTBOX_HELD
         || postseal_database_run (&self->db, OUTBOX_SET_STATE, error, "iii", (gint64)number,
                                   (gint64)POSTSEAL_OUTBOX_QUEUED, (gint64)0);
}

/* The file first: a row without a file is nothing, a file without a row would be sent. */
static gboolean
remove_entry (PostsealOutbox *self,
              PostsealOutboxNumber number,
              const char *id,
              PostsealOutboxState state,
              gboolean has_row,
              GError **error)
{
  g_autofree char *path = _postseal_outbox_build_entry_path (id);

  if (!_postseal_outbox_remove_file (self, number))
    return _postseal_outbox_fail_errno (errno, _ ("Cannot remove the message"), path, error);
  g_hash_table_remove (self->heads, &number);
  return _postseal_outbox_sync_queue (error)
         && postseal_database_run (&self->db, OUTBOX_DROP_RECIPIENTS, error, "i", (gint64)number)
         && postseal_database_run (&self->db, OUTBOX_DROP_ENTRY, error, "i", (gint64)number);
}

gboolean
postseal_outbox_hold (PostsealOutbox *self, const char *id, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  return change (self, id, hold, error);
}

gboolean
postseal_outbox_release (PostsealOutbox *self, const char *id, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  return change (self, id, release, error);
}

gboolean
postseal_outbox_remove (PostsealOutbox *self, const char *id, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  return change (self, id, remove_entry, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/delivery-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable-file.h"
#include "base/limits.h"
#include "base/paths.h"

#define SPOOL "spool"

/* --- opening --- */

/* Files of an interrupted run, in the place where programs, mbox and LMTP get their messages from.
 */
static gboolean
prepare_spool (DeliveryCore *core, GError **error)
{
  g_autofree char *spool = g_build_filename (core->state_dir, SPOOL, NULL);
  int fd;

  if (postseal_sink_spec_kind (core->deliver) == POSTSEAL_SINK_MAILDIR)
    return TRUE;
  if (!postseal_durable_make_directory (spool, error))
    return FALSE;
  fd = open (spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), _ ("Cannot open “%s”: %s"),
                   spool, g_strerror (errno));
      return FALSE;
    }
  _postseal_delivery_sweep (fd, core->owner);
  close (fd);
  core->spool_dir = g_steal_pointer (&spool);
  return TRUE;
}

static gboolean
open_account (DeliveryCommitter *self, GError **error)
{
  DeliveryCore *core = self->core;
  g_autofree char *lock_path = g_build_filename (core->state_dir, POSTSEAL_PATHS_LOCK, NULL);
  g_autofree char *ledger_path = g_build_filename (core->state_dir, POSTSEAL_PATHS_LEDGER, NULL);
  g_autofree char *real = NULL;

  if (!postseal_durable_make_directory (core->state_dir, error))
    return FALSE;
  real = realpath (core->state_dir, NULL);
  core->owner = _postseal_message_name_owner (core->account, real != NULL ? real : core->state_dir);
  self->lock = postseal_lock_file_acquire (lock_path, core->purpose, error);
  if (self->lock == NULL)
    return FALSE;
  self->ledger = postseal_ledger_open (ledger_path, error);
  return self->ledger != NULL && _postseal_delivery_recover (self->ledger, core->notes, error)
         && prepare_spool (core, error);
}

static void
close_account (DeliveryCommitter *self)
{
  g_clear_pointer (&self->ledger, postseal_ledger_close);
  g_clear_pointer (&self->lock, postseal_lock_file_release);
}

/* --- mailboxes --- */

/* Once for each directory: later there are staged files of this run in it. */
static void
sweep_once (DeliveryCommitter *self, int stage_fd)
{
  struct stat status;
  char *key;

  if (fstat (stage_fd, &status) != 0)
    return;
  key = g_strdup_printf ("%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
  if (g_hash_table_add (self->swept, key))
    _postseal_delivery_sweep (stage_fd, self->core->owner);
}

static DeliveryMailbox *
make_mailbox (DeliveryCommitter *self, const char *title, char delimiter, GError **error)
{
  DeliveryCore *core = self->core;
  g_autoptr (PostsealSink) sink
      = postseal_sink_new (core->deliver, core->layout, title, delimiter, core->recipient, error);
  const char *stage_dir;
  DeliveryMailbox *mailbox;
  int stage_fd;

  if (sink == NULL)
    return NULL;
  stage_dir = postseal_sink_get_stage_dir (sink);
  if (stage_dir == NULL)
    stage_dir = core->spool_dir;
  stage_fd = open (stage_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (stage_fd < 0)
    {
      g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE,
                   _ ("Cannot open “%s”: %s"), stage_dir, g_strerror (errno));
      return NULL;
    }
  if (postseal_sink_get_kind (sink) == POSTSEAL_SINK_MAILDIR)
    sweep_once (self, stage_fd);
  mailbox = g_new0 (DeliveryMailbox, 1);
  mailbox->title = g_strdup (title);
  mailbox->stage_dir = g_strdup (stage_dir);
  mailbox->stage_fd = stage_fd;
  mailbox->sink = g_steal_pointer (&sink);
  mailbox->refused = g_hash_table_new (NULL, NULL);
  return mailbox;
}

static PostsealDeliveryMailbox *
describe_mailbox (DeliveryCommitter *self,
                  const PostsealLedgerMailbox *mailbox,
                  gboolean is_new_validity,
                  gint64 due_before,
                  GError **error)
{
  PostsealDeliveryMailbox *answer = g_new0 (PostsealDeliveryMailbox, 1);

  answer->id = mailbox->id;
  answer->next_uid = mailbox->next_uid;
  answer->highest_modseq = mailbox->highest_modseq;
  answer->is_new_validity = is_new_validity;
  answer->known = postseal_ledger_get_known (self->ledger, mailbox->id, mailbox->next_uid, error);
  if (answer->known != NULL)
    answer->retries = postseal_ledger_get_retries (self->ledger, mailbox->id, error);
  if (answer->retries != NULL)
    answer->due = postseal_ledger_get_due (self->ledger, mailbox->id, due_before, error);
  if (answer->due != NULL)
    return answer;
  postseal_delivery_mailbox_free (answer);
  return NULL;
}

static gboolean
has_messages_of (DeliveryCommitter *self, const char *name)
{
  for (guint i = 0; i < self->batch->len; i++)
    {
      DeliveryMessage *message = g_ptr_array_index (self->batch, i);

      if (message->mailbox != NULL && g_str_equal (message->mailbox->name, name))
        return TRUE;
    }
  return FALSE;
}

static void
free_mailbox_answer (gpointer answer)
{
  postseal_delivery_mailbox_free (answer);
}

/* Whoever stays opens a mailbox many times. Not the same when its directory is gone. */
static gboolean
is_open_already (DeliveryCommitter *self, const PostsealLedgerMailbox *stored, const char *title)
{
  const DeliveryMailbox *mailbox = _postseal_delivery_core_find_mailbox (self->core, stored->id);
  struct stat status;

  return mailbox != NULL && mailbox->uid_validity == stored->uid_validity
         && g_strcmp0 (mailbox->title, title) == 0 && fstat (mailbox->stage_fd, &status) == 0
         && status.st_nlink > 0;
}

void
_postseal_delivery_do_open_mailbox (DeliveryCommitter *self, DeliveryOp *op)
{
  PostsealLedgerMailbox stored = { 0 };
  PostsealDeliveryMailbox *answer = NULL;
  DeliveryMailbox *mailbox = NULL;
  gboolean is_changed = FALSE;
  gboolean is_open = FALSE;
  GError *error = NULL;

  /* A new UIDVALIDITY forgets rows that messages on their way still belong to. */
  if (has_messages_of (self, op->text))
    _postseal_delivery_settle (self);
  if (postseal_ledger_open_mailbox (self->ledger, op->text, op->number, &stored, &is_changed,
                                    &error))
    is_open = is_open_already (self, &stored, op->title);
  if (error == NULL && !is_open)
    mailbox = make_mailbox (self, op->title, op->delimiter, &error);
  if (mailbox != NULL)
    {
      mailbox->id = stored.id;
      mailbox->name = g_strdup (op->text);
      mailbox->uid_validity = op->number;
      _postseal_delivery_core_add_mailbox (self->core, mailbox);
    }
  if (error == NULL)
    answer = describe_mailbox (self, &stored, is_changed, op->due_before, &error);
  if (answer != NULL)
    answer->awaits_seen = stored.uid_validity == 0 && op->number != 0;
  _postseal_delivery_core_answer (self->core, op, answer, free_mailbox_answer, error);
}

void
_postseal_delivery_do_peek_mailbox (DeliveryCommitter *self, DeliveryOp *op)
{
  PostsealLedgerMailbox stored = { 0 };
  gboolean has_work = FALSE;
  DeliveryPeek *answer = NULL;
  GError *error = NULL;

  postseal_ledger_peek_mailbox (self->ledger, op->text, op->due_before, &stored, &has_work, &error);
  if (error == NULL)
    {
      answer = g_new0 (DeliveryPeek, 1);
      answer->uid_validity = stored.uid_validity;
      answer->next_uid = stored.next_uid;
      answer->has_work = has_work;
    }
  _postseal_delivery_core_answer (self->core, op, answer, g_free, error);
}

static void
free_list (gpointer answer)
{
  g_array_unref (answer);
}

void
_postseal_delivery_do_list_delivered (DeliveryCommitter *self, DeliveryOp *op)
{
  GArray *answer;
  GError *error = NULL;

  _postseal_delivery_settle (self);
  answer = postseal_ledger_get_due (self->ledger, op->mailbox, G_MAXINT64, &error);
  _postseal_delivery_core_answer (self->core, op, answer, free_list, error);
}

static void
free_comparison (gpointer answer)
{
  _postseal_delivery_comparison_free (answer);
}

void
_postseal_delivery_do_compare (DeliveryCommitter *self, DeliveryOp *op)
{
  DeliveryComparison *answer = g_new0 (DeliveryComparison, 1);
  GError *error = NULL;

  _postseal_delivery_settle (self);
  if (!postseal_ledger_compare (self->ledger, op->mailbox, op->listed, op->n_listed, op->due_before,
                                &answer->fresh, &answer->due, &error))
    g_clear_pointer (&answer, _postseal_delivery_comparison_free);
  _postseal_delivery_core_answer (self->core, op, answer, free_comparison, error);
}

/* --- after the server --- */

static gboolean
forget_all (DeliveryCommitter *self, DeliveryOp *op, GError **error)
{
  if (!postseal_ledger_begin (self->ledger, error))
    return FALSE;
  for (guint i = 0; i < op->uids->len; i++)
    {
      guint32 number = g_array_index (op->uids, guint32, i);
      const char *uidl = g_ptr_array_index (op->uidls, i);
      gboolean is_done
          = uidl != NULL
                ? postseal_ledger_forget_uidl (self->ledger, op->mailbox, uidl, number, error)
                : postseal_ledger_mark_deleted (self->ledger, op->mailbox, number, error);

      if (!is_done)
        {
          postseal_ledger_rollback (self->ledger);
          return FALSE;
        }
    }
  return postseal_ledger_commit (self->ledger, error);
}

void
_postseal_delivery_do_forget (DeliveryCommitter *self, DeliveryOp *op)
{
  g_autoptr (GError) error = NULL;

  _postseal_delivery_settle (self);
  if (!forget_all (self, op, &error))
    _postseal_delivery_core_fail (self->core, error);
}

static int
compare_uids (const void *a, const void *b)
{
  guint32 left = *(const guint32 *)a;
  guint32 right = *(const guint32 *)b;

  return (left > right) - (left < right);
}

/* What the sink refused in this run stays, whether or not the caller thought of it. */
static void
add_refused (GArray *uids, DeliveryMailbox *mailbox)
{
  GHashTableIter iter;
  gpointer key;
  guint n = 0;

  if (mailbox != NULL)
    {
      g_hash_table_iter_init (&iter, mailbox->refused);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        {
          guint32 uid = GPOINTER_TO_UINT (key);

          g_array_append_val (uids, uid);
        }
    }
  g_array_sort (uids, compare_uids);
  for (guint i = 0; i < uids->len; i++)
    if (n == 0 || g_array_index (uids, guint32, i) != g_array_index (uids, guint32, n - 1))
      g_array_index (uids, guint32, n++) = g_array_index (uids, guint32, i);
  g_array_set_size (uids, n);
}

void
_postseal_delivery_do_set_retries (DeliveryCommitter *self, DeliveryOp *op)
{
  g_autoptr (GError) error = NULL;

  _postseal_delivery_settle (self);
  if (_postseal_delivery_core_is_failed (self->core))
    return;
  add_refused (op->uids, _postseal_delivery_core_find_mailbox (self->core, op->mailbox));
  if (!postseal_ledger_set_retries (self->ledger, op->mailbox, (const guint32 *)op->uids->data,
                                    op->uids->len, &error))
    _postseal_delivery_core_fail (self->core, error);
}

void
_postseal_delivery_do_rewind (DeliveryCommitter *self, DeliveryOp *op)
{
  g_autoptr (GError) error = NULL;

  _postseal_delivery_settle (self);
  if (_postseal_delivery_core_is_failed (self->core))
    return;
  if (!postseal_ledger_rewind (self->ledger, op->mailbox, (const guint32 *)op->uids->data,
                               op->uids->len, &error))
    _postseal_delivery_core_fail (self->core, error);
}

void
_postseal_delivery_do_adopt_seen (DeliveryCommitter *self, DeliveryOp *op)
{
  g_autoptr (GError) error = NULL;

  if (_postseal_delivery_core_is_failed (self->core))
    return;
  if (!postseal_ledger_adopt_seen (self->ledger, op->mailbox, op->number,
                                   (const PostsealLedgerDue *)op->uids->data, op->uids->len,
                                   g_get_real_time () / G_USEC_PER_SEC, &error))
    _postseal_delivery_core_fail (self->core, error);
}

/* True once everything in the batch is settled; with an empty one, now. */
static void
note_progress (DeliveryCommitter *self, gint64 mailbox, guint32 next_uid, guint64 highest_modseq)
{
  DeliveryProgress progress = { mailbox, next_uid, highest_modseq };

  if (next_uid == 0 && highest_modseq == 0)
    return;
  g_array_append_val (self->progress, progress);
  if (self->batch->len == 0)
    _postseal_delivery_settle (self);
}

void
_postseal_delivery_do_set_progress (DeliveryCommitter *self, DeliveryOp *op)
{
  note_progress (self, op->mailbox, op->number, op->modseq);
}

/* --- messages --- */

static void
add_to_batch (DeliveryCommitter *self, DeliveryMessage *message)
{
  if (self->batch->len == 0)
    self->deadline = g_get_monotonic_time () + POSTSEAL_BATCH_MS * G_TIME_SPAN_MILLISECOND;
  g_ptr_array_add (self->batch, message);
  self->batch_bytes += message->staged.length;
  if (self->batch->len >= POSTSEAL_BATCH_MESSAGES || self->batch_bytes >= POSTSEAL_BATCH_BYTES)
    _postseal_delivery_settle (self);
}

void
_postseal_delivery_do_confirm (DeliveryCommitter *self, DeliveryOp *op)
{
  gsize n = 0;
  gpointer *messages = g_ptr_array_steal (self->unconfirmed, &n);

  for (gsize i = 0; i < n; i++)
    add_to_batch (self, messages[i]);
  g_free (messages);
  note_progress (self, op->mailbox, op->number, 0);
}

void
_postseal_delivery_do_reject (DeliveryCommitter *self, DeliveryOp *op)
{
  _postseal_delivery_discard (self);
}

void
_postseal_delivery_do_flush (DeliveryCommitter *self, DeliveryOp *op)
{
  _postseal_delivery_settle (self);
  _postseal_delivery_discard (self);
  if (op->kind == DELIVERY_OP_CLOSE)
    close_account (self);
  if (op->task != NULL)
    _postseal_delivery_core_answer (self->core, op, NULL, NULL,
                                    _postseal_delivery_core_get_failure (self->core));
}

void
_postseal_delivery_discard (DeliveryCommitter *self)
{
  for (guint i = 0; i < self->unconfirmed->len; i++)
    {
      DeliveryMessage *message = g_ptr_array_index (self->unconfirmed, i);

      if (message->staged_path != NULL)
        unlink (message->staged_path);
      _postseal_sync_wait (&message->sync);
    }
  g_ptr_array_set_size (self->unconfirmed, 0);
}

/* --- the lane --- */

void
_postseal_delivery_do_open (DeliveryCommitter *self, DeliveryOp *op)
{
  GError *error = NULL;

  self->is_closed = !open_account (self, &error);
  if (self->is_closed)
    close_account (self);
  _postseal_delivery_core_answer (self->core, op, NULL, NULL, error);
}

static void
take_op (DeliveryCommitter *self, DeliveryOp *op)
{
  self->is_closed = op->kind == DELIVERY_OP_CLOSE;
  if (op->kind == DELIVERY_OP_MESSAGE)
    g_ptr_array_add (self->unconfirmed, g_steal_pointer (&op->message));
  else if (op->task != NULL && op->kind == DELIVERY_OP_CALL
           && g_cancellable_is_cancelled (g_task_get_cancellable (op->task)))
    _postseal_delivery_core_answer (
        self->core, op, NULL, NULL,
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled")));
  else
    op->run (self, op);
  _postseal_delivery_op_free (op);
}

static void
free_message (gpointer data)
{
  _postseal_delivery_message_free (data);
}

static DeliveryCommitter *
make_committer (DeliveryCore *core)
{
  DeliveryCommitter *self = g_new0 (DeliveryCommitter, 1);

  self->core = core;
  self->unconfirmed = g_ptr_array_new_with_free_func (free_message);
  self->batch = g_ptr_array_new_with_free_func (free_message);
  self->progress = g_array_new (FALSE, FALSE, sizeof (DeliveryProgress));
  self->swept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

static void
free_committer (DeliveryCommitter *self)
{
  close_account (self);
  g_ptr_array_unref (self->unconfirmed);
  g_ptr_array_unref (self->batch);
  g_array_unref (self->progress);
  g_hash_table_unref (self->swept);
  g_free (self->seal);
  g_free (self);
}

/* Nothing to do for a while: others may have the memory. Returns: whether it still is so */
static gboolean
rest (DeliveryCommitter *self)
{
  postseal_ledger_release_memory (self->ledger);
  return _postseal_delivery_lane_park (&self->core->to_committer);
}

void
_postseal_delivery_committer_serve (DeliveryCore *core)
{
  DeliveryCommitter *self = core->committer;

  if (self == NULL)
    self = core->committer = make_committer (core);
  while (!self->is_closed)
    {
      DeliveryOp *op;

      if (self->deadline != 0 && g_get_monotonic_time () >= self->deadline)
        _postseal_delivery_settle (self);
      op = _postseal_delivery_lane_pop (&core->to_committer, self->deadline);
      if (op != NULL)
        take_op (self, op);
      else if (self->deadline == 0 && rest (self))
        return;
    }
  g_clear_pointer (&core->committer, free_committer);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/delivery-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "mail/sink-private.h"

/* How a batch becomes durable. The steps, each of which may fail or be the last one of this
   process:

   1 files synced        nothing is known of them: swept at the next opening
   2 tmp/ synced
   3 intents committed   from here on no staged file is removed unless its intent has gone first
   4 handed to the sink  Maildir: renamed and new/ synced
   5 committed           delivered, or dropped with its intent; progress
   6 told

   After a failure in 4 or 5 a Maildir's intents stay: the next opening finds out what became of
   them. Other sinks get few messages at a time, because each of these is in doubt after a crash. */

#define GROUP_MAILDIR G_MAXUINT
#define GROUP_MBOX 32
#define GROUP_ONE 1

typedef struct
{
  DeliveryCommitter *committer; /* borrowed */
  DeliveryMessage **messages; /* borrowed */
  guint n_messages;
} Group;

static void
fail_all (DeliveryMessage **messages, guint n_messages, const GError *error)
{
  for (guint i = 0; i < n_messages; i++)
    {
      if (messages[i]->is_delivered && messages[i]->intent == 0)
        continue; /* it was delivered before */
      messages[i]->is_delivered = FALSE;
      if (messages[i]->error == NULL)
        messages[i]->error = g_error_copy (error);
    }
}

/* Takes @error. */
static void
fail_group (Group *self, GError *error)
{
  _postseal_delivery_core_fail (self->committer->core, error);
  fail_all (self->messages, self->n_messages, error);
  g_error_free (error);
}

static gboolean
is_wanted (const DeliveryMessage *message)
{
  return message->error == NULL && !message->is_delivered && message->twin == NULL;
}

static void
remove_staged (DeliveryMessage *message)
{
  if (message->staged_path != NULL)
    unlink (message->staged_path);
  g_clear_pointer (&message->staged_path, g_free);
}

static PostsealLedgerMessage
describe (const DeliveryMessage *message)
{
  return (PostsealLedgerMessage){
    .mailbox = message->mailbox->id,
    .uid = message->uid,
    .uidl = message->uidl,
    .occurrence = message->occurrence,
    .size = message->known_size,
    .digest = message->staged.digest,
    .content = message->staged.content,
    .name = message->name,
    .staged = message->staged_path,
    .path = postseal_sink_get_kind (message->mailbox->sink) == POSTSEAL_SINK_MAILDIR
                ? postseal_sink_get_path (message->mailbox->sink)
                : NULL,
    .seal = message->seal_id,
    .intent = message->intent,
  };
}

/* --- 1 and 2: on the disk --- */

static void
wait_for_sync (DeliveryCommitter *self, DeliveryMessage *message)
{
  int code = _postseal_sync_wait (&message->sync);

  if (code == 0 || message->error != NULL)
    return;
  _postseal_sink_fail (&message->error, code, _ ("Cannot write a message into “%s”"),
                       message->mailbox->stage_dir);
  _postseal_delivery_core_fail (self->core, message->error);
  remove_staged (message);
}

static gboolean
sync_stage_dirs (Group *self, GError **error)
{
  int synced = -1;

  for (guint i = 0; i < self->n_messages; i++)
    {
      DeliveryMailbox *mailbox = self->messages[i]->mailbox;

      if (!is_wanted (self->messages[i]) || mailbox->stage_fd == synced)
        continue;
      if (fsync (mailbox->stage_fd) != 0)
        return _postseal_sink_fail (error, errno, _ ("Cannot write “%s” to disk"),
                                    mailbox->stage_dir);
      synced = mailbox->stage_fd;
    }
  return TRUE;
}

/* --- 3: intents --- */

static gboolean
find_seal (DeliveryCommitter *self, DeliveryMessage *message, GError **error)
{
  if (g_strcmp0 (self->seal, message->seal) != 0)
    {
      gint64 id = postseal_ledger_add_seal (self->ledger, message->seal, error);

      if (id == 0)
        return FALSE;
      g_free (self->seal);
      self->seal = g_strdup (message->seal);
      self->seal_id = id;
    }
  message->seal_id = self->seal_id;
  return TRUE;
}

static gboolean
write_intent (DeliveryCommitter *self, DeliveryMessage *message, GError **error)
{
  PostsealLedgerMessage row;

  if (!find_seal (self, message, error))
    return FALSE;
  row = describe (message);
  if (!postseal_ledger_add_intent (self->ledger, &row, error))
    return FALSE;
  message->intent = row.intent;
  return TRUE;
}

static gboolean
commit_intents (Group *self, GError **error)
{
  DeliveryCommitter *committer = self->committer;

  if (!postseal_ledger_begin (committer->ledger, error))
    return FALSE;
  for (guint i = 0; i < self->n_messages; i++)
    if (is_wanted (self->messages[i]) && !write_intent (committer, self->messages[i], error))
      {
        postseal_ledger_rollback (committer->ledger);
        return FALSE;
      }
  return postseal_ledger_commit (committer->ledger, error);
}

/* The seal's row may have been rolled back with the intents. */
static void
undo_intents (Group *self)
{
  g_clear_pointer (&self->committer->seal, g_free);
  for (guint i = 0; i < self->n_messages; i++)
    if (is_wanted (self->messages[i]) && postseal_ledger_is_surely_undone (self->committer->ledger))
      remove_staged (self->messages[i]);
}

/* --- 4: the sink --- */

static void
take_result (DeliveryMessage *message, PostsealSinkItem *item)
{
  message->is_delivered = item->error == NULL && item->place != NULL;
  message->error = g_steal_pointer (&item->error);
  if (postseal_sink_get_kind (message->mailbox->sink) == POSTSEAL_SINK_MAILDIR)
    message->place = g_steal_pointer (&item->place);
  g_free (item->place);
}

/* @messages: of one mailbox, all wanted */
static gboolean
hand_over (DeliveryMessage **messages, guint n_messages, GError **error)
{
  g_autofree PostsealSinkItem *items = g_new0 (PostsealSinkItem, n_messages);
  gboolean is_usable;

  for (guint i = 0; i < n_messages; i++)
    {
      items[i].staged_path = messages[i]->staged_path;
      items[i].name = messages[i]->name;
      items[i].length = messages[i]->staged.length;
    }
  is_usable = postseal_sink_deliver (messages[0]->mailbox->sink, items, n_messages, error);
  for (guint i = 0; i < n_messages; i++)
    take_result (messages[i], &items[i]);
  return is_usable;
}

static guint
measure_run (DeliveryMessage **messages, guint n_messages)
{
  guint n = 1;

  while (n < n_messages && messages[n]->mailbox == messages[0]->mailbox)
    n++;
  return n;
}

/* Messages that came with an error, or are known, are left out. */
static void
deliver_group (Group *self)
{
  g_autofree DeliveryMessage **wanted = g_new (DeliveryMessage *, self->n_messages);
  g_autoptr (GError) error = NULL;
  guint n_wanted = 0;
  guint n_run;

  for (guint i = 0; i < self->n_messages; i++)
    if (is_wanted (self->messages[i]))
      wanted[n_wanted++] = self->messages[i];
  for (guint i = 0; i < n_wanted && error == NULL; i += n_run)
    {
      n_run = measure_run (wanted + i, n_wanted - i);
      if (!hand_over (wanted + i, n_run, &error))
        {
          _postseal_delivery_core_fail (self->committer->core, error);
          for (guint rest = i; rest < n_wanted; rest++)
            if (!wanted[rest]->is_delivered && wanted[rest]->error == NULL)
              wanted[rest]->error = g_error_copy (error);
        }
    }
}

/* --- 5: done --- */

/* Its file may be in new/ or in tmp/, and may or may not be there after a power cut: the next
 * opening looks. */
static gboolean
is_in_doubt (const DeliveryMessage *message)
{
  return postseal_sink_get_kind (message->mailbox->sink) == POSTSEAL_SINK_MAILDIR
         && _postseal_sink_error_is_fatal (message->error);
}

static gboolean
write_result (DeliveryCommitter *self, DeliveryMessage *message, gint64 now, GError **error)
{
  PostsealLedgerMessage row;

  if (message->intent == 0)
    return TRUE;
  row = describe (message);
  if (message->is_delivered)
    return postseal_ledger_mark_delivered (self->ledger, &row, now, error);
  if (is_in_doubt (message))
    return TRUE;
  if (message->uidl == NULL && !_postseal_sink_error_is_fatal (message->error)
      && !postseal_ledger_add_retry (self->ledger, row.mailbox, row.uid, error))
    return FALSE;
  return postseal_ledger_drop_intent (self->ledger, row.intent, error);
}

static gboolean
write_progress (DeliveryCommitter *self, GError **error)
{
  for (guint i = 0; i < self->progress->len; i++)
    {
      DeliveryProgress *progress = &g_array_index (self->progress, DeliveryProgress, i);

      if (!postseal_ledger_set_progress (self->ledger, progress->mailbox, progress->next_uid,
                                         progress->highest_modseq, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
commit_results (Group *self, gboolean is_last, GError **error)
{
  PostsealLedger *ledger = self->committer->ledger;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gboolean is_done = TRUE;

  if (!postseal_ledger_begin (ledger, error))
    return FALSE;
  for (guint i = 0; is_done && i < self->n_messages; i++)
    is_done = write_result (self->committer, self->messages[i], now, error);
  if (is_done && is_last && !_postseal_delivery_core_is_failed (self->committer->core))
    is_done = write_progress (self->committer, error);
  if (is_done)
    return postseal_ledger_commit (ledger, error);
  postseal_ledger_rollback (ledger);
  return FALSE;
}

/* What was refused is fetched again another time; its intent has gone, now its file goes. */
static void
clear_refused (Group *self)
{
  for (guint i = 0; i < self->n_messages; i++)
    {
      DeliveryMessage *message = self->messages[i];

      if (message->intent == 0 || message->is_delivered || is_in_doubt (message))
        continue;
      remove_staged (message);
      if (message->uidl == NULL)
        g_hash_table_add (message->mailbox->refused, GUINT_TO_POINTER (message->uid));
    }
}

/* --- all of it --- */

static gboolean
has_wanted (Group *self)
{
  for (guint i = 0; i < self->n_messages; i++)
    if (is_wanted (self->messages[i]))
      return TRUE;
  return FALSE;
}

/* The same message twice: after a crash between a batch and its command's progress, or by a
 * server's mistake. */
static gboolean
find_known (Group *self, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->n_messages; i++)
    {
      DeliveryMessage *message = self->messages[i];
      PostsealLedgerMessage row;
      char *key;

      if (!is_wanted (message))
        continue;
      row = describe (message);
      if (!postseal_ledger_knows (self->committer->ledger, &row, &message->is_delivered, error))
        return FALSE;
      key = _postseal_message_name_get_key (message->name);
      message->twin = g_hash_table_lookup (seen, key);
      if (message->is_delivered || message->twin != NULL)
        {
          remove_staged (message);
          g_free (key);
        }
      else
        g_hash_table_insert (seen, key, message);
    }
  return TRUE;
}

static gboolean
skip_known (Group *self, GError **error)
{
  PostsealLedger *ledger = self->committer->ledger;

  if (!has_wanted (self))
    return TRUE;
  if (!postseal_ledger_begin (ledger, error))
    return FALSE;
  if (find_known (self, error))
    return postseal_ledger_commit (ledger, error);
  postseal_ledger_rollback (ledger);
  return FALSE;
}

static void
share_with_twins (Group *self)
{
  for (guint i = 0; i < self->n_messages; i++)
    {
      DeliveryMessage *message = self->messages[i];

      if (message->twin == NULL)
        continue;
      message->is_delivered = message->twin->is_delivered;
      if (message->twin->error != NULL && message->error == NULL)
        message->error = g_error_copy (message->twin->error);
    }
}

static void
settle_group (Group *self, gboolean is_last)
{
  GError *error = NULL;
  gboolean has_work;

  for (guint i = 0; i < self->n_messages; i++)
    wait_for_sync (self->committer, self->messages[i]);
  if (!skip_known (self, &error) || !sync_stage_dirs (self, &error)
      || (has_wanted (self) && !commit_intents (self, &error)))
    {
      undo_intents (self);
      fail_group (self, error);
      return;
    }
  has_work = has_wanted (self);
  if (has_work)
    deliver_group (self);
  if (has_work || (is_last && self->committer->progress->len > 0))
    {
      if (commit_results (self, is_last, &error))
        clear_refused (self);
      else
        fail_group (self, error);
    }
  share_with_twins (self);
}

static guint
get_group_size (DeliveryCommitter *self)
{
  switch (postseal_sink_spec_kind (self->core->deliver))
    {
    case POSTSEAL_SINK_MAILDIR:
      return GROUP_MAILDIR;
    case POSTSEAL_SINK_MBOX:
      return GROUP_MBOX;
    case POSTSEAL_SINK_COMMAND:
    case POSTSEAL_SINK_LMTP:
    default:
      return GROUP_ONE;
    }
}

/* Takes @messages. */
static void
tell (DeliveryCore *core, GPtrArray *messages)
{
  DeliveryEvent *event = g_new0 (DeliveryEvent, 1);
  guint64 bytes = 0;

  for (guint i = 0; i < messages->len; i++)
    {
      DeliveryMessage *message = g_ptr_array_index (messages, i);

      bytes += message->staged.length;
    }
  g_mutex_lock (&core->lock);
  core->n_backlog -= MIN (core->n_backlog, messages->len);
  core->backlog_bytes -= MIN (core->backlog_bytes, bytes);
  g_cond_broadcast (&core->settled);
  g_mutex_unlock (&core->lock);

  event->kind = DELIVERY_EVENT_SETTLED;
  event->messages = messages;
  _postseal_delivery_core_post (core, event);
}

static void
free_message (gpointer data)
{
  _postseal_delivery_message_free (data);
}

void
_postseal_delivery_settle (DeliveryCommitter *self)
{
  GPtrArray *batch = g_steal_pointer (&self->batch);
  const guint n = get_group_size (self);
  guint start = 0;

  self->batch = g_ptr_array_new_with_free_func (free_message);
  self->batch_bytes = 0;
  self->deadline = 0;
  while (start < batch->len || (start == 0 && self->progress->len > 0))
    {
      Group group = { self, (DeliveryMessage **)batch->pdata + start, MIN (n, batch->len - start) };
      gboolean is_last = start + group.n_messages == batch->len;

      settle_group (&group, is_last);
      if (batch->len == 0)
        break;
      start += group.n_messages;
    }
  g_array_set_size (self->progress, 0);
  if (batch->len > 0)
    tell (self->core, batch);
  else
    g_ptr_array_unref (batch);
}

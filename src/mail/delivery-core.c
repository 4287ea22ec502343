/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/delivery-private.h"

#include <unistd.h>

void
_postseal_delivery_message_free (DeliveryMessage *self)
{
  g_free (self->uidl);
  g_free (self->staged_path);
  g_free (self->name);
  g_free (self->place);
  g_clear_pointer (&self->seal, g_ref_string_release);
  g_clear_error (&self->error);
  g_free (self);
}

DeliveryOp *
_postseal_delivery_op_new (DeliveryOpKind kind, DeliveryOpFunc run)
{
  DeliveryOp *self = g_new0 (DeliveryOp, 1);

  self->kind = kind;
  self->run = run;
  return self;
}

void
_postseal_delivery_op_free (DeliveryOp *self)
{
  g_assert (self->task == NULL);
  g_clear_pointer (&self->message, _postseal_delivery_message_free);
  g_free (self->text);
  g_free (self->title);
  g_clear_pointer (&self->uids, g_array_unref);
  g_clear_pointer (&self->uidls, g_ptr_array_unref);
  g_free (self);
}

DeliveryPiece *
_postseal_delivery_piece_new (gsize capacity)
{
  DeliveryPiece *self = g_malloc (sizeof *self + capacity);

  memset (self, 0, sizeof *self);
  self->op.kind = DELIVERY_OP_PIECE;
  self->capacity = capacity;
  return self;
}

void
_postseal_delivery_piece_free (DeliveryPiece *self)
{
  g_clear_pointer (&self->seal, g_ref_string_release);
  g_free (self->trace);
  g_free (self->uidl);
  g_free (self);
}

void
_postseal_delivery_comparison_free (DeliveryComparison *self)
{
  g_clear_pointer (&self->fresh, g_array_unref);
  g_clear_pointer (&self->due, g_array_unref);
  g_free (self);
}

void
_postseal_delivery_event_free (DeliveryEvent *self)
{
  g_clear_pointer (&self->messages, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_object (&self->task);
  if (self->answer != NULL && self->destroy != NULL)
    self->destroy (self->answer);
  g_free (self);
}

static void
free_mailbox (gpointer data)
{
  DeliveryMailbox *mailbox = data;

  postseal_sink_free (mailbox->sink);
  if (mailbox->stage_fd >= 0)
    close (mailbox->stage_fd);
  g_hash_table_unref (mailbox->refused);
  g_free (mailbox->stage_dir);
  g_free (mailbox->name);
  g_free (mailbox->title);
  g_free (mailbox);
}

DeliveryCore *
_postseal_delivery_core_ref (DeliveryCore *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
free_event (gpointer data)
{
  _postseal_delivery_event_free (data);
}

void
_postseal_delivery_core_unref (DeliveryCore *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->account);
  g_free (self->state_dir);
  g_free (self->deliver);
  g_free (self->recipient);
  g_free (self->purpose);
  g_free (self->owner);
  g_free (self->spool_dir);
  g_ptr_array_unref (self->notes);
  g_main_context_unref (self->context);
  _postseal_delivery_lane_clear (&self->to_writer);
  _postseal_delivery_lane_clear (&self->to_committer);
  g_hash_table_unref (self->mailboxes);
  g_ptr_array_unref (self->old_mailboxes);
  g_clear_error (&self->failure);
  g_queue_clear_full (&self->events, free_event);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->settled);
  g_free (self);
}

DeliveryCore *
_postseal_delivery_core_new (void)
{
  DeliveryCore *self = g_new0 (DeliveryCore, 1);

  g_atomic_ref_count_init (&self->references);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->context = g_main_context_ref_thread_default ();
  _postseal_delivery_lane_init (&self->to_writer, self, _postseal_delivery_writer_serve);
  _postseal_delivery_lane_init (&self->to_committer, self, _postseal_delivery_committer_serve);
  self->mailboxes = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, free_mailbox);
  self->old_mailboxes = g_ptr_array_new_with_free_func (free_mailbox);
  g_mutex_init (&self->lock);
  g_cond_init (&self->settled);
  g_queue_init (&self->events);
  return self;
}

void
_postseal_delivery_core_answer (
    DeliveryCore *self, DeliveryOp *op, gpointer answer, GDestroyNotify destroy, GError *error)
{
  DeliveryEvent *event = g_new0 (DeliveryEvent, 1);

  event->kind = DELIVERY_EVENT_ANSWER;
  event->task = g_steal_pointer (&op->task);
  event->answer = answer;
  event->destroy = destroy;
  event->error = error;
  _postseal_delivery_core_post (self, event);
}

void
_postseal_delivery_core_fail (DeliveryCore *self, const GError *error)
{
  DeliveryEvent *event;

  g_mutex_lock (&self->lock);
  if (self->failure != NULL)
    {
      g_mutex_unlock (&self->lock);
      return;
    }
  self->failure = g_error_copy (error);
  g_atomic_int_set (&self->is_failed, 1);
  g_cond_broadcast (&self->settled);
  g_mutex_unlock (&self->lock);

  event = g_new0 (DeliveryEvent, 1);
  event->kind = DELIVERY_EVENT_FAILED;
  event->error = g_error_copy (error);
  _postseal_delivery_core_post (self, event);
}

gboolean
_postseal_delivery_core_is_failed (DeliveryCore *self)
{
  return g_atomic_int_get (&self->is_failed) != 0;
}

GError *
_postseal_delivery_core_get_failure (DeliveryCore *self)
{
  GError *failure = NULL;

  g_mutex_lock (&self->lock);
  if (self->failure != NULL)
    failure = g_error_copy (self->failure);
  g_mutex_unlock (&self->lock);
  return failure;
}

DeliveryMailbox *
_postseal_delivery_core_find_mailbox (DeliveryCore *self, gint64 id)
{
  DeliveryMailbox *mailbox;

  g_mutex_lock (&self->lock);
  mailbox = g_hash_table_lookup (self->mailboxes, &id);
  g_mutex_unlock (&self->lock);
  return mailbox;
}

/* What was refused in this run still is, when the mailbox is opened again. */
static void
keep_refused (DeliveryMailbox *mailbox, DeliveryMailbox *old)
{
  if (mailbox->uid_validity != old->uid_validity)
    return;
  g_hash_table_unref (mailbox->refused);
  mailbox->refused = g_hash_table_ref (old->refused);
}

void
_postseal_delivery_core_add_mailbox (DeliveryCore *self, DeliveryMailbox *mailbox)
{
  gpointer old = NULL;

  g_mutex_lock (&self->lock);
  if (g_hash_table_steal_extended (self->mailboxes, &mailbox->id, NULL, &old))
    {
      keep_refused (mailbox, old);
      g_ptr_array_add (self->old_mailboxes, old);
    }
  g_hash_table_insert (self->mailboxes, &mailbox->id, mailbox);
  g_mutex_unlock (&self->lock);
}

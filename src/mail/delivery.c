/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/delivery-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"

#define PIECE_OVERHEAD 512 /* what a queued piece needs beside its bytes */

struct _PostsealDelivery
{
  GObject parent_instance;

  DeliveryCore *core; /* owned */
  PostsealDeliveryHandler handler;
  gpointer user_data; /* borrowed: the handler's */
  gboolean has_writer; /* from the first message on all goes through the writer */
  gboolean is_closed; /* no more ops */
  gboolean is_in_message;
  gboolean is_begun; /* the message's first piece is already queued */
  gint64 mailbox; /* of the message */
  char *seal; /* owned: ref-counted string; of the last message */
  char *trace; /* owned: of the message, until its first piece */
  DeliveryPiece *piece; /* owned: being filled; kept for the next message */
};

G_DEFINE_FINAL_TYPE (PostsealDelivery, postseal_delivery, G_TYPE_OBJECT)

/* --- events --- */

static void
tell_settled (PostsealDelivery *self, GPtrArray *messages)
{
  g_autofree PostsealDeliveryResult *results = g_new0 (PostsealDeliveryResult, messages->len);

  for (guint i = 0; i < messages->len; i++)
    {
      DeliveryMessage *message = g_ptr_array_index (messages, i);

      results[i].id.uid = message->uid;
      results[i].id.uidl = message->uidl;
      results[i].id.occurrence = message->occurrence;
      results[i].id.listed_size = message->known_size;
      results[i].size = message->staged.wire_size;
      results[i].is_delivered = message->is_delivered;
      results[i].was_there = message->is_delivered && message->intent == 0;
      results[i].file = message->is_delivered ? message->place : NULL;
      results[i].error = message->is_delivered ? NULL : message->error;
    }
  if (self->handler.on_settled != NULL)
    self->handler.on_settled (self, results, messages->len, self->user_data);
}

static void
answer_task (DeliveryEvent *event)
{
  if (event->error != NULL)
    g_task_return_error (event->task, g_steal_pointer (&event->error));
  else if (event->answer != NULL)
    g_task_return_pointer (event->task, g_steal_pointer (&event->answer), event->destroy);
  else
    g_task_return_boolean (event->task, TRUE);
}

static void
handle_event (PostsealDelivery *self, DeliveryEvent *event)
{
  switch (event->kind)
    {
    case DELIVERY_EVENT_SETTLED:
      tell_settled (self, event->messages);
      break;
    case DELIVERY_EVENT_DRAINED:
      if (self->handler.on_drained != NULL)
        self->handler.on_drained (self, self->user_data);
      break;
    case DELIVERY_EVENT_FAILED:
      if (self->handler.on_failed != NULL)
        self->handler.on_failed (self, event->error, self->user_data);
      break;
    case DELIVERY_EVENT_ANSWER:
      if (event->error != NULL
          && g_task_get_source_tag (event->task) == postseal_delivery_open_async)
        self->is_closed = TRUE; /* its thread has ended */
      answer_task (event);
      break;
    default:
      g_assert_not_reached ();
    }
}

static DeliveryEvent *
take_event (DeliveryCore *core)
{
  DeliveryEvent *event;

  g_mutex_lock (&core->lock);
  event = g_queue_pop_head (&core->events);
  if (event == NULL)
    core->has_source = FALSE;
  g_mutex_unlock (&core->lock);
  return event;
}

static gboolean
on_events (gpointer user_data)
{
  DeliveryCore *core = user_data;
  g_autoptr (PostsealDelivery) self = core->delivery != NULL ? g_object_ref (core->delivery) : NULL;
  DeliveryEvent *event;

  while ((event = take_event (core)) != NULL)
    {
      if (self != NULL)
        handle_event (self, event);
      else if (event->task != NULL)
        answer_task (event);
      _postseal_delivery_event_free (event);
    }
  return G_SOURCE_REMOVE;
}

static void
unref_core (gpointer data)
{
  _postseal_delivery_core_unref (data);
}

void
_postseal_delivery_core_post (DeliveryCore *self, DeliveryEvent *event)
{
  gboolean needs_source;
  GSource *source;

  if (g_atomic_int_get (&self->is_orphaned) != 0)
    {
      _postseal_delivery_event_free (event);
      return;
    }
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->events, event);
  needs_source = !self->has_source;
  self->has_source = TRUE;
  g_mutex_unlock (&self->lock);
  if (!needs_source)
    return;
  /* Not g_main_context_invoke(): that may run the function here and now. */
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_events, _postseal_delivery_core_ref (self), unref_core);
  g_source_set_static_name (source, "postseal-delivery");
  g_source_attach (source, self->context);
  g_source_unref (source);
}

/* --- ops --- */

/* Takes @op. */
static void
push (PostsealDelivery *self, DeliveryOp *op)
{
  DeliveryCore *core = self->core;

  _postseal_delivery_lane_push (self->has_writer ? &core->to_writer : &core->to_committer, op);
}

DeliveryOp *
_postseal_delivery_make_call (DeliveryOpFunc run, gint64 mailbox)
{
  DeliveryOp *op = _postseal_delivery_op_new (DELIVERY_OP_CALL, run);

  op->mailbox = mailbox;
  return op;
}

void
_postseal_delivery_ask (PostsealDelivery *self, GTask *task, DeliveryOp *op)
{
  g_task_set_check_cancellable (task, FALSE);
  if (self->is_closed)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                               _ ("The delivery is closed already"));
      g_object_unref (task);
      _postseal_delivery_op_free (op);
      return;
    }
  op->task = task;
  push (self, op);
}

static void
tell_committer (PostsealDelivery *self, DeliveryOp *op)
{
  if (self->is_closed)
    _postseal_delivery_op_free (op);
  else
    push (self, op);
}

/* --- opening --- */

void
postseal_delivery_open_async (const char *account,
                              const char *state_dir,
                              const char *deliver,
                              PostsealLayout layout,
                              const char *recipient,
                              const char *purpose,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  PostsealDelivery *self;
  DeliveryCore *core;
  DeliveryOp *op;

  g_return_if_fail (account != NULL && state_dir != NULL && deliver != NULL);
  g_return_if_fail (recipient != NULL && purpose != NULL);

  self = g_object_new (POSTSEAL_TYPE_DELIVERY, NULL);
  core = self->core;
  core->account = g_strdup (account);
  core->state_dir = g_strdup (state_dir);
  core->deliver = g_strdup (deliver);
  core->recipient = g_strdup (recipient);
  core->purpose = g_strdup (purpose);
  core->layout = layout;

  op = _postseal_delivery_make_call (_postseal_delivery_do_open, 0);
  op->task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (op->task, postseal_delivery_open_async);
  push (self, op);
  g_object_unref (self); /* the task has it */
}

PostsealDelivery *
postseal_delivery_open_finish (GAsyncResult *result, GError **error)
{
  PostsealDelivery *self;

  g_return_val_if_fail (G_IS_TASK (result), NULL);

  self = g_task_get_source_object (G_TASK (result));
  return g_task_propagate_boolean (G_TASK (result), error) ? g_object_ref (self) : NULL;
}

const GPtrArray *
postseal_delivery_get_recovery_notes (PostsealDelivery *self)
{
  g_return_val_if_fail (POSTSEAL_IS_DELIVERY (self), NULL);

  return self->core->notes;
}

void
postseal_delivery_set_handler (PostsealDelivery *self,
                               const PostsealDeliveryHandler *handler,
                               gpointer user_data)
{
  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  self->handler = handler != NULL ? *handler : (PostsealDeliveryHandler){ 0 };
  self->user_data = user_data;
}

/* --- messages --- */

static void
set_seal (PostsealDelivery *self, const char *seal)
{
  if (self->seal != NULL && strcmp (self->seal, seal) == 0)
    return;
  g_clear_pointer (&self->seal, g_ref_string_release);
  self->seal = g_ref_string_new (seal);
}

void
postseal_delivery_begin (PostsealDelivery *self,
                         gint64 mailbox,
                         const char *seal,
                         const char *trace)
{
  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));
  g_return_if_fail (!self->is_in_message);

  if (self->is_closed)
    return;
  self->has_writer = TRUE;
  set_seal (self, seal != NULL ? seal : "");
  g_free (self->trace);
  self->trace = g_strdup (trace);
  self->mailbox = mailbox;
  self->is_in_message = TRUE;
  self->is_begun = FALSE;
  if (self->piece == NULL)
    self->piece = _postseal_delivery_piece_new (POSTSEAL_STAGE_CHUNK);
  self->piece->length = 0;
}

/* Takes @piece. */
static void
push_piece (PostsealDelivery *self, DeliveryPiece *piece)
{
  if (!self->is_begun)
    {
      piece->is_first = TRUE;
      piece->op.mailbox = self->mailbox;
      piece->seal = g_ref_string_acquire (self->seal);
      piece->trace = g_steal_pointer (&self->trace);
    }
  self->is_begun = TRUE;
  piece->weight = (guint)piece->length + PIECE_OVERHEAD;
  g_atomic_int_add (&self->core->n_queued, (gint)piece->weight);
  push (self, &piece->op);
}

/* TRUE unless too much is queued; then on_drained is promised. */
static gboolean
has_room (DeliveryCore *core)
{
  if (g_atomic_int_get (&core->n_queued) <= POSTSEAL_DELIVERY_HIGH_WATER)
    return TRUE;
  g_atomic_int_set (&core->is_stopped, 1);
  /* The writer may have drained it before it could see this. */
  return g_atomic_int_get (&core->n_queued) < POSTSEAL_DELIVERY_LOW_WATER
         && g_atomic_int_compare_and_exchange (&core->is_stopped, 1, 0);
}

gboolean
postseal_delivery_write (PostsealDelivery *self, const void *data, gsize length)
{
  const guint8 *bytes = data;

  g_return_val_if_fail (POSTSEAL_IS_DELIVERY (self), TRUE);
  g_return_val_if_fail (self->is_in_message || self->is_closed, TRUE);

  if (self->is_closed)
    return TRUE;
  while (length > 0)
    {
      DeliveryPiece *piece = self->piece;
      gsize n = MIN (length, piece->capacity - piece->length);

      memcpy (piece->data + piece->length, bytes, n);
      piece->length += n;
      bytes += n;
      length -= n;
      if (piece->length < piece->capacity)
        break;
      push_piece (self, piece);
      self->piece = _postseal_delivery_piece_new (POSTSEAL_STAGE_CHUNK);
    }
  return has_room (self->core);
}

/* A piece of its own size, so that many small messages in the queue stay small; the big one is
 * filled again. */
static DeliveryPiece *
take_last_piece (PostsealDelivery *self)
{
  DeliveryPiece *piece;

  if (self->piece->length > self->piece->capacity / 2)
    return g_steal_pointer (&self->piece);
  piece = _postseal_delivery_piece_new (self->piece->length);
  piece->length = self->piece->length;
  memcpy (piece->data, self->piece->data, piece->length);
  self->piece->length = 0;
  return piece;
}

void
postseal_delivery_end (PostsealDelivery *self, const PostsealMessageId *id)
{
  DeliveryPiece *piece;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));
  g_return_if_fail (id != NULL);

  if (self->is_closed)
    return;
  g_return_if_fail (self->is_in_message);
  piece = take_last_piece (self);
  piece->is_last = TRUE;
  piece->uid = id->uid;
  piece->uidl = g_strdup (id->uidl);
  piece->occurrence = id->occurrence;
  piece->listed_size = id->listed_size;
  push_piece (self, piece);
  self->is_in_message = FALSE;
}

void
postseal_delivery_abort (PostsealDelivery *self)
{
  DeliveryPiece *piece;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  if (!self->is_in_message)
    return;
  self->is_in_message = FALSE;
  if (!self->is_begun)
    return;
  piece = _postseal_delivery_piece_new (0);
  piece->is_last = TRUE;
  piece->is_aborted = TRUE;
  push_piece (self, piece);
}

void
postseal_delivery_confirm (PostsealDelivery *self, gint64 mailbox, guint32 next_uid)
{
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  op = _postseal_delivery_op_new (DELIVERY_OP_CONFIRM, _postseal_delivery_do_confirm);
  op->mailbox = mailbox;
  op->number = next_uid;
  tell_committer (self, op);
}

void
postseal_delivery_reject (PostsealDelivery *self)
{
  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  postseal_delivery_abort (self);
  tell_committer (self, _postseal_delivery_make_call (_postseal_delivery_do_reject, 0));
}

/* --- after the server --- */

void
postseal_delivery_forget (PostsealDelivery *self,
                          gint64 mailbox,
                          const PostsealMessageId *ids,
                          gsize n_ids)
{
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  if (n_ids == 0)
    return;
  op = _postseal_delivery_make_call (_postseal_delivery_do_forget, mailbox);
  op->uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  op->uidls = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < n_ids; i++)
    {
      guint32 number = ids[i].uidl != NULL ? ids[i].occurrence : ids[i].uid;

      g_array_append_val (op->uids, number);
      g_ptr_array_add (op->uidls, g_strdup (ids[i].uidl));
    }
  tell_committer (self, op);
}

void
postseal_delivery_set_retries (PostsealDelivery *self,
                               gint64 mailbox,
                               const guint32 *uids,
                               gsize n_uids)
{
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  op = _postseal_delivery_make_call (_postseal_delivery_do_set_retries, mailbox);
  op->uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), (guint)n_uids);
  g_array_append_vals (op->uids, uids, (guint)n_uids);
  tell_committer (self, op);
}

void
postseal_delivery_rewind (PostsealDelivery *self, gint64 mailbox, const guint32 *uids, gsize n_uids)
{
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  op = _postseal_delivery_make_call (_postseal_delivery_do_rewind, mailbox);
  op->uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), (guint)n_uids);
  g_array_append_vals (op->uids, uids, (guint)n_uids);
  tell_committer (self, op);
}

void
postseal_delivery_adopt_seen (PostsealDelivery *self,
                              gint64 mailbox,
                              guint32 uid_validity,
                              const PostsealLedgerDue *seen,
                              gsize n_seen)
{
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  op = _postseal_delivery_make_call (_postseal_delivery_do_adopt_seen, mailbox);
  op->number = uid_validity;
  op->uids = g_array_sized_new (FALSE, FALSE, sizeof (PostsealLedgerDue), (guint)n_seen);
  g_array_append_vals (op->uids, seen, (guint)n_seen);
  tell_committer (self, op);
}

void
postseal_delivery_set_progress (PostsealDelivery *self,
                                gint64 mailbox,
                                guint32 next_uid,
                                guint64 highest_modseq)
{
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  op = _postseal_delivery_make_call (_postseal_delivery_do_set_progress, mailbox);
  op->number = next_uid;
  op->modseq = highest_modseq;
  tell_committer (self, op);
}

/* --- flushing and closing --- */

void
postseal_delivery_flush_async (PostsealDelivery *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  postseal_delivery_abort (self);
  g_clear_pointer (&self->piece, _postseal_delivery_piece_free); /* it may be long until the next */
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_delivery_flush_async);
  _postseal_delivery_ask (self, task,
                          _postseal_delivery_make_call (_postseal_delivery_do_flush, 0));
}

gboolean
postseal_delivery_flush_finish (PostsealDelivery *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
postseal_delivery_close_async (PostsealDelivery *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  postseal_delivery_abort (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_delivery_close_async);
  _postseal_delivery_ask (
      self, task, _postseal_delivery_op_new (DELIVERY_OP_CLOSE, _postseal_delivery_do_flush));
  self->is_closed = TRUE;
}

gboolean
postseal_delivery_close_finish (PostsealDelivery *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- GObject --- */

static void
postseal_delivery_dispose (GObject *object)
{
  PostsealDelivery *self = POSTSEAL_DELIVERY (object);

  /* Nobody waits: the threads settle what is confirmed and end by themselves. */
  if (!self->is_closed)
    push (self, _postseal_delivery_op_new (DELIVERY_OP_CLOSE, _postseal_delivery_do_flush));
  self->is_closed = TRUE;
  self->core->delivery = NULL;
  g_atomic_int_set (&self->core->is_orphaned, 1);

  G_OBJECT_CLASS (postseal_delivery_parent_class)->dispose (object);
}

static void
postseal_delivery_finalize (GObject *object)
{
  PostsealDelivery *self = POSTSEAL_DELIVERY (object);

  g_clear_pointer (&self->seal, g_ref_string_release);
  g_free (self->trace);
  g_clear_pointer (&self->piece, _postseal_delivery_piece_free);
  _postseal_delivery_core_unref (self->core);

  G_OBJECT_CLASS (postseal_delivery_parent_class)->finalize (object);
}

static void
postseal_delivery_class_init (PostsealDeliveryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = postseal_delivery_dispose;
  object_class->finalize = postseal_delivery_finalize;
}

static void
postseal_delivery_init (PostsealDelivery *self)
{
  self->core = _postseal_delivery_core_new ();
  self->core->delivery = self;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/delivery-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/limits.h"

/* The committer may be slow (a delivery program): no more than this is staged ahead of it. */
#define MAX_BACKLOG (4 * POSTSEAL_BATCH_MESSAGES)
#define MAX_BACKLOG_BYTES (4 * (guint64)POSTSEAL_BATCH_BYTES)

struct _DeliveryWriter
{
  DeliveryCore *core; /* borrowed: has it */
  PostsealStage *stage; /* owned; NULL between messages, and when this one has failed */
  DeliveryMessage *message; /* owned; NULL between messages */
  gsize n_unconfirmed; /* messages ended since the last confirm or reject */
  guint64 unconfirmed_bytes;
};

typedef DeliveryWriter Writer;

/* What is unconfirmed does not count: it may need more messages to be confirmed at all. */
static void
wait_for_room (DeliveryCore *core)
{
  g_mutex_lock (&core->lock);
  while (core->failure == NULL
         && (core->n_backlog >= MAX_BACKLOG || core->backlog_bytes >= MAX_BACKLOG_BYTES))
    g_cond_wait (&core->settled, &core->lock);
  g_mutex_unlock (&core->lock);
}

/* This message, and with it the delivery, has failed. Takes @error. */
static void
fail_message (Writer *self, GError *error)
{
  self->message->error = error;
  g_clear_pointer (&self->message->staged_path, g_free);
  _postseal_delivery_core_fail (self->core, error);
}

static void
begin_message (Writer *self, DeliveryPiece *piece)
{
  DeliveryMessage *message = g_new0 (DeliveryMessage, 1);
  g_autofree char *name = NULL;
  GError *error = NULL;

  wait_for_room (self->core);
  self->message = message;
  message->mailbox = _postseal_delivery_core_find_mailbox (self->core, piece->op.mailbox);
  message->seal = g_steal_pointer (&piece->seal);
  message->error = _postseal_delivery_core_get_failure (self->core);
  if (message->error != NULL)
    return;
  if (message->mailbox == NULL)
    {
      fail_message (self, g_error_new (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE,
                                       _ ("A message came for a mailbox that is not open")));
      return;
    }
  name = _postseal_message_name_make_staged (self->core->owner);
  message->staged_path = g_build_filename (message->mailbox->stage_dir, name, NULL);
  self->stage = _postseal_stage_open (message->mailbox->stage_fd, message->mailbox->stage_dir, name,
                                      piece->trace, &error);
  if (self->stage == NULL)
    fail_message (self, error);
}

static void
write_piece (Writer *self, DeliveryPiece *piece)
{
  GError *error = NULL;

  if (self->stage == NULL || piece->length == 0
      || _postseal_stage_write (self->stage, piece->data, piece->length, &error))
    return;
  _postseal_stage_abandon (g_steal_pointer (&self->stage));
  fail_message (self, error);
}

static void
name_message (Writer *self, DeliveryPiece *piece)
{
  DeliveryMessage *message = self->message;

  message->uid = piece->uid;
  message->uidl = g_steal_pointer (&piece->uidl);
  message->occurrence = piece->occurrence;
  message->known_size = piece->listed_size != 0 ? piece->listed_size : message->staged.wire_size;
  if (message->staged_path != NULL)
    message->name = _postseal_message_name_make (
        self->core->account, message->mailbox->name, message->mailbox->uid_validity, message->uid,
        message->uidl, message->occurrence, message->staged.digest);
}

static void
end_message (Writer *self, DeliveryPiece *piece)
{
  DeliveryOp *op;
  GError *error = NULL;
  int fd = -1;

  if (self->stage != NULL)
    {
      fd = _postseal_stage_finish (g_steal_pointer (&self->stage), &self->message->staged, &error);
      if (fd < 0)
        fail_message (self, error);
    }
  name_message (self, piece);
  if (fd >= 0)
    _postseal_sync_start (&self->message->sync, fd);

  self->n_unconfirmed++;
  self->unconfirmed_bytes += self->message->staged.length;
  op = _postseal_delivery_op_new (DELIVERY_OP_MESSAGE, NULL);
  op->message = g_steal_pointer (&self->message);
  _postseal_delivery_lane_push (&self->core->to_committer, op);
}

static void
abort_message (Writer *self)
{
  if (self->stage != NULL)
    _postseal_stage_abandon (g_steal_pointer (&self->stage));
  g_clear_pointer (&self->message, _postseal_delivery_message_free);
}

/* The main loop is told once for each time that it was stopped. */
static void
count_written (DeliveryCore *core, gint weight)
{
  gint before = g_atomic_int_add (&core->n_queued, -weight);
  DeliveryEvent *event;

  if (before - weight >= POSTSEAL_DELIVERY_LOW_WATER
      || !g_atomic_int_compare_and_exchange (&core->is_stopped, 1, 0))
    return;
  event = g_new0 (DeliveryEvent, 1);
  event->kind = DELIVERY_EVENT_DRAINED;
  _postseal_delivery_core_post (core, event);
}

static void
take_piece (Writer *self, DeliveryPiece *piece)
{
  gint weight = (gint)piece->weight;

  if (piece->is_first)
    begin_message (self, piece);
  write_piece (self, piece);
  if (piece->is_last && piece->is_aborted)
    abort_message (self);
  else if (piece->is_last)
    end_message (self, piece);
  _postseal_delivery_piece_free (piece);
  count_written (self->core, weight);
}

static void
count_confirmed (Writer *self, gboolean is_confirmed)
{
  if (is_confirmed)
    {
      g_mutex_lock (&self->core->lock);
      self->core->n_backlog += self->n_unconfirmed;
      self->core->backlog_bytes += self->unconfirmed_bytes;
      g_mutex_unlock (&self->core->lock);
    }
  self->n_unconfirmed = 0;
  self->unconfirmed_bytes = 0;
}

/* Returns: whether more may come */
static gboolean
take_op (Writer *self, DeliveryOp *op)
{
  gboolean is_open = op->kind != DELIVERY_OP_CLOSE;

  if (op->kind == DELIVERY_OP_PIECE)
    {
      take_piece (self, (DeliveryPiece *)op);
      return TRUE;
    }
  if (op->kind == DELIVERY_OP_CONFIRM)
    count_confirmed (self, TRUE);
  else if (op->run == _postseal_delivery_do_reject || op->run == _postseal_delivery_do_flush)
    count_confirmed (self, FALSE);
  if (!is_open)
    abort_message (self);
  _postseal_delivery_lane_push (&self->core->to_committer, op);
  return is_open;
}

void
_postseal_delivery_writer_serve (DeliveryCore *core)
{
  Writer *self = core->writer;
  gboolean is_open = TRUE;

  if (self == NULL)
    {
      self = core->writer = g_new0 (Writer, 1);
      self->core = core;
    }
  while (is_open)
    {
      DeliveryOp *op = _postseal_delivery_lane_pop (&core->to_writer, 0);

      if (op != NULL)
        is_open = take_op (self, op);
      else if (_postseal_delivery_lane_park (&core->to_writer))
        return;
    }
  g_clear_pointer (&core->writer, g_free);
}

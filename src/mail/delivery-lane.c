/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/delivery-private.h"

/* Longer than the pauses within one retrieval, so that a thread is not parked between two messages.
 */
#define LINGER_US (200 * G_TIME_SPAN_MILLISECOND)

static void
run_lane (gpointer data, gpointer user_data)
{
  DeliveryLane *lane = data;
  DeliveryCore *core = lane->core;

  lane->serve (core);
  _postseal_delivery_core_unref (core);
}

/* No limit: a writer waits for its committer, which must never wait for a thread. */
static GThreadPool *
get_pool (void)
{
  static gsize pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, (gsize)g_thread_pool_new (run_lane, NULL, -1, FALSE, NULL));
  return (GThreadPool *)pool;
}

void
_postseal_delivery_lane_init (DeliveryLane *self,
                              DeliveryCore *core,
                              void (*serve) (DeliveryCore *core))
{
  self->core = core;
  self->serve = serve;
  self->ops = g_async_queue_new ();
}

void
_postseal_delivery_lane_clear (DeliveryLane *self)
{
  g_async_queue_unref (self->ops);
}

void
_postseal_delivery_lane_push (DeliveryLane *self, DeliveryOp *op)
{
  DeliveryCore *core = self->core;
  gboolean is_running;

  /* Before the look at the flag: a thread that parks looks at the queue after it. */
  g_async_queue_push (self->ops, op);
  g_mutex_lock (&core->lock);
  is_running = self->is_running;
  self->is_running = TRUE;
  if (!is_running)
    _postseal_delivery_core_ref (core);
  g_mutex_unlock (&core->lock);
  /* An error means that no thread could be started now; it is queued for those that run. */
  if (!is_running)
    g_thread_pool_push (get_pool (), self, NULL);
}

DeliveryOp *
_postseal_delivery_lane_pop (DeliveryLane *self, gint64 deadline)
{
  gint64 left = deadline != 0 ? deadline - g_get_monotonic_time () : LINGER_US;

  return left > 0 ? g_async_queue_timeout_pop (self->ops, (guint64)left)
                  : g_async_queue_try_pop (self->ops);
}

gboolean
_postseal_delivery_lane_park (DeliveryLane *self)
{
  DeliveryCore *core = self->core;
  gboolean is_parked;

  g_mutex_lock (&core->lock);
  is_parked = g_async_queue_length (self->ops) <= 0;
  if (is_parked)
    self->is_running = FALSE;
  g_mutex_unlock (&core->lock);
  return is_parked;
}

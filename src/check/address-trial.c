/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/address-trial.h"

#include "base/loop.h"

typedef struct
{
  GTask *task; /* owned: this is its data; NULL once it has returned */
  GSocketClient *client; /* owned */
  GCancellable *attempts; /* owned: ended with the first that is answered */
  guint n_open; /* attempts */
  gboolean has_way; /* an attempt failed for another reason than that there is no way */
  GSource *canceller; /* owned, nullable */
} Trial;

static void
free_trial (gpointer data)
{
  Trial *self = data;

  g_object_unref (self->client);
  g_object_unref (self->attempts);
  g_free (self);
}

static void
finish (Trial *self, PostsealSeen answers)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  postseal_loop_clear (&self->canceller);
  g_cancellable_cancel (self->attempts);
  g_task_return_int (task, answers);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  finish (user_data, POSTSEAL_SEEN_UNKNOWN);
  return G_SOURCE_REMOVE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Trial *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  self->n_open--;
  if (self->task == NULL)
    return;
  if (connection != NULL)
    {
      finish (self, POSTSEAL_SEEN_YES);
      return;
    }
  self->has_way |= !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE)
                   && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  if (self->n_open == 0)
    finish (self, self->has_way ? POSTSEAL_SEEN_NO : POSTSEAL_SEEN_UNKNOWN);
}

void
postseal_address_trial_async (GInetAddress *address,
                              const guint16 *ports,
                              gsize n_ports,
                              guint limit_ms,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Trial *self = g_new0 (Trial, 1);

  g_task_set_source_tag (task, postseal_address_trial_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, free_trial);
  self->task = task;
  self->attempts = g_cancellable_new ();
  self->client = g_socket_client_new ();
  /* A proxy would answer for everybody. */
  g_socket_client_set_enable_proxy (self->client, FALSE);
  g_socket_client_set_timeout (self->client, MAX (limit_ms / 1000, 1));
  self->canceller = postseal_loop_add_cancellable (cancellable, on_cancelled, self);
  for (gsize i = 0; i < n_ports; i++)
    {
      g_autoptr (GSocketAddress) target = g_inet_socket_address_new (address, ports[i]);

      self->n_open++;
      g_socket_client_connect_async (self->client, G_SOCKET_CONNECTABLE (target), self->attempts,
                                     on_connected, g_object_ref (task));
    }
}

PostsealSeen
postseal_address_trial_finish (GAsyncResult *result)
{
  return (PostsealSeen)g_task_propagate_int (G_TASK (result), NULL);
}

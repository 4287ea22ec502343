/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/clear-link-private.h"

#include "base/limits.h"

struct _PostsealClearLink
{
  GSocket *socket; /* owned */
  PostsealUpgrade *script; /* borrowed: for the time of the operation */
  GString *unsent; /* owned */
};

PostsealClearLink *
_postseal_clear_link_new (GSocket *socket)
{
  PostsealClearLink *self = g_new0 (PostsealClearLink, 1);

  self->socket = g_object_ref (socket);
  self->unsent = g_string_new (NULL);
  return self;
}

void
_postseal_clear_link_free (PostsealClearLink *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->socket);
  g_string_free (self->unsent, TRUE);
  g_free (self);
}

/* FALSE with @error when the socket is broken; having to wait is no error. */
static gboolean
send_unsent (PostsealClearLink *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  gssize sent = 0;

  if (self->unsent->len == 0)
    return TRUE;
  sent = g_socket_send_with_blocking (self->socket, self->unsent->str, self->unsent->len, FALSE,
                                      NULL, &local);
  if (sent >= 0)
    g_string_erase (self->unsent, 0, sent);
  else if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

/* What the socket holds: 0 at its end, -1 with @error otherwise. */
static gssize
receive (PostsealClearLink *self, char *buffer, gsize size, GError **error)
{
  return g_socket_receive_with_blocking (self->socket, buffer, size, FALSE, NULL, error);
}

/* One turn of the conversation. FALSE when there is nothing more to do before the socket is ready.
 */
static gboolean
take_turn (PostsealClearLink *self, gboolean *ret_is_agreed, GError **error)
{
  g_autoptr (GError) local = NULL;
  char buffer[POSTSEAL_LIMIT_VESTIBULE];
  gssize received = receive (self, buffer, sizeof buffer, &local);
  PostsealUpgradeVerdict verdict = POSTSEAL_UPGRADE_WAITS;

  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (received <= 0)
    {
      g_propagate_error (error, _postseal_upgrade_explain_end (self->script, 0));
      return TRUE;
    }
  verdict = _postseal_upgrade_feed (self->script, buffer, received, self->unsent, error);
  *ret_is_agreed = verdict == POSTSEAL_UPGRADE_AGREED;
  return verdict != POSTSEAL_UPGRADE_WAITS || !send_unsent (self, error);
}

/* A server never speaks between its answer and our ClientHello: what is in the socket now was put
   there in clear, in a segment of its own. */
static gboolean
is_socket_empty (PostsealClearLink *self, GError **error)
{
  g_autoptr (GString) ignored = g_string_new (NULL);
  char byte = 0;

  if (receive (self, &byte, 1, NULL) <= 0)
    return TRUE; /* an end is the handshake's to report */
  _postseal_upgrade_feed (self->script, &byte, 1, ignored, error);
  return FALSE;
}

static void watch_socket (GTask *task);

static gboolean
on_socket_ready (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  GTask *task = user_data;
  PostsealClearLink *self = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean is_agreed = FALSE;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (!send_unsent (self, &error) || take_turn (self, &is_agreed, &error))
    {
      if (is_agreed && error == NULL && is_socket_empty (self, &error))
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_error (task, error);
      return G_SOURCE_REMOVE;
    }
  watch_socket (task);
  return G_SOURCE_REMOVE;
}

static void
watch_socket (GTask *task)
{
  PostsealClearLink *self = g_task_get_task_data (task);
  GIOCondition condition = G_IO_IN | (self->unsent->len > 0 ? G_IO_OUT : 0);
  g_autoptr (GSource) source
      = g_socket_create_source (self->socket, condition, g_task_get_cancellable (task));

  g_task_attach_source (task, source, G_SOURCE_FUNC (on_socket_ready));
}

void
_postseal_clear_link_upgrade_async (PostsealClearLink *self,
                                    PostsealUpgrade *script,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, _postseal_clear_link_upgrade_async);
  g_task_set_task_data (task, self, NULL);
  self->script = script;
  watch_socket (task);
}

gboolean
_postseal_clear_link_upgrade_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

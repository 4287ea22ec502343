/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-operation.h"
#include "imap/imap-session-private.h"
#include "net/net-error.h"

/* One question whether the server is still there. */
typedef struct
{
  PostsealImapSession *session; /* borrowed from the operation */
  guint64 received; /* when the clock began */
  GSource *clock; /* owned, nullable */
} Probe;

static void
stop_clock (Probe *self)
{
  if (self->clock == NULL)
    return;
  g_source_destroy (self->clock);
  g_clear_pointer (&self->clock, g_source_unref);
}

static void
free_probe (gpointer data)
{
  Probe *self = data;

  stop_clock (self);
  g_free (self);
}

/* A long answer to something else may stand before ours, and while nothing is read nothing is
 * heard. */
static gboolean
on_clock (gpointer user_data)
{
  Probe *self = user_data;
  PostsealImapSession *session = self->session;
  g_autoptr (GError) error = NULL;
  guint64 received;

  if (session->channel == NULL)
    return G_SOURCE_REMOVE;
  received = postseal_channel_get_received (session->channel);
  if (session->is_paused || received != self->received)
    {
      self->received = received;
      return G_SOURCE_CONTINUE;
    }
  error = g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT,
                       _ ("Server “%s” no longer answers"), session->server);
  _postseal_imap_session_fail (session, error);
  return G_SOURCE_REMOVE;
}

static void
start_clock (Probe *self, guint limit_ms)
{
  self->received = postseal_channel_get_received (self->session->channel);
  self->clock = g_timeout_source_new (limit_ms);
  g_source_set_callback (self->clock, on_clock, self, NULL);
  g_source_attach (self->clock, g_main_context_get_thread_default ());
}

void
_postseal_imap_probe_end (gpointer probe, const GError *error)
{
  stop_clock (postseal_imap_operation_get_data (probe));
  postseal_imap_operation_release (probe, error);
}

/* NO is an answer, too. */
static void
on_noop_done (const char *verb,
              const PostsealImapResponse *tagged,
              const GError *error,
              gpointer user_data)
{
  _postseal_imap_probe_end (user_data, error);
}

static const PostsealImapCommandHandler noop_handler = { .on_done = on_noop_done };

static void
complete_probe (GTask *task, gpointer data)
{
  g_task_return_boolean (task, TRUE);
}

void
postseal_imap_session_probe_async (PostsealImapSession *self,
                                   guint limit_ms,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  Probe *probe;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));

  probe = g_new0 (Probe, 1);
  probe->session = self;
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_probe_async, complete_probe, probe,
                                           free_probe);
  if (operation == NULL)
    return;
  start_clock (probe, limit_ms);
  postseal_imap_operation_hold (operation);
  if (_postseal_imap_session_renew_idle (self, operation))
    return;
  _postseal_imap_session_send (
      self, postseal_imap_operation_make_command (operation, POSTSEAL_IMAP_COMMAND_PIPELINED,
                                                  "NOOP", &noop_handler));
  postseal_imap_operation_release (operation, NULL);
}

gboolean
postseal_imap_session_probe_finish (PostsealImapSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-operation.h"
#include "imap/imap-refusal.h"
#include "imap/imap-session-private.h"

/* Where the command is. */
typedef enum
{
  PHASE_ASKED, /* sent, or about to be */
  PHASE_IDLING, /* the server has said "+" */
  PHASE_LEAVING, /* it has been told DONE */
} Phase;

/* What comes after the command, from the weakest wish to the strongest. */
typedef enum
{
  WISH_NONE,
  WISH_RENEW,
  WISH_END,
} Wish;

/* IDLE (RFC 2177, RFC 9051 section 6.3.13), as often as it takes. */
typedef struct
{
  PostsealImapSession *session; /* borrowed from the operation */
  guint renew_ms;
  Phase phase;
  Wish wish;
  GSource *renewal; /* owned, nullable */
  GPtrArray *probes; /* owned (element-type PostsealImapOperation): end with the next answer */
} Idle;

static void
stop_renewal (Idle *self)
{
  if (self->renewal == NULL)
    return;
  g_source_destroy (self->renewal);
  g_clear_pointer (&self->renewal, g_source_unref);
}

static void
free_idle (gpointer data)
{
  Idle *self = data;

  stop_renewal (self);
  g_ptr_array_unref (self->probes);
  g_free (self);
}

/* DONE is for a server that has said "+", and is said once; after BYE the queue says nothing. */
static void
send_done (Idle *self)
{
  stop_renewal (self);
  self->phase = PHASE_LEAVING;
  postseal_imap_queue_answer (self->session->queue, "DONE", 4, FALSE);
  _postseal_imap_session_update_deadline (self->session);
}

static void
wish_for (Idle *self, Wish wish)
{
  self->wish = MAX (self->wish, wish);
  if (self->phase == PHASE_IDLING)
    send_done (self);
}

static gboolean
on_renewal_due (gpointer user_data)
{
  wish_for (user_data, WISH_RENEW);
  return G_SOURCE_REMOVE;
}

/* The one wake-up while idling; long ones share theirs with other timers. */
static void
start_renewal (Idle *self)
{
  if (self->renew_ms == 0)
    return;
  self->renewal = self->renew_ms >= 10000 ? g_timeout_source_new_seconds (self->renew_ms / 1000)
                                          : g_timeout_source_new (self->renew_ms);
  g_source_set_callback (self->renewal, on_renewal_due, self, NULL);
  g_source_attach (self->renewal, g_main_context_get_thread_default ());
}

static void
on_idle_continuation (const PostsealImapResponse *response, gpointer user_data)
{
  Idle *self = postseal_imap_operation_get_data (user_data);

  if (self->phase != PHASE_ASKED)
    return;
  self->phase = PHASE_IDLING;
  if (self->wish != WISH_NONE)
    wish_for (self, self->wish);
  else
    start_renewal (self);
}

/* A message that nobody has announced is news, too. */
static gboolean
on_idle_untagged (const PostsealImapResponse *response, gpointer user_data)
{
  Idle *self = postseal_imap_operation_get_data (user_data);
  const PostsealImapStatus *selected = self->session->selected;

  if (selected != NULL && response->kind == POSTSEAL_IMAP_RESPONSE_DATA
      && strcmp (response->name, "FETCH") == 0 && response->number > selected->exists)
    wish_for (self, WISH_END);
  return FALSE;
}

static void
on_idle_wanted (gpointer user_data)
{
  wish_for (postseal_imap_operation_get_data (user_data), WISH_END);
}

static void
end_probes (Idle *self, const GError *error)
{
  g_autoptr (GPtrArray) probes = g_steal_pointer (&self->probes);

  self->probes = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_operation_unref);
  for (guint i = 0; i < probes->len; i++)
    _postseal_imap_probe_end (probes->pdata[i], error);
}

/* What the end of the command means. Returns: (nullable) */
static GError *
find_failure (Idle *self, const char *verb, const PostsealImapResponse *tagged)
{
  const char *server = self->session->server;

  if (tagged->kind != POSTSEAL_IMAP_RESPONSE_OK)
    return postseal_imap_refusal_to_error (tagged, verb, server);
  if (self->phase == PHASE_ASKED)
    return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                        _ ("Server “%s” agreed to IDLE but did not wait"), server);
  return NULL;
}

static void send_idle (PostsealImapOperation *operation);

static void
on_idle_done (const char *verb,
              const PostsealImapResponse *tagged,
              const GError *error,
              gpointer user_data)
{
  Idle *self = postseal_imap_operation_get_data (user_data);
  g_autoptr (GError) failure = tagged != NULL ? find_failure (self, verb, tagged) : NULL;

  stop_renewal (self);
  if (tagged != NULL && failure == NULL && self->wish == WISH_RENEW)
    send_idle (user_data);
  else if (self->session->idle == user_data)
    self->session->idle = NULL;
  end_probes (self, error);
  postseal_imap_operation_release (user_data, failure != NULL ? failure : error);
}

static const PostsealImapCommandHandler idle_handler = { .on_untagged = on_idle_untagged,
                                                         .on_continuation = on_idle_continuation,
                                                         .on_wanted = on_idle_wanted,
                                                         .on_done = on_idle_done };

static void
send_idle (PostsealImapOperation *operation)
{
  Idle *self = postseal_imap_operation_get_data (operation);

  self->phase = PHASE_ASKED;
  self->wish = WISH_NONE;
  _postseal_imap_session_send (
      self->session, postseal_imap_operation_make_command (operation, POSTSEAL_IMAP_COMMAND_ALONE,
                                                           "IDLE", &idle_handler));
}

static void
complete_idle (GTask *task, gpointer data)
{
  g_task_return_boolean (task, TRUE);
}

void
postseal_imap_session_idle_async (PostsealImapSession *self,
                                  guint renew_ms,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  g_autoptr (GError) obstacle = NULL;
  Idle *idle;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));

  idle = g_new0 (Idle, 1);
  idle->session = self;
  idle->renew_ms = renew_ms;
  idle->probes = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_operation_unref);
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_idle_async, complete_idle, idle,
                                           free_idle);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  if (postseal_imap_caps_has (self->caps, "IDLE"))
    {
      self->idle = operation;
      send_idle (operation);
    }
  else
    obstacle = g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                            _ ("Server “%s” cannot tell of new mail (no IDLE)"), self->server);
  postseal_imap_operation_release (operation, obstacle);
}

gboolean
postseal_imap_session_idle_finish (PostsealImapSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static Idle *
get_idle (PostsealImapSession *session)
{
  return session->idle != NULL ? postseal_imap_operation_get_data (session->idle) : NULL;
}

void
postseal_imap_session_idle_stop (PostsealImapSession *self)
{
  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));

  _postseal_imap_session_end_idle (self);
}

void
_postseal_imap_session_end_idle (PostsealImapSession *self)
{
  Idle *idle = get_idle (self);

  if (idle != NULL)
    wish_for (idle, WISH_END);
}

gboolean
_postseal_imap_session_is_idling (PostsealImapSession *self)
{
  Idle *idle = get_idle (self);

  return idle != NULL && idle->phase == PHASE_IDLING;
}

gboolean
_postseal_imap_session_renew_idle (PostsealImapSession *self, gpointer probe)
{
  Idle *idle = get_idle (self);

  if (idle == NULL || idle->wish == WISH_END)
    return FALSE;
  g_ptr_array_add (idle->probes, postseal_imap_operation_ref (probe));
  wish_for (idle, WISH_RENEW);
  return TRUE;
}

gboolean
_postseal_imap_session_leave_idle (PostsealImapSession *self)
{
  Idle *idle = get_idle (self);

  if (idle == NULL || idle->phase == PHASE_ASKED)
    return FALSE;
  wish_for (idle, WISH_END);
  return TRUE;
}

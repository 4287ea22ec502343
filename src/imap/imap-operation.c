/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-operation.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-refusal.h"
#include "imap/imap-session-private.h"
#include "wire/imap-sets.h"

struct _PostsealImapOperation
{
  grefcount references;
  GTask *task; /* owned until it ends */
  PostsealImapSession *session; /* borrowed from task; the last use is before it ends */
  GSource *cancel_source; /* owned, nullable */
  guint holds;
  GError *error; /* owned: the first one */
  PostsealImapOperationFunc complete;
  gpointer data;
  GDestroyNotify destroy;
};

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  PostsealImapOperation *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->task == NULL)
    return G_SOURCE_REMOVE;
  error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _ ("The conversation with “%s” was given up"), self->session->server);
  _postseal_imap_session_fail (self->session, error);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (PostsealImapOperation *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  if (cancellable == NULL)
    return;
  self->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancel_source, G_SOURCE_FUNC (on_cancelled),
                         postseal_imap_operation_ref (self),
                         (GDestroyNotify)postseal_imap_operation_unref);
  g_source_attach (self->cancel_source, g_task_get_context (self->task));
}

/* Why nothing can be asked of the session. Returns: (nullable) */
static GError *
find_obstacle (PostsealImapSession *session, GCancellable *cancellable, gpointer source_tag)
{
  const GError *ended = _postseal_imap_session_get_error (session);

  if (ended != NULL)
    return g_error_copy (ended);
  if (g_cancellable_is_cancelled (cancellable))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                        _ ("The conversation with “%s” was given up"), session->server);
  if (session->state < POSTSEAL_IMAP_STATE_AUTHENTICATED
      && source_tag != postseal_imap_session_login_async)
    return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                        _ ("Nobody has signed in to server “%s”"), session->server);
  return NULL;
}

PostsealImapOperation *
postseal_imap_operation_new (PostsealImapSession *session,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data,
                             gpointer source_tag,
                             PostsealImapOperationFunc complete,
                             gpointer data,
                             GDestroyNotify destroy)
{
  g_autoptr (GTask) task = g_task_new (session, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  PostsealImapOperation *self;

  g_task_set_source_tag (task, source_tag);
  /* What has happened is told as it was: cancelling ends the session, which tells everybody. */
  g_task_set_check_cancellable (task, FALSE);
  error = find_obstacle (session, cancellable, source_tag);
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      if (destroy != NULL)
        destroy (data);
      return NULL;
    }

  self = g_new0 (PostsealImapOperation, 1);
  g_ref_count_init (&self->references);
  self->task = g_steal_pointer (&task);
  self->session = session;
  self->complete = complete;
  self->data = data;
  self->destroy = destroy;
  watch_cancellable (self);
  return self;
}

PostsealImapOperation *
postseal_imap_operation_ref (PostsealImapOperation *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

void
postseal_imap_operation_unref (PostsealImapOperation *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  if (self->destroy != NULL)
    self->destroy (self->data);
  g_clear_error (&self->error);
  g_clear_object (&self->task);
  g_free (self);
}

gpointer
postseal_imap_operation_get_data (PostsealImapOperation *self)
{
  return self->data;
}

PostsealImapSession *
postseal_imap_operation_get_session (PostsealImapOperation *self)
{
  return self->session;
}

GCancellable *
postseal_imap_operation_get_cancellable (PostsealImapOperation *self)
{
  return self->task != NULL ? g_task_get_cancellable (self->task) : NULL;
}

void
postseal_imap_operation_hold (PostsealImapOperation *self)
{
  self->holds++;
}

void
postseal_imap_operation_release (PostsealImapOperation *self, const GError *error)
{
  g_autoptr (GTask) task = NULL;

  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  if (--self->holds > 0)
    return;

  if (self->cancel_source != NULL)
    {
      g_source_destroy (self->cancel_source);
      g_clear_pointer (&self->cancel_source, g_source_unref);
    }
  task = g_steal_pointer (&self->task);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    self->complete (task, self->data);
}

PostsealImapCommand *
postseal_imap_operation_make_command (PostsealImapOperation *self,
                                      PostsealImapCommandKind kind,
                                      const char *verb,
                                      const PostsealImapCommandHandler *handler)
{
  postseal_imap_operation_hold (self);
  return postseal_imap_command_new (kind, verb, handler, postseal_imap_operation_ref (self),
                                    (GDestroyNotify)postseal_imap_operation_unref);
}

void
postseal_imap_operation_command_done (const char *verb,
                                      const PostsealImapResponse *tagged,
                                      const GError *error,
                                      gpointer user_data)
{
  PostsealImapOperation *self = user_data;
  g_autoptr (GError) refusal = NULL;

  if (tagged != NULL && tagged->kind != POSTSEAL_IMAP_RESPONSE_OK)
    {
      _postseal_imap_session_tell_refusal (self->session, tagged);
      refusal = postseal_imap_refusal_to_error (tagged, verb, self->session->server);
    }
  postseal_imap_operation_release (self, refusal != NULL ? refusal : error);
}

guint
postseal_imap_operation_send_sets (PostsealImapOperation *self,
                                   const GArray *uids,
                                   const char *verb,
                                   const char *words,
                                   const PostsealImapCommandHandler *handler)
{
  guint count = 0;
  gsize i = 0;

  while (i < uids->len)
    {
      g_autoptr (GString) set = g_string_new (NULL);
      PostsealImapCommand *command = postseal_imap_operation_make_command (
          self, POSTSEAL_IMAP_COMMAND_PIPELINED, verb, handler);

      i += postseal_imap_sets_append (set, &g_array_index (uids, guint32, i), uids->len - i,
                                      POSTSEAL_IMAP_SETS_LENGTH);
      postseal_imap_command_add (command, set->str);
      if (words != NULL)
        postseal_imap_command_add (command, words);
      _postseal_imap_session_send (self->session, command);
      count++;
    }
  return count;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pop3/pop3-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  PostsealPop3Operation base;
  gboolean is_sent;
} Stat;

static void
on_stat_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  PostsealPop3Session *session = operation->session;
  guint32 count = 0;
  guint64 size = 0;
  GError *error = NULL;
  g_autoptr (GTask) task = NULL;

  if (reply->kind == POSTSEAL_POP3_REPLY_ERR)
    error = _postseal_pop3_error_from_reply (session, reply, "STAT");
  else if (!postseal_pop3_parse_stat (reply->text, reply->length, &count, &size))
    {
      _postseal_pop3_session_fail_protocol (session, _ ("this is no answer to STAT"), reply->text,
                                            reply->length);
      return;
    }
  task = _postseal_pop3_operation_end (operation);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, (gssize)count);
}

static PostsealPop3Command *
next (PostsealPop3Operation *operation)
{
  static const PostsealPop3CommandType stat_type = { .on_reply = on_stat_reply };
  Stat *self = (Stat *)operation;

  if (self->is_sent)
    return NULL;
  self->is_sent = TRUE;
  return _postseal_pop3_command_new (&stat_type, operation, "STAT");
}

void
postseal_pop3_session_stat_async (PostsealPop3Session *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  static const PostsealPop3OperationType type = { .next = next };

  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));
  g_return_if_fail (self->state != POSTSEAL_POP3_STATE_AUTHORIZATION);

  if (_postseal_pop3_operation_begin (self, &type, sizeof (Stat), postseal_pop3_session_stat_async,
                                      cancellable, callback, user_data)
      != NULL)
    _postseal_pop3_session_pump (self);
}

gint64
postseal_pop3_session_stat_finish (PostsealPop3Session *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  return g_task_propagate_int (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-operation.h"
#include "imap/imap-session-private.h"

/* New messages cannot be told without expunged ones (RFC 5465 section 5). */
#define EVENTS "(MessageNew MessageExpunge)"

/* One NOTIFY, and what it replaces if the server agrees. */
typedef struct
{
  PostsealImapSession *session; /* borrowed from the operation */
  PostsealImapNewsFunc before;
  gpointer before_data;
} Wish;

void
_postseal_imap_session_take_news (PostsealImapSession *self, const PostsealImapResponse *response)
{
  PostsealImapStatus status = { 0 };
  const PostsealImapValue *name;

  if (self->news == NULL)
    return;
  name = _postseal_imap_status_take (&status, response);
  if (name == NULL || strlen (name->bytes) != name->length)
    return;
  self->news (self, g_ascii_strcasecmp (name->bytes, "INBOX") == 0 ? "INBOX" : name->bytes, &status,
              self->news_data);
}

void
_postseal_imap_session_take_overflow (PostsealImapSession *self)
{
  if (self->news != NULL)
    self->news (self, NULL, NULL, self->news_data);
}

/* A refused one leaves what was before. */
static void
on_notify_done (const char *verb,
                const PostsealImapResponse *tagged,
                const GError *error,
                gpointer user_data)
{
  Wish *self = postseal_imap_operation_get_data (user_data);

  if (tagged == NULL || tagged->kind != POSTSEAL_IMAP_RESPONSE_OK)
    {
      self->session->news = self->before;
      self->session->news_data = self->before_data;
    }
  postseal_imap_operation_command_done (verb, tagged, error, user_data);
}

/* It may refuse that: what counts is the answer to what follows. */
static void
on_none_done (const char *verb,
              const PostsealImapResponse *tagged,
              const GError *error,
              gpointer user_data)
{
  postseal_imap_operation_release (user_data, error);
}

static const PostsealImapCommandHandler none_handler = { .on_done = on_none_done };
static const PostsealImapCommandHandler notify_handler = { .on_done = on_notify_done };

/* What was asked for is replaced by what is (RFC 5465 section 3.1), but Dovecot 2.3 then tells of
   nothing any more, unless it is told to forget in between. */
static PostsealImapCommand *
make_none (PostsealImapOperation *operation)
{
  PostsealImapCommand *command = postseal_imap_operation_make_command (
      operation, POSTSEAL_IMAP_COMMAND_PIPELINED, "NOTIFY", &none_handler);

  postseal_imap_command_add (command, "NONE");
  return command;
}

static void
send_notify (PostsealImapOperation *operation, const char *const *mailboxes, gboolean is_change)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (operation);
  PostsealImapCommand *command;

  _postseal_imap_session_send_preamble (session, FALSE);
  if (is_change)
    _postseal_imap_session_send (session, make_none (operation));
  command = postseal_imap_operation_make_command (operation, POSTSEAL_IMAP_COMMAND_PIPELINED,
                                                  "NOTIFY", &notify_handler);
  postseal_imap_command_add (command, "SET (SELECTED-DELAYED " EVENTS ")");
  if (mailboxes[0] != NULL)
    {
      postseal_imap_command_add (command, "(MAILBOXES");
      postseal_imap_command_add_list (command, mailboxes);
      postseal_imap_command_add (command, EVENTS ")");
    }
  _postseal_imap_session_send (session, command);
}

static void
complete_notify (GTask *task, gpointer data)
{
  g_task_return_boolean (task, TRUE);
}

void
postseal_imap_session_notify_async (PostsealImapSession *self,
                                    const char *const *mailboxes,
                                    PostsealImapNewsFunc func,
                                    gpointer user_data,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data_of_callback)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  g_autoptr (GError) obstacle = NULL;
  Wish *wish;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));
  g_return_if_fail (mailboxes != NULL);
  g_return_if_fail (func != NULL);

  wish = g_new0 (Wish, 1);
  wish->session = self;
  wish->before = self->news;
  wish->before_data = self->news_data;
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data_of_callback,
                                           postseal_imap_session_notify_async, complete_notify,
                                           wish, g_free);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  if (postseal_imap_caps_has (self->caps, "NOTIFY"))
    {
      /* Told from the moment when the server may agree. */
      self->news = func;
      self->news_data = user_data;
      send_notify (operation, mailboxes, wish->before != NULL);
    }
  else
    obstacle = g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                            _ ("Server “%s” cannot tell of new mail in other mailboxes (no "
                               "NOTIFY)"),
                            self->server);
  postseal_imap_operation_release (operation, obstacle);
}

gboolean
postseal_imap_session_notify_finish (PostsealImapSession *self,
                                     GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-operation.h"
#include "imap/imap-session-private.h"

/* One STATUS. */
typedef struct
{
  PostsealImapSession *session; /* borrowed from the operation */
  char *mailbox; /* owned */
  PostsealImapStatus *status; /* owned, nullable: not answered yet */
} Question;

static void
free_question (gpointer data)
{
  Question *self = data;

  g_free (self->mailbox);
  g_clear_pointer (&self->status, postseal_imap_status_free);
  g_free (self);
}

/* Only INBOX may come back in another case (RFC 9051 section 5.1). */
static gboolean
is_about (const Question *self, const PostsealImapValue *name)
{
  if (name == NULL || name->bytes == NULL || name->type == POSTSEAL_IMAP_VALUE_LIST)
    return FALSE;
  if (g_ascii_strcasecmp (self->mailbox, "INBOX") == 0)
    return g_ascii_strcasecmp (name->bytes, "INBOX") == 0;
  return strlen (self->mailbox) == name->length
         && memcmp (self->mailbox, name->bytes, name->length) == 0;
}

static void
take_items (PostsealImapStatus *status, const PostsealImapValue *items)
{
  for (const PostsealImapValue *key = items; key != NULL && key->next != NULL;
       key = key->next->next)
    {
      guint64 number;

      if (!postseal_imap_value_to_number (key->next, G_MAXINT64, &number))
        continue;
      if (postseal_imap_value_is (key, "HIGHESTMODSEQ"))
        status->highest_modseq = number;
      else if (number > G_MAXUINT32)
        continue;
      else if (postseal_imap_value_is (key, "MESSAGES"))
        status->exists = (guint32)number;
      else if (postseal_imap_value_is (key, "UIDNEXT"))
        status->uid_next = (guint32)number;
      else if (postseal_imap_value_is (key, "UIDVALIDITY"))
        status->uid_validity = (guint32)number;
    }
}

const PostsealImapValue *
_postseal_imap_status_take (PostsealImapStatus *status, const PostsealImapResponse *response)
{
  const PostsealImapValue *name = response->values;

  if (strcmp (response->name, "STATUS") != 0 || name == NULL || name->bytes == NULL
      || name->next == NULL || name->next->type != POSTSEAL_IMAP_VALUE_LIST)
    return NULL;
  take_items (status, name->next->first_child);
  return name;
}

/* NOTIFY may tell of the same mailbox meanwhile, and less than was asked: what comes later is
   added, and goes on to whom it may be for. */
static gboolean
on_status_untagged (const PostsealImapResponse *response, gpointer user_data)
{
  Question *self = postseal_imap_operation_get_data (user_data);
  gboolean is_first = self->status == NULL;

  if (response->kind != POSTSEAL_IMAP_RESPONSE_DATA || strcmp (response->name, "STATUS") != 0
      || !is_about (self, response->values))
    return FALSE;
  if (is_first)
    self->status = g_new0 (PostsealImapStatus, 1);
  if (_postseal_imap_status_take (self->status, response) == NULL && is_first)
    g_clear_pointer (&self->status, postseal_imap_status_free);
  return is_first && self->status != NULL;
}

static const PostsealImapCommandHandler status_handler
    = { .on_untagged = on_status_untagged, .on_done = postseal_imap_operation_command_done };

static void
complete_status (GTask *task, gpointer data)
{
  Question *self = data;

  if (self->status != NULL)
    g_task_return_pointer (task, g_steal_pointer (&self->status),
                           (GDestroyNotify)postseal_imap_status_free);
  else
    g_task_return_new_error (task, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL,
                             _ ("Server “%s” agreed to STATUS but did not tell it"),
                             self->session->server);
}

void
postseal_imap_session_status_async (PostsealImapSession *self,
                                    const char *mailbox,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  PostsealImapCommand *command;
  Question *question;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));
  g_return_if_fail (mailbox != NULL);

  question = g_new0 (Question, 1);
  question->session = self;
  question->mailbox = g_strdup (mailbox);
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_status_async, complete_status,
                                           question, free_question);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  if (g_strcmp0 (self->selected_name, mailbox) == 0) /* RFC 9051 section 6.3.11 */
    {
      g_autoptr (GError) error = g_error_new (
          POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
          _ ("Server “%s” is not asked for STATUS of the mailbox that is open"), self->server);

      postseal_imap_operation_release (operation, error);
      return;
    }
  _postseal_imap_session_send_preamble (self, FALSE);
  command = postseal_imap_operation_make_command (operation, POSTSEAL_IMAP_COMMAND_PIPELINED,
                                                  "STATUS", &status_handler);
  postseal_imap_command_add_string (command, mailbox, -1);
  postseal_imap_command_add (command, postseal_imap_caps_has (self->caps, "CONDSTORE")
                                          ? "(MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
                                          : "(MESSAGES UIDNEXT UIDVALIDITY)");
  _postseal_imap_session_send (self, command);
  postseal_imap_operation_release (operation, NULL);
}

PostsealImapStatus *
postseal_imap_session_status_finish (PostsealImapSession *self,
                                     GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pop3/pop3-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* So much of announced size is under way at once: enough to fill a long line, and little to lose.
 */
#define RETRIEVE_WINDOW (1024 * 1024)

/* Some servers count the line end that they put behind an empty message. */
#define LINE_END_SIZE 2

/* --- RETR (RFC 1939 section 5) --- */

typedef struct
{
  PostsealPop3Operation base;
  PostsealPop3Entry *entries; /* owned */
  gsize n_entries;
  gsize n_sent;
  gsize n_ended;
  guint64 window; /* announced size of what was sent and has not ended */
  gboolean is_in_message; /* begun and not ended: entries[n_ended] */
  const PostsealPop3RetrieveHandler *handler; /* borrowed: the caller's, static */
  gpointer handler_data;
} Retrieve;

/* A server may announce anything; what counts here cannot overflow. */
static guint64
weigh_entry (const PostsealPop3Entry *entry)
{
  return MIN (entry->size, RETRIEVE_WINDOW);
}

/* @error: (nullable): borrowed */
static void
end_message (Retrieve *self, const GError *error)
{
  const PostsealPop3Entry *entry = &self->entries[self->n_ended++];

  self->window -= weigh_entry (entry);
  self->is_in_message = FALSE;
  self->handler->end (self->base.session, entry, error, self->handler_data);
}

/* The handler may have closed the session, and the operation with it: it is alive while it is still
 * listed. */
static void
end_if_all_ended (PostsealPop3Session *session, PostsealPop3Operation *operation)
{
  Retrieve *self = (Retrieve *)operation;
  g_autoptr (GTask) task = NULL;

  if (g_queue_find (&session->operations, operation) == NULL || self->n_ended < self->n_entries)
    return;
  task = _postseal_pop3_operation_end (operation);
  g_task_return_boolean (task, TRUE);
}

static void
on_retr_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  Retrieve *self = (Retrieve *)operation;
  PostsealPop3Session *session = operation->session;
  const PostsealPop3Entry *entry = &self->entries[self->n_ended];
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  self->is_in_message = TRUE;
  if (reply->kind == POSTSEAL_POP3_REPLY_ERR)
    {
      name = g_strdup_printf ("RETR %" G_GUINT32_FORMAT, entry->number);
      error = _postseal_pop3_error_from_reply (session, reply, name);
    }
  self->handler->begin (session, entry, self->handler_data);
  if (error == NULL || g_queue_find (&session->operations, operation) == NULL)
    return;
  end_message (self, error);
  end_if_all_ended (session, operation);
}

static void
on_retr_data (PostsealPop3Operation *operation,
              const PostsealPop3Command *command,
              const char *data,
              gsize length)
{
  Retrieve *self = (Retrieve *)operation;

  self->handler->data (operation->session, data, length, self->handler_data);
}

static void
on_retr_end (PostsealPop3Operation *operation, const PostsealPop3Command *command)
{
  Retrieve *self = (Retrieve *)operation;
  PostsealPop3Session *session = operation->session;
  const PostsealPop3Entry *entry = &self->entries[self->n_ended];
  g_autoptr (GError) error = NULL;

  /* Sizes are hints, but something is not nothing: this must not count as delivered, and be
   * deleted. */
  if (session->body_bytes == 0 && entry->size > LINE_END_SIZE)
    error = g_error_new (
        POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL,
        _ ("Server “%s” sent nothing for message %u, which it lists with %" PRIu64 " bytes"),
        session->host, entry->number, entry->size);
  end_message (self, error);
  end_if_all_ended (session, operation);
}

static PostsealPop3Command *
next_retr (PostsealPop3Operation *operation)
{
  static const PostsealPop3CommandType retr_type = {
    .is_multi_line = TRUE,
    .is_streamed = TRUE,
    .on_reply = on_retr_reply,
    .on_data = on_retr_data,
    .on_end = on_retr_end,
  };
  Retrieve *self = (Retrieve *)operation;
  const PostsealPop3Entry *entry = &self->entries[self->n_sent];

  if (self->n_sent == self->n_entries)
    return NULL;
  if (self->n_sent > self->n_ended && self->window + weigh_entry (entry) > RETRIEVE_WINDOW)
    return NULL;
  self->n_sent++;
  self->window += weigh_entry (entry);
  return _postseal_pop3_command_new (&retr_type, operation, "RETR %" G_GUINT32_FORMAT,
                                     entry->number);
}

static void
abandon_retrieve (PostsealPop3Operation *operation, const GError *error)
{
  Retrieve *self = (Retrieve *)operation;

  if (self->is_in_message)
    end_message (self, error);
}

static void
clear_retrieve (PostsealPop3Operation *operation)
{
  g_free (((Retrieve *)operation)->entries);
}

void
postseal_pop3_session_retrieve_async (PostsealPop3Session *self,
                                      const PostsealPop3Entry *entries,
                                      gsize n_entries,
                                      const PostsealPop3RetrieveHandler *handler,
                                      gpointer handler_data,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  static const PostsealPop3OperationType type
      = { .next = next_retr, .abandon = abandon_retrieve, .clear = clear_retrieve };
  Retrieve *retrieve = NULL;

  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));
  g_return_if_fail (self->state != POSTSEAL_POP3_STATE_AUTHORIZATION);
  g_return_if_fail (entries != NULL || n_entries == 0);
  g_return_if_fail (handler != NULL);

  retrieve = _postseal_pop3_operation_begin (self, &type, sizeof (Retrieve),
                                             postseal_pop3_session_retrieve_async, cancellable,
                                             callback, user_data);
  if (retrieve == NULL)
    return;
  retrieve->entries = g_memdup2 (entries, n_entries * sizeof (PostsealPop3Entry));
  retrieve->n_entries = n_entries;
  retrieve->handler = handler;
  retrieve->handler_data = handler_data;
  end_if_all_ended (self, &retrieve->base);
  _postseal_pop3_session_pump (self);
}

gboolean
postseal_pop3_session_retrieve_finish (PostsealPop3Session *self,
                                       GAsyncResult *result,
                                       GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- DELE --- */

typedef struct
{
  PostsealPop3Operation base;
  guint32 *numbers; /* owned */
  gsize n_numbers;
  gsize n_sent;
  gsize n_answered;
  GArray *accepted; /* owned: of guint32 */
} Delete;

static void
end_delete_if_answered (Delete *self)
{
  g_autoptr (GTask) task = NULL;
  GArray *accepted = NULL;

  if (self->n_answered < self->n_numbers)
    return;
  accepted = g_steal_pointer (&self->accepted);
  task = _postseal_pop3_operation_end (&self->base);
  g_task_return_pointer (task, accepted, (GDestroyNotify)g_array_unref);
}

static void
on_dele_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  Delete *self = (Delete *)operation;

  if (reply->kind == POSTSEAL_POP3_REPLY_OK)
    g_array_append_val (self->accepted, self->numbers[self->n_answered]);
  self->n_answered++;
  end_delete_if_answered (self);
}

static PostsealPop3Command *
next_dele (PostsealPop3Operation *operation)
{
  static const PostsealPop3CommandType dele_type = { .on_reply = on_dele_reply };
  Delete *self = (Delete *)operation;

  if (self->n_sent == self->n_numbers)
    return NULL;
  return _postseal_pop3_command_new (&dele_type, operation, "DELE %" G_GUINT32_FORMAT,
                                     self->numbers[self->n_sent++]);
}

static void
clear_delete (PostsealPop3Operation *operation)
{
  Delete *self = (Delete *)operation;

  g_free (self->numbers);
  g_clear_pointer (&self->accepted, g_array_unref);
}

void
postseal_pop3_session_delete_async (PostsealPop3Session *self,
                                    const guint32 *numbers,
                                    gsize n_numbers,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  static const PostsealPop3OperationType type
      = { .is_urgent = TRUE, .next = next_dele, .clear = clear_delete };
  Delete *operation = NULL;

  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));
  g_return_if_fail (self->state != POSTSEAL_POP3_STATE_AUTHORIZATION);
  g_return_if_fail (numbers != NULL || n_numbers == 0);

  operation = _postseal_pop3_operation_begin (self, &type, sizeof (Delete),
                                              postseal_pop3_session_delete_async, cancellable,
                                              callback, user_data);
  if (operation == NULL)
    return;
  operation->numbers = g_memdup2 (numbers, n_numbers * sizeof (guint32));
  operation->n_numbers = n_numbers;
  operation->accepted = g_array_new (FALSE, FALSE, sizeof (guint32));
  end_delete_if_answered (operation);
  _postseal_pop3_session_pump (self);
}

GArray *
postseal_pop3_session_delete_finish (PostsealPop3Session *self,
                                     GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

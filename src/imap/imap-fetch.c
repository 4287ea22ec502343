/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-fetch-private.h"
#include "imap/imap-operation.h"
#include "imap/imap-session-private.h"
#include "wire/imap-sets.h"

/* A literal in a FETCH response that nobody asked for is kept up to here. */
#define KEPT_ITEM 4096

/* One fetch of messages. */
typedef struct
{
  PostsealImapSession *session; /* borrowed from the operation */
  GArray *uids; /* owned (element-type guint32): asked for, ascending */
  guint8 *is_seen; /* owned: parallel to uids */
  const PostsealImapFetchHandler *handler; /* borrowed: outlives the operation */
  gpointer handler_data;
  guint n_commands; /* not ended yet */
} Fetch;

static void
free_fetch (gpointer data)
{
  Fetch *self = data;

  g_array_unref (self->uids);
  g_free (self->is_seen);
  g_free (self);
}

/* --- items --- */

static const PostsealImapValue *
get_first_key (const PostsealImapResponse *response)
{
  if (response->values == NULL || response->values->type != POSTSEAL_IMAP_VALUE_LIST)
    return NULL;
  return response->values->first_child;
}

const PostsealImapValue *
_postseal_imap_fetch_get_item (const PostsealImapResponse *response,
                               const char *key,
                               guint *ret_count)
{
  const PostsealImapValue *found = NULL;
  guint count = 0;

  for (const PostsealImapValue *k = get_first_key (response); k != NULL && k->next != NULL;
       k = k->next->next)
    if (postseal_imap_value_is (k, key) && count++ == 0)
      found = k->next;
  if (ret_count != NULL)
    *ret_count = count;
  return found;
}

guint32
_postseal_imap_fetch_get_uid (const PostsealImapResponse *response)
{
  guint64 uid = 0;

  for (const PostsealImapValue *k = get_first_key (response); k != NULL && k->next != NULL;
       k = k->next->next)
    {
      guint64 number;

      if (!postseal_imap_value_is (k, "UID"))
        continue;
      if (!postseal_imap_value_to_number (k->next, G_MAXUINT32, &number)
          || (uid != 0 && number != uid))
        return 0;
      uid = number;
    }
  return (guint32)uid;
}

gsize
_postseal_imap_uids_find (const GArray *uids, guint32 uid)
{
  gsize low = 0;
  gsize high = uids->len;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (g_array_index (uids, guint32, middle) < uid)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static int
compare_uids (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *)a;
  guint32 y = *(const guint32 *)b;

  return x < y ? -1 : x > y;
}

GArray *
_postseal_imap_uids_new (const guint32 *uids, gsize n_uids)
{
  GArray *self = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 last = 0;
  guint kept = 0;

  g_array_append_vals (self, uids, (guint)n_uids);
  g_array_sort (self, compare_uids);
  for (guint i = 0; i < self->len; i++)
    {
      guint32 uid = g_array_index (self, guint32, i);

      if (uid == last)
        continue;
      g_array_index (self, guint32, kept++) = last = uid;
    }
  g_array_set_size (self, kept);
  return self;
}

/* --- the message that comes in --- */

static gboolean
has_asked_for (const Fetch *self, guint32 uid, gsize *ret_index)
{
  *ret_index = _postseal_imap_uids_find (self->uids, uid);
  return *ret_index < self->uids->len && g_array_index (self->uids, guint32, *ret_index) == uid;
}

/* The fetch that asked for @uid; while that is not told yet, the oldest.
   Returns: (transfer none) (nullable) */
static PostsealImapOperation *
find_fetch (PostsealImapSession *session, guint32 uid)
{
  gsize index;

  for (GList *l = session->fetches.head; l != NULL && uid != 0; l = l->next)
    if (has_asked_for (postseal_imap_operation_get_data (l->data), uid, &index))
      return l->data;
  return g_queue_peek_head (&session->fetches);
}

static void
begin_body (PostsealImapSession *session, guint32 uid, guint64 size)
{
  PostsealImapOperation *operation = find_fetch (session, uid);
  Fetch *fetch;

  if (operation == NULL)
    return;
  fetch = postseal_imap_operation_get_data (operation);
  session->body.operation = postseal_imap_operation_ref (operation);
  fetch->handler->begin (session, size, fetch->handler_data);
}

static void
end_body (PostsealImapSession *session, guint32 uid, gboolean is_whole)
{
  g_autoptr (PostsealImapOperation) operation = g_steal_pointer (&session->body.operation);
  gsize index = 0;
  Fetch *fetch;

  session->body = (PostsealImapBody){ 0 };
  if (operation == NULL)
    return;
  fetch = postseal_imap_operation_get_data (operation);
  if (uid == 0 || !has_asked_for (fetch, uid, &index) || fetch->is_seen[index])
    is_whole = FALSE;
  if (is_whole)
    fetch->is_seen[index] = TRUE;
  fetch->handler->end (session, uid, is_whole, fetch->handler_data);
}

gboolean
_postseal_imap_body_literal (PostsealImapSession *session,
                             const PostsealImapResponse *response,
                             guint64 length)
{
  const PostsealImapValue *previous = NULL;
  guint index = 0;
  const PostsealImapValue *last = NULL;

  session->body.is_streaming = FALSE;
  if (response->kind != POSTSEAL_IMAP_RESPONSE_DATA || strcmp (response->name, "FETCH") != 0)
    return FALSE;
  for (const PostsealImapValue *v = get_first_key (response); v != NULL; v = v->next)
    {
      previous = last;
      last = v;
      index++;
    }
  /* A key and its value, not something deeper or a key in itself. */
  if (last == NULL || last->type != POSTSEAL_IMAP_VALUE_LITERAL || index % 2 != 0
      || !postseal_imap_value_is (previous, "BODY[]"))
    return length > KEPT_ITEM;

  if (session->state != POSTSEAL_IMAP_STATE_SELECTED)
    return TRUE;
  if (session->body.operation != NULL)
    return TRUE; /* a second one; the response tells */
  begin_body (session, _postseal_imap_fetch_get_uid (response), length);
  session->body.is_streaming = session->body.operation != NULL;
  return TRUE;
}

void
_postseal_imap_body_chunk (PostsealImapSession *session, const char *data, gsize length)
{
  Fetch *fetch;

  if (!session->body.is_streaming)
    return;
  fetch = postseal_imap_operation_get_data (session->body.operation);
  fetch->handler->data (session, data, length, fetch->handler_data);
}

void
_postseal_imap_body_response (PostsealImapSession *session, const PostsealImapResponse *response)
{
  guint count;
  const PostsealImapValue *body = _postseal_imap_fetch_get_item (response, "BODY[]", &count);
  guint32 uid = _postseal_imap_fetch_get_uid (response);
  gboolean is_text;

  if (session->body.operation != NULL)
    {
      end_body (session, uid, count == 1);
      return;
    }
  if (body == NULL)
    return;

  /* No literal: a quoted string, or NIL when the server cannot give it. */
  is_text = body->type == POSTSEAL_IMAP_VALUE_QUOTED;
  begin_body (session, uid, is_text ? body->length : 0);
  if (session->body.operation != NULL && is_text && body->length > 0)
    {
      session->body.is_streaming = TRUE;
      _postseal_imap_body_chunk (session, body->bytes, body->length);
    }
  end_body (session, uid, is_text && count == 1);
}

void
_postseal_imap_body_abort (PostsealImapSession *session)
{
  end_body (session, 0, FALSE);
}

/* --- the command --- */

static void
on_fetch_done (const char *verb,
               const PostsealImapResponse *tagged,
               const GError *error,
               gpointer user_data)
{
  Fetch *self = postseal_imap_operation_get_data (user_data);

  if (--self->n_commands == 0 && g_queue_remove (&self->session->fetches, user_data))
    postseal_imap_operation_unref (user_data);
  postseal_imap_operation_command_done (verb, tagged, error, user_data);
}

static const PostsealImapCommandHandler fetch_handler = { .on_done = on_fetch_done };

static void
complete_fetch (GTask *task, gpointer data)
{
  g_task_return_boolean (task, TRUE);
}

void
postseal_imap_session_fetch_async (PostsealImapSession *self,
                                   const guint32 *uids,
                                   gsize n_uids,
                                   const PostsealImapFetchHandler *handler,
                                   gpointer handler_data,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  Fetch *fetch;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));
  g_return_if_fail (uids != NULL || n_uids == 0);
  g_return_if_fail (handler != NULL);

  fetch = g_new0 (Fetch, 1);
  fetch->session = self;
  fetch->uids = _postseal_imap_uids_new (uids, n_uids);
  fetch->is_seen = g_new0 (guint8, fetch->uids->len + 1);
  fetch->handler = handler;
  fetch->handler_data = handler_data;
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_fetch_async, complete_fetch, fetch,
                                           free_fetch);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  fetch->n_commands = postseal_imap_operation_send_sets (operation, fetch->uids, "UID FETCH",
                                                         "(UID BODY.PEEK[])", &fetch_handler);
  if (fetch->n_commands > 0)
    g_queue_push_tail (&self->fetches, postseal_imap_operation_ref (operation));
  postseal_imap_operation_release (operation, NULL);
}

gboolean
postseal_imap_session_fetch_finish (PostsealImapSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

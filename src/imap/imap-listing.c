/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "imap/imap-fetch-private.h"
#include "imap/imap-operation.h"
#include "imap/imap-session-private.h"

/* Removals that are followed in one listing; more are taken on trust. */
#define MAX_REMOVALS 4096

/* What one FETCH response said. Sixteen bytes: there may be millions. */
typedef struct
{
  guint32 uid;
  guint32 sequence;
  guint32 size; /* messages are limited to 4 GiB */
  guint32 n_removals; /* heard before this response */
} Line;

/* One list_messages. */
typedef struct
{
  PostsealImapSession *session; /* borrowed from the operation */
  guint32 first;
  GArray *uids; /* owned (element-type guint32) (nullable): asked for */
  GArray *lines; /* owned (element-type Line) */
  GArray *removals; /* owned (element-type guint32): sequence numbers of EXPUNGE, 0: unknown ones */
  guint64 last_response; /* heard; each of its commands in flight is offered it */
  gboolean is_ascending;
  gboolean wants_seen; /* of others nothing is told */
} Listing;

static void
free_listing (gpointer data)
{
  Listing *self = data;

  g_clear_pointer (&self->uids, g_array_unref);
  g_array_unref (self->lines);
  g_array_unref (self->removals);
  g_free (self);
}

/* "*" drags in the last message, whatever its UID (RFC 9051 section 9, seq-range). */
static gboolean
is_wanted (const Listing *self, guint32 uid)
{
  gsize index;

  if (uid == 0)
    return FALSE;
  if (self->uids == NULL)
    return uid >= self->first;
  index = _postseal_imap_uids_find (self->uids, uid);
  return index < self->uids->len && g_array_index (self->uids, guint32, index) == uid;
}

/* RFC 9051 section 2.3.2 */
static gboolean
is_seen (const PostsealImapResponse *response)
{
  const PostsealImapValue *flags = _postseal_imap_fetch_get_item (response, "FLAGS", NULL);

  if (flags == NULL || flags->type != POSTSEAL_IMAP_VALUE_LIST)
    return FALSE;
  for (const PostsealImapValue *flag = flags->first_child; flag != NULL; flag = flag->next)
    if (postseal_imap_value_is (flag, "\\Seen"))
      return TRUE;
  return FALSE;
}

static void
take_line (Listing *self, const PostsealImapResponse *response)
{
  guint32 uid = _postseal_imap_fetch_get_uid (response);
  guint64 size = 0;
  Line line;

  if (!response->has_number || response->number == 0 || response->number > G_MAXUINT32
      || !is_wanted (self, uid) || (self->wants_seen && !is_seen (response)))
    return;
  if (self->lines->len >= POSTSEAL_LIMIT_MESSAGES)
    {
      _postseal_imap_session_fail_protocol (self->session,
                                            _ ("it lists more than %d messages in one mailbox"),
                                            POSTSEAL_LIMIT_MESSAGES);
      return;
    }
  postseal_imap_value_to_number (_postseal_imap_fetch_get_item (response, "RFC822.SIZE", NULL),
                                 G_MAXINT64, &size);
  line.uid = uid;
  line.sequence = (guint32)response->number;
  line.size = (guint32)MIN (size, G_MAXUINT32);
  line.n_removals = self->removals->len;
  if (self->lines->len > 0 && uid <= g_array_index (self->lines, Line, self->lines->len - 1).uid)
    self->is_ascending = FALSE;
  g_array_append_val (self->lines, line);
}

static void
take_removal (Listing *self, const PostsealImapResponse *response)
{
  guint32 sequence = response->has_number ? (guint32)MIN (response->number, G_MAXUINT32) : 0;

  if (self->removals->len < MAX_REMOVALS)
    g_array_append_val (self->removals, sequence);
}

/* Untagged data does not say which command it answers (RFC 9051 section 5.5), and Dovecot may send
   that of the next before it tags this one: every listing under way hears every line. */
static gboolean
on_listing_untagged (const PostsealImapResponse *response, gpointer user_data)
{
  Listing *self = postseal_imap_operation_get_data (user_data);

  if (response->kind != POSTSEAL_IMAP_RESPONSE_DATA
      || self->last_response == self->session->n_responses)
    return FALSE;
  self->last_response = self->session->n_responses;
  if (strcmp (response->name, "FETCH") == 0)
    take_line (self, response);
  else if (strcmp (response->name, "EXPUNGE") == 0 || strcmp (response->name, "VANISHED") == 0)
    take_removal (self, response);
  return FALSE;
}

static const PostsealImapCommandHandler listing_handler
    = { .on_untagged = on_listing_untagged, .on_done = postseal_imap_operation_command_done };

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  const Line *x = a;
  const Line *y = b;

  if (x->uid != y->uid)
    return x->uid < y->uid ? -1 : 1;
  return x->n_removals < y->n_removals ? -1 : x->n_removals > y->n_removals;
}

/* Whether @later can be the message of @earlier again, after what was removed in between
   (RFC 9051 section 7.5.1: each EXPUNGE moves what is above it down by one). */
static gboolean
is_same_message (const Listing *self, const Line *earlier, const Line *later)
{
  guint32 sequence = earlier->sequence;

  for (guint i = earlier->n_removals; i < later->n_removals; i++)
    {
      guint32 removed = g_array_index (self->removals, guint32, i);

      if (removed == 0)
        return TRUE;
      if (removed == sequence)
        return FALSE;
      if (removed < sequence)
        sequence--;
    }
  return sequence == later->sequence || later->n_removals == MAX_REMOVALS;
}

static void
complete_listing (GTask *task, gpointer data)
{
  Listing *self = data;
  g_autoptr (GArray) entries
      = g_array_sized_new (FALSE, FALSE, sizeof (PostsealImapEntry), self->lines->len);
  const Line *last = NULL;

  if (!self->is_ascending)
    g_array_sort (self->lines, compare_lines);
  for (guint i = 0; i < self->lines->len; i++)
    {
      const Line *line = &g_array_index (self->lines, Line, i);
      PostsealImapEntry entry = { .uid = line->uid, .size = line->size };

      if (last == NULL || last->uid != line->uid)
        g_array_append_val (entries, entry);
      else if (is_same_message (self, last, line))
        {
          PostsealImapEntry *known = &g_array_index (entries, PostsealImapEntry, entries->len - 1);

          known->size = MAX (known->size, line->size);
        }
      else
        {
          g_task_return_new_error (task, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL,
                                   _ ("Server “%s” has two messages with UID %u in one mailbox"),
                                   self->session->server, line->uid);
          return;
        }
      last = line;
    }
  g_task_return_pointer (task, g_steal_pointer (&entries), (GDestroyNotify)g_array_unref);
}

static void
send_range (PostsealImapOperation *operation, guint32 first, const char *items)
{
  g_autofree char *words = g_strdup_printf ("%u:* %s", MAX (first, 1), items);
  PostsealImapCommand *command = postseal_imap_operation_make_command (
      operation, POSTSEAL_IMAP_COMMAND_PIPELINED, "UID FETCH", &listing_handler);

  postseal_imap_command_add (command, words);
  _postseal_imap_session_send (postseal_imap_operation_get_session (operation), command);
}

static Listing *
new_listing (PostsealImapSession *session, guint32 first, GArray *uids)
{
  Listing *listing = g_new0 (Listing, 1);

  listing->session = session;
  listing->first = first;
  listing->uids = uids;
  listing->lines = g_array_new (FALSE, FALSE, sizeof (Line));
  listing->removals = g_array_new (FALSE, FALSE, sizeof (guint32));
  listing->is_ascending = TRUE;
  return listing;
}

void
postseal_imap_session_list_messages_async (PostsealImapSession *self,
                                           guint32 first,
                                           const guint32 *uids,
                                           gsize n_uids,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  Listing *listing;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));

  listing = new_listing (self, first, uids != NULL ? _postseal_imap_uids_new (uids, n_uids) : NULL);
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_list_messages_async,
                                           complete_listing, listing, free_listing);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  if (uids == NULL)
    send_range (operation, first, "(UID RFC822.SIZE)");
  else
    postseal_imap_operation_send_sets (operation, listing->uids, "UID FETCH", "(UID RFC822.SIZE)",
                                       &listing_handler);
  postseal_imap_operation_release (operation, NULL);
}

void
postseal_imap_session_list_seen_async (PostsealImapSession *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  Listing *listing;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));

  listing = new_listing (self, 1, NULL);
  listing->wants_seen = TRUE;
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_list_seen_async, complete_listing,
                                           listing, free_listing);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  send_range (operation, 1, "(UID RFC822.SIZE FLAGS)");
  postseal_imap_operation_release (operation, NULL);
}

GArray *
postseal_imap_session_list_seen_finish (PostsealImapSession *self,
                                        GAsyncResult *result,
                                        GError **error)
{
  return postseal_imap_session_list_messages_finish (self, result, error);
}

GArray *
postseal_imap_session_list_messages_finish (PostsealImapSession *self,
                                            GAsyncResult *result,
                                            GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pop3/pop3-private.h"

#include <glib/gi18n-lib.h>

#define UIDL_BLOCK_SIZE 65536

typedef struct
{
  PostsealPop3Operation base;
  PostsealPop3Listing *listing; /* owned */
  guint cursor; /* where the next line of LIST belongs, very likely */
  GHashTable *seen; /* owned: UIDLs, borrowed from the listing */
  GHashTable *repeated; /* owned, nullable: a UIDL seen before -> its next occurrence */
  guint n_sent;
} List;

void
postseal_pop3_listing_free (PostsealPop3Listing *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->entries, g_array_unref);
  g_clear_pointer (&self->uidls, g_string_chunk_free);
  g_free (self);
}

/* Seeded, because the server chooses the keys, and could choose 200,000 that collide. */
static guint
hash_uidl (gconstpointer key)
{
  static gsize seed = 0;
  guint64 hash = 0;

  if (g_once_init_enter (&seed))
    g_once_init_leave (&seed, (gsize)g_random_int () | 1);
  hash = seed;
  for (const char *at = key; *at != '\0'; at++)
    hash = (hash ^ (guint8)*at) * (seed * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) | 1)
           + (hash >> 29);
  return (guint)(hash ^ hash >> 32);
}

/* The first message with a UIDL is its occurrence 0, and so on, by ascending numbers. */
static void
count_occurrence (List *self, PostsealPop3Entry *entry)
{
  guint next = 0;

  if (g_hash_table_add (self->seen, (gpointer)entry->uidl))
    {
      entry->occurrence = 0;
      return;
    }
  if (self->repeated == NULL)
    self->repeated = g_hash_table_new (hash_uidl, g_str_equal);
  next = GPOINTER_TO_UINT (g_hash_table_lookup (self->repeated, entry->uidl));
  entry->occurrence = MAX (next, 1);
  g_hash_table_insert (self->repeated, (gpointer)entry->uidl,
                       GUINT_TO_POINTER (entry->occurrence + 1));
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint32 first = ((const PostsealPop3Entry *)a)->number;
  guint32 second = ((const PostsealPop3Entry *)b)->number;

  return (first > second) - (first < second);
}

static gboolean
is_ascending (GArray *entries)
{
  for (guint i = 1; i < entries->len; i++)
    if (g_array_index (entries, PostsealPop3Entry, i - 1).number
        >= g_array_index (entries, PostsealPop3Entry, i).number)
      return FALSE;
  return TRUE;
}

/* Sorts what came out of order. Returns: FALSE when a number came twice */
static gboolean
sort_entries (GArray *entries)
{
  if (is_ascending (entries))
    return TRUE;
  g_array_sort (entries, compare_numbers);
  return is_ascending (entries);
}

/* --- UIDL (RFC 1939 section 7) --- */

static void
on_uidl_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  List *self = (List *)operation;
  PostsealPop3Session *session = operation->session;

  /* A server that announced it, or that says "not now", has UIDLs: only not for us. */
  if (reply->kind == POSTSEAL_POP3_REPLY_OK)
    self->listing->has_uidl = TRUE;
  else if (postseal_pop3_session_has_capability (session, "UIDL")
           || (reply->code != POSTSEAL_POP3_CODE_NONE && reply->code != POSTSEAL_POP3_CODE_OTHER))
    {
      GError *error = _postseal_pop3_error_from_reply (session, reply, "UIDL");
      g_autoptr (GTask) task = _postseal_pop3_operation_end (operation);

      g_task_return_error (task, error);
    }
}

static void
on_uidl_line (PostsealPop3Operation *operation, const char *line, gsize length)
{
  List *self = (List *)operation;
  PostsealPop3Entry entry = { 0 };
  const char *uidl = NULL;
  gsize n_uidl = 0;

  if (!postseal_pop3_parse_uidl_line (line, length, &entry.number, &uidl, &n_uidl))
    {
      _postseal_pop3_session_fail_protocol (operation->session, _ ("this is no line of UIDL"), line,
                                            length);
      return;
    }
  entry.uidl = g_string_chunk_insert_len (self->listing->uidls, uidl, (gssize)n_uidl);
  count_occurrence (self, &entry);
  g_array_append_val (self->listing->entries, entry);
}

static void
on_uidl_end (PostsealPop3Operation *operation, const PostsealPop3Command *command)
{
  List *self = (List *)operation;
  GArray *entries = self->listing->entries;

  if (!is_ascending (entries))
    {
      if (!sort_entries (entries))
        {
          _postseal_pop3_session_fail_protocol (operation->session,
                                                _ ("UIDL lists a message twice"), NULL, 0);
          return;
        }
      g_hash_table_remove_all (self->seen);
      g_clear_pointer (&self->repeated, g_hash_table_unref);
      for (guint i = 0; i < entries->len; i++)
        count_occurrence (self, &g_array_index (entries, PostsealPop3Entry, i));
    }
  g_hash_table_remove_all (self->seen);
}

/* --- LIST (RFC 1939 section 5) --- */

static void
on_list_reply (PostsealPop3Operation *operation,
               const PostsealPop3Command *command,
               const PostsealPop3Reply *reply)
{
  if (reply->kind == POSTSEAL_POP3_REPLY_ERR)
    {
      GError *error = _postseal_pop3_error_from_reply (operation->session, reply, "LIST");
      g_autoptr (GTask) task = _postseal_pop3_operation_end (operation);

      g_task_return_error (task, error);
    }
}

/* Returns: the entry that UIDL gave @number, or NULL */
static PostsealPop3Entry *
find_entry (List *self, guint32 number)
{
  GArray *entries = self->listing->entries;
  PostsealPop3Entry wanted = { .number = number };
  guint at = self->cursor;

  /* Both listings name the same messages in the same order, as far as anybody has seen. */
  if ((at >= entries->len || g_array_index (entries, PostsealPop3Entry, at).number != number)
      && !g_array_binary_search (entries, &wanted, compare_numbers, &at))
    return NULL;
  self->cursor = at + 1;
  return &g_array_index (entries, PostsealPop3Entry, at);
}

static void
on_list_line (PostsealPop3Operation *operation, const char *line, gsize length)
{
  List *self = (List *)operation;
  PostsealPop3Entry entry = { 0 };
  PostsealPop3Entry *known = NULL;

  if (!postseal_pop3_parse_list_line (line, length, &entry.number, &entry.size))
    {
      _postseal_pop3_session_fail_protocol (operation->session, _ ("this is no line of LIST"), line,
                                            length);
      return;
    }
  if (!self->listing->has_uidl)
    {
      g_array_append_val (self->listing->entries, entry);
      return;
    }
  known = find_entry (self, entry.number);
  if (known != NULL)
    known->size = entry.size;
  else
    _postseal_pop3_session_fail_protocol (
        operation->session, _ ("LIST names a message that UIDL does not"), line, length);
}

static void
on_list_end (PostsealPop3Operation *operation, const PostsealPop3Command *command)
{
  List *self = (List *)operation;
  PostsealPop3Listing *listing = NULL;
  g_autoptr (GTask) task = NULL;

  if (!sort_entries (self->listing->entries))
    {
      _postseal_pop3_session_fail_protocol (operation->session, _ ("LIST lists a message twice"),
                                            NULL, 0);
      return;
    }
  listing = g_steal_pointer (&self->listing);
  task = _postseal_pop3_operation_end (operation);
  g_task_return_pointer (task, listing, (GDestroyNotify)postseal_pop3_listing_free);
}

/* --- the operation --- */

static PostsealPop3Command *
next (PostsealPop3Operation *operation)
{
  static const PostsealPop3CommandType uidl_type = {
    .is_multi_line = TRUE, .on_reply = on_uidl_reply, .on_line = on_uidl_line, .on_end = on_uidl_end
  };
  static const PostsealPop3CommandType list_type = {
    .is_multi_line = TRUE, .on_reply = on_list_reply, .on_line = on_list_line, .on_end = on_list_end
  };
  List *self = (List *)operation;

  switch (self->n_sent++)
    {
    case 0:
      return _postseal_pop3_command_new (&uidl_type, operation, "UIDL");
    case 1:
      return _postseal_pop3_command_new (&list_type, operation, "LIST");
    default:
      return NULL;
    }
}

static void
clear (PostsealPop3Operation *operation)
{
  List *self = (List *)operation;

  g_clear_pointer (&self->seen, g_hash_table_unref);
  g_clear_pointer (&self->repeated, g_hash_table_unref);
  g_clear_pointer (&self->listing, postseal_pop3_listing_free);
}

void
postseal_pop3_session_list_async (PostsealPop3Session *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  static const PostsealPop3OperationType type = { .next = next, .clear = clear };
  List *list = NULL;

  g_return_if_fail (POSTSEAL_IS_POP3_SESSION (self));
  g_return_if_fail (self->state != POSTSEAL_POP3_STATE_AUTHORIZATION);

  list = _postseal_pop3_operation_begin (self, &type, sizeof (List),
                                         postseal_pop3_session_list_async, cancellable, callback,
                                         user_data);
  if (list == NULL)
    return;
  list->seen = g_hash_table_new (hash_uidl, g_str_equal);
  list->listing = g_new0 (PostsealPop3Listing, 1);
  list->listing->entries = g_array_new (FALSE, FALSE, sizeof (PostsealPop3Entry));
  list->listing->uidls = g_string_chunk_new (UIDL_BLOCK_SIZE);
  _postseal_pop3_session_pump (self);
}

PostsealPop3Listing *
postseal_pop3_session_list_finish (PostsealPop3Session *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

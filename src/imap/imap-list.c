/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "imap/imap-operation.h"
#include "imap/imap-session-private.h"
#include "wire/imap-utf7.h"

/* No server has longer names; a peer that sends many of them is after our memory. */
#define NAME_MAX_LENGTH 4096

/* One name or pattern of the caller. */
typedef struct
{
  char *title; /* owned: UTF-8, as given */
  char *wire; /* owned, nullable: as sent; NULL until names can be spelled */
  gboolean is_found;
} Wish;

/* One list of mailboxes. */
typedef struct
{
  PostsealImapSession *session; /* borrowed from the operation */
  PostsealImapOperation *operation; /* borrowed: whose data this is */
  GPtrArray *wishes; /* owned (element-type Wish) */
  GHashTable *mailboxes; /* owned (element-type PostsealImapMailbox by name) */
  GPtrArray *order; /* owned (element-type PostsealImapMailbox, owned): as they came */
  gsize n_bytes; /* of all names */
  guint n_lists; /* LIST commands that have not ended */
  gboolean with_uses;
  gboolean is_second_round; /* with the namespace's prefix */
} List;

/* One LIST command. */
typedef struct
{
  PostsealImapOperation *operation; /* owned */
  Wish *wish; /* borrowed from the operation's list */
} Asking;

void
postseal_imap_mailbox_free (PostsealImapMailbox *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->title);
  g_free (self);
}

static void
free_wish (gpointer data)
{
  Wish *self = data;

  g_free (self->title);
  g_free (self->wire);
  g_free (self);
}

static void
free_list (gpointer data)
{
  List *self = data;

  g_ptr_array_unref (self->wishes);
  g_hash_table_unref (self->mailboxes);
  g_clear_pointer (&self->order, g_ptr_array_unref);
  g_free (self);
}

static void
free_asking (gpointer data)
{
  Asking *self = data;

  postseal_imap_operation_unref (self->operation);
  g_free (self);
}

/* --- names --- */

static gboolean
is_inbox (const char *name)
{
  return g_ascii_strcasecmp (name, "INBOX") == 0;
}

static gboolean
is_pattern (const char *text)
{
  return strpbrk (text, "*%") != NULL;
}

/* TRUE when UTF-8 and modified UTF-7 spell @text differently. */
static gboolean
needs_spelling (const char *text)
{
  return !g_str_is_ascii (text) || strchr (text, '&') != NULL;
}

static char *
spell (PostsealImapSession *session, const char *title)
{
  char *encoded;

  if (_postseal_imap_session_has_utf8_names (session) || !needs_spelling (title))
    return g_strdup (title);
  /* Wildcards are ASCII, and so is what stands for the text between them. */
  encoded = postseal_imap_utf7_encode (title);
  return encoded != NULL ? encoded : g_strdup (title);
}

/* A name that says nothing in its encoding is shown byte by byte, and never like one that does. */
static char *
escape_name (const char *name)
{
  GString *title = g_string_new (NULL);

  for (const char *p = name; *p != '\0'; p++)
    if (g_ascii_isprint (*p) && *p != '\\' && *p != '&')
      g_string_append_c (title, *p);
    else
      g_string_append_printf (title, "\\x%02x", (guint)(guchar)*p);
  return g_string_free (title, FALSE);
}

static char *
read_title (PostsealImapSession *session, const char *name)
{
  char *title = NULL;

  if (!_postseal_imap_session_has_utf8_names (session))
    title = postseal_imap_utf7_decode (name, strlen (name));
  else if (g_utf8_validate (name, -1, NULL))
    title = g_strdup (name);
  return title != NULL ? title : escape_name (name);
}

/* --- what the server lists --- */

static gboolean
has_attribute (const PostsealImapValue *attributes, const char *name)
{
  for (const PostsealImapValue *v = attributes->first_child; v != NULL; v = v->next)
    if (postseal_imap_value_is (v, name))
      return TRUE;
  return FALSE;
}

static PostsealImapUse
find_use (const PostsealImapValue *attributes)
{
  static const char *const names[] = {
    [POSTSEAL_IMAP_USE_ALL] = "\\All",       [POSTSEAL_IMAP_USE_ARCHIVE] = "\\Archive",
    [POSTSEAL_IMAP_USE_DRAFTS] = "\\Drafts", [POSTSEAL_IMAP_USE_FLAGGED] = "\\Flagged",
    [POSTSEAL_IMAP_USE_JUNK] = "\\Junk",     [POSTSEAL_IMAP_USE_SENT] = "\\Sent",
    [POSTSEAL_IMAP_USE_TRASH] = "\\Trash",
  };

  for (guint i = POSTSEAL_IMAP_USE_ALL; i < G_N_ELEMENTS (names); i++)
    if (has_attribute (attributes, names[i]))
      return (PostsealImapUse)i;
  return POSTSEAL_IMAP_USE_NONE;
}

static gboolean
is_nameable (PostsealImapSession *session, const PostsealImapMailbox *mailbox)
{
  g_autofree char *wire = spell (session, mailbox->title);

  return !is_pattern (mailbox->title) && strcmp (wire, mailbox->name) == 0;
}

/* Returns: (transfer none) */
static PostsealImapMailbox *
add_mailbox (List *self, const char *name, char delimiter, gboolean is_selectable)
{
  PostsealImapMailbox *mailbox = g_hash_table_lookup (self->mailboxes, name);

  if (mailbox == NULL)
    {
      mailbox = g_new0 (PostsealImapMailbox, 1);
      mailbox->name = g_strdup (name);
      mailbox->title = read_title (self->session, name);
      mailbox->is_nameable = is_nameable (self->session, mailbox);
      g_hash_table_insert (self->mailboxes, mailbox->name, mailbox);
      g_ptr_array_add (self->order, mailbox);
    }
  mailbox->delimiter = delimiter;
  mailbox->is_selectable = mailbox->is_selectable || is_selectable;
  return mailbox;
}

/* ("\Attribute" ...) "delimiter" name: RFC 9051 section 7.3.1. */
static void
take_list (List *self, Wish *wish, const PostsealImapResponse *response)
{
  const PostsealImapValue *attributes = response->values;
  const PostsealImapValue *delimiter = attributes != NULL ? attributes->next : NULL;
  const PostsealImapValue *name = delimiter != NULL ? delimiter->next : NULL;
  PostsealImapMailbox *mailbox;

  if (name == NULL || attributes->type != POSTSEAL_IMAP_VALUE_LIST || name->bytes == NULL
      || name->type == POSTSEAL_IMAP_VALUE_LIST || name->length == 0
      || memchr (name->bytes, '\0', name->length) != NULL
      || has_attribute (attributes, "\\NonExistent"))
    return;
  if (name->length > NAME_MAX_LENGTH)
    {
      _postseal_imap_session_fail_protocol (
          self->session, _ ("it has a mailbox name longer than %d bytes"), NAME_MAX_LENGTH);
      return;
    }
  self->n_bytes += name->length;
  if (self->order->len >= POSTSEAL_LIMIT_MAILBOXES || self->n_bytes > POSTSEAL_LIMIT_MAILBOX_NAMES)
    {
      _postseal_imap_session_fail_protocol (self->session, _ ("it lists more than %d mailboxes"),
                                            (int)self->order->len);
      return;
    }
  wish->is_found = TRUE;
  mailbox = add_mailbox (self, is_inbox (name->bytes) ? "INBOX" : name->bytes,
                         delimiter->type == POSTSEAL_IMAP_VALUE_QUOTED && delimiter->length == 1
                             ? delimiter->bytes[0]
                             : 0,
                         !has_attribute (attributes, "\\Noselect"));
  if (self->with_uses && !is_inbox (mailbox->name))
    mailbox->use = find_use (attributes);
}

static gboolean
on_list_untagged (const PostsealImapResponse *response, gpointer user_data)
{
  Asking *self = user_data;

  if (response->kind != POSTSEAL_IMAP_RESPONSE_DATA || strcmp (response->name, "LIST") != 0)
    return FALSE;
  take_list (postseal_imap_operation_get_data (self->operation), self->wish, response);
  return TRUE;
}

/* --- the commands --- */

static void send_second_round (List *self);

static void
on_list_done (const char *verb,
              const PostsealImapResponse *tagged,
              const GError *error,
              gpointer user_data)
{
  Asking *self = user_data;
  List *list = postseal_imap_operation_get_data (self->operation);

  if (--list->n_lists == 0 && !list->is_second_round && tagged != NULL)
    send_second_round (list);
  postseal_imap_operation_command_done (verb, tagged, error, self->operation);
}

static const PostsealImapCommandHandler list_handler
    = { .on_untagged = on_list_untagged, .on_done = on_list_done };

/* Many servers tell uses unasked, those with LIST-EXTENDED only if asked (RFC 6154 section 5.2). */
static gboolean
has_to_ask_for_uses (List *self)
{
  return self->with_uses && postseal_imap_caps_has (self->session->caps, "SPECIAL-USE")
         && postseal_imap_caps_has (self->session->caps, "LIST-EXTENDED");
}

static void
send_list (List *self, Wish *wish)
{
  Asking *asking = g_new0 (Asking, 1);
  PostsealImapCommand *command = postseal_imap_command_new (POSTSEAL_IMAP_COMMAND_PIPELINED, "LIST",
                                                            &list_handler, asking, free_asking);

  asking->operation = postseal_imap_operation_ref (self->operation);
  asking->wish = wish;
  self->n_lists++;
  postseal_imap_operation_hold (self->operation);
  postseal_imap_command_add (command, "\"\"");
  postseal_imap_command_add_string (command, wish->wire, -1);
  if (has_to_ask_for_uses (self))
    postseal_imap_command_add (command, "RETURN (SPECIAL-USE)");
  _postseal_imap_session_send (self->session, command);
}

/* NAMESPACE ((prefix delimiter ...) ...) ...: the first personal one (RFC 2342 section 5). */
static gboolean
on_namespace_untagged (const PostsealImapResponse *response, gpointer user_data)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (user_data);
  const PostsealImapValue *personal = response->values;
  const PostsealImapValue *prefix;

  if (response->kind != POSTSEAL_IMAP_RESPONSE_DATA || strcmp (response->name, "NAMESPACE") != 0)
    return FALSE;
  if (personal == NULL || personal->first_child == NULL)
    return TRUE;
  prefix = personal->first_child->first_child;
  if (!postseal_imap_value_is_string (prefix) || strlen (prefix->bytes) != prefix->length)
    return TRUE;
  g_free (session->personal_prefix);
  session->personal_prefix = g_strdup (prefix->bytes);
  return TRUE;
}

static void
on_namespace_done (const char *verb,
                   const PostsealImapResponse *tagged,
                   const GError *error,
                   gpointer user_data)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (user_data);

  /* A refusal costs nothing: there is no prefix then. */
  if (tagged != NULL && session->personal_prefix == NULL)
    session->personal_prefix = g_strdup ("");
  postseal_imap_operation_release (user_data, error);
}

static const PostsealImapCommandHandler namespace_handler
    = { .on_untagged = on_namespace_untagged, .on_done = on_namespace_done };

static void
send_namespace (List *self)
{
  if (self->session->personal_prefix == NULL
      && postseal_imap_caps_has (self->session->caps, "NAMESPACE"))
    _postseal_imap_session_send (
        self->session,
        postseal_imap_operation_make_command (self->operation, POSTSEAL_IMAP_COMMAND_PIPELINED,
                                              "NAMESPACE", &namespace_handler));
}

/* What does not exist under its own name is looked for below the personal namespace. */
static void
send_second_round (List *self)
{
  const char *prefix = self->session->personal_prefix;

  self->is_second_round = TRUE;
  for (guint i = 0; i < self->wishes->len && prefix != NULL && *prefix != '\0'; i++)
    {
      Wish *wish = g_ptr_array_index (self->wishes, i);
      g_autofree char *wire = NULL;

      if (wish->is_found || is_inbox (wish->wire) || g_str_has_prefix (wish->wire, prefix))
        continue;
      wire = g_strconcat (prefix, wish->wire, NULL);
      g_free (wish->wire);
      wish->wire = g_steal_pointer (&wire);
      send_list (self, wish);
    }
}

static void
send_first_round (List *self)
{
  gboolean has_names = FALSE;

  for (guint i = 0; i < self->wishes->len; i++)
    has_names = has_names || !is_inbox (((Wish *)g_ptr_array_index (self->wishes, i))->title);
  if (has_names)
    send_namespace (self);
  for (guint i = 0; i < self->wishes->len; i++)
    {
      Wish *wish = g_ptr_array_index (self->wishes, i);

      g_free (wish->wire);
      wish->wire = spell (self->session, wish->title);
      /* INBOX is always there (RFC 9051 section 5.1); alone it is not worth a question. */
      if (has_names)
        send_list (self, wish);
    }
}

/* --- the result --- */

static PostsealImapMailbox *
make_missing (const Wish *wish)
{
  PostsealImapMailbox *mailbox = g_new0 (PostsealImapMailbox, 1);

  mailbox->name = g_strdup (wish->wire);
  mailbox->title = g_strdup (wish->title);
  return mailbox;
}

/* Plain names come out in any case, so that the caller can say which one is not there. */
static void
add_wished (List *self, GPtrArray *result)
{
  for (guint i = 0; i < self->wishes->len; i++)
    {
      const Wish *wish = g_ptr_array_index (self->wishes, i);
      PostsealImapMailbox *mailbox;

      if (is_inbox (wish->title))
        {
          add_mailbox (self, "INBOX", 0, TRUE);
          continue;
        }
      mailbox = g_hash_table_lookup (self->mailboxes, wish->wire);
      if (!is_pattern (wish->title) && (mailbox == NULL || !mailbox->is_selectable))
        g_ptr_array_add (result, make_missing (wish));
    }
}

static void
complete_list (GTask *task, gpointer data)
{
  List *self = data;
  g_autoptr (GPtrArray) result
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_mailbox_free);
  g_autoptr (GPtrArray) missing
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_mailbox_free);

  add_wished (self, missing);
  g_hash_table_remove_all (self->mailboxes);
  for (guint i = 0; i < self->order->len; i++)
    {
      PostsealImapMailbox *mailbox = g_ptr_array_index (self->order, i);

      if (!mailbox->is_selectable)
        postseal_imap_mailbox_free (mailbox);
      else if (is_inbox (mailbox->name))
        g_ptr_array_insert (result, 0, mailbox);
      else
        g_ptr_array_add (result, mailbox);
    }
  g_ptr_array_set_free_func (self->order, NULL);
  g_ptr_array_set_size (self->order, 0);
  g_ptr_array_extend_and_steal (result, g_steal_pointer (&missing));
  g_task_return_pointer (task, g_steal_pointer (&result), (GDestroyNotify)g_ptr_array_unref);
}

/* --- public --- */

void
_postseal_imap_session_resume_lists (PostsealImapSession *self)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting_lists);

  self->waiting_lists
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_operation_unref);
  for (guint i = 0; i < waiting->len; i++)
    {
      PostsealImapOperation *operation = g_ptr_array_index (waiting, i);

      if (self->error == NULL)
        send_first_round (postseal_imap_operation_get_data (operation));
      postseal_imap_operation_release (operation, self->error);
    }
}

static List *
make_list (PostsealImapSession *session, const char *const *patterns, gboolean with_uses)
{
  List *self = g_new0 (List, 1);

  self->session = session;
  self->with_uses = with_uses;
  self->wishes = g_ptr_array_new_with_free_func (free_wish);
  self->mailboxes = g_hash_table_new (g_str_hash, g_str_equal);
  self->order = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_mailbox_free);
  for (guint i = 0; patterns[i] != NULL; i++)
    {
      Wish *wish = g_new0 (Wish, 1);

      wish->title = g_strdup (is_inbox (patterns[i]) ? "INBOX" : patterns[i]);
      g_ptr_array_add (self->wishes, wish);
    }
  return self;
}

void
postseal_imap_session_list_async (PostsealImapSession *self,
                                  const char *const *patterns,
                                  gboolean with_uses,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  gboolean must_wait = FALSE;
  List *list;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));
  g_return_if_fail (patterns != NULL);

  list = make_list (self, patterns, with_uses);
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_list_async, complete_list, list,
                                           free_list);
  if (operation == NULL)
    return;
  list->operation = operation;
  postseal_imap_operation_hold (operation);
  for (guint i = 0; patterns[i] != NULL; i++)
    must_wait = must_wait || needs_spelling (patterns[i]);
  for (guint i = 0; patterns[i] != NULL; i++)
    if (!is_inbox (patterns[i]))
      {
        _postseal_imap_session_send_preamble (self, FALSE);
        break;
      }
  if (must_wait && self->n_enabling > 0)
    {
      /* How these names are spelled depends on the answer. */
      g_ptr_array_add (self->waiting_lists, g_steal_pointer (&operation));
      return;
    }
  send_first_round (list);
  postseal_imap_operation_release (operation, NULL);
}

GPtrArray *
postseal_imap_session_list_finish (PostsealImapSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

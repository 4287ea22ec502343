/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-operation.h"
#include "imap/imap-refusal.h"
#include "imap/imap-session-private.h"
#include "wire/imap-sets.h"

#define MODSEQ_MAX G_GUINT64_CONSTANT (0x7fffffffffffffff)

/* One SELECT or EXAMINE. */
typedef struct
{
  char *mailbox; /* owned */
  gboolean is_examine;
  guint32 uid_validity; /* what is known from last time, 0: nothing */
  guint64 modseq;
  GArray *known; /* owned (element-type guint32) (nullable): asked about with QRESYNC */
  gboolean is_extended; /* the command has a parameter that an old server may refuse */
  guint32 recent;
  PostsealImapStatus *status; /* owned: what has been heard */
} Opening;

void
postseal_imap_status_free (PostsealImapStatus *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->vanished, g_array_unref);
  g_free (self);
}

static PostsealImapStatus *
copy_status (const PostsealImapStatus *status)
{
  PostsealImapStatus *copy = g_memdup2 (status, sizeof *status);

  copy->vanished = status->vanished != NULL ? g_array_copy (status->vanished) : NULL;
  return copy;
}

static void
free_opening (gpointer data)
{
  Opening *self = data;

  g_free (self->mailbox);
  g_clear_pointer (&self->known, g_array_unref);
  postseal_imap_status_free (self->status);
  g_free (self);
}

/* Of what was asked about, what lies in the range; the server's ranges are never spread out. */
static gboolean
on_vanished_range (guint32 first, guint32 last, gpointer user_data)
{
  Opening *opening = user_data;

  for (gsize i = _postseal_imap_uids_find (opening->known, first);
       i < opening->known->len && g_array_index (opening->known, guint32, i) <= last; i++)
    g_array_append_val (opening->status->vanished, g_array_index (opening->known, guint32, i));
  return TRUE;
}

static void
sort_vanished (PostsealImapStatus *status)
{
  g_autoptr (GArray) raw = g_steal_pointer (&status->vanished);

  status->vanished = _postseal_imap_uids_new ((const guint32 *)(void *)raw->data, raw->len);
}

static gboolean
is_data (const PostsealImapResponse *response, const char *name)
{
  return response->kind == POSTSEAL_IMAP_RESPONSE_DATA && strcmp (response->name, name) == 0;
}

/* VANISHED (EARLIER) uids: RFC 7162 section 3.2.10.1. */
static void
take_vanished_earlier (Opening *self, const PostsealImapResponse *response)
{
  const PostsealImapValue *v = response->values;

  if (self->status->vanished == NULL || v == NULL || v->type != POSTSEAL_IMAP_VALUE_LIST
      || !postseal_imap_value_is (v->first_child, "EARLIER") || v->next == NULL
      || v->next->type != POSTSEAL_IMAP_VALUE_ATOM)
    return;
  /* A repeated set must not make the list grow without end. */
  if (self->status->vanished->len > 2 * self->known->len)
    sort_vanished (self->status);
  postseal_imap_sets_parse (v->next->bytes, on_vanished_range, self);
}

/* The response codes that describe a mailbox (RFC 9051 section 6.3.2, RFC 7162 section 3.1.2). */
static void
take_code (PostsealImapStatus *status, const PostsealImapResponse *response)
{
  const PostsealImapValue *argument = response->code_values;
  const char *code = response->code;
  guint64 number;

  if (code == NULL)
    return;
  if (strcmp (code, "UIDVALIDITY") == 0
      && postseal_imap_value_to_number (argument, G_MAXUINT32, &number))
    status->uid_validity = (guint32)number;
  else if (strcmp (code, "UIDNEXT") == 0
           && postseal_imap_value_to_number (argument, G_MAXUINT32, &number))
    status->uid_next = (guint32)number;
  else if (strcmp (code, "HIGHESTMODSEQ") == 0
           && postseal_imap_value_to_number (argument, MODSEQ_MAX, &number))
    status->highest_modseq = number;
  else if (strcmp (code, "NOMODSEQ") == 0)
    status->highest_modseq = 0;
  else if (strcmp (code, "UIDNOTSTICKY") == 0)
    status->uids_not_sticky = TRUE;
  else if (strcmp (code, "READ-ONLY") == 0)
    status->is_read_only = TRUE;
}

/* Empty again: what was heard so far was about the mailbox before. */
static void
reset_opening (Opening *self)
{
  GArray *vanished = g_steal_pointer (&self->status->vanished);

  postseal_imap_status_free (self->status);
  self->status = g_new0 (PostsealImapStatus, 1);
  self->status->is_read_only = self->is_examine;
  self->status->vanished = vanished;
  self->recent = 0;
  if (vanished != NULL)
    g_array_set_size (vanished, 0);
}

static gboolean
on_select_untagged (const PostsealImapResponse *response, gpointer user_data)
{
  Opening *self = postseal_imap_operation_get_data (user_data);

  if (response->kind != POSTSEAL_IMAP_RESPONSE_DATA)
    {
      if (g_strcmp0 (response->code, "CLOSED")
          == 0) /* RFC 9051 section 7.1: the old one ends here */
        reset_opening (self);
      else
        take_code (self->status, response);
      return TRUE;
    }
  if (is_data (response, "EXISTS") && response->has_number)
    self->status->exists = (guint32)MIN (response->number, G_MAXUINT32);
  else if (is_data (response, "RECENT") && response->has_number)
    self->recent = (guint32)MIN (response->number, G_MAXUINT32);
  else if (is_data (response, "VANISHED"))
    take_vanished_earlier (self, response);
  else if (is_data (response, "LIST") || is_data (response, "STATUS"))
    return FALSE;
  return TRUE;
}

static void send_select (PostsealImapOperation *operation, gboolean is_extended);

static GError *
make_select_error (PostsealImapSession *session,
                   const char *verb,
                   const PostsealImapResponse *tagged)
{
  g_autoptr (GError) error = postseal_imap_refusal_to_error (tagged, verb, session->server);

  _postseal_imap_session_tell_refusal (session, tagged);
  /* NO says mostly "no such mailbox", whether or not the server has the code for it. */
  if (tagged->kind == POSTSEAL_IMAP_RESPONSE_NO && tagged->code == NULL
      && error->code == POSTSEAL_IMAP_ERROR_REFUSED)
    error->code = POSTSEAL_IMAP_ERROR_GONE;
  return g_steal_pointer (&error);
}

static void
on_select_done (const char *verb,
                const PostsealImapResponse *tagged,
                const GError *error,
                gpointer user_data)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (user_data);
  Opening *self = postseal_imap_operation_get_data (user_data);
  g_autoptr (GError) refusal = NULL;

  session->n_selecting--;
  if (tagged == NULL)
    {
      postseal_imap_operation_release (user_data, error);
      return;
    }

  /* A SELECT that fails leaves nothing selected (RFC 9051 section 6.3.2). */
  g_clear_pointer (&session->selected, postseal_imap_status_free);
  if (tagged->kind == POSTSEAL_IMAP_RESPONSE_OK)
    {
      take_code (self->status, tagged);
      if (self->status->vanished != NULL)
        sort_vanished (self->status);
      session->selected = copy_status (self->status);
      session->recent = self->recent;
      g_free (session->selected_name);
      session->selected_name = g_strdup (self->mailbox);
      _postseal_imap_session_set_state (session, POSTSEAL_IMAP_STATE_SELECTED);
      postseal_imap_operation_release (user_data, NULL);
      return;
    }

  _postseal_imap_session_set_state (session, POSTSEAL_IMAP_STATE_AUTHENTICATED);
  if (tagged->kind == POSTSEAL_IMAP_RESPONSE_BAD && self->is_extended && session->error == NULL)
    {
      /* ENABLE was not heeded, or the parameter is not known after all. */
      g_clear_pointer (&self->status->vanished, g_array_unref);
      reset_opening (self);
      send_select (user_data, FALSE);
    }
  else
    refusal = make_select_error (session, verb, tagged);
  postseal_imap_operation_release (user_data, refusal);
}

static const PostsealImapCommandHandler select_handler
    = { .on_untagged = on_select_untagged, .on_done = on_select_done };

/* RFC 7162 section 3.2.5; as many of the known UIDs as a line may hold. */
static void
add_qresync (Opening *self, PostsealImapCommand *command)
{
  g_autoptr (GString) words = g_string_new (NULL);
  gsize asked;

  g_string_printf (words, "(QRESYNC (%u %" G_GUINT64_FORMAT " ", self->uid_validity, self->modseq);
  asked = postseal_imap_sets_append (words, (const guint32 *)(void *)self->known->data,
                                     self->known->len, POSTSEAL_IMAP_SETS_LENGTH - 1024);
  g_string_append (words, "))");
  g_array_set_size (self->known, (guint)asked);
  self->status->vanished = g_array_new (FALSE, FALSE, sizeof (guint32));
  postseal_imap_command_add (command, words->str);
}

static void
send_select (PostsealImapOperation *operation, gboolean is_extended)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (operation);
  Opening *self = postseal_imap_operation_get_data (operation);
  gboolean can_qresync = self->known != NULL && session->is_qresync_asked;
  PostsealImapCommand *command = postseal_imap_operation_make_command (
      operation,
      /* With a mailbox open, data of the old and the new one must not meet. */
      session->selected != NULL ? POSTSEAL_IMAP_COMMAND_ALONE : POSTSEAL_IMAP_COMMAND_HOLDS,
      self->is_examine ? "EXAMINE" : "SELECT", &select_handler);

  session->n_selecting++;
  postseal_imap_command_add_string (command, self->mailbox, -1);
  self->is_extended = FALSE;
  if (is_extended && can_qresync)
    {
      add_qresync (self, command);
      self->is_extended = TRUE;
    }
  else if (is_extended && self->known != NULL
           && postseal_imap_caps_has (session->caps, "CONDSTORE"))
    {
      postseal_imap_command_add (command, "(CONDSTORE)");
      self->is_extended = TRUE;
    }
  _postseal_imap_session_send (session, command);
}

static void
complete_select (GTask *task, gpointer data)
{
  Opening *self = data;

  g_task_return_pointer (task, g_steal_pointer (&self->status),
                         (GDestroyNotify)postseal_imap_status_free);
}

void
postseal_imap_session_select_async (PostsealImapSession *self,
                                    const char *mailbox,
                                    gboolean read_only,
                                    const PostsealImapKnown *known,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  Opening *opening;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));
  g_return_if_fail (mailbox != NULL);

  opening = g_new0 (Opening, 1);
  opening->mailbox = g_strdup (mailbox);
  opening->is_examine = read_only;
  if (known != NULL && known->n_known > 0 && known->uid_validity > 0 && known->modseq > 0)
    {
      opening->uid_validity = known->uid_validity;
      opening->modseq = MIN (known->modseq, MODSEQ_MAX);
      opening->known = _postseal_imap_uids_new (known->known, known->n_known);
    }
  opening->status = g_new0 (PostsealImapStatus, 1);
  opening->status->is_read_only = read_only;
  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_select_async, complete_select,
                                           opening, free_opening);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  _postseal_imap_session_send_preamble (self, opening->known != NULL);
  send_select (operation, TRUE);
  postseal_imap_operation_release (operation, NULL);
}

PostsealImapStatus *
postseal_imap_session_select_finish (PostsealImapSession *self,
                                     GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
count_range (guint32 first, guint32 last, gpointer user_data)
{
  guint64 *count = user_data;

  *count += (guint64)last - first + 1;
  return TRUE;
}

/* VANISHED uids, without EARLIER: RFC 7162 section 3.2.10.2. */
static guint64
count_vanished (const PostsealImapResponse *response)
{
  guint64 count = 0;

  if (response->values == NULL || response->values->type != POSTSEAL_IMAP_VALUE_ATOM)
    return 0;
  return postseal_imap_sets_parse (response->values->bytes, count_range, &count) ? count : 0;
}

/* EXISTS never takes messages away (RFC 9051 section 5.2). RECENT comes with it, but not always
   after it. */
static void
take_count (PostsealImapSession *self, const PostsealImapResponse *response, guint32 *count)
{
  guint32 number = (guint32)MIN (response->number, G_MAXUINT32);
  gboolean is_more = number > *count;

  if (is_more || count == &self->recent)
    *count = number;
  if (!is_more)
    return;
  self->selected->n_news++;
  _postseal_imap_session_end_idle (self);
}

void
_postseal_imap_session_take_mailbox_data (PostsealImapSession *self,
                                          const PostsealImapResponse *response)
{
  PostsealImapStatus *selected = self->selected;
  guint32 uid_validity;

  if (self->state != POSTSEAL_IMAP_STATE_SELECTED || selected == NULL)
    return;
  if (response->kind != POSTSEAL_IMAP_RESPONSE_DATA)
    {
      uid_validity = selected->uid_validity;
      take_code (selected, response);
      /* From here on a UID may mean another message: what is under way must not go on. */
      if (selected->uid_validity != uid_validity)
        _postseal_imap_session_fail_protocol (
            self, "%s", _ ("UIDVALIDITY of the open mailbox changed; try again"));
      return;
    }
  if (is_data (response, "EXISTS") && response->has_number)
    take_count (self, response, &selected->exists);
  else if (is_data (response, "RECENT") && response->has_number)
    take_count (self, response, &self->recent);
  else if (is_data (response, "EXPUNGE") && response->has_number)
    selected->exists -= selected->exists > 0 ? 1 : 0;
  else if (is_data (response, "VANISHED"))
    selected->exists -= (guint32)MIN (count_vanished (response), selected->exists);
}

const PostsealImapStatus *
postseal_imap_session_get_selected (PostsealImapSession *self, const char **ret_name)
{
  g_return_val_if_fail (POSTSEAL_IS_IMAP_SESSION (self), NULL);

  if (self->state != POSTSEAL_IMAP_STATE_SELECTED)
    return NULL;
  if (ret_name != NULL)
    *ret_name = self->selected_name;
  return self->selected;
}

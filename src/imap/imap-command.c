/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-command.h"

#include "auth/credential.h"
#include "wire/imap-quote.h"

struct _PostsealImapCommand
{
  PostsealImapCommandKind kind;
  char tag[24];
  char *verb; /* owned */
  GArray *parts; /* owned (element-type PostsealImapCommandPart) */
  const PostsealImapCommandHandler *handler; /* borrowed: static */
  gpointer user_data;
  GDestroyNotify destroy;
};

static void
clear_part (gpointer data)
{
  PostsealImapCommandPart *part = data;

  if (part->is_secret)
    postseal_wipe (part->bytes, part->length);
  g_free (part->bytes);
}

/* Transfers @bytes. */
static void
append_part (
    PostsealImapCommand *self, char *bytes, gsize length, gboolean is_literal, gboolean is_secret)
{
  PostsealImapCommandPart part
      = { .bytes = bytes, .length = length, .is_literal = is_literal, .is_secret = is_secret };

  g_array_append_val (self->parts, part);
}

PostsealImapCommand *
postseal_imap_command_new (PostsealImapCommandKind kind,
                           const char *verb,
                           const PostsealImapCommandHandler *handler,
                           gpointer user_data,
                           GDestroyNotify destroy)
{
  PostsealImapCommand *self = g_new0 (PostsealImapCommand, 1);

  self->kind = kind;
  self->verb = g_strdup (verb);
  self->parts = g_array_new (FALSE, FALSE, sizeof (PostsealImapCommandPart));
  g_array_set_clear_func (self->parts, clear_part);
  self->handler = handler;
  self->user_data = user_data;
  self->destroy = destroy;
  postseal_imap_command_add (self, verb);
  return self;
}

void
postseal_imap_command_free (PostsealImapCommand *self)
{
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_array_unref (self->parts);
  g_free (self->verb);
  g_free (self);
}

void
postseal_imap_command_add (PostsealImapCommand *self, const char *words)
{
  append_part (self, g_strconcat (" ", words, NULL), strlen (words) + 1, FALSE, FALSE);
}

/* @before: one character */
static void
add_string (
    PostsealImapCommand *self, char before, const char *bytes, gssize length, gboolean is_secret)
{
  gsize n = length < 0 ? strlen (bytes) : (gsize)length;

  char *quoted = g_malloc (2 * n + 3);
  gsize used = postseal_imap_quote (bytes, n, quoted + 1);

  if (used > 0)
    {
      quoted[0] = before;
      append_part (self, quoted, used + 1, FALSE, is_secret);
      return;
    }
  /* Given up half way. */
  postseal_wipe (quoted, 2 * n + 3);
  g_free (quoted);
  append_part (self, g_strndup (&before, 1), 1, FALSE, FALSE);
  append_part (self, g_memdup2 (bytes, n), n, TRUE, is_secret);
}

void
postseal_imap_command_add_string (PostsealImapCommand *self, const char *bytes, gssize length)
{
  add_string (self, ' ', bytes, length, FALSE);
}

void
postseal_imap_command_add_list (PostsealImapCommand *self, const char *const *strings)
{
  append_part (self, g_strdup (" "), 1, FALSE, FALSE);
  for (guint i = 0; strings[i] != NULL; i++)
    add_string (self, i == 0 ? '(' : ' ', strings[i], -1, FALSE);
  append_part (self, g_strdup (")"), 1, FALSE, FALSE);
}

void
postseal_imap_command_add_secret (PostsealImapCommand *self, const char *bytes, gssize length)
{
  add_string (self, ' ', bytes, length, TRUE);
}

void
postseal_imap_command_add_secret_words (PostsealImapCommand *self, const char *words, gsize length)
{
  char *bytes = g_malloc (length + 1);

  bytes[0] = ' ';
  memcpy (bytes + 1, words, length);
  append_part (self, bytes, length + 1, FALSE, TRUE);
}

PostsealImapCommandKind
postseal_imap_command_get_kind (PostsealImapCommand *self)
{
  return self->kind;
}

const PostsealImapCommandPart *
postseal_imap_command_get_part (PostsealImapCommand *self, guint index)
{
  if (index >= self->parts->len)
    return NULL;
  return &g_array_index (self->parts, PostsealImapCommandPart, index);
}

const char *
postseal_imap_command_get_tag (PostsealImapCommand *self)
{
  return self->tag;
}

void
postseal_imap_command_set_tag (PostsealImapCommand *self, guint number)
{
  if (self->kind == POSTSEAL_IMAP_COMMAND_ALONE)
    g_snprintf (self->tag, sizeof self->tag, "a%u.%08x", number, g_random_int ());
  else
    g_snprintf (self->tag, sizeof self->tag, "a%u", number);
}

char *
postseal_imap_command_to_string (PostsealImapCommand *self)
{
  GString *line = g_string_new (self->tag);

  for (guint i = 0; i < self->parts->len; i++)
    {
      const PostsealImapCommandPart *part
          = &g_array_index (self->parts, PostsealImapCommandPart, i);

      if (part->is_secret)
        g_string_append (line, part->is_literal ? "***" : " ***");
      else if (part->is_literal)
        g_string_append_printf (line, "{%" G_GSIZE_FORMAT "}", part->length);
      else
        g_string_append_len (line, part->bytes, (gssize)part->length);
    }
  return g_string_free (line, FALSE);
}

gboolean
postseal_imap_command_untagged (PostsealImapCommand *self, const PostsealImapResponse *response)
{
  if (self->handler == NULL || self->handler->on_untagged == NULL)
    return FALSE;
  return self->handler->on_untagged (response, self->user_data);
}

gboolean
postseal_imap_command_continuation (PostsealImapCommand *self, const PostsealImapResponse *response)
{
  if (self->handler == NULL || self->handler->on_continuation == NULL)
    return FALSE;
  self->handler->on_continuation (response, self->user_data);
  return TRUE;
}

void
postseal_imap_command_wanted (PostsealImapCommand *self)
{
  if (self->handler != NULL && self->handler->on_wanted != NULL)
    self->handler->on_wanted (self->user_data);
}

void
postseal_imap_command_done (PostsealImapCommand *self,
                            const PostsealImapResponse *tagged,
                            const GError *error)
{
  if (self->handler != NULL && self->handler->on_done != NULL)
    self->handler->on_done (self->verb, tagged, error, self->user_data);
  postseal_imap_command_free (self);
}

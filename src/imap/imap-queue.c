/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-queue.h"

struct _PostsealImapQueue
{
  PostsealChannel *channel; /* borrowed: outlives the writing */
  PostsealTranscript *transcript; /* owned */
  GQueue waiting; /* (element-type PostsealImapCommand) owned: not sent yet */
  GQueue under_way; /* (element-type PostsealImapCommand) owned: sent, oldest first */
  PostsealImapCommand *halted; /* borrowed from under_way: its literal waits for "+" */
  guint next_part; /* of halted */
  guint last_tag;
  gsize prompt_limit;
  gboolean is_stopped;
};

PostsealImapQueue *
postseal_imap_queue_new (PostsealChannel *channel, PostsealTranscript *transcript)
{
  PostsealImapQueue *self = g_new0 (PostsealImapQueue, 1);

  self->channel = channel;
  self->transcript = transcript != NULL ? postseal_transcript_ref (transcript) : NULL;
  g_queue_init (&self->waiting);
  g_queue_init (&self->under_way);
  return self;
}

void
postseal_imap_queue_free (PostsealImapQueue *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify)postseal_imap_command_free);
  g_queue_clear_full (&self->under_way, (GDestroyNotify)postseal_imap_command_free);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_free (self);
}

void
postseal_imap_queue_set_prompt_limit (PostsealImapQueue *self, gsize limit)
{
  self->prompt_limit = limit;
}

/* The channel wipes whatever has left. */
static void
write_part (PostsealImapQueue *self, const PostsealImapCommandPart *part)
{
  postseal_channel_write (self->channel, part->bytes, (gssize)part->length);
}

/* Sends the parts of @command from @index on, until its end or a literal that the server must ask
 * for. */
static void
write_parts (PostsealImapQueue *self, PostsealImapCommand *command, guint index)
{
  const PostsealImapCommandPart *part;

  self->halted = NULL;
  while ((part = postseal_imap_command_get_part (command, index)) != NULL)
    {
      if (part->is_literal)
        {
          gboolean is_prompt = part->length <= self->prompt_limit && self->prompt_limit > 0;
          g_autofree char *head
              = g_strdup_printf ("{%" G_GSIZE_FORMAT "%s}\r\n", part->length, is_prompt ? "+" : "");

          postseal_channel_write (self->channel, head, -1);
          if (!is_prompt)
            {
              self->halted = command;
              self->next_part = index;
              return;
            }
        }
      write_part (self, part);
      index++;
    }
  postseal_channel_write (self->channel, "\r\n", 2);
}

static void
send_command (PostsealImapQueue *self, PostsealImapCommand *command)
{
  postseal_imap_command_set_tag (command, ++self->last_tag);
  if (self->transcript != NULL)
    {
      g_autofree char *line = postseal_imap_command_to_string (command);

      postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, line, -1);
    }
  g_queue_push_tail (&self->under_way, command);
  postseal_channel_write (self->channel, postseal_imap_command_get_tag (command), -1);
  write_parts (self, command, 0);
}

/* Whether @command may follow what is under way now. */
static gboolean
is_free (PostsealImapQueue *self, PostsealImapCommand *command)
{
  PostsealImapCommand *last = g_queue_peek_tail (&self->under_way);

  if (self->is_stopped || self->halted != NULL)
    return FALSE;
  if (last == NULL)
    return TRUE;
  /* Nothing passes one that holds or is alone, so that only the last one can be such. */
  return postseal_imap_command_get_kind (last) == POSTSEAL_IMAP_COMMAND_PIPELINED
         && postseal_imap_command_get_kind (command) != POSTSEAL_IMAP_COMMAND_ALONE;
}

static void
send_waiting (PostsealImapQueue *self)
{
  PostsealImapCommand *next;
  PostsealImapCommand *last;

  while ((next = g_queue_peek_head (&self->waiting)) != NULL && is_free (self, next))
    {
      g_queue_pop_head (&self->waiting);
      send_command (self, next);
    }
  last = g_queue_peek_tail (&self->under_way);
  if (next != NULL && last != NULL && !self->is_stopped)
    postseal_imap_command_wanted (last);
}

void
postseal_imap_queue_push (PostsealImapQueue *self, PostsealImapCommand *command)
{
  g_queue_push_tail (&self->waiting, command);
  send_waiting (self);
}

void
postseal_imap_queue_answer (PostsealImapQueue *self,
                            const char *data,
                            gsize length,
                            gboolean is_secret)
{
  if (self->is_stopped)
    return;
  postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, is_secret ? "***" : data,
                            is_secret ? -1 : (gssize)length);
  postseal_channel_write (self->channel, data, (gssize)length);
  postseal_channel_write (self->channel, "\r\n", 2);
}

void
postseal_imap_queue_stop (PostsealImapQueue *self)
{
  self->is_stopped = TRUE;
}

gboolean
postseal_imap_queue_untagged (PostsealImapQueue *self, const PostsealImapResponse *response)
{
  for (GList *l = self->under_way.head; l != NULL; l = l->next)
    if (postseal_imap_command_untagged (l->data, response))
      return TRUE;
  return FALSE;
}

void
postseal_imap_queue_continuation (PostsealImapQueue *self, const PostsealImapResponse *response)
{
  PostsealImapCommand *command = self->halted;

  if (self->is_stopped)
    return;
  if (command == NULL)
    {
      command = g_queue_peek_tail (&self->under_way);
      if (command != NULL)
        postseal_imap_command_continuation (command, response);
      return;
    }
  write_part (self, postseal_imap_command_get_part (command, self->next_part));
  write_parts (self, command, self->next_part + 1);
  send_waiting (self);
}

gboolean
postseal_imap_queue_tagged (PostsealImapQueue *self, const PostsealImapResponse *response)
{
  for (GList *l = self->under_way.head; l != NULL; l = l->next)
    {
      PostsealImapCommand *command = l->data;

      if (strcmp (postseal_imap_command_get_tag (command), response->tag) != 0)
        continue;
      if (command == self->halted)
        {
          if (response->kind == POSTSEAL_IMAP_RESPONSE_OK)
            return FALSE;
          /* The literal is not wanted and must not be sent (RFC 9051 section 4.3). */
          self->halted = NULL;
        }
      g_queue_delete_link (&self->under_way, l);
      postseal_imap_command_done (command, response, NULL);
      send_waiting (self);
      return TRUE;
    }
  return FALSE;
}

gboolean
postseal_imap_queue_is_waiting (PostsealImapQueue *self)
{
  return !g_queue_is_empty (&self->under_way);
}

gboolean
postseal_imap_queue_is_mid_command (PostsealImapQueue *self)
{
  PostsealImapCommand *last = g_queue_peek_tail (&self->under_way);

  return self->halted != NULL
         || (last != NULL && postseal_imap_command_get_kind (last) == POSTSEAL_IMAP_COMMAND_ALONE);
}

guint
postseal_imap_queue_get_length (PostsealImapQueue *self)
{
  return g_queue_get_length (&self->under_way) + g_queue_get_length (&self->waiting);
}

void
postseal_imap_queue_end (PostsealImapQueue *self, const GError *error)
{
  PostsealImapCommand *command;

  self->is_stopped = TRUE;
  self->halted = NULL;
  while ((command = g_queue_pop_head (&self->under_way)) != NULL
         || (command = g_queue_pop_head (&self->waiting)) != NULL)
    postseal_imap_command_done (command, NULL, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/capability-talk.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/limits.h"
#include "base/loop.h"
#include "base/printable.h"
#include "wire/pop3-reply.h"
#include "wire/smtp-reply.h"

#define MOST_LINES 500 /* of what is no list of capabilities any more */

typedef enum
{
  TALK_GREETING,
  TALK_ANSWER, /* to the question */
  TALK_LIST, /* POP3: the lines behind it */
  TALK_DONE,
} TalkState;

typedef struct
{
  GTask *task; /* borrowed: this is its data; NULL once it has returned */
  PostsealProtocol protocol;
  TalkState state;
  PostsealTranscript *transcript; /* owned, nullable */
  PostsealChannel *channel; /* owned until the farewell */
  GSource *deadline; /* owned */
  gint64 began_us;
  guint n_lines;
  PostsealSmtpReply reply; /* SMTP: the one that is being read */
  PostsealCapabilities *found; /* owned until it is returned */
  GPtrArray *capabilities; /* owned: becomes part of it, likewise below */
  GPtrArray *mechanisms;
} Talk;

/* What is said in the protocol, by its number. */
static const struct
{
  const char *question; /* SMTP: the literal of our address follows */
  const char *farewell;
} words[] = {
  [POSTSEAL_PROTOCOL_IMAP] = { "c1 CAPABILITY", "c2 LOGOUT" },
  [POSTSEAL_PROTOCOL_POP3] = { "CAPA", "QUIT" },
  [POSTSEAL_PROTOCOL_SMTP] = { "EHLO ", "QUIT" },
};

void
postseal_capabilities_free (PostsealCapabilities *self)
{
  if (self == NULL)
    return;
  g_free (self->greeting);
  g_strfreev (self->capabilities);
  g_strfreev (self->mechanisms);
  g_free (self);
}

gboolean
postseal_capabilities_have_plus (const PostsealCapabilities *self)
{
  for (char **name = self->mechanisms; *name != NULL; name++)
    if (g_str_has_prefix (*name, "SCRAM-") && g_str_has_suffix (*name, "-PLUS"))
      return TRUE;
  return FALSE;
}

static void
free_talk (gpointer data)
{
  Talk *self = data;

  postseal_loop_clear (&self->deadline);
  postseal_transcript_unref (self->transcript);
  g_clear_pointer (&self->channel, postseal_channel_free);
  postseal_smtp_reply_clear (&self->reply);
  postseal_capabilities_free (self->found);
  g_ptr_array_unref (self->capabilities);
  g_ptr_array_unref (self->mechanisms);
  g_free (self);
}

/* --- the end --- */

/* @error: (transfer full) (nullable) */
static void
finish (Talk *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);
  PostsealCapabilities *found = g_steal_pointer (&self->found);

  self->state = TALK_DONE;
  postseal_loop_clear (&self->deadline);
  if (error != NULL)
    {
      g_clear_pointer (&self->channel, postseal_channel_free);
      postseal_capabilities_free (found);
      g_task_return_error (task, error);
      return;
    }
  g_ptr_array_add (self->capabilities, NULL);
  g_ptr_array_add (self->mechanisms, NULL);
  found->capabilities = (char **)g_ptr_array_steal (self->capabilities, NULL);
  found->mechanisms = (char **)g_ptr_array_steal (self->mechanisms, NULL);
  g_task_return_pointer (task, found, (GDestroyNotify)postseal_capabilities_free);
}

/* The protocol's own word for "not now" (RFC 5321 section 3.8, RFC 9051 section 7.1.5). */
static gboolean
is_busy (const Talk *self, const char *line)
{
  switch (self->protocol)
    {
    case POSTSEAL_PROTOCOL_SMTP:
      return line[0] == '4';
    case POSTSEAL_PROTOCOL_IMAP:
      return g_ascii_strncasecmp (line, "* BYE", 5) == 0;
    case POSTSEAL_PROTOCOL_POP3:
    default:
      return self->state == TALK_GREETING && g_str_has_prefix (line, "-ERR");
    }
}

static void
fail (Talk *self, const char *line, gsize length)
{
  g_autofree char *shown = postseal_printable (line, (gssize)length);

  if (is_busy (self, line))
    finish (self,
            g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                         _ ("Within TLS the server says that it serves nobody now: “%s”"), shown));
  else
    finish (self,
            g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         _ ("Within TLS the server does not tell what it can do: “%s”"), shown));
}

static void
say (Talk *self, const char *line)
{
  postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, line, -1);
  postseal_channel_write (self->channel, line, -1);
  postseal_channel_write (self->channel, "\r\n", 2);
}

static void
take_leave (Talk *self)
{
  say (self, words[self->protocol].farewell);
  postseal_channel_close_politely (g_steal_pointer (&self->channel));
  finish (self, NULL);
}

static void
ask (Talk *self)
{
  PostsealSealedLink *link = postseal_channel_get_link (self->channel);
  g_autofree char *literal = self->protocol == POSTSEAL_PROTOCOL_SMTP
                                 ? postseal_sealed_link_get_own_literal (link)
                                 : g_strdup ("");
  g_autofree char *line = g_strconcat (words[self->protocol].question, literal, NULL);

  self->state = TALK_ANSWER;
  say (self, line);
}

/* --- what is heard --- */

static void
add_mechanism (Talk *self, const char *name)
{
  g_autofree char *upper = g_ascii_strup (name, -1);

  if (*name != '\0'
      && !g_ptr_array_find_with_equal_func (self->mechanisms, upper, g_str_equal, NULL))
    g_ptr_array_add (self->mechanisms, g_steal_pointer (&upper));
}

/* @list: names with spaces between */
static void
add_mechanisms (Talk *self, const char *list)
{
  g_auto (GStrv) names = g_strsplit_set (list, " \t", -1);

  for (char **name = names; *name != NULL; name++)
    add_mechanism (self, *name);
}

static gboolean
has_prefix (const char *text, const char *prefix)
{
  return g_ascii_strncasecmp (text, prefix, strlen (prefix)) == 0;
}

static void
add_capability (Talk *self, const char *raw, gsize length)
{
  g_autofree char *text = postseal_printable (raw, (gssize)length);

  if (*text == '\0')
    return;
  if (self->protocol == POSTSEAL_PROTOCOL_IMAP && has_prefix (text, "AUTH="))
    add_mechanism (self, text + strlen ("AUTH="));
  else if (self->protocol == POSTSEAL_PROTOCOL_POP3 && has_prefix (text, "SASL "))
    add_mechanisms (self, text + strlen ("SASL "));
  else if (self->protocol == POSTSEAL_PROTOCOL_POP3 && g_ascii_strcasecmp (text, "USER") == 0)
    add_mechanism (self, "POP3-USER");
  else if (self->protocol == POSTSEAL_PROTOCOL_SMTP
           && (has_prefix (text, "AUTH ") || has_prefix (text, "AUTH=")))
    add_mechanisms (self, text + strlen ("AUTH "));
  g_ptr_array_add (self->capabilities, g_steal_pointer (&text));
}

/* RFC 9051 section 7.2.2: a list replaces the one before. */
static void
take_imap_list (Talk *self, const char *line)
{
  g_auto (GStrv) names = g_strsplit (line, " ", -1);
  gboolean has_login = TRUE;

  g_ptr_array_set_size (self->capabilities, 0);
  g_ptr_array_set_size (self->mechanisms, 0);
  for (char **name = names; *name != NULL; name++)
    {
      has_login &= g_ascii_strcasecmp (*name, "LOGINDISABLED") != 0;
      add_capability (self, *name, strlen (*name));
    }
  if (has_login)
    add_mechanism (self, "IMAP-LOGIN");
}

static void
hear_imap (Talk *self, const char *line, gsize length)
{
  if (self->state == TALK_GREETING && (has_prefix (line, "* OK") || has_prefix (line, "* PREAUTH")))
    ask (self);
  else if (self->state == TALK_GREETING || has_prefix (line, "* BYE"))
    fail (self, line, length);
  else if (has_prefix (line, "* CAPABILITY "))
    take_imap_list (self, line + strlen ("* CAPABILITY "));
  else if (has_prefix (line, "c1 OK") && self->capabilities->len > 0)
    take_leave (self);
  else if (has_prefix (line, "c1 "))
    fail (self, line, length);
}

/* A server without CAPA is an old one, and no wrong one (RFC 2449 section 5). */
static void
hear_pop3 (Talk *self, const char *line, gsize length)
{
  PostsealPop3Reply reply;

  if (self->state == TALK_LIST)
    {
      if (length == 1 && line[0] == '.')
        take_leave (self);
      else
        add_capability (self, line, length);
      return;
    }
  postseal_pop3_reply_parse (line, length, &reply);
  if (self->state == TALK_GREETING && reply.kind == POSTSEAL_POP3_REPLY_OK)
    ask (self);
  else if (self->state == TALK_ANSWER && reply.kind == POSTSEAL_POP3_REPLY_OK)
    self->state = TALK_LIST;
  else if (self->state == TALK_ANSWER && reply.kind == POSTSEAL_POP3_REPLY_ERR)
    take_leave (self);
  else
    fail (self, line, length);
}

static void
take_smtp_list (Talk *self)
{
  g_auto (GStrv) lines = g_strsplit (self->reply.text->str, "\n", -1);

  for (gsize i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    add_capability (self, lines[i], strlen (lines[i]));
}

static void
hear_smtp (Talk *self, const char *line, gsize length)
{
  guint expected = self->state == TALK_GREETING ? 220 : 250;

  switch (postseal_smtp_reply_feed (&self->reply, line, length))
    {
    case POSTSEAL_SMTP_REPLY_MORE:
      return;
    case POSTSEAL_SMTP_REPLY_COMPLETE:
      if (self->reply.code != expected)
        {
          fail (self, line, length);
          return;
        }
      break;
    case POSTSEAL_SMTP_REPLY_MALFORMED:
    default:
      fail (self, line, length);
      return;
    }
  if (self->state == TALK_GREETING)
    ask (self);
  else
    {
      take_smtp_list (self);
      take_leave (self);
    }
  postseal_smtp_reply_reset (&self->reply);
}

static void
hear_line (Talk *self, const char *line, gsize length)
{
  static void (*const hear[]) (Talk *, const char *, gsize) = {
    [POSTSEAL_PROTOCOL_IMAP] = hear_imap,
    [POSTSEAL_PROTOCOL_POP3] = hear_pop3,
    [POSTSEAL_PROTOCOL_SMTP] = hear_smtp,
  };

  postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED, line, (gssize)length);
  if (self->state == TALK_GREETING && self->found->greeting == NULL)
    {
      self->found->greeting = postseal_printable (line, (gssize)length);
      self->found->greeting_ms = (guint)((g_get_monotonic_time () - self->began_us) / 1000);
    }
  if (++self->n_lines > MOST_LINES)
    fail (self, line, length);
  else
    hear[self->protocol](self, line, length);
}

static gsize
on_data (PostsealChannel *channel, const char *data, gsize length, gpointer user_data)
{
  Talk *self = user_data;
  g_autoptr (GTask) task = g_object_ref (self->task);
  gsize used = 0;
  const char *end;

  while (self->state != TALK_DONE && (end = memchr (data + used, '\n', length - used)) != NULL)
    {
      g_autofree char *line = g_strndup (data + used, (gsize)(end - data) - used);
      gsize n_line = strlen (line); /* a NUL ends it, too */

      if (n_line > 0 && line[n_line - 1] == '\r')
        line[--n_line] = '\0';
      used = (gsize)(end - data) + 1;
      hear_line (self, line, n_line);
    }
  return used;
}

static void
on_closed (PostsealChannel *channel, const GError *error, gpointer user_data)
{
  Talk *self = user_data;

  if (self->state != TALK_DONE)
    finish (self, g_error_copy (error));
}

static gboolean
on_deadline (gpointer user_data)
{
  Talk *self = user_data;

  finish (self,
          g_error_new_literal (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT,
                               _ ("Within TLS the server has not told in time what it can do")));
  return G_SOURCE_REMOVE;
}

/* --- public --- */

void
postseal_capability_talk_async (PostsealTrial *trial,
                                const PostsealEndpoint *endpoint,
                                guint limit_ms,
                                PostsealTranscript *transcript,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  static const PostsealChannelHandler handler = { .on_data = on_data, .on_closed = on_closed };
  Talk *self = g_new0 (Talk, 1);
  PostsealSealedLink *link = NULL;
  g_autoptr (GBytes) binding = NULL;
  const char *type = NULL;

  self->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (self->task, postseal_capability_talk_async);
  g_task_set_task_data (self->task, self, free_talk);
  self->protocol = endpoint->protocol;
  self->transcript = postseal_transcript_ref (transcript);
  self->began_us = g_get_monotonic_time ();
  postseal_smtp_reply_init (&self->reply);
  self->found = g_new0 (PostsealCapabilities, 1);
  self->capabilities = g_ptr_array_new_with_free_func (g_free);
  self->mechanisms = g_ptr_array_new_with_free_func (g_free);
  self->deadline = postseal_loop_add_timeout (limit_ms, on_deadline, self);
  self->channel = postseal_trial_hand_over (trial, &handler, self);
  g_return_if_fail (self->channel != NULL);

  link = postseal_channel_get_link (self->channel);
  binding = postseal_sealed_link_get_channel_binding (link, &type);
  if (binding != NULL)
    self->found->binding = type;
  if (!postseal_sealed_link_awaits_greeting (link))
    ask (self);
}

PostsealCapabilities *
postseal_capability_talk_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

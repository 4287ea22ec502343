/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/probe-talk-private.h"

#include <string.h>

#include "base/printable.h"
#include "wire/pop3-reply.h"
#include "wire/smtp-reply.h"

#define MOST_LINES 200 /* of one answer */
#define MOST_CAPS 500

struct _PostsealProbeTalk
{
  PostsealProtocol protocol;
  PostsealProbeQuestion question;
  guint number; /* of the question, for IMAP's tags */
  char *tag; /* owned: "a1 " */
  guint lines; /* of the answer so far */
  gboolean is_listing; /* POP3: within the lines of CAPA */
  char *line; /* owned, nullable: printable */
  GPtrArray *caps; /* owned (element-type utf8) */
  PostsealSmtpReply reply;
};

typedef PostsealProbeAnswer (*HearLine) (PostsealProbeTalk *self, const char *line, gsize length);

PostsealProbeTalk *
_postseal_probe_talk_new (PostsealProtocol protocol)
{
  PostsealProbeTalk *self = g_new0 (PostsealProbeTalk, 1);

  self->protocol = protocol;
  self->tag = g_strdup ("");
  self->caps = g_ptr_array_new_with_free_func (g_free);
  postseal_smtp_reply_init (&self->reply);
  return self;
}

void
_postseal_probe_talk_free (PostsealProbeTalk *self)
{
  if (self == NULL)
    return;
  g_free (self->tag);
  g_free (self->line);
  g_ptr_array_unref (self->caps);
  postseal_smtp_reply_clear (&self->reply);
  g_free (self);
}

/* --- asking --- */

static const char *const commands[][POSTSEAL_PROBE_QUESTION_GOODBYE + 1] = {
  [POSTSEAL_PROTOCOL_IMAP] = { NULL, "CAPABILITY", NULL, "STARTTLS", "LOGOUT" },
  [POSTSEAL_PROTOCOL_POP3] = { NULL, "CAPA", NULL, "STLS", "QUIT" },
  [POSTSEAL_PROTOCOL_SMTP] = { NULL, "EHLO", "HELO", "STARTTLS", "QUIT" },
};

char *
_postseal_probe_talk_ask (PostsealProbeTalk *self,
                          PostsealProbeQuestion question,
                          const char *own_literal)
{
  const char *command = commands[self->protocol][question];
  gboolean is_hello = self->protocol == POSTSEAL_PROTOCOL_SMTP
                      && (question == POSTSEAL_PROBE_QUESTION_CAPABILITIES
                          || question == POSTSEAL_PROBE_QUESTION_HELO);

  self->question = question;
  self->lines = 0;
  self->is_listing = FALSE;
  g_clear_pointer (&self->line, g_free);
  postseal_smtp_reply_reset (&self->reply);
  if (question == POSTSEAL_PROBE_QUESTION_CAPABILITIES)
    g_ptr_array_set_size (self->caps, 0);
  if (command == NULL)
    return NULL;
  if (self->protocol != POSTSEAL_PROTOCOL_IMAP)
    return is_hello ? g_strdup_printf ("%s %s", command, own_literal) : g_strdup (command);

  g_free (self->tag);
  self->tag = g_strdup_printf ("a%u ", ++self->number);
  return g_strconcat (self->tag, command, NULL);
}

/* --- hearing --- */

static void
keep_line (PostsealProbeTalk *self, const char *line, gsize length)
{
  g_free (self->line);
  self->line = postseal_printable (line, length);
}

/* @line begins with @word, alone or followed by a space; ignores ASCII case. */
static gboolean
begins_with (const char *line, gsize length, const char *word)
{
  gsize size = strlen (word);

  return length >= size && g_ascii_strncasecmp (line, word, size) == 0
         && (length == size || line[size] == ' ');
}

static void
add_cap (PostsealProbeTalk *self, const char *cap, gsize length)
{
  if (length > 0 && self->caps->len < MOST_CAPS)
    g_ptr_array_add (self->caps, postseal_printable (cap, length));
}

static void
add_words (PostsealProbeTalk *self, const char *words, gsize length)
{
  while (length > 0)
    {
      const char *space = memchr (words, ' ', length);
      gsize size = space != NULL ? (gsize)(space - words) : length;

      add_cap (self, words, size);
      size = MIN (size + 1, length);
      words += size;
      length -= size;
    }
}

static PostsealProbeAnswer
hear_imap_greeting (const char *line, gsize length)
{
  if (begins_with (line, length, "* OK"))
    return POSTSEAL_PROBE_ANSWER_YES;
  if (begins_with (line, length, "* PREAUTH"))
    return POSTSEAL_PROBE_ANSWER_PREAUTH;
  return begins_with (line, length, "* BYE") ? POSTSEAL_PROBE_ANSWER_BUSY
                                             : POSTSEAL_PROBE_ANSWER_STRANGE;
}

/* RFC 9051 section 7 */
static PostsealProbeAnswer
hear_imap (PostsealProbeTalk *self, const char *line, gsize length)
{
  static const char capability[] = "* CAPABILITY";
  gsize tag = strlen (self->tag);

  if (self->question == POSTSEAL_PROBE_QUESTION_GREETING)
    return hear_imap_greeting (line, length);
  if (length >= tag && memcmp (line, self->tag, tag) == 0)
    {
      line += tag;
      length -= tag;
      if (begins_with (line, length, "OK"))
        return POSTSEAL_PROBE_ANSWER_YES;
      return begins_with (line, length, "NO") || begins_with (line, length, "BAD")
                 ? POSTSEAL_PROBE_ANSWER_NO
                 : POSTSEAL_PROBE_ANSWER_STRANGE;
    }
  if (self->question != POSTSEAL_PROBE_QUESTION_GOODBYE && begins_with (line, length, "* BYE"))
    return POSTSEAL_PROBE_ANSWER_BUSY;
  if (self->question == POSTSEAL_PROBE_QUESTION_CAPABILITIES
      && begins_with (line, length, capability))
    add_words (self, line + strlen (capability), length - strlen (capability));
  return begins_with (line, length, "*") ? POSTSEAL_PROBE_ANSWER_MORE
                                         : POSTSEAL_PROBE_ANSWER_STRANGE;
}

/* RFC 1939 section 3, RFC 2449 section 5: a list ends with a line that is a dot. */
static PostsealProbeAnswer
hear_pop3 (PostsealProbeTalk *self, const char *line, gsize length)
{
  PostsealPop3Reply reply;

  if (self->is_listing)
    {
      if (length == 1 && line[0] == '.')
        return POSTSEAL_PROBE_ANSWER_YES;
      add_cap (self, line + (length > 0 && line[0] == '.'),
               length - (length > 0 && line[0] == '.'));
      return POSTSEAL_PROBE_ANSWER_MORE;
    }
  postseal_pop3_reply_parse (line, length, &reply);
  if (reply.kind == POSTSEAL_POP3_REPLY_ERR)
    return self->question == POSTSEAL_PROBE_QUESTION_GREETING ? POSTSEAL_PROBE_ANSWER_BUSY
                                                              : POSTSEAL_PROBE_ANSWER_NO;
  if (reply.kind != POSTSEAL_POP3_REPLY_OK)
    return POSTSEAL_PROBE_ANSWER_STRANGE;
  self->is_listing = self->question == POSTSEAL_PROBE_QUESTION_CAPABILITIES;
  return self->is_listing ? POSTSEAL_PROBE_ANSWER_MORE : POSTSEAL_PROBE_ANSWER_YES;
}

/* What follows the first line of the answer to EHLO (RFC 5321 section 4.1.1.1). */
static void
add_smtp_caps (PostsealProbeTalk *self)
{
  const char *text = self->reply.text->str;
  const char *end = text + self->reply.text->len;
  const char *next = memchr (text, '\n', end - text);

  while (next != NULL)
    {
      const char *cap = next + 1;

      next = memchr (cap, '\n', end - cap);
      add_cap (self, cap, (next != NULL ? next : end) - cap);
    }
}

static PostsealProbeAnswer
judge_smtp (PostsealProbeTalk *self)
{
  guint code = self->reply.code;

  if (code == 421)
    return POSTSEAL_PROBE_ANSWER_BUSY;
  switch (self->question)
    {
    case POSTSEAL_PROBE_QUESTION_GREETING: /* RFC 5321 section 3.1: 554 is a refusal to serve us */
      return code == 220  ? POSTSEAL_PROBE_ANSWER_YES
             : code < 400 ? POSTSEAL_PROBE_ANSWER_STRANGE
                          : POSTSEAL_PROBE_ANSWER_BUSY;
    case POSTSEAL_PROBE_QUESTION_CAPABILITIES: /* where it is refused, HELO may still do */
      if (code == 250)
        add_smtp_caps (self);
      return code == 250   ? POSTSEAL_PROBE_ANSWER_YES
             : code >= 500 ? POSTSEAL_PROBE_ANSWER_NO
                           : POSTSEAL_PROBE_ANSWER_BUSY;
    case POSTSEAL_PROBE_QUESTION_HELO: /* 500 and 502: unknown; others: not to us */
      return code == 250                  ? POSTSEAL_PROBE_ANSWER_YES
             : code == 500 || code == 502 ? POSTSEAL_PROBE_ANSWER_NO
                                          : POSTSEAL_PROBE_ANSWER_BUSY;
    case POSTSEAL_PROBE_QUESTION_UPGRADE:
    case POSTSEAL_PROBE_QUESTION_GOODBYE:
    default:
      return code < 300 ? POSTSEAL_PROBE_ANSWER_YES : POSTSEAL_PROBE_ANSWER_NO;
    }
}

static PostsealProbeAnswer
hear_smtp (PostsealProbeTalk *self, const char *line, gsize length)
{
  switch (postseal_smtp_reply_feed (&self->reply, line, length))
    {
    case POSTSEAL_SMTP_REPLY_MORE:
      return POSTSEAL_PROBE_ANSWER_MORE;
    case POSTSEAL_SMTP_REPLY_COMPLETE:
      return judge_smtp (self);
    case POSTSEAL_SMTP_REPLY_MALFORMED:
    default:
      return POSTSEAL_PROBE_ANSWER_STRANGE;
    }
}

static const HearLine hearers[] = {
  [POSTSEAL_PROTOCOL_IMAP] = hear_imap,
  [POSTSEAL_PROTOCOL_POP3] = hear_pop3,
  [POSTSEAL_PROTOCOL_SMTP] = hear_smtp,
};

PostsealProbeAnswer
_postseal_probe_talk_hear (PostsealProbeTalk *self, const char *line, gsize length)
{
  PostsealProbeAnswer answer = POSTSEAL_PROBE_ANSWER_STRANGE;

  if (length > 0 && line[length - 1] == '\r')
    length--;
  if (self->question != POSTSEAL_PROBE_QUESTION_GREETING || self->lines == 0)
    keep_line (self, line, length);
  if (++self->lines <= MOST_LINES)
    answer = hearers[self->protocol](self, line, length);
  return answer;
}

/* --- the stowaway --- */

#define STOWAWAY_TAG "x1 "

const char *
_postseal_probe_talk_get_stowaway (PostsealProbeTalk *self)
{
  return self->protocol == POSTSEAL_PROTOCOL_IMAP ? STOWAWAY_TAG "NOOP" : "NOOP";
}

gboolean
_postseal_probe_talk_is_for_stowaway (PostsealProbeTalk *self, const char *line, gsize length)
{
  PostsealPop3Reply reply;

  if (length > 0 && line[length - 1] == '\r')
    length--;
  switch (self->protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      return length >= strlen (STOWAWAY_TAG)
             && memcmp (line, STOWAWAY_TAG, strlen (STOWAWAY_TAG)) == 0;
    case POSTSEAL_PROTOCOL_POP3:
      postseal_pop3_reply_parse (line, length, &reply);
      return reply.kind == POSTSEAL_POP3_REPLY_OK || reply.kind == POSTSEAL_POP3_REPLY_ERR;
    case POSTSEAL_PROTOCOL_SMTP:
    default:
      return length >= 3 && line[0] >= '2' && line[0] <= '5' && g_ascii_isdigit (line[1])
             && g_ascii_isdigit (line[2]);
    }
}

/* --- what was heard --- */

const char *
_postseal_probe_talk_get_line (PostsealProbeTalk *self)
{
  return self->line != NULL ? self->line : "";
}

char **
_postseal_probe_talk_get_caps (PostsealProbeTalk *self)
{
  char **caps = g_new0 (char *, self->caps->len + 1);

  for (guint i = 0; i < self->caps->len; i++)
    caps[i] = g_strdup (g_ptr_array_index (self->caps, i));
  return caps;
}

gboolean
_postseal_probe_talk_offers_upgrade (PostsealProbeTalk *self)
{
  const char *command = commands[self->protocol][POSTSEAL_PROBE_QUESTION_UPGRADE];

  for (guint i = 0; i < self->caps->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (self->caps, i), command) == 0)
      return TRUE;
  return FALSE;
}

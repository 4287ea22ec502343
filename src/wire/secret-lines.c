/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/secret-lines.h"

#include <string.h>

#define LONGEST_MECHANISM 20 /* RFC 4422 section 3.1 */

typedef enum
{
  VERB_OTHER,
  VERB_SECRET, /* all that follows is secret */
  VERB_EXCHANGE, /* a mechanism follows, then what is secret */
} Verb;

void
postseal_secret_lines_init (PostsealSecretLines *self, gboolean is_tagged, gboolean awaits_greeting)
{
  *self = (PostsealSecretLines){ .is_tagged = is_tagged, .n_unanswered = awaits_greeting ? 1 : 0 };
}

void
postseal_secret_lines_clear (PostsealSecretLines *self)
{
  g_clear_pointer (&self->tag, g_free);
}

/* --- words --- */

static gboolean
is_space (char byte)
{
  return byte == ' ' || byte == '\t';
}

/* From @start on: the next word's beginning and end. */
static void
find_word (const char *line, gsize length, gsize start, gsize *ret_start, gsize *ret_end)
{
  while (start < length && is_space (line[start]))
    start++;
  *ret_start = start;
  while (start < length && !is_space (line[start]))
    start++;
  *ret_end = start;
}

static Verb
read_verb (const char *word, gsize length)
{
  static const struct
  {
    const char *name;
    Verb verb;
  } verbs[] = {
    { "LOGIN", VERB_SECRET },  { "PASS", VERB_SECRET },           { "APOP", VERB_SECRET },
    { "AUTH", VERB_EXCHANGE }, { "AUTHENTICATE", VERB_EXCHANGE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strlen (verbs[i].name) == length && g_ascii_strncasecmp (verbs[i].name, word, length) == 0)
      return verbs[i].verb;
  return VERB_OTHER;
}

/* --- sent --- */

static void
begin_exchange (PostsealSecretLines *self, const char *line, gsize tag_start, gsize tag_end)
{
  g_clear_pointer (&self->tag, g_free);
  self->tag = self->is_tagged ? g_strndup (line + tag_start, tag_end - tag_start) : NULL;
  self->is_exchanging = TRUE;
  self->n_before = self->n_unanswered;
}

gsize
postseal_secret_lines_sent (PostsealSecretLines *self, const char *line, gsize length)
{
  gsize starts[2], ends[2];
  Verb verb = VERB_OTHER;
  gsize shown = length;
  gsize end = 0;

  if (self->is_exchanging)
    return 0;
  for (gsize i = 0; i < G_N_ELEMENTS (starts) && verb == VERB_OTHER; i++)
    {
      find_word (line, length, end, &starts[i], &ends[i]);
      end = ends[i];
      verb = read_verb (line + starts[i], ends[i] - starts[i]);
    }
  if (verb != VERB_OTHER)
    {
      shown = end;
      /* A literal of LOGIN is a line of its own, too. */
      if (verb == VERB_EXCHANGE || (self->is_tagged && line[length - 1] == '}'))
        begin_exchange (self, line, starts[0], ends[0]);
    }
  if (verb == VERB_EXCHANGE)
    {
      gsize start, stop;

      find_word (line, length, end, &start, &stop);
      if (stop - start <= LONGEST_MECHANISM)
        shown = stop;
    }
  if (self->n_unanswered < G_MAXUINT)
    self->n_unanswered++;
  return shown;
}

/* --- received --- */

/* A challenge, RFC 9051 section 2.2.1, RFC 5034 section 4, RFC 4954 section 4. Returns: its bytes
   that are no secret, 0: it is none */
static gsize
read_challenge (const PostsealSecretLines *self, const char *line, gsize length)
{
  if (length >= 1 && line[0] == '+' && (length == 1 || is_space (line[1])))
    return self->is_tagged && !self->is_exchanging ? 0 : 1;
  if (!self->is_tagged && length >= 3 && memcmp (line, "334", 3) == 0)
    return 3;
  return 0;
}

/* The last line of an answer, or POP3's status line. */
static gboolean
is_answer (const char *line, gsize length)
{
  if (length >= 3 && g_ascii_strncasecmp (line, "+OK", 3) == 0)
    return TRUE;
  if (length >= 4 && g_ascii_strncasecmp (line, "-ERR", 4) == 0)
    return TRUE;
  return length >= 3 && line[0] >= '2' && line[0] <= '5' && line[0] != '3'
         && g_ascii_isdigit (line[1]) && g_ascii_isdigit (line[2])
         && (length == 3 || line[3] == ' ');
}

static gboolean
has_tag (const PostsealSecretLines *self, const char *line, gsize length)
{
  gsize n_tag = self->tag != NULL ? strlen (self->tag) : 0;

  return n_tag > 0 && length > n_tag && memcmp (line, self->tag, n_tag) == 0
         && is_space (line[n_tag]);
}

static void
take_answer (PostsealSecretLines *self)
{
  if (self->n_unanswered > 0)
    self->n_unanswered--;
  if (self->is_exchanging && self->n_before == 0)
    self->is_exchanging = FALSE;
  else if (self->is_exchanging)
    self->n_before--;
}

gsize
postseal_secret_lines_received (PostsealSecretLines *self, const char *line, gsize length)
{
  gsize n_challenge = read_challenge (self, line, length);

  if (n_challenge > 0)
    {
      /* Whatever was counted, an exchange is under way. */
      if (!self->is_exchanging)
        begin_exchange (self, line, 0, 0);
      self->n_before = 0;
      return n_challenge;
    }
  if (self->is_tagged && has_tag (self, line, length))
    self->is_exchanging = FALSE;
  else if (!self->is_tagged && is_answer (line, length))
    take_answer (self);
  return length;
}

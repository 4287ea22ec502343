/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/received-private.h"

#include <string.h>

#include "wire/field-lexer-private.h"
#include "wire/mail-date.h"

static const char *const keywords[RECEIVED_N_CLAUSES] = {
  [RECEIVED_FROM] = "from", [RECEIVED_BY] = "by",       [RECEIVED_VIA] = "via",
  [RECEIVED_WITH] = "with", [RECEIVED_ID] = "id",       [RECEIVED_FOR] = "for",
  [RECEIVED_TLS] = "tls",   [RECEIVED_GROUP] = "group",
};

typedef struct
{
  PostsealReceived *received; /* borrowed */
  PostsealReceivedClause clause;
  guint n_words; /* in it so far */
  GString *values[RECEIVED_N_CLAUSES]; /* owned, or NULL: the clause is not there */
  gboolean has_tls;
  gboolean is_pickup; /* a program on the server handed it in */
} Parser;

static PostsealReceivedClause
find_keyword (const char *word)
{
  for (int i = RECEIVED_NOTHING + 1; i < RECEIVED_N_CLAUSES; i++)
    if (g_ascii_strcasecmp (keywords[i], word) == 0)
      return (PostsealReceivedClause)i;
  return RECEIVED_NOTHING;
}

static void
add_word (Parser *self, const char *word)
{
  PostsealReceivedClause keyword = find_keyword (word);
  GString *value = self->values[self->clause];

  /* A clause has a value, which may be spelled like another clause's name. */
  if (keyword != RECEIVED_NOTHING && self->values[keyword] == NULL
      && (self->clause == RECEIVED_NOTHING || self->n_words > 0))
    {
      self->clause = keyword;
      self->n_words = 0;
      self->values[keyword] = g_string_new (NULL);
      return;
    }
  self->n_words++;
  if (self->clause == RECEIVED_FROM && self->n_words == 2 && self->received->from_address == NULL)
    {
      self->received->from_address = _postseal_received_read_address (word);
      if (self->received->from_address != NULL)
        return;
    }
  if (self->clause == RECEIVED_NOTHING
      || (self->n_words > 1 && self->clause != RECEIVED_WITH && self->clause != RECEIVED_VIA))
    self->received->is_whole = FALSE;
  if (value != NULL)
    g_string_append_printf (value, "%s%s", value->len > 0 ? " " : "", word);
}

static void
add_comment (Parser *self, const char *comment)
{
  if (_postseal_received_read_tls (self->received, self->clause, comment))
    self->has_tls = TRUE;
  if (strstr (comment, "from userid ") != NULL || strstr (comment, " invoked by ") != NULL)
    self->is_pickup = self->clause != RECEIVED_FROM;
  if (self->clause == RECEIVED_FROM)
    _postseal_received_read_client (self->received, comment);
  if (self->clause == RECEIVED_WITH)
    {
      g_free (self->received->comment);
      self->received->comment = g_strdup (comment);
    }
}

/* RFC 3848, RFC 6531 section 4.3, and what others write. */
static PostsealReceivedWay
judge_protocol (const char *with)
{
  static const char *const sealed[]
      = { "ESMTPS",    "ESMTPSA",    "LMTPS", "LMTPSA", "UTF8SMTPS", "UTF8SMTPSA",
          "UTF8LMTPS", "UTF8LMTPSA", "SMTPS", "SMTPSA", "HTTPS",     NULL };
  static const char *const clear[]
      = { "SMTP",  "SMTPA",    "ASMTP",     "ESMTP",    "ESMTPA",    "LMTP",
          "LMTPA", "UTF8SMTP", "UTF8SMTPA", "UTF8LMTP", "UTF8LMTPA", NULL };
  g_autofree char *upper = with != NULL ? g_ascii_strup (with, -1) : NULL;

  if (upper == NULL)
    return POSTSEAL_RECEIVED_UNKNOWN;
  upper[strcspn (upper, " ")] = '\0';
  if (g_strv_contains (sealed, upper))
    return POSTSEAL_RECEIVED_ENCRYPTED;
  if (g_strv_contains (clear, upper))
    return POSTSEAL_RECEIVED_CLEAR;
  return g_str_has_prefix (upper, "LOCAL") ? POSTSEAL_RECEIVED_LOCAL : POSTSEAL_RECEIVED_UNKNOWN;
}

static char *
take_value (Parser *self, PostsealReceivedClause clause)
{
  GString *value = g_steal_pointer (&self->values[clause]);
  gboolean is_empty = value == NULL || value->len == 0;
  char *text = value != NULL ? g_string_free (value, is_empty) : NULL;

  return is_empty ? NULL : text;
}

/* "<jane@example.org>" without its brackets. */
static char *
take_recipient (Parser *self)
{
  char *text = take_value (self, RECEIVED_FOR);
  gsize length = text != NULL ? strlen (text) : 0;

  if (length < 3 || text[0] != '<' || text[length - 1] != '>')
    return text;
  memmove (text, text + 1, length - 2);
  text[length - 2] = '\0';
  return text;
}

static void
finish (Parser *self)
{
  PostsealReceived *received = self->received;
  g_autofree char *cipher = take_value (self, RECEIVED_TLS);
  g_autofree char *group = take_value (self, RECEIVED_GROUP);
  char *from = take_value (self, RECEIVED_FROM);

  if (received->from_address == NULL && from != NULL && *from == '[')
    received->from_address = _postseal_received_read_address (from);
  if (received->from == NULL)
    received->from = g_steal_pointer (&from);
  else if (received->from_name == NULL && from != NULL && *from != '['
           && g_ascii_strcasecmp (from, "unknown") != 0)
    received->from_name = g_steal_pointer (&from); /* what it said stood in a comment */
  g_free (from);
  received->by = take_value (self, RECEIVED_BY);
  received->via = take_value (self, RECEIVED_VIA);
  received->with = take_value (self, RECEIVED_WITH);
  received->id = take_value (self, RECEIVED_ID);
  received->recipient = take_recipient (self);
  received->way = judge_protocol (received->with);
  if (received->way == POSTSEAL_RECEIVED_CLEAR && received->from == NULL
      && received->from_address == NULL)
    received->way = POSTSEAL_RECEIVED_UNKNOWN; /* from a part of the same system, however */
  if (cipher != NULL && received->cipher == NULL)
    received->cipher = g_strdup (cipher);
  if (self->has_tls || cipher != NULL)
    received->way = POSTSEAL_RECEIVED_ENCRYPTED;
  else if (self->is_pickup)
    received->way = POSTSEAL_RECEIVED_LOCAL;
  received->is_whole = received->is_whole && received->by != NULL && received->has_time;
}

/* The last ";" that is in no comment or quotes; @length when there is none. */
static gsize
find_date (const char *value, gsize length)
{
  g_auto (PostsealFieldLexer) lexer = { 0 };
  gsize found = length;
  PostsealFieldToken token;

  _postseal_field_lexer_init (&lexer, value, length, ";");
  while ((token = _postseal_field_lexer_next (&lexer)) != POSTSEAL_FIELD_END)
    if (token == POSTSEAL_FIELD_MARK)
      found = lexer.offset;
  return found;
}

PostsealReceived *
postseal_received_parse (const char *value, gsize length)
{
  PostsealReceived *self = g_new0 (PostsealReceived, 1);
  Parser parser = { .received = self };
  gsize semicolon = find_date (value, length);
  g_auto (PostsealFieldLexer) lexer = { 0 };
  PostsealFieldToken token;

  self->is_whole = TRUE;
  if (semicolon < length)
    self->has_time
        = postseal_mail_date_parse (value + semicolon + 1, length - semicolon - 1, &self->time);
  _postseal_field_lexer_init (&lexer, value, semicolon, "");
  while ((token = _postseal_field_lexer_next (&lexer)) != POSTSEAL_FIELD_END)
    if (token == POSTSEAL_FIELD_COMMENT)
      add_comment (&parser, lexer.text->str);
    else
      add_word (&parser, lexer.text->str);
  finish (&parser);
  return self;
}

void
postseal_received_free (PostsealReceived *self)
{
  if (self == NULL)
    return;
  g_free (self->from);
  g_free (self->from_name);
  g_free (self->from_address);
  g_free (self->by);
  g_free (self->via);
  g_free (self->with);
  g_free (self->id);
  g_free (self->recipient);
  g_free (self->comment);
  g_free (self->tls_version);
  g_free (self->cipher);
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/imap-parser.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "wire/imap-lexer-private.h"

/* All that one response may make us hold: its lines and its kept literals together. */
#define KEPT_MAX (2 * POSTSEAL_LIMIT_KEPT_LITERAL)

G_STATIC_ASSERT (POSTSEAL_LIMIT_LINE == 65536);
G_STATIC_ASSERT (POSTSEAL_LIMIT_KEPT_LITERAL == 1048576);

typedef enum
{
  STATE_FRESH, /* a response begins with the next byte */
  STATE_HEAD, /* in its first line */
  STATE_TAIL, /* in a line after a literal */
  STATE_ANNOUNCED, /* LITERAL was returned; the caller may ask to stream it */
  STATE_KEEP, /* in a literal that is kept */
  STATE_STREAM, /* in a literal that is streamed */
  STATE_BAD,
} State;

struct _PostsealImapParser
{
  State state;
  PostsealArena arena;
  PostsealImapLexer lexer;
  PostsealImapLexerMode mode;
  PostsealImapResponse response;
  GByteArray *line; /* owned: the start of a line whose end has not come yet */
  gsize kept; /* bytes of this response in the arena */
  char *literal; /* borrowed: memory of the kept literal, in the arena */
  guint64 remaining; /* bytes of the literal still to come */
  gboolean is_streaming;
  const char *chunk; /* borrowed: from the caller */
  gsize chunk_length;
  const char *problem; /* borrowed: static */
};

PostsealImapParser *
postseal_imap_parser_new (void)
{
  PostsealImapParser *self = g_new0 (PostsealImapParser, 1);

  self->line = g_byte_array_new ();
  return self;
}

void
postseal_imap_parser_free (PostsealImapParser *self)
{
  if (self == NULL)
    return;

  _postseal_arena_clear (&self->arena);
  g_byte_array_unref (self->line);
  g_free (self);
}

static PostsealImapParserEvent
refuse (PostsealImapParser *self, const char *problem)
{
  self->problem = problem;
  self->state = STATE_BAD;
  return POSTSEAL_IMAP_PARSER_BAD;
}

/* NUL-terminates the word at @cursor in place and moves behind the space that follows it.
   Returns: NULL when there is none */
static char *
take_word (char **cursor)
{
  char *word = *cursor + strspn (*cursor, " ");
  gsize length = strcspn (word, " ");

  if (length == 0)
    return NULL;

  *cursor = word + length;
  if (**cursor == ' ')
    *(*cursor)++ = '\0';
  return word;
}

static void
make_upper (char *word)
{
  for (; *word != '\0'; word++)
    *word = g_ascii_toupper (*word);
}

/* "[CODE arguments] text" at @cursor; moves it to the text. What is no code is all text. */
static void
take_code (PostsealImapParser *self, char **cursor, char *end)
{
  char *start = *cursor + 1;
  char *bracket = memchr (start, ']', (gsize)(end - start));
  gsize name_length = strcspn (start, " ]");
  char *copy;
  char *arguments;

  if (bracket == NULL || name_length == 0 || *start == ' ')
    return;

  /* On a copy, because the lexer writes into what it reads, and may give up half way. */
  copy = _postseal_arena_copy (&self->arena, start, (gsize)(end - start));
  self->kept += (gsize)(end - start);
  arguments = copy + name_length;
  switch (_postseal_imap_lexer_run (&self->lexer, POSTSEAL_IMAP_LEXER_CODE, &arguments,
                                    copy + (end - start)))
    {
    case POSTSEAL_IMAP_LEXER_AT_BRACKET:
      self->response.code_values = self->lexer.root.first_child;
      *cursor = start + (arguments - copy);
      break;
    case POSTSEAL_IMAP_LEXER_AT_END:
    case POSTSEAL_IMAP_LEXER_AT_LITERAL:
    case POSTSEAL_IMAP_LEXER_MALFORMED:
    case POSTSEAL_IMAP_LEXER_OVER_LIMIT:
    default:
      *cursor = bracket + 1;
      break;
    }

  copy[name_length] = '\0';
  make_upper (copy);
  self->response.code = copy;
  if (**cursor == ' ')
    (*cursor)++;
}

/* Returns: FALSE when @word is no status */
static gboolean
take_status (PostsealImapParser *self, const char *word, char *cursor, char *end)
{
  static const struct
  {
    const char *word;
    PostsealImapResponseKind kind;
  } statuses[] = {
    { "OK", POSTSEAL_IMAP_RESPONSE_OK },           { "NO", POSTSEAL_IMAP_RESPONSE_NO },
    { "BAD", POSTSEAL_IMAP_RESPONSE_BAD },         { "BYE", POSTSEAL_IMAP_RESPONSE_BYE },
    { "PREAUTH", POSTSEAL_IMAP_RESPONSE_PREAUTH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (g_ascii_strcasecmp (word, statuses[i].word) == 0)
      {
        self->response.kind = statuses[i].kind;
        if (*cursor == '[')
          take_code (self, &cursor, end);
        self->response.text = cursor;
        return TRUE;
      }
  return FALSE;
}

/* The data responses whose grammar we know, and so can tell when it is broken. */
static gboolean
is_known (const char *name)
{
  static const char *const names[]
      = { "FETCH",  "CAPABILITY", "LIST",    "LSUB",     "STATUS",  "SEARCH",    "ESEARCH", "FLAGS",
          "EXISTS", "RECENT",     "EXPUNGE", "VANISHED", "ENABLED", "NAMESPACE", "ID" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static PostsealImapParserEvent
finish_response (PostsealImapParser *self)
{
  if (self->response.kind == POSTSEAL_IMAP_RESPONSE_DATA)
    self->response.values = self->lexer.root.first_child;
  self->state = STATE_FRESH;
  return POSTSEAL_IMAP_PARSER_RESPONSE;
}

static PostsealImapParserEvent
take_values (PostsealImapParser *self, char *cursor, char *end)
{
  switch (_postseal_imap_lexer_run (&self->lexer, self->mode, &cursor, end))
    {
    case POSTSEAL_IMAP_LEXER_AT_LITERAL:
      if (self->lexer.literal->length > POSTSEAL_LIMIT_MESSAGE)
        return refuse (self, N_ ("literal of more than 4 GiB"));
      self->response.values = self->lexer.root.first_child;
      self->is_streaming = FALSE;
      self->state = STATE_ANNOUNCED;
      return POSTSEAL_IMAP_PARSER_LITERAL;
    case POSTSEAL_IMAP_LEXER_OVER_LIMIT:
      return refuse (self, self->lexer.problem);
    case POSTSEAL_IMAP_LEXER_MALFORMED:
      if (is_known (self->response.name))
        return refuse (self, self->lexer.problem);
      return finish_response (self);
    case POSTSEAL_IMAP_LEXER_AT_END:
    case POSTSEAL_IMAP_LEXER_AT_BRACKET:
    default:
      if (self->lexer.depth > 0 && is_known (self->response.name))
        return refuse (self, N_ ("parenthesis without an end"));
      return finish_response (self);
    }
}

static PostsealImapParserEvent
take_untagged (PostsealImapParser *self, char *cursor, char *end)
{
  char *word = take_word (&cursor);
  guint64 number;

  if (word == NULL)
    return refuse (self, N_ ("untagged response without a name"));

  if (g_ascii_isdigit (*word) && strspn (word, "0123456789") == strlen (word))
    {
      if (!_postseal_imap_digits (word, word + strlen (word), &number))
        return refuse (self, N_ ("number too large"));
      self->response.has_number = TRUE;
      self->response.number = number;
      word = take_word (&cursor);
      if (word == NULL)
        return refuse (self, N_ ("untagged response without a name"));
    }
  else if (take_status (self, word, cursor, end))
    return finish_response (self);

  make_upper (word);
  self->response.name = word;
  self->mode = strcmp (word, "FETCH") == 0 ? POSTSEAL_IMAP_LEXER_FETCH : POSTSEAL_IMAP_LEXER_PLAIN;
  return take_values (self, cursor, end);
}

static PostsealImapParserEvent
take_tagged (PostsealImapParser *self, char *cursor, char *end)
{
  char *tag = *cursor == ' ' ? NULL : take_word (&cursor);
  char *word = tag == NULL ? NULL : take_word (&cursor);

  if (word == NULL || !take_status (self, word, cursor, end)
      || self->response.kind == POSTSEAL_IMAP_RESPONSE_BYE
      || self->response.kind == POSTSEAL_IMAP_RESPONSE_PREAUTH)
    return refuse (self, N_ ("line that is no IMAP response"));

  self->response.tag = tag;
  return finish_response (self);
}

/* The first line of a response, without its line end, in the arena. */
static PostsealImapParserEvent
take_head (PostsealImapParser *self, char *line, char *end)
{
  if (*line == '+')
    {
      self->response.kind = POSTSEAL_IMAP_RESPONSE_CONTINUATION;
      self->response.text = line[1] == ' ' ? line + 2 : line + 1;
      return finish_response (self);
    }
  if (line[0] == '*' && line[1] == ' ')
    return take_untagged (self, line + 2, end);
  return take_tagged (self, line, end);
}

static void
begin_response (PostsealImapParser *self)
{
  _postseal_arena_reset (&self->arena);
  _postseal_imap_lexer_begin (&self->lexer, &self->arena);
  self->response = (PostsealImapResponse){ .kind = POSTSEAL_IMAP_RESPONSE_DATA, .text = "" };
  self->kept = 0;
  self->state = STATE_HEAD;
}

/* @line: whole, with its LF */
static PostsealImapParserEvent
take_line (PostsealImapParser *self, const char *line, gsize length)
{
  char *copy;

  length--;
  if (length > 0 && line[length - 1] == '\r')
    length--;
  if (memchr (line, '\0', length) != NULL)
    return refuse (self, N_ ("NUL outside a literal"));
  if (length > KEPT_MAX - self->kept)
    return refuse (self, N_ ("response larger than 2 MiB"));

  self->kept += length;
  copy = _postseal_arena_copy (&self->arena, line, length);
  if (self->state == STATE_HEAD)
    return take_head (self, copy, copy + length);
  return take_values (self, copy, copy + length);
}

/* Looks for the end of the line in @data, of which @consumed has been used. */
static PostsealImapParserEvent
feed_line (PostsealImapParser *self, const char *data, gsize length, gsize *consumed)
{
  const char *start = data + *consumed;
  gsize available = length - *consumed;
  const char *newline = available > 0 ? memchr (start, '\n', available) : NULL;
  gsize used = newline != NULL ? (gsize)(newline - start) + 1 : available;
  PostsealImapParserEvent event;

  /* The limit counts the LF: without one, a full line is one byte too long already. */
  if (self->line->len + used > POSTSEAL_LIMIT_LINE - (newline == NULL ? 1u : 0u))
    return refuse (self, N_ ("line longer than 65536 bytes"));

  *consumed += used;
  if (newline != NULL && self->line->len == 0)
    return take_line (self, start, used);

  if (used > 0)
    g_byte_array_append (self->line, (const guint8 *)start, (guint)used);
  if (newline == NULL)
    return POSTSEAL_IMAP_PARSER_MORE;

  event = take_line (self, (const char *)self->line->data, self->line->len);
  g_byte_array_set_size (self->line, 0);
  return event;
}

/* What the caller decided after LITERAL. Returns: FALSE when it is too large to be kept */
static gboolean
begin_literal (PostsealImapParser *self)
{
  PostsealImapValue *value = self->lexer.literal;

  self->remaining = value->length;
  if (self->is_streaming)
    {
      self->state = STATE_STREAM;
      return TRUE;
    }
  if (value->length > POSTSEAL_LIMIT_KEPT_LITERAL || value->length > KEPT_MAX - self->kept)
    return FALSE;

  self->kept += (gsize)value->length;
  self->literal = _postseal_arena_alloc (&self->arena, (gsize)value->length + 1);
  self->state = STATE_KEEP;
  return TRUE;
}

static void
feed_kept (PostsealImapParser *self, const char *data, gsize length, gsize *consumed)
{
  gsize used = (gsize)MIN (self->remaining, length - *consumed);

  if (used > 0)
    memcpy (self->literal, data + *consumed, used);
  *consumed += used;
  self->literal += used;
  self->remaining -= used;
  if (self->remaining > 0)
    return;

  *self->literal = '\0';
  self->lexer.literal->bytes = self->literal - self->lexer.literal->length;
  self->state = STATE_TAIL;
}

static void
feed_streamed (PostsealImapParser *self, const char *data, gsize length, gsize *consumed)
{
  self->chunk = data + *consumed;
  self->chunk_length = (gsize)MIN (self->remaining, length - *consumed);
  *consumed += self->chunk_length;
  self->remaining -= self->chunk_length;
  if (self->remaining == 0)
    self->state = STATE_TAIL;
}

/* Runs until there is something to tell. */
static PostsealImapParserEvent
advance (PostsealImapParser *self, const char *data, gsize length, gsize *consumed)
{
  for (;;)
    switch (self->state)
      {
      case STATE_FRESH:
        begin_response (self);
        break;
      case STATE_HEAD:
      case STATE_TAIL:
        return feed_line (self, data, length, consumed);
      case STATE_ANNOUNCED:
        if (!begin_literal (self))
          return refuse (self, N_ ("literal too large for its place"));
        break;
      case STATE_KEEP:
        feed_kept (self, data, length, consumed);
        if (self->state == STATE_KEEP)
          return POSTSEAL_IMAP_PARSER_MORE;
        break;
      case STATE_STREAM:
        feed_streamed (self, data, length, consumed);
        if (self->chunk_length > 0)
          return POSTSEAL_IMAP_PARSER_CHUNK;
        if (self->state == STATE_STREAM)
          return POSTSEAL_IMAP_PARSER_MORE;
        break;
      case STATE_BAD:
      default:
        return POSTSEAL_IMAP_PARSER_BAD;
      }
}

PostsealImapParserEvent
postseal_imap_parser_feed (PostsealImapParser *self,
                           const char *data,
                           gsize length,
                           gsize *ret_consumed)
{
  PostsealImapParserEvent event;
  gsize consumed = 0;

  g_return_val_if_fail (self != NULL && ret_consumed != NULL, POSTSEAL_IMAP_PARSER_BAD);
  g_return_val_if_fail (data != NULL || length == 0, POSTSEAL_IMAP_PARSER_BAD);

  self->chunk = NULL;
  self->chunk_length = 0;
  event = advance (self, data != NULL ? data : "", length, &consumed);
  *ret_consumed = consumed;
  return event;
}

const PostsealImapResponse *
postseal_imap_parser_get_response (PostsealImapParser *self)
{
  return &self->response;
}

const PostsealImapResponse *
postseal_imap_parser_peek (PostsealImapParser *self)
{
  return &self->response;
}

guint64
postseal_imap_parser_get_literal_length (PostsealImapParser *self)
{
  g_return_val_if_fail (self->state == STATE_ANNOUNCED, 0);

  return self->lexer.literal->length;
}

void
postseal_imap_parser_stream_literal (PostsealImapParser *self)
{
  g_return_if_fail (self->state == STATE_ANNOUNCED);

  self->is_streaming = TRUE;
}

const char *
postseal_imap_parser_get_chunk (PostsealImapParser *self, gsize *ret_length)
{
  *ret_length = self->chunk_length;
  return self->chunk;
}

const char *
postseal_imap_parser_get_problem (PostsealImapParser *self)
{
  return self->problem != NULL ? self->problem : "";
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/imap-lexer-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_STATIC_ASSERT (POSTSEAL_LIMIT_NESTING == 32);
G_STATIC_ASSERT (POSTSEAL_LIMIT_LIST == 16384);

gboolean
_postseal_imap_digits (const char *bytes, const char *end, guint64 *ret_number)
{
  guint64 number = 0;

  if (bytes == end)
    return FALSE;

  for (; bytes < end; bytes++)
    {
      guint64 digit = (guint64)(*bytes - '0');

      if (!g_ascii_isdigit (*bytes) || number > (G_MAXINT64 - digit) / 10)
        return FALSE;
      number = number * 10 + digit;
    }

  *ret_number = number;
  return TRUE;
}

void
_postseal_imap_lexer_begin (PostsealImapLexer *self, PostsealArena *arena)
{
  self->arena = arena;
  self->root = (PostsealImapValue){ .type = POSTSEAL_IMAP_VALUE_LIST };
  self->open[0] = &self->root;
  self->newest[0] = NULL;
  self->depth = 0;
  self->n_values = 0;
  self->literal = NULL;
  self->problem = NULL;
}

static PostsealImapLexerVerdict
refuse (PostsealImapLexer *self, PostsealImapLexerVerdict verdict, const char *problem)
{
  self->problem = problem;
  return verdict;
}

/* Returns: the new value, or NULL when there are too many */
static PostsealImapValue *
add_value (PostsealImapLexer *self, PostsealImapValueType type)
{
  PostsealImapValue *value;

  if (self->n_values == POSTSEAL_LIMIT_LIST)
    {
      self->problem = N_ ("more than 16384 values in one response");
      return NULL;
    }

  value = _postseal_arena_alloc (self->arena, sizeof *value);
  *value = (PostsealImapValue){ .type = type };
  if (self->newest[self->depth] == NULL)
    self->open[self->depth]->first_child = value;
  else
    self->newest[self->depth]->next = value;
  self->newest[self->depth] = value;
  self->n_values++;
  return value;
}

/* RFC 3501 asks for less in an atom; servers send UTF-8, "]" in flags and "*" in "\*". */
static gboolean
is_atom_char (PostsealImapLexerMode mode, char c)
{
  guchar byte = (guchar)c;

  if (byte <= ' ' || byte == 0x7f)
    return FALSE;
  if (c == '(' || c == ')' || c == '"' || c == '{')
    return FALSE;
  return c != ']' || mode != POSTSEAL_IMAP_LEXER_CODE;
}

/* "BODY", "BINARY" or "BINARY.SIZE": the only atoms a section follows (RFC 9051 section 9,
 * msg-att-static). */
static gboolean
takes_section (const char *atom, const char *end)
{
  static const char *const names[] = { "BODY", "BINARY", "BINARY.SIZE", "BODY.PEEK" };
  gsize length = (gsize)(end - atom);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == length && g_ascii_strncasecmp (names[i], atom, length) == 0)
      return TRUE;
  return FALSE;
}

/* @cursor: at the "[". Returns: behind its "]", or NULL */
static char *
skip_section (char *cursor, const char *end)
{
  gboolean in_quotes = FALSE;

  for (; cursor < end; cursor++)
    {
      if (in_quotes && *cursor == '\\' && cursor + 1 < end)
        cursor++;
      else if (*cursor == '"')
        in_quotes = !in_quotes;
      else if (*cursor == ']' && !in_quotes)
        return cursor + 1;
    }
  return NULL;
}

static PostsealImapLexerVerdict
take_atom (PostsealImapLexer *self, PostsealImapLexerMode mode, char **cursor, char *end)
{
  char *start = *cursor;
  char *here = start;
  PostsealImapValue *value;

  while (here < end && is_atom_char (mode, *here))
    {
      if (*here == '[' && mode == POSTSEAL_IMAP_LEXER_FETCH && takes_section (start, here))
        {
          here = skip_section (here, end);
          if (here == NULL)
            return refuse (self, POSTSEAL_IMAP_LEXER_MALFORMED, N_ ("section without an end"));
        }
      else
        here++;
    }
  if (here == start)
    return refuse (self, POSTSEAL_IMAP_LEXER_MALFORMED, N_ ("stray character"));

  value = add_value (self, POSTSEAL_IMAP_VALUE_ATOM);
  if (value == NULL)
    return POSTSEAL_IMAP_LEXER_OVER_LIMIT;

  value->bytes = start;
  value->length = (guint64)(here - start);
  if (value->length == 3 && g_ascii_strncasecmp (start, "NIL", 3) == 0)
    value->type = POSTSEAL_IMAP_VALUE_NIL;
  *cursor = here;
  return POSTSEAL_IMAP_LEXER_AT_END;
}

/* Unescapes in place: what is written never overtakes what is read. */
static PostsealImapLexerVerdict
take_quoted (PostsealImapLexer *self, char **cursor, char *end)
{
  char *start = *cursor + 1;
  char *out = start;
  char *in = start;
  PostsealImapValue *value;

  for (; in < end && *in != '"'; in++)
    {
      if (*in == '\\' && in + 1 < end)
        in++;
      *out++ = *in;
    }
  if (in == end)
    return refuse (self, POSTSEAL_IMAP_LEXER_MALFORMED, N_ ("quoted string without an end"));

  value = add_value (self, POSTSEAL_IMAP_VALUE_QUOTED);
  if (value == NULL)
    return POSTSEAL_IMAP_LEXER_OVER_LIMIT;

  *out = '\0';
  value->bytes = start;
  value->length = (guint64)(out - start);
  *cursor = in + 1;
  return POSTSEAL_IMAP_LEXER_AT_END;
}

/* @cursor: at the "{" of "{n}" or "{n+}", which has to be the last thing before @end. */
static PostsealImapLexerVerdict
take_literal (PostsealImapLexer *self, char **cursor, char *end)
{
  char *digits = *cursor + 1;
  char *brace = memchr (digits, '}', (gsize)(end - digits));
  char *digits_end = brace;
  guint64 length;
  PostsealImapValue *value;

  if (brace != NULL && brace > digits && brace[-1] == '+')
    digits_end = brace - 1;
  if (brace == NULL || brace + 1 != end || !_postseal_imap_digits (digits, digits_end, &length))
    return refuse (self, POSTSEAL_IMAP_LEXER_MALFORMED, N_ ("brace that announces no literal"));

  value = add_value (self, POSTSEAL_IMAP_VALUE_LITERAL);
  if (value == NULL)
    return POSTSEAL_IMAP_LEXER_OVER_LIMIT;

  value->length = length;
  self->literal = value;
  *cursor = end;
  return POSTSEAL_IMAP_LEXER_AT_LITERAL;
}

static PostsealImapLexerVerdict
open_list (PostsealImapLexer *self)
{
  PostsealImapValue *list;

  if (self->depth == POSTSEAL_LIMIT_NESTING)
    return refuse (self, POSTSEAL_IMAP_LEXER_OVER_LIMIT,
                   N_ ("more than 32 parentheses within each other"));
  list = add_value (self, POSTSEAL_IMAP_VALUE_LIST);
  if (list == NULL)
    return POSTSEAL_IMAP_LEXER_OVER_LIMIT;

  self->depth++;
  self->open[self->depth] = list;
  self->newest[self->depth] = NULL;
  return POSTSEAL_IMAP_LEXER_AT_END;
}

static PostsealImapLexerVerdict
close_list (PostsealImapLexer *self)
{
  if (self->depth == 0)
    return refuse (self, POSTSEAL_IMAP_LEXER_MALFORMED, N_ ("parenthesis that was never opened"));
  self->depth--;
  return POSTSEAL_IMAP_LEXER_AT_END;
}

/* @c: what is at @cursor, as it was before the atom in front of it got its NUL */
static PostsealImapLexerVerdict
take_one (PostsealImapLexer *self, PostsealImapLexerMode mode, char c, char **cursor, char *end)
{
  switch (c)
    {
    case ' ':
      (*cursor)++;
      return POSTSEAL_IMAP_LEXER_AT_END;
    case '(':
      (*cursor)++;
      return open_list (self);
    case ')':
      (*cursor)++;
      return close_list (self);
    case '"':
      return take_quoted (self, cursor, end);
    case '~': /* literal8 (RFC 9051 section 4.3), or an atom such as "~user/mail" */
      if (mode == POSTSEAL_IMAP_LEXER_CODE || *cursor + 1 == end || (*cursor)[1] != '{')
        return take_atom (self, mode, cursor, end);
      (*cursor)++;
      return take_literal (self, cursor, end);
    case '{':
      if (mode == POSTSEAL_IMAP_LEXER_CODE)
        return refuse (self, POSTSEAL_IMAP_LEXER_MALFORMED, N_ ("stray character"));
      return take_literal (self, cursor, end);
    default:
      return take_atom (self, mode, cursor, end);
    }
}

PostsealImapLexerVerdict
_postseal_imap_lexer_run (PostsealImapLexer *self,
                          PostsealImapLexerMode mode,
                          char **cursor,
                          char *end)
{
  PostsealImapLexerVerdict verdict = POSTSEAL_IMAP_LEXER_AT_END;
  char *atom_end = NULL;

  while (verdict == POSTSEAL_IMAP_LEXER_AT_END && *cursor < end)
    {
      char c = **cursor;

      /* The byte behind an atom is its delimiter: it becomes the NUL once it has been read. */
      if (atom_end != NULL)
        *atom_end = '\0';
      atom_end = NULL;

      if (c == ']' && mode == POSTSEAL_IMAP_LEXER_CODE)
        {
          (*cursor)++;
          if (self->depth > 0)
            return refuse (self, POSTSEAL_IMAP_LEXER_MALFORMED, N_ ("parenthesis without an end"));
          return POSTSEAL_IMAP_LEXER_AT_BRACKET;
        }

      verdict = take_one (self, mode, c, cursor, end);
      if (verdict == POSTSEAL_IMAP_LEXER_AT_END && is_atom_char (mode, c))
        atom_end = *cursor;
    }

  if (atom_end != NULL)
    *atom_end = '\0';
  return verdict;
}

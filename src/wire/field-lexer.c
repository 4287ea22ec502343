/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/field-lexer-private.h"

#include <string.h>

void
_postseal_field_lexer_init (PostsealFieldLexer *self,
                            const char *value,
                            gsize length,
                            const char *marks)
{
  /* There may be no bytes to point at. */
  self->start = value != NULL ? value : "";
  self->at = self->start;
  self->end = self->start + length;
  self->marks = marks;
  self->text = g_string_new (NULL);
  self->offset = 0;
}

void
_postseal_field_lexer_clear (PostsealFieldLexer *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  self->text = NULL;
}

static gboolean
is_space (char character)
{
  return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static void
append (PostsealFieldLexer *self, char character)
{
  if (character == '\0')
    g_string_append (self->text, "\\x00");
  else if (!is_space (character))
    g_string_append_c (self->text, character);
  else if (self->text->len > 0 && self->text->str[self->text->len - 1] != ' ')
    g_string_append_c (self->text, ' ');
}

/* Behind the backslash, with what it stands before. */
static void
append_escaped (PostsealFieldLexer *self)
{
  self->at++;
  if (self->at < self->end)
    append (self, *self->at++);
}

static PostsealFieldToken
read_comment (PostsealFieldLexer *self)
{
  guint depth = 1;

  self->at++;
  while (self->at < self->end)
    {
      if (*self->at == '\\')
        {
          append_escaped (self);
          continue;
        }
      if (*self->at == '(')
        depth++;
      else if (*self->at == ')' && --depth == 0)
        {
          self->at++;
          break;
        }
      append (self, *self->at++);
    }
  if (self->text->len > 0 && self->text->str[self->text->len - 1] == ' ')
    g_string_truncate (self->text, self->text->len - 1);
  return POSTSEAL_FIELD_COMMENT;
}

static gboolean
ends_word (const PostsealFieldLexer *self)
{
  return self->at == self->end || is_space (*self->at) || *self->at == '('
         || (*self->at != '\0' && strchr (self->marks, *self->at) != NULL);
}

/* From quote to quote. @keeps_quotes: it is part of a word */
static void
read_quoted (PostsealFieldLexer *self, gboolean keeps_quotes)
{
  if (keeps_quotes)
    g_string_append_c (self->text, '"');
  self->at++;
  while (self->at < self->end && *self->at != '"')
    if (*self->at == '\\')
      append_escaped (self);
    else
      append (self, *self->at++);
  if (self->at < self->end)
    self->at++;
  if (keeps_quotes)
    g_string_append_c (self->text, '"');
}

static PostsealFieldToken
read_word (PostsealFieldLexer *self)
{
  while (!ends_word (self))
    if (*self->at == '"')
      read_quoted (self, TRUE);
    else
      append (self, *self->at++);
  return POSTSEAL_FIELD_WORD;
}

PostsealFieldToken
_postseal_field_lexer_next (PostsealFieldLexer *self)
{
  const char *begin;

  g_string_truncate (self->text, 0);
  while (self->at < self->end && is_space (*self->at))
    self->at++;
  begin = self->at;
  self->offset = (gsize)(begin - self->start);
  if (self->at == self->end)
    return POSTSEAL_FIELD_END;
  if (*self->at == '(')
    return read_comment (self);
  if (*self->at == '"')
    {
      read_quoted (self, FALSE);
      if (ends_word (self))
        return POSTSEAL_FIELD_QUOTED;
      /* "jane doe"@example.org is one word. */
      g_string_truncate (self->text, 0);
      self->at = begin;
      return read_word (self);
    }
  if (*self->at != '\0' && strchr (self->marks, *self->at) != NULL)
    {
      append (self, *self->at++);
      return POSTSEAL_FIELD_MARK;
    }
  return read_word (self);
}

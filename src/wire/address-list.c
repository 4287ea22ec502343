/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/address-list.h"

#include <string.h>

#include "base/limits.h"

/* What has been read of one element of the list, or between angle brackets. */
typedef enum
{
  NOTHING,
  LOCAL_WORD, /* "a", "a.b" */
  LOCAL_DOT, /* "a." */
  AT, /* "a@" */
  DOMAIN_WORD, /* "a@b" */
  DOMAIN_DOT, /* "a@b." */
  PHRASE, /* no address: the name of somebody or of a group */
  SPOILED, /* no address either, but it has an "@": somebody's name at most */
  ADDRESSED, /* ">" has come */
} Element;

typedef enum
{
  WORD_ATOM,
  WORD_QUOTED,
  WORD_LITERAL, /* "[192.0.2.1]" */
} Word;

typedef struct
{
  const char *at;
  const char *end;
  Element element;
  gboolean is_in_group;
  gboolean is_in_brackets;
  GString *address; /* owned: of the element, as far as it is one */
  GPtrArray *found; /* borrowed */
} Parser;

static gboolean
is_space (char character)
{
  return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static gboolean
is_special (char character)
{
  return character != '\0' && strchr ("()<>[]:;@\\,.\"", character) != NULL;
}

/* A comment, in which comments nest (RFC 5322 section 3.2.2). */
static gboolean
skip_comment (Parser *self)
{
  guint depth = 0;

  for (; self->at < self->end; self->at++)
    {
      if (*self->at == '\\' && self->at + 1 < self->end)
        self->at++;
      else if (*self->at == '(' && ++depth > POSTSEAL_LIMIT_NESTING)
        return FALSE;
      else if (*self->at == ')' && --depth == 0)
        {
          self->at++;
          return TRUE;
        }
    }
  return FALSE;
}

/* From "\"" to "\"" or from "[" to "]". Folding is undone by leaving out line ends before white
   space (RFC 5322 section 2.2.3); other line ends would have ended the field. */
static gboolean
read_enclosed (Parser *self, char closing, GString *word)
{
  const char *at = self->at;

  g_string_append_c (word, *at++);
  for (; at < self->end && *at != closing; at++)
    {
      gsize n_end = *at == '\r' && at + 1 < self->end && at[1] == '\n' ? 2 : *at == '\n' ? 1 : 0;

      if (n_end > 0 && (at + n_end == self->end || (at[n_end] != ' ' && at[n_end] != '\t')))
        return FALSE;
      if (n_end > 0)
        at += n_end;
      else if (*at == '\\' && at + 1 < self->end)
        g_string_append_c (word, *at++);
      else if (closing == ']' && *at == '[')
        return FALSE;
      g_string_append_c (word, *at);
    }
  if (at == self->end)
    return FALSE;
  g_string_append_c (word, *at);
  self->at = at + 1;
  return TRUE;
}

/* "=?utf-8?Q?Doe,_Jane?=" (RFC 2047 section 2). Some programs leave specials in the text of one:
   they are no part of an address. Returns: its length, 0 when there is none here */
static gsize
measure_encoded_word (const char *start, const char *end)
{
  const char *at = start + 2;

  if (end - start < 2 || start[0] != '=' || start[1] != '?')
    return 0;
  while (at < end && *at != '?' && !is_space (*at) && !is_special (*at))
    at++;
  if (end - at < 3 || strchr ("BbQq", at[1]) == NULL || at[2] != '?')
    return 0;
  for (at += 3; at < end && *at != '?' && !is_space (*at);)
    at++;
  return end - at >= 2 && at[0] == '?' && at[1] == '=' ? (gsize)(at + 2 - start) : 0;
}

static void
read_atom (Parser *self, GString *word)
{
  gsize length = measure_encoded_word (self->at, self->end);

  if (length == 0)
    while (self->at + length < self->end && !is_space (self->at[length])
           && !is_special (self->at[length]))
      length++;
  g_string_append_len (word, self->at, (gssize)length);
  self->at += length;
}

/* Returns: whether the element can be (the beginning of) something */
static gboolean
add_word (Parser *self, Word kind, const char *word)
{
  switch (self->element)
    {
    case NOTHING:
    case LOCAL_DOT:
      self->element = kind == WORD_LITERAL ? PHRASE : LOCAL_WORD;
      break;
    case LOCAL_WORD:
    case PHRASE:
      self->element = PHRASE;
      break;
    case AT:
      self->element = kind == WORD_QUOTED ? SPOILED : DOMAIN_WORD;
      break;
    case DOMAIN_DOT:
      self->element = kind == WORD_ATOM ? DOMAIN_WORD : SPOILED;
      break;
    case DOMAIN_WORD:
    case SPOILED:
      self->element = SPOILED;
      break;
    case ADDRESSED:
    default:
      return FALSE; /* text behind an address */
    }
  g_string_append (self->address, word);
  return TRUE;
}

static gboolean
add_mark (Parser *self, char mark)
{
  switch (self->element)
    {
    case NOTHING:
      self->element = mark == '.' ? LOCAL_DOT : SPOILED;
      break;
    case LOCAL_WORD:
    case LOCAL_DOT:
      self->element = mark == '.' ? LOCAL_DOT : AT;
      break;
    case AT:
    case DOMAIN_WORD:
    case DOMAIN_DOT:
      self->element = mark == '.' ? DOMAIN_DOT : SPOILED;
      break;
    case PHRASE:
      self->element = mark == '.' ? PHRASE : SPOILED;
      break;
    case SPOILED:
      break;
    case ADDRESSED:
    default:
      return FALSE;
    }
  g_string_append_c (self->address, mark);
  return TRUE;
}

/* Returns: whether what has been read is an address, or nothing */
static gboolean
is_whole (const Parser *self)
{
  return self->element != AT && self->element != PHRASE && self->element != SPOILED;
}

static gboolean
end_element (Parser *self)
{
  if (self->is_in_brackets || !is_whole (self))
    return FALSE;
  if (self->address->len > 0)
    g_ptr_array_add (self->found, g_strndup (self->address->str, self->address->len));
  g_string_truncate (self->address, 0);
  self->element = NOTHING;
  return TRUE;
}

/* White space and comments. Returns: FALSE when a comment does not end */
static gboolean
skip_space (Parser *self)
{
  while (self->at < self->end)
    if (is_space (*self->at))
      self->at++;
    else if (*self->at != '(')
      return TRUE;
    else if (!skip_comment (self))
      return FALSE;
  return TRUE;
}

/* "@a,@b:" before an address (RFC 5322 section 4.4). */
static gboolean
skip_route (Parser *self)
{
  g_autoptr (GString) ignored = g_string_new (NULL);

  while (skip_space (self) && self->at < self->end)
    {
      char mark = *self->at;

      if (mark == '[')
        {
          if (!read_enclosed (self, ']', ignored))
            return FALSE;
        }
      else if (!is_special (mark))
        read_atom (self, ignored);
      else if (strchr ("@,.:", mark) == NULL)
        return FALSE;
      else
        {
          self->at++;
          if (mark == ':')
            return TRUE;
        }
    }
  return FALSE;
}

/* What came before was the display name. */
static gboolean
open_brackets (Parser *self)
{
  if (self->is_in_brackets || self->element == ADDRESSED)
    return FALSE;
  self->at++;
  self->is_in_brackets = TRUE;
  self->element = NOTHING;
  g_string_truncate (self->address, 0);
  if (!skip_space (self))
    return FALSE;
  return self->at == self->end || (*self->at != '@' && *self->at != ',') || skip_route (self);
}

static gboolean
close_brackets (Parser *self)
{
  if (!self->is_in_brackets || !is_whole (self))
    return FALSE;
  self->at++;
  self->is_in_brackets = FALSE;
  self->element = ADDRESSED;
  return TRUE;
}

/* What came before was the name of a group, which cannot stand in another one. */
static gboolean
open_group (Parser *self)
{
  gboolean has_name
      = self->element == LOCAL_WORD || self->element == LOCAL_DOT || self->element == PHRASE;

  if (self->is_in_group || self->is_in_brackets || !has_name)
    return FALSE;
  self->at++;
  self->is_in_group = TRUE;
  self->element = NOTHING;
  g_string_truncate (self->address, 0);
  return TRUE;
}

static gboolean
read_word (Parser *self)
{
  g_autoptr (GString) word = g_string_new (NULL);

  if (*self->at == '"')
    return read_enclosed (self, '"', word) && add_word (self, WORD_QUOTED, word->str);
  if (*self->at == '[')
    return read_enclosed (self, ']', word) && add_word (self, WORD_LITERAL, word->str);
  read_atom (self, word);
  return add_word (self, WORD_ATOM, word->str);
}

static gboolean
read_mark (Parser *self)
{
  switch (*self->at)
    {
    case '<':
      return open_brackets (self);
    case '>':
      return close_brackets (self);
    case ':':
      return open_group (self);
    case ';': /* outside a group some programs write it for "," */
      self->is_in_group = FALSE;
      self->at++;
      return end_element (self);
    case ',':
      self->at++;
      return end_element (self);
    case '.':
    case '@':
      return add_mark (self, *self->at++);
    case '"':
    case '[':
      return read_word (self);
    default: /* ")", "]" and "\\" */
      return FALSE;
    }
}

gboolean
postseal_address_list_parse (const char *value, gsize length, GPtrArray *ret_addresses)
{
  g_autoptr (GString) address = g_string_new (NULL);
  Parser parser = { .address = address, .found = ret_addresses };

  if (length == 0)
    return TRUE;
  if (memchr (value, '\0', length) != NULL)
    return FALSE;
  parser.at = value;
  parser.end = value + length;
  for (;;)
    {
      if (!skip_space (&parser))
        return FALSE;
      if (parser.at == parser.end)
        return end_element (&parser);
      if (!(is_special (*parser.at) ? read_mark (&parser) : read_word (&parser)))
        return FALSE;
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/fetchmail-lexer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
postseal_fetchmail_lexer_init (PostsealFetchmailLexer *self, const char *text, gsize length)
{
  *self = (PostsealFetchmailLexer){ .next = text,
                                    .end = text + length,
                                    .next_line = 1,
                                    .line = 1,
                                    .text = g_malloc0 (length + 1),
                                    .size = length + 1 };
}

void
postseal_fetchmail_lexer_clear (PostsealFetchmailLexer *self)
{
  postseal_wipe (self->text, self->size);
  g_clear_pointer (&self->text, g_free);
}

static gboolean
is_between (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':' || c == ';' || c == ',';
}

static void
skip_between (PostsealFetchmailLexer *self)
{
  for (; self->next < self->end; self->next++)
    if (*self->next == '#')
      {
        while (self->next + 1 < self->end && self->next[1] != '\n')
          self->next++;
      }
    else if (!is_between (*self->next))
      return;
    else if (*self->next == '\n')
      self->next_line++;
}

/* Up to @most digits of @base. Returns: how many there are */
static gsize
read_number (const char *digits, const char *end, guint base, gsize most, guint *ret_value)
{
  guint value = 0;
  gsize n = 0;

  for (; n < most && digits + n < end; n++)
    {
      int digit = g_ascii_xdigit_value (digits[n]);

      if (digit < 0 || (guint)digit >= base)
        break;
      value = value * base + (guint)digit;
    }
  *ret_value = value;
  return n;
}

/* Behind a backslash. Returns: the byte; moves on */
static char
read_escape (PostsealFetchmailLexer *self)
{
  static const char letters[] = "ntbr";
  static const char meanings[] = "\n\t\b\r";
  char c = *self->next;
  const char *letter = c != '\0' ? strchr (letters, c) : NULL;
  guint value = 0;

  if (c == 'x' || c == '0')
    self->next
        += 1 + read_number (self->next + 1, self->end, c == 'x' ? 16 : 8, c == 'x' ? 2 : 3, &value);
  else if (g_ascii_isdigit (c))
    self->next += read_number (self->next, self->end, 10, 3, &value);
  else
    {
      self->next++;
      return letter != NULL ? meanings[letter - letters] : c;
    }
  return (char)value;
}

/* Up to @quote, or up to what ends a word when that is NUL. */
static gboolean
read_text (PostsealFetchmailLexer *self, char quote, GError **error)
{
  self->length = 0;
  while (self->next < self->end)
    {
      char c = *self->next++;

      if (quote != '\0' ? c == quote : (is_between (c) || c == '='))
        {
          if (quote == '\0')
            self->next--;
          return TRUE;
        }
      if (c == '\n')
        self->next_line++;
      if (c == '\\' && self->next < self->end && *self->next == '\n')
        {
          self->next++;
          self->next_line++;
          continue;
        }
      if (c == '\\' && self->next < self->end)
        c = read_escape (self);
      if (c == '\0')
        return postseal_rc_fail (error, self->line, _ ("a string holds a zero byte"));
      self->text[self->length++] = c;
    }
  return quote == '\0'
         || postseal_rc_fail (error, self->line, _ ("the quote that begins here has no end"));
}

gboolean
postseal_fetchmail_lexer_advance (PostsealFetchmailLexer *self, GError **error)
{
  char quote = '\0';

  skip_between (self);
  self->line = self->next_line;
  self->length = 0;
  self->text[0] = '\0';
  self->kind = POSTSEAL_FETCHMAIL_TOKEN_END;
  if (self->next == self->end)
    return TRUE;
  if (*self->next == '=')
    {
      self->next++;
      self->kind = POSTSEAL_FETCHMAIL_TOKEN_EQUALS;
      return TRUE;
    }
  self->kind = POSTSEAL_FETCHMAIL_TOKEN_WORD;
  if (*self->next == '"' || *self->next == '\'')
    {
      quote = *self->next++;
      self->kind = POSTSEAL_FETCHMAIL_TOKEN_STRING;
    }
  if (!read_text (self, quote, error))
    return FALSE;
  self->text[self->length] = '\0';
  return TRUE;
}

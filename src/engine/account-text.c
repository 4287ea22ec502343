/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static void
read_section (PostsealAccountLine *self, const char *line)
{
  gsize length = strlen (line);

  if (length < 2 || line[length - 1] != ']' || strchr (line + 1, '[') != NULL
      || strchr (line, ']') != line + length - 1)
    {
      self->kind = POSTSEAL_ACCOUNT_LINE_BAD;
      self->value = g_strdup (_ ("a section is one name in brackets, e.g. [account work]"));
      return;
    }
  self->kind = POSTSEAL_ACCOUNT_LINE_SECTION;
  self->name = g_strstrip (g_strndup (line + 1, length - 2));
}

static void
read_entry (PostsealAccountLine *self, const char *line)
{
  const char *equals = strchr (line, '=');

  if (equals == NULL || equals == line)
    {
      self->kind = POSTSEAL_ACCOUNT_LINE_BAD;
      self->value
          = g_strdup (_ ("this line is neither “key=value”, nor a [section], nor a # comment"));
      return;
    }
  self->kind = POSTSEAL_ACCOUNT_LINE_ENTRY;
  self->name = g_strstrip (g_strndup (line, equals - line));
  self->value = g_strstrip (g_strdup (equals + 1));
}

PostsealAccountLine *
postseal_account_line_new (const char *text, gsize length)
{
  PostsealAccountLine *self = g_new0 (PostsealAccountLine, 1);
  g_autofree char *line = NULL;
  const char *start;

  self->text = g_strndup (text, length);
  start = self->text;
  if (g_str_has_prefix (start, BYTE_ORDER_MARK))
    start += strlen (BYTE_ORDER_MARK);
  line = g_strstrip (g_strdup (start));

  if (*line == '\0' || *line == '#')
    self->kind = POSTSEAL_ACCOUNT_LINE_BLANK;
  else if (!g_utf8_validate (line, -1, NULL))
    {
      self->kind = POSTSEAL_ACCOUNT_LINE_BAD;
      self->value = g_strdup (_ ("this line is not UTF-8 text"));
    }
  else if (*line == '[')
    read_section (self, line);
  else
    read_entry (self, line);
  return self;
}

void
postseal_account_line_free (PostsealAccountLine *self)
{
  g_free (self->text);
  g_free (self->name);
  g_free (self->value);
  g_free (self);
}

GPtrArray *
postseal_account_text_parse (const char *text, gsize length)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_account_line_free);
  const char *end = text + length;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', end - text);
      const char *next = newline != NULL ? newline + 1 : end;

      g_ptr_array_add (lines, postseal_account_line_new (text, next - text));
      text = next;
    }
  return lines;
}

GString *
postseal_account_text_join (const GPtrArray *lines)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append (text, ((PostsealAccountLine *)g_ptr_array_index (lines, i))->text);
  return text;
}

/* The byte that a backslash and @letter stand for, 0 for none. */
static char
unescape_letter (char letter)
{
  switch (letter)
    {
    case 's':
      return ' ';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '\\':
      return '\\';
    default:
      return '\0';
    }
}

char *
postseal_account_text_unescape (const char *value)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *p = value; *p != '\0'; p++)
    {
      char c = *p;

      if (c == '\\')
        {
          c = unescape_letter (*++p);
          if (c == '\0')
            return NULL;
        }
      g_string_append_c (text, c);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
postseal_account_text_escape (const char *value, gboolean is_list)
{
  static const char plain[] = "\n\t\r\\";
  static const char letters[] = "ntr\\";
  GString *text = g_string_new (NULL);
  gsize length = strlen (value);

  for (gsize i = 0; i < length; i++)
    {
      const char *found = strchr (plain, value[i]);
      gboolean is_at_edge = i == 0 || i + 1 == length;

      if (found != NULL && !(is_list && value[i] == '\\'))
        g_string_append_printf (text, "\\%c", letters[found - plain]);
      else if (value[i] == ' ' && is_at_edge)
        g_string_append (text, "\\s");
      else
        g_string_append_c (text, value[i]);
    }
  return g_string_free (text, FALSE);
}

static void
add_element (GPtrArray *elements, GString *element)
{
  g_autofree char *text = g_strdup (element->str);

  g_strstrip (text);
  if (*text != '\0')
    g_ptr_array_add (elements, g_steal_pointer (&text));
  g_string_truncate (element, 0);
}

char **
postseal_account_text_split (const char *value)
{
  g_autoptr (GPtrArray) elements = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) element = g_string_new (NULL);

  for (const char *p = value; *p != '\0'; p++)
    {
      char c = *p;

      if (c == ';')
        {
          add_element (elements, element);
          continue;
        }
      if (c == '\\')
        {
          p++;
          c = *p == ';' ? ';' : unescape_letter (*p);
          if (c == '\0')
            return NULL;
        }
      g_string_append_c (element, c);
    }
  add_element (elements, element);
  g_ptr_array_add (elements, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&elements), FALSE);
}

char *
postseal_account_text_join_list (char *const *list)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (list == NULL)
    return NULL;
  for (gsize i = 0; list[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (text, ';');
      for (const char *p = list[i]; *p != '\0'; p++)
        {
          if (*p == ';' || *p == '\\')
            g_string_append_c (text, '\\');
          g_string_append_c (text, *p);
        }
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

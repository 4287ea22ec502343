/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/ini-file.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "import/rc-lines.h"

#define LONGEST_VALUE 65536

typedef struct
{
  PostsealRcLines lines;
  PostsealIniStyle style;
  GPtrArray *sections; /* owned */
  PostsealRcSection *section; /* borrowed, nullable */
  PostsealRcSetting *setting; /* borrowed, nullable: the last one */
} Reader;

static gboolean
begin_section (Reader *self, char *text, GError **error)
{
  char *bracket = strrchr (text, ']');

  if (bracket == NULL)
    return postseal_rc_fail (error, self->lines.line, _ ("a bracket is open"));
  *bracket = '\0';
  self->section = postseal_rc_section_new (text + 1, NULL, self->lines.line);
  self->setting = NULL;
  g_ptr_array_add (self->sections, self->section);
  return TRUE;
}

static gboolean
is_secret (const char *name)
{
  return g_str_has_suffix (name, "password") || g_str_has_suffix (name, "passwd");
}

static gboolean
begin_setting (Reader *self, char *text, GError **error)
{
  char *equals = text + strcspn (text, self->style == POSTSEAL_INI_GETMAIL ? "=:" : "=");
  g_autofree char *name = NULL;

  if (*equals == '\0' || equals == text)
    return postseal_rc_fail (error, self->lines.line, _ ("this line is no “name=value”"));
  if (self->section == NULL)
    return postseal_rc_fail (error, self->lines.line,
                             _ ("a setting stands before the first section"));
  *equals = '\0';
  g_strchomp (text);
  name = self->style == POSTSEAL_INI_GETMAIL ? g_ascii_strdown (text, -1) : g_strdup (text);
  self->setting = postseal_rc_section_add (self->section, name, self->lines.line);
  if (is_secret (name))
    postseal_rc_setting_set_secret (self->setting, g_strstrip (equals + 1), -1);
  else
    postseal_rc_setting_add (self->setting, g_strstrip (equals + 1), -1);
  return TRUE;
}

/* A value goes on. */
static gboolean
continue_setting (Reader *self, char *text, GError **error)
{
  g_autofree char *joined = NULL;

  if (self->setting == NULL)
    return postseal_rc_fail (error, self->lines.line, _ ("an indented line continues nothing"));
  if (self->setting->secret != NULL)
    return postseal_rc_fail (error, self->lines.line, _ ("a password has more than one line"));
  if (strlen (postseal_rc_setting_get (self->setting)) + strlen (text) > LONGEST_VALUE)
    return postseal_rc_fail (error, self->lines.line, _ ("a value is too long"));
  joined = g_strdup_printf ("%s\n%s", postseal_rc_setting_get (self->setting), g_strstrip (text));
  g_ptr_array_set_size (self->setting->values, 0);
  postseal_rc_setting_add (self->setting, joined, -1);
  return TRUE;
}

static gboolean
read_line (Reader *self, GError **error)
{
  char *text = self->lines.text;
  gboolean is_indented = *text == ' ' || *text == '\t';
  char *start = text + strspn (text, " \t");

  if (*start == '\0' || *start == '#' || *start == ';')
    return TRUE;
  if (is_indented && self->style == POSTSEAL_INI_GETMAIL && self->setting != NULL)
    return continue_setting (self, start, error);
  if (*start == '[')
    return begin_section (self, start, error);
  return begin_setting (self, start, error);
}

GPtrArray *
postseal_ini_file_parse (const char *text, gsize length, PostsealIniStyle style, GError **error)
{
  Reader reader = { .style = style, .sections = postseal_rc_sections_new () };
  gboolean is_done = TRUE;

  postseal_rc_lines_init (&reader.lines, text, length);
  while (is_done && postseal_rc_lines_next (&reader.lines))
    is_done = read_line (&reader, error);
  postseal_rc_lines_clear (&reader.lines);
  if (is_done)
    return reader.sections;
  g_ptr_array_unref (reader.sections);
  return NULL;
}

/* --- Python's literals --- */

static void
add_string (GPtrArray *strings, const GString *text)
{
  g_ptr_array_add (strings, g_utf8_make_valid (text->str, (gssize)text->len));
}

/* Behind the quote. Returns: behind the closing one, or NULL */
static const char *
read_quoted (const char *text, char quote, GString *out)
{
  for (; *text != '\0' && *text != quote; text++)
    if (*text != '\\' || text[1] == '\0')
      g_string_append_c (out, *text);
    else if (*++text == 'n')
      g_string_append_c (out, '\n');
    else if (*text == 't')
      g_string_append_c (out, '\t');
    else if (*text != '\n')
      {
        if (strchr ("\\'\"", *text) == NULL)
          g_string_append_c (out, '\\');
        g_string_append_c (out, *text);
      }
  return *text == quote ? text + 1 : NULL;
}

/* Returns: behind the element, or NULL */
static const char *
read_element (const char *text, GPtrArray *strings)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gsize prefix = strspn (text, "rRbBuU");
  const char *quoted = text + prefix;

  if (prefix <= 2 && (*quoted == '\'' || *quoted == '"'))
    {
      text = read_quoted (quoted + 1, *quoted, out);
      if (text != NULL)
        add_string (strings, out);
      return text;
    }
  g_string_append_len (out, text, (gssize)strcspn (text, "()[], \t\n"));
  if (out->len == 0)
    return NULL;
  add_string (strings, out);
  return text + out->len;
}

GPtrArray *
postseal_ini_python_strings (const char *text)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  const char *p = text + strspn (text, " \t\n");
  gboolean is_literal = *p != '\0' && strchr ("([\"'", *p) != NULL;
  int depth = 0;

  while (is_literal && p != NULL && *p != '\0')
    if (strchr (" \t\n,", *p) != NULL)
      p++;
    else if (*p == '(' || *p == '[')
      {
        depth++;
        p++;
      }
    else if (*p == ')' || *p == ']')
      {
        depth--;
        p++;
      }
    else
      p = read_element (p, strings);
  if (is_literal && p != NULL && depth == 0)
    return g_steal_pointer (&strings);
  g_ptr_array_set_size (strings, 0);
  if (*text != '\0')
    g_ptr_array_add (strings, g_strdup (text));
  return g_steal_pointer (&strings);
}

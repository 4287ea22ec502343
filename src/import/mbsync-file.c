/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/mbsync-file.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "import/rc-lines.h"

typedef struct
{
  PostsealRcLines lines;
  GPtrArray *sections; /* owned */
  PostsealRcSection *globals; /* borrowed: the first */
  PostsealRcSection *current; /* borrowed */
} Reader;

/* Cuts one argument off *@text: quotes may be anywhere in it, a backslash takes the next character
   as it is. Returns: FALSE when a quote is open; *@ret_argument: NULL at the end of the line */
static gboolean
cut_argument (char **text, char **ret_argument)
{
  char *from = *text + strspn (*text, " \t");
  char *to = from;
  gboolean is_quoted = FALSE;

  *ret_argument = *from == '\0' || *from == '#' ? NULL : from;
  if (*ret_argument == NULL)
    return TRUE;
  for (; *from != '\0'; from++)
    if (*from == '"')
      is_quoted = !is_quoted;
    else if (*from == '\\' && from[1] != '\0')
      *to++ = *++from;
    else if (!is_quoted && (*from == ' ' || *from == '\t'))
      break;
    else
      *to++ = *from;
  *text = *from != '\0' ? from + 1 : from;
  *to = '\0';
  return !is_quoted;
}

/* Old words: isync 1.3 and before. */
static char *
get_name (const char *word)
{
  static const struct
  {
    const char *old;
    const char *name;
  } spellings[] = {
    { "master", "far" },
    { "slave", "near" },
    { "ssltype", "tlstype" },
    { "sslversions", "tlsversions" },
    { "sslversion", "tlsversions" },
    { "pattern", "patterns" },
  };
  g_autofree char *lower = g_ascii_strdown (word, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
    if (g_str_equal (lower, spellings[i].old))
      return g_strdup (spellings[i].name);
  return g_steal_pointer (&lower);
}

static gboolean
is_section (const char *name)
{
  return g_str_equal (name, "imapaccount") || g_str_equal (name, "imapstore")
         || g_str_equal (name, "maildirstore") || g_str_equal (name, "channel")
         || g_str_equal (name, "group");
}

static void
take_value (PostsealRcSetting *setting, char *value)
{
  if (g_str_equal (setting->name, "pass"))
    postseal_rc_setting_set_secret (setting, value, -1);
  else if (g_str_has_suffix (setting->name, "cmd") && *value == '+')
    postseal_rc_setting_add (setting, value + 1, -1);
  else
    postseal_rc_setting_add (setting, value, -1);
}

static gboolean
read_values (Reader *self, PostsealRcSetting *setting, char *rest, GError **error)
{
  char *value;

  for (;;)
    {
      if (!cut_argument (&rest, &value))
        return postseal_rc_fail (error, self->lines.line, _ ("a quote has no end"));
      if (value == NULL)
        break;
      take_value (setting, value);
    }
  if (setting->values->len == 0 && setting->secret == NULL)
    return postseal_rc_fail (error, self->lines.line, _ ("“%s” has no value"), setting->name);
  return TRUE;
}

/* "Group NAME CHANNEL…" has values behind its name. */
static gboolean
begin_section (Reader *self, const char *kind, char *rest, GError **error)
{
  char *name;

  if (!cut_argument (&rest, &name) || name == NULL)
    return postseal_rc_fail (error, self->lines.line, _ ("“%s” has no name"), kind);
  self->current = postseal_rc_section_new (kind, name, self->lines.line);
  g_ptr_array_add (self->sections, self->current);
  if (g_str_equal (kind, "group") && *(rest + strspn (rest, " \t")) != '\0')
    return read_values (self, postseal_rc_section_add (self->current, "channels", self->lines.line),
                        rest, error);
  return TRUE;
}

static gboolean
read_line (Reader *self, GError **error)
{
  char *rest = self->lines.text;
  char *word;
  g_autofree char *name = NULL;

  g_strchomp (rest);
  word = postseal_rc_lines_cut_word (&rest);
  if (*word == '\0')
    {
      self->current = self->globals;
      return TRUE;
    }
  if (*word == '#')
    return TRUE;
  name = get_name (word);
  if (strspn (name, "abcdefghijklmnopqrstuvwxyz") != strlen (name))
    return postseal_rc_fail (error, self->lines.line,
                             _ ("this line does not begin with a keyword"));
  if (is_section (name) && self->current == self->globals)
    return begin_section (self, name, rest, error);
  if (is_section (name) && !g_str_equal (name, "channel"))
    return postseal_rc_fail (error, self->lines.line,
                             _ ("“%s” begins a section here; an empty line must stand before it"),
                             name);
  return read_values (self, postseal_rc_section_add (self->current, name, self->lines.line), rest,
                      error);
}

GPtrArray *
postseal_mbsync_file_parse (const char *text, gsize length, GError **error)
{
  Reader reader = { .sections = postseal_rc_sections_new () };
  gboolean is_done = TRUE;

  reader.globals = postseal_rc_section_new ("global", NULL, 0);
  reader.current = reader.globals;
  g_ptr_array_add (reader.sections, reader.globals);
  postseal_rc_lines_init (&reader.lines, text, length);
  while (is_done && postseal_rc_lines_next (&reader.lines))
    is_done = read_line (&reader, error);
  postseal_rc_lines_clear (&reader.lines);
  if (is_done)
    return reader.sections;
  g_ptr_array_unref (reader.sections);
  return NULL;
}

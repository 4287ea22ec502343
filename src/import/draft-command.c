/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/draft-command.h"

#include <string.h>

#define SPECIAL "|&;<>()$`*?[]{}!\n\r"

static gboolean
skip_home (const char **p, GString *out)
{
  static const char *const names[] = { "$HOME", "${HOME}" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize length = strlen (names[i]);

      if (strncmp (*p, names[i], length) == 0 && strchr ("/ \t\"", (*p)[length]) != NULL)
        {
          g_string_append (out, g_get_home_dir ());
          *p += length - 1;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
begins_word (const char *start, const char *p)
{
  return p == start || p[-1] == ' ' || p[-1] == '\t';
}

/* Returns: (transfer full) (nullable): with the home directory in place, or NULL when a shell would
   do more than split it */
static char *
expand (const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  char quote = '\0';

  for (const char *p = text; *p != '\0'; p++)
    {
      if (quote != '\'' && *p == '$' && skip_home (&p, out))
        continue;
      if (quote != '\0' ? quote == '"' && strchr ("$`", *p) != NULL : strchr (SPECIAL, *p) != NULL)
        return NULL;
      if (quote == '\0' && begins_word (text, p) && *p == '#')
        return NULL;
      if (quote == '\0' && begins_word (text, p) && *p == '~' && p[1] == '/')
        {
          g_string_append (out, g_get_home_dir ());
          continue;
        }
      if (quote != '\'' && *p == '\\' && p[1] != '\0')
        g_string_append_c (out, *p++);
      else if (quote == *p)
        quote = '\0';
      else if (quote == '\0' && (*p == '"' || *p == '\''))
        quote = *p;
      g_string_append_c (out, *p);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char **
postseal_draft_command_split (const char *command_line)
{
  g_autofree char *plain = expand (command_line);
  g_auto (GStrv) argv = NULL;

  if (plain == NULL || !g_shell_parse_argv (plain, NULL, &argv, NULL))
    return NULL;
  if (strchr (argv[0], '=') != NULL) /* VARIABLE=value COMMAND */
    return NULL;
  return g_steal_pointer (&argv);
}

char *
postseal_draft_command_cut_head (const char *command_line)
{
  static const char *const ends[]
      = { "| head -1", "| head -n1", "| head -n 1", "|head -1", "|head -n1", "|head -n 1" };
  g_autofree char *text = g_strchomp (g_strdup (command_line));

  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (text, ends[i]))
      {
        text[strlen (text) - strlen (ends[i])] = '\0';
        break;
      }
  return g_strchomp (g_steal_pointer (&text));
}

char *
postseal_draft_command_join (const char *const *argv)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; argv[i] != NULL; i++)
    {
      g_autofree char *quoted = g_shell_quote (argv[i]);
      gboolean is_plain
          = *argv[i] != '\0' && strpbrk (argv[i], " \t\n\"'\\$`|&;<>()*?[]#~=%") == NULL;

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", is_plain ? argv[i] : quoted);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

const char *
postseal_draft_command_get_echoed (const char *const *argv)
{
  g_autofree char *program = g_path_get_basename (argv[0]);

  if (!g_str_equal (program, "echo") && !g_str_equal (program, "printf"))
    return NULL;
  for (gsize i = 1; argv[i] != NULL; i++)
    if (argv[i + 1] == NULL)
      return argv[i];
  return NULL;
}

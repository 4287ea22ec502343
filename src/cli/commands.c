/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/printable.h"
#include "base/suggest.h"
#include "cli/report.h"

static void
show_help (const char *program, const PostsealCommand *commands)
{
  int width = 0;

  g_print (_ ("Usage: %s [OPTION…] COMMAND [ARGUMENT…]\n\nCommands:\n"), program);
  for (const PostsealCommand *command = commands; command->name != NULL; command++)
    width = MAX (width, (int)strlen (command->name));
  for (const PostsealCommand *command = commands; command->name != NULL; command++)
    g_print ("  %-*s  %s\n", width, command->name, _ (command->summary));
  g_print (_ ("\nOptions:\n"
              "  --config=FILE  another file of accounts\n"
              "  --json         output for programs\n"
              "  --verbose      show what is said on the connections, without secrets\n"
              "  --no-daemon    act alone, even where a daemon runs\n"
              "  --help         this, or with a command, its options\n"
              "  --version      show the version\n"
              "\n“%s COMMAND --help” explains a command, “man postseal” the whole.\n"),
           program);
}

static const PostsealCommand *
find_command (const PostsealCommand *commands, const char *name)
{
  for (const PostsealCommand *command = commands; command->name != NULL; command++)
    if (strcmp (command->name, name) == 0)
      return command;
  return NULL;
}

static int
report_unknown (const char *program, const PostsealCommand *commands, const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *shown = postseal_printable (name, -1);
  const char *nearest;

  for (const PostsealCommand *command = commands; command->name != NULL; command++)
    g_ptr_array_add (names, (gpointer)command->name);
  g_ptr_array_add (names, NULL);
  nearest = postseal_suggest (name, (const char *const *)names->pdata);
  if (nearest != NULL)
    return postseal_report_usage (program, _ ("unknown command “%s”; did you mean “%s”?"), shown,
                                  nearest);
  return postseal_report_usage (program, _ ("unknown command “%s”"), shown);
}

/* The index of the command's name, behind options and the value of "--config". */
static int
find_name (int argc, char **argv)
{
  int i = 1;

  while (i < argc && argv[i][0] == '-' && argv[i][1] != '\0')
    i += strcmp (argv[i], "--config") == 0 ? 2 : 1;
  return MIN (i, argc);
}

int
postseal_commands_run (const char *program, const PostsealCommand *commands, int argc, char **argv)
{
  int index = find_name (argc, argv);
  const PostsealCommand *command = NULL;
  g_autofree char **moved = NULL;
  int n_moved = 0;

  for (int i = 1; i < index; i++)
    if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0)
      {
        show_help (program, commands);
        return 0;
      }
    else if (strcmp (argv[i], "--version") == 0)
      {
        g_print ("postseal %s\n", POSTSEAL_VERSION);
        return 0;
      }
  if (index >= argc)
    return postseal_report_usage (program, _ ("a command is missing"));
  command = find_command (commands, argv[index]);
  if (command == NULL)
    return report_unknown (program, commands, argv[index]);

  /* The command comes first, then the options that stood before it. */
  moved = g_new0 (char *, argc + 1);
  moved[n_moved++] = argv[index];
  for (int i = 1; i < index; i++)
    moved[n_moved++] = argv[i];
  for (int i = index + 1; i < argc; i++)
    moved[n_moved++] = argv[i];
  return command->run (n_moved, moved);
}

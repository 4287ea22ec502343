/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <string.h>

static const PostsealCommand commands[] = {
  { "list", N_ ("List what is in the outbox (the default)"), postseal_cmd_queue_list },
  { "show", N_ ("Show all that is known of a message"), postseal_cmd_queue_show },
  { "flush", N_ ("Try every message once now"), postseal_cmd_queue_flush },
  { "hold", N_ ("Keep messages back"), postseal_cmd_queue_hold },
  { "release", N_ ("Let messages that were held go"), postseal_cmd_queue_release },
  { "remove", N_ ("Throw messages away"), postseal_cmd_queue_remove },
  { NULL, NULL, NULL },
};

/* TRUE when there is a command, or what is shown without one (help, version). */
static gboolean
names_command (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (argv[i][0] != '-' || strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0
        || strcmp (argv[i], "--version") == 0)
      return TRUE;
    else if (strcmp (argv[i], "--config") == 0)
      i++;
  return FALSE;
}

int
postseal_cmd_queue (int argc, char **argv)
{
  if (!names_command (argc, argv))
    return postseal_cmd_queue_list (argc, argv);
  return postseal_commands_run ("postseal queue", commands, argc, argv);
}

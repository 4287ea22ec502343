/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>

static const PostsealCommand commands[] = {
  { "list", N_ ("List the accounts"), postseal_cmd_account_list },
  { "show", N_ ("Show the settings in effect"), postseal_cmd_account_show },
  { "folders", N_ ("Show the folders of the server"), postseal_cmd_account_folders },
  { "add", N_ ("Add an account"), postseal_cmd_account_add },
  { "edit", N_ ("Change settings of an account"), postseal_cmd_account_edit },
  { "trust", N_ ("Show or forget what the servers are held to"), postseal_cmd_account_trust },
  { "remove", N_ ("Remove an account"), postseal_cmd_account_remove },
  { "import", N_ ("Take over accounts of other programs"), postseal_cmd_account_import },
  { NULL, NULL, NULL },
};

int
postseal_cmd_account (int argc, char **argv)
{
  return postseal_commands_run ("postseal account", commands, argc, argv);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The verbs of postseal(1), and how one is found by its name. */

typedef struct
{
  const char *name;
  const char *summary; /* untranslated, marked with N_() */
  int (*run) (int argc, char **argv);
} PostsealCommand;

/**
 * postseal_commands_run:
 * @program: what was typed so far, e.g. "postseal account"
 * @commands: ended by a NULL name
 * @argv: begins with the program; options may stand before the command's name
 *
 * Runs the command that is named, with an @argv that begins with the command and has all options
 * behind it; or shows help; or says what is wrong, with the nearest name.
 *
 * Returns: the exit status
 */
int
postseal_commands_run (const char *program, const PostsealCommand *commands, int argc, char **argv);

/* Each takes the command's name as argv[0], its options and operands, and returns the exit status.
 */
int postseal_cmd_check (int argc, char **argv);
int postseal_cmd_fetch (int argc, char **argv);
int postseal_cmd_send (int argc, char **argv);
int postseal_cmd_queue (int argc, char **argv);
int postseal_cmd_queue_list (int argc, char **argv);
int postseal_cmd_queue_show (int argc, char **argv);
int postseal_cmd_queue_flush (int argc, char **argv);
int postseal_cmd_queue_hold (int argc, char **argv);
int postseal_cmd_queue_release (int argc, char **argv);
int postseal_cmd_queue_remove (int argc, char **argv);
int postseal_cmd_report (int argc, char **argv);
int postseal_cmd_status (int argc, char **argv);
int postseal_cmd_connect (int argc, char **argv);
int postseal_cmd_trace (int argc, char **argv);
int postseal_cmd_account (int argc, char **argv);
int postseal_cmd_account_import (int argc, char **argv);
int postseal_cmd_account_list (int argc, char **argv);
int postseal_cmd_account_show (int argc, char **argv);
int postseal_cmd_account_folders (int argc, char **argv);
int postseal_cmd_account_add (int argc, char **argv);
int postseal_cmd_account_edit (int argc, char **argv);
int postseal_cmd_account_remove (int argc, char **argv);
int postseal_cmd_account_trust (int argc, char **argv);
int postseal_cmd_password (int argc, char **argv);
int postseal_cmd_password_authorize (int argc, char **argv);

G_END_DECLS

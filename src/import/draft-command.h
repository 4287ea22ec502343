/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Commands that another program hands to the shell, and we run without one. Nothing is run here. */

/* The words of @command_line when it needs no shell: no pipe, redirection, pattern or variable, but
   "~/" and $HOME, which become the home directory. Returns: (transfer full) (nullable) */
char **postseal_draft_command_split (const char *command_line);
/* A "| head -1" at the end is cut off: a password command's first line counts anyway. Returns:
   (transfer full) */
char *postseal_draft_command_cut_head (const char *command_line);
/* The inverse: quoted where need be. Returns: (transfer full) */
char *postseal_draft_command_join (const char *const *argv);
/* "echo SECRET": the argument. Returns: (transfer none) (nullable) */
const char *postseal_draft_command_get_echoed (const char *const *argv);

G_END_DECLS

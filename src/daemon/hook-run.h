/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One run of a command of the user's: a process group of its own, fed from memory, its output
   logged, ended when it takes too long. Lives on the thread-default main context of its maker. */
typedef struct _PostsealHookRun PostsealHookRun;

typedef struct
{
  const char *account; /* for the log */
  const char *const *argv;
  const char *const *environment;
  guint run_ms; /* then SIGTERM, */
  guint grace_ms; /* then SIGKILL, to the whole group */
} PostsealHookCommand;

/* @error: (nullable): why it was no success, in a sentence that names the command */
typedef void (*PostsealHookRunFunc) (const GError *error, gpointer user_data);

/**
 * postseal_hook_run_start:
 * @command: not needed after this
 * @input: its standard input
 * @func: called once, later, when the program has ended; what it left in the background is not
 *   waited for. Never after postseal_hook_run_free()
 *
 * Errors: %G_SPAWN_ERROR, %G_SHELL_ERROR. Returns: (transfer full)
 */
PostsealHookRun *postseal_hook_run_start (const PostsealHookCommand *command,
                                          GBytes *input,
                                          PostsealHookRunFunc func,
                                          gpointer user_data,
                                          GError **error);
/* A command that still runs gets SIGTERM. */
void postseal_hook_run_free (PostsealHookRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealHookRun, postseal_hook_run_free)

G_END_DECLS

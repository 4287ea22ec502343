/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/credential.h"

G_BEGIN_DECLS

/* One run of another program that prints a secret: a password command, the token program. */

typedef enum
{
  POSTSEAL_SECRET_PROCESS_FIRST_LINE, /* what follows is read and wiped, so that it can end */
  POSTSEAL_SECRET_PROCESS_ALL,
} PostsealSecretProcessOutput;

/**
 * _postseal_secret_process_run_async:
 * @argv: (array zero-terminated=1): no shell is involved
 * @input: (nullable): what the program reads on standard input, at most 60000 bytes; it never goes
 * through an argument, the environment or a file
 * @cancellable: (nullable): ends the program with all that it has started, at once
 *
 * The program has no terminal, and its output is bounded by POSTSEAL_LIMIT_SECRET.
 *
 * Errors: %POSTSEAL_VAULT_ERROR_DENIED, with the program's first line on standard error unless that
 * holds the secret; %G_IO_ERROR_CANCELLED.
 */
void _postseal_secret_process_run_async (const char *const *argv,
                                         PostsealSecretProcessOutput output,
                                         PostsealCredential *input,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

/* Returns: (transfer full): the output, without its line end when only the first line was asked
   for; it may be empty */
PostsealCredential *_postseal_secret_process_run_finish (GAsyncResult *result, GError **error);

G_END_DECLS

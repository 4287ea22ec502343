/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_program_run:
 * @config: (nullable): the accounts file, when it is not the usual one
 * @arguments: (array zero-terminated=1): the command and what follows it
 * @ret_status: exit status; 75 when a signal ended it
 *
 * Runs the program postseal in the foreground, on our standard output and error and without input,
 * and waits for it. Found as in outbox/wake.h. Errors: %G_SPAWN_ERROR
 */
gboolean postseal_program_run (const char *config,
                               const char *const *arguments,
                               int *ret_status,
                               GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_message_search:
 * @roots: (array zero-terminated=1): Maildirs; those below them are looked into, too
 * @message_id: "<id@host>"
 * @most: how many messages to look at; the newest ones
 * @ret_looked: how many were looked at
 * @ret_all: FALSE when there are more
 *
 * Reads the beginnings of files, newest first by their names. Memory is bounded by @most. Blocks.
 *
 * Returns: (transfer full) (nullable): the path of the first that has it
 */
char *postseal_message_search (const char *const *roots,
                               const char *message_id,
                               guint most,
                               guint *ret_looked,
                               gboolean *ret_all);

G_END_DECLS

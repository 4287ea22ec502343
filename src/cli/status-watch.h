/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"

G_BEGIN_DECLS

/**
 * postseal_status_watch:
 * @names: (array zero-terminated=1): of accounts; empty: all
 *
 * Shows how the accounts are, and again whenever that changes: on a terminal over itself, else with
 * a line for each change; as JSON one object on a line. Goes on without the daemon when that ends,
 * and with it when it is back. Ends with SIGINT or SIGTERM.
 *
 * Returns: the exit status
 */
int postseal_status_watch (const PostsealOptions *options, char **names);

G_END_DECLS

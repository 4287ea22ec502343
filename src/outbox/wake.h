/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The program "postseal": $POSTSEAL, else the one beside the running program, else the installed
   one. Returns: (transfer full) (nullable): absolute */
char *postseal_wake_find_program (void);

/* What a daemon that watches the outbox for the usual accounts file says of itself as the holder of
   postseal_paths_daemon_lock(); one for another file says something else. */
#define POSTSEAL_WAKE_DAEMON "postseald"

/* TRUE when such a daemon runs at this moment. */
gboolean postseal_wake_has_daemon (void);

/**
 * postseal_wake:
 * @config: (nullable): the accounts file, when it is not the usual one
 *
 * Has the outbox sent without waiting for it. A daemon that runs for the usual file looks by
 * itself; else this starts "postseal queue flush --due" detached from this process, its session and
 * its descriptors, once. The program is $POSTSEAL, else "postseal" beside the running program, else
 * the installed one. A sender that runs already is no reason not to: whoever comes second finds the
 * lock taken and leaves, whoever leaves looks once more.
 *
 * Errors: %G_SPAWN_ERROR: the message stays in the queue all the same
 */
gboolean postseal_wake (const char *config, GError **error);

G_END_DECLS

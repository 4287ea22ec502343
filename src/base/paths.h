/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where Postseal keeps its files (XDG base directories, read at each call so that tests can move
   them). All return newly allocated absolute paths; nothing is created. */

char *postseal_paths_config_file (void); /* $XDG_CONFIG_HOME/postseal/accounts.conf */
char *postseal_paths_state_dir (void); /* $XDG_STATE_HOME/postseal */
char *postseal_paths_account_state_dir (const char *account); /* .../accounts/NAME, NAME escaped */
#define POSTSEAL_PATHS_LATCHES "latches" /* files there */
#define POSTSEAL_PATHS_LEDGER "ledger.sqlite"
#define POSTSEAL_PATHS_TLS_COUNTS "tls-counts"
#define POSTSEAL_PATHS_LOCK "lock" /* of whoever fetches, or changes these */
char *postseal_paths_outbox_dir (void); /* .../outbox */
char *postseal_paths_daemon_lock (void); /* .../daemon.lock: held by the daemon while it runs */

char *postseal_paths_data_dir (void); /* of the installation; $POSTSEAL_DATA_DIR, if set */

/* A program that the library runs: the one that environment variable @variable names, that beside
   the running program, or the installed one, whichever is first. Returns: (transfer full)
   (nullable) */
char *postseal_paths_find_program (const char *name, const char *variable);

/* "~" and "~/..." become the home directory; everything else is returned as it is. */
char *postseal_paths_expand_home (const char *path);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-store.h"

G_BEGIN_DECLS

/* The options that every command takes. */
typedef struct
{
  char *config; /* owned: --config, or the default */
  gboolean json; /* --json */
  gboolean verbose; /* --verbose */
  gboolean no_daemon; /* --no-daemon: nothing else is possible yet */
} PostsealOptions;

#define POSTSEAL_OPTIONS_INIT                                                                      \
  {                                                                                                \
    NULL, FALSE, FALSE, FALSE                                                                      \
  }

/**
 * postseal_options_parse:
 * @program: with the command, e.g. "postseal fetch"
 * @operands: for the usage line, translated, e.g. "[ACCOUNT…]", or NULL for none
 * @summary: translated, for the help
 * @entries: (array) (nullable): the command's own options, ended by a NULL name
 * @argc: (inout): argv[0] is the command's name; options are removed
 *
 * Returns: FALSE when there is nothing more to do: @ret_status is 64 after a complaint, 0 after
 * --help
 */
gboolean postseal_options_parse (PostsealOptions *self,
                                 const char *program,
                                 const char *operands,
                                 const char *summary,
                                 const GOptionEntry *entries,
                                 int *argc,
                                 char ***argv,
                                 int *ret_status);
void postseal_options_clear (PostsealOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealOptions, postseal_options_clear)

/* The accounts, or NULL after a complaint. Returns: (transfer full) */
PostsealAccountStore *postseal_options_load_accounts (const PostsealOptions *self, int *ret_status);

/* Has the outbox sent in the background. Complains when nothing could be started: what is in the
   queue stays there, so that this is no failure. */
void postseal_options_wake_outbox (const PostsealOptions *self);

G_END_DECLS

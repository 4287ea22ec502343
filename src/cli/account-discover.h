/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"

G_BEGIN_DECLS

/* "postseal account add ADDRESS": servers are looked for, shown, confirmed, and written. */

/* What the user said on the command line. */
typedef struct
{
  gboolean is_sure; /* --yes */
  gboolean is_dry_run; /* --dry-run */
  gboolean wants_pop3; /* --pop3 */
  gboolean may_ask_list; /* --ask-list */
  char **trusted_hosts; /* --trust-host; owned, or NULL */
  char *account; /* --account: its name; owned, or NULL: the address */
} PostsealDiscoverWishes;

#define POSTSEAL_DISCOVER_WISHES_INIT                                                              \
  {                                                                                                \
    FALSE, FALSE, FALSE, FALSE, NULL, NULL                                                         \
  }

void postseal_discover_wishes_clear (PostsealDiscoverWishes *self); /* frees what it holds */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealDiscoverWishes, postseal_discover_wishes_clear)

/* TRUE when something is wished for that makes sense with a search only. */
gboolean postseal_discover_wishes_is_any (const PostsealDiscoverWishes *self);

/**
 * postseal_account_discover:
 * @typed: the address
 * @keys: (array zero-terminated=1): of accounts.conf, that were given besides
 * @values: (array zero-terminated=1)
 *
 * Returns: the exit status, after all has been said
 */
int postseal_account_discover (const PostsealOptions *options,
                               const char *typed,
                               const PostsealDiscoverWishes *wishes,
                               const char *const *keys,
                               const char *const *values);

G_END_DECLS

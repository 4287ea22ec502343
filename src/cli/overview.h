/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/account-facts.h"
#include "cli/options.h"
#include "engine/service.h"

G_BEGIN_DECLS

/* One account of an overview. */
typedef struct
{
  PostsealAccountStatus *status; /* owned: the daemon's, or made of the facts */
  gboolean is_live; /* the daemon's */
  PostsealAccount *account; /* borrowed from the store, or NULL: one with a mistake */
  PostsealAccountFacts *facts; /* owned */
} PostsealOverviewAccount;

/* What "postseal status" shows, as it is at a moment: accounts, whoever knows about them. */
typedef struct
{
  PostsealService *service; /* owned, or NULL: no daemon */
  PostsealAccountStore *store; /* owned */
  GPtrArray *accounts; /* owned (element-type PostsealOverviewAccount) */
  char *trouble; /* owned, or NULL: the outbox cannot be opened */
} PostsealOverview;

/**
 * postseal_overview_take:
 * @service: (nullable): the daemon
 * @names: (array zero-terminated=1): of accounts; empty: all
 *
 * Reads the files there are, and makes none. Blocks.
 *
 * Errors: those of the store: no file of accounts, no such account
 */
PostsealOverview *postseal_overview_take (const PostsealOptions *options,
                                          PostsealService *service,
                                          char **names,
                                          GError **error);
void postseal_overview_free (PostsealOverview *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealOverview, postseal_overview_free)

G_END_DECLS

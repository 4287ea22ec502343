/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/service.h"

G_BEGIN_DECLS

/* Tells of accounts whose state has changed: once for all that changed about an account in one turn
   of the main loop, and once for each account that is new. Progress of what is under way is not
   told. Lives on the thread-default main context of its maker. */
typedef struct _PostsealAccountWatch PostsealAccountWatch;

/* @status: (nullable): NULL: that is all for now, or an account was taken away */
typedef void (*PostsealAccountWatchFunc) (PostsealAccountStatus *status, gpointer user_data);

/* Accounts that are there already are told later, too. Returns: (transfer full) */
PostsealAccountWatch *postseal_account_watch_new (PostsealService *service,
                                                  PostsealAccountWatchFunc func,
                                                  gpointer user_data);
void postseal_account_watch_free (PostsealAccountWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAccountWatch, postseal_account_watch_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "engine/account.h"

G_BEGIN_DECLS

/* What the user wants to happen when mail has come, per account: the keys "notify" and "on-mail" of
   accounts.conf. Read in a worker thread when somebody asks, and only if the file has changed
   since.
 */
typedef struct _PostsealAccountWishes PostsealAccountWishes;

/* @config: path of accounts.conf. Returns: (transfer full) */
PostsealAccountWishes *postseal_account_wishes_new (const char *config);
void postseal_account_wishes_free (PostsealAccountWishes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAccountWishes, postseal_account_wishes_free)

/* @account: (nullable): as accounts.conf says at this moment; NULL when it has no such account */
typedef void (*PostsealAccountWishesFunc) (PostsealAccount *account, gpointer user_data);

/**
 * postseal_account_wishes_ask:
 * @func: called once, later, on the thread-default main context of the caller, in the order of the
 *   questions; never after postseal_account_wishes_free()
 * @destroy: of @user_data, in any case
 *
 * A file that cannot be read is one without accounts.
 */
void postseal_account_wishes_ask (PostsealAccountWishes *self,
                                  const char *account,
                                  PostsealAccountWishesFunc func,
                                  gpointer user_data,
                                  GDestroyNotify destroy);

G_END_DECLS

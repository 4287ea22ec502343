/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"
#include "engine/account.h"

G_BEGIN_DECLS

/* What the commands that change an account's secret share. */

/* By whom a vault finds the secret, as the authenticator would say it. Returns: (transfer none) */
const char *postseal_password_change_get_user (const PostsealAccount *account);

/* A secret that was refused has put the account's sending to rest; a new one deserves a try.
   Complains when that cannot be noted. */
void postseal_password_change_end_pause (const PostsealAccount *account);

/* The daemon, where one runs, tries again what waited for another secret. */
void postseal_password_change_tell_daemon (const PostsealOptions *options,
                                           const PostsealAccount *account);

G_END_DECLS

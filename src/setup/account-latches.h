/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account.h"

G_BEGIN_DECLS

/* What an account holds its servers to because they have done it before (net/latches.h), for
   people, and their word that it shall be forgotten. */

/* One sentence for each thing, receiving first. Blocks (one small file). Returns: (transfer full)
   (array zero-terminated=1): empty when nothing is known, or the file cannot be read */
char **postseal_account_latches_describe (PostsealAccount *account);

/**
 * postseal_account_latches_forget:
 * @name: of the account
 * @program: for the lock: who is at work
 *
 * The servers may be weaker from now on. Under the account's lock: a fetch that runs would write
 * back what it knows. Blocks. Errors: %POSTSEAL_LOCK_ERROR, %G_FILE_ERROR.
 */
gboolean postseal_account_latches_forget (const char *name, const char *program, GError **error);
/* The same on a thread of its own. It is not cancelled half-way. */
void postseal_account_latches_forget_async (const char *name,
                                            const char *program,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean postseal_account_latches_forget_finish (GAsyncResult *result, GError **error);

G_END_DECLS

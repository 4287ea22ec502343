/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account.h"
#include "engine/service.h"
#include "net/latches.h"

G_BEGIN_DECLS

/* What an account holds its servers to because they have done it before (net/latches.h), for
   people, and their word that it shall be forgotten. */

/* One sentence for each thing, with when and by what connection it was learned, receiving first.
   Blocks (one small file). Returns: (transfer full) (array zero-terminated=1): empty when nothing
   is known, or the file cannot be read */
char **postseal_account_latches_describe (PostsealAccount *account);

/* The file of the account. Blocks. Returns: (transfer full) (nullable) */
PostsealLatches *postseal_account_latches_load (const char *name, GError **error);
/* The names that have a sentence: "tls", "voucher", "dane", "mechanism". Zero-terminated. */
const char *const *postseal_account_latches_get_names (void);
/* What @name of the server at @place means. Returns: (transfer full) (nullable): NULL when that is
   not known */
char *postseal_account_latches_describe_one (PostsealLatches *latches,
                                             const char *place,
                                             const char *name);
/* One of the server's keys. Returns: (transfer full) */
char *postseal_account_latches_describe_key (const char *place, const PostsealKeyEntry *entry);

/**
 * postseal_account_latches_forget_async:
 * @service: (nullable): who works for the account; without one nobody does
 * @name: of the account
 * @program: for the lock: who is at work
 *
 * The servers may be weaker from now on. It is not cancelled half-way. Errors: those of
 * postseal_forget_now(), or of the service.
 */
void postseal_account_latches_forget_async (PostsealService *service,
                                            const char *name,
                                            const char *program,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean postseal_account_latches_forget_finish (GAsyncResult *result, GError **error);

G_END_DECLS

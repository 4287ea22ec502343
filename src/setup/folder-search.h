/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"
#include "setup/folder-choice.h"
#include "setup/trouble.h"

G_BEGIN_DECLS

/* Asks an IMAP server for its mailboxes: one log-in, exactly as the account is configured, in which
   nothing is opened and no latch taught. */

/**
 * postseal_folder_search_async:
 * @account: one that receives by IMAP; it need not be in accounts.conf
 * @secret: (nullable): the password as typed; NULL: from the account's own place
 */
void postseal_folder_search_async (PostsealAccount *account,
                                   PostsealCredential *secret,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/**
 * postseal_folder_search_finish:
 * @ret_trouble: (out) (optional) (transfer full) (nullable): of an error, for people; NULL: it was
 * cancelled
 *
 * Errors: %G_IO_ERROR_CANCELLED, those of a live test. Returns: (transfer full)
 */
PostsealFolderChoice *
postseal_folder_search_finish (GAsyncResult *result, PostsealTrouble **ret_trouble, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/vault.h"
#include "setup/account-form.h"

G_BEGIN_DECLS

/**
 * postseal_account_save_async:
 * @vault: (nullable): where @secret goes
 * @secret: (nullable): NULL: only the section is written
 *
 * The secret first, then the section of accounts.conf, so that nobody finds an account without its
 * secret. Where the section cannot be written, the vault is as it was before; nothing is stored
 * over a secret that cannot be read. Cancelling waits for a store that is under way, and is too
 * late once the section is being written.
 *
 * Errors: those of a vault, of postseal_account_form_save_async(), %G_IO_ERROR_CANCELLED.
 */
void postseal_account_save_async (PostsealAccountForm *form,
                                  const char *config,
                                  PostsealVault *vault,
                                  PostsealCredential *secret,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean postseal_account_save_finish (GAsyncResult *result, GError **error);

G_END_DECLS

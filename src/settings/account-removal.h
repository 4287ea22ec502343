/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Takes an account out of accounts.conf, then, if that is wanted, its secret out of its place. Mail
   and the record of what was delivered stay. No GTK. */

/**
 * postseal_account_removal_run_async:
 * @password: (nullable): value of the key "password": the secret goes, too
 *
 * Errors: those of postseal_account_store_remove(): nothing has happened; %POSTSEAL_VAULT_ERROR:
 * the account is gone, its secret is not
 */
void postseal_account_removal_run_async (const char *config,
                                         const char *name,
                                         const char *password,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean postseal_account_removal_run_finish (GAsyncResult *result, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"
#include "setup/account-form.h"

G_BEGIN_DECLS

/* The last step of a new account: its secret goes to its place, then its section into the file.
   Where the second fails, the first is undone, and a secret that was there before is there again.
   No GTK. */

#define POSTSEAL_MAKER_ERROR (postseal_maker_error_quark ())
GQuark postseal_maker_error_quark (void);
typedef enum
{
  POSTSEAL_MAKER_ERROR_EXISTS, /* there is an account of this name */
} PostsealMakerError;

/**
 * postseal_account_maker_run_async:
 * @config: the path of accounts.conf
 * @secret: (nullable): NULL: it is in its place already, or none is needed
 *
 * Cannot be stopped halfway. Errors: %POSTSEAL_MAKER_ERROR, %POSTSEAL_VAULT_ERROR and those of
 * postseal_account_form_save_async().
 */
void postseal_account_maker_run_async (PostsealAccountForm *form,
                                       const char *config,
                                       PostsealCredential *secret,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean postseal_account_maker_run_finish (GAsyncResult *result, GError **error);

/* Takes the secret of an account that came to nothing out of its place again. Nobody waits for it.
   @spec: value of the account key "password" */
void postseal_account_maker_clear_secret (const char *spec, const char *account);

G_END_DECLS

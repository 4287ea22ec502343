/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <account.h>

#include "claws/bindings.h"
#include "claws/sign-in.h"

G_BEGIN_DECLS

/* With what an account of the host signs in, and which of its two passwords that takes. */

typedef enum
{
  POSTSEAL_CLAWS_FOR_RECEIVING,
  POSTSEAL_CLAWS_FOR_SENDING, /* only where it has a user name of its own for that */
} PostsealClawsPasswordUse;

#define POSTSEAL_CLAWS_PASSWORD_USES (POSTSEAL_CLAWS_FOR_SENDING + 1)

/* Returns: (transfer full) (nullable): NULL when it takes no password for that: none at all, none
   of its own, or an access token (OAuth 2) */
PostsealClawsSignIn *
postseal_claws_account_sign_in (const PrefsAccount *account, PostsealClawsPasswordUse use);

/* The account that keeps its passwords in the keyring and asks for one so. Returns: (transfer none)
   (nullable) */
PrefsAccount *postseal_claws_find_asking (PostsealClawsBindings *bindings,
                                          const PasswordRequest *request,
                                          PostsealClawsPasswordUse *ret_use);

/* By which its password is called in the host's own store. */
const char *postseal_claws_password_id (PostsealClawsPasswordUse use);

/* Where the host remembers what was typed when @protocol asked, until it ends. Returns: (nullable)
 */
char **postseal_claws_session_password (PrefsAccount *account, const char *protocol);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"
#include "auth/token-provider-private.h"

G_BEGIN_DECLS

/* The secret that goes with a client ID (RFC 6749 section 2.3.1), for a consent: a public client
   has none, unless the user says where it is. */

/* Whether @error, of looking it up, only says that there is none, and none is needed. A keyring
   that is not there holds none, where the refresh token is kept elsewhere. @error: (nullable) */
gboolean
_postseal_client_secret_is_none (const PostsealTokenProvider *provider, const GError *error);

/* @spec: value of the account key "password". Errors: those of a vault. */
void _postseal_client_secret_async (const PostsealTokenProvider *provider,
                                    const char *spec,
                                    const char *account,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* @ret_secret: (transfer full) (nullable) */
gboolean _postseal_client_secret_finish (GAsyncResult *result,
                                         PostsealCredential **ret_secret,
                                         GError **error);

G_END_DECLS

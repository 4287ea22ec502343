/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "imap/imap-operation.h"

G_BEGIN_DECLS

/* Signing in: AUTHENTICATE by the strongest mechanism that the authenticator allows, or LOGIN (RFC
   9051 sections 6.2.2, 6.2.3). */

/* @error: NULL when the user is signed in */
typedef void (*PostsealImapSignInFunc) (const GError *error, gpointer user_data);

/**
 * _postseal_imap_sign_in:
 * @login: the operation that it is a part of, which is held by the caller until @func has been
 * called
 * @func: called once, never from within this call
 *
 * Tries the next mechanism only when the server cannot do one, never after it said no to the
 * secret.
 */
void _postseal_imap_sign_in (PostsealImapOperation *login,
                             PostsealAuthenticator *auth,
                             PostsealImapSignInFunc func,
                             gpointer user_data);

G_END_DECLS

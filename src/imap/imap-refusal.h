/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "wire/imap-parser.h"

G_BEGIN_DECLS

/* What a refusal means (RFC 5530 section 3, RFC 9051 section 7.1). */

/* @tagged: NO or BAD. @verb: what was refused, e.g. "SELECT". @server: "HOST:PORT".
   Returns: (transfer full): %POSTSEAL_IMAP_ERROR_BUSY, _GONE, _LIMIT or _REFUSED */
GError *postseal_imap_refusal_to_error (const PostsealImapResponse *tagged,
                                        const char *verb,
                                        const char *server);

/* @response: NO, BAD or BYE. TRUE when its words say that there are too many connections: few
   servers have the code for it, which says many other things, too. */
gboolean postseal_imap_refusal_is_limit (const PostsealImapResponse *response);

typedef enum
{
  POSTSEAL_IMAP_SIGN_IN_REJECTED, /* this user, this secret: no */
  POSTSEAL_IMAP_SIGN_IN_AMBIGUOUS, /* NO without a reason */
  POSTSEAL_IMAP_SIGN_IN_UNSUPPORTED, /* the mechanism, not the secret */
  POSTSEAL_IMAP_SIGN_IN_BUSY,
  POSTSEAL_IMAP_SIGN_IN_LIMITED, /* too many connections */
  POSTSEAL_IMAP_SIGN_IN_POLICY, /* not now and not so: the text says why */
  POSTSEAL_IMAP_SIGN_IN_REFERRED, /* to another server (RFC 2221), never followed */
} PostsealImapSignInRefusal;

/* @tagged: NO or BAD to LOGIN or AUTHENTICATE */
PostsealImapSignInRefusal postseal_imap_refusal_of_sign_in (const PostsealImapResponse *tagged);

/* The error for it; UNSUPPORTED gives %POSTSEAL_AUTH_ERROR_NO_MECHANISM. @mechanism: what was
   tried.
   @inner: (nullable): the server's words inside the mechanism. Returns: (transfer full) */
GError *postseal_imap_refusal_to_sign_in_error (const PostsealImapResponse *tagged,
                                                const char *mechanism,
                                                const char *inner,
                                                const char *server);

G_END_DECLS

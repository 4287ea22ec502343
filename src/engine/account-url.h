/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/endpoint.h"

G_BEGIN_DECLS

/* The URLs of the keys "receive" and "send": SCHEME://[USER@]HOST[:PORT], where the scheme names
   the protocol and how TLS starts. The user is percent-encoded (RFC 3986 section 3.2.1), an IPv6
   address stands in brackets (section 3.2.2). A password has no place in them. */

typedef enum
{
  POSTSEAL_ACCOUNT_URL_RECEIVE,
  POSTSEAL_ACCOUNT_URL_SEND,
} PostsealAccountUrlKind;

/**
 * postseal_account_url_parse:
 * @ret_user: (transfer full) (nullable): NULL when the URL names none
 * @ret_complaint: (transfer full): what is wrong, a translated sentence that never repeats what may
 * be a password; set when the result is FALSE
 */
gboolean postseal_account_url_parse (const char *url,
                                     PostsealAccountUrlKind kind,
                                     PostsealEndpoint **ret_endpoint,
                                     char **ret_user,
                                     char **ret_complaint);

/* The inverse, with the port even when it is the default. Returns: (transfer full) */
char *postseal_account_url_format (const PostsealEndpoint *endpoint, const char *user);

G_END_DECLS

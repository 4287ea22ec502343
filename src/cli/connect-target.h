/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"
#include "net/endpoint.h"
#include "net/tls-policy.h"

G_BEGIN_DECLS

/* Whom "postseal connect" talks to: a server of an account, as it is configured, or any other. */

/* What the user said about it, each NULL when not. */
typedef struct
{
  char *protocol; /* owned: "imap", "pop3", "smtp", "submission" */
  char *tls; /* owned: "implicit", "starttls" */
  char *ca_file; /* owned */
} PostsealConnectWishes;

typedef struct
{
  PostsealAccount *account; /* owned; NULL: any server */
  gboolean is_sending; /* which of the account's */
  PostsealEndpoint *endpoint; /* owned */
  PostsealTlsPolicy *policy; /* owned */
} PostsealConnectTarget;

/**
 * postseal_connect_target_find:
 * @program: for complaints
 * @name: the name of an account, or HOST:PORT; whatever has a port is the latter
 *
 * The policy for a server of no account is "enforced". Its protocol and how TLS starts are those
 * that are usual for its port (RFC 8314 section 7), unless @wishes say so.
 *
 * Returns: FALSE after a complaint, with @ret_status
 */
gboolean postseal_connect_target_find (PostsealConnectTarget *self,
                                       const PostsealOptions *options,
                                       const PostsealConnectWishes *wishes,
                                       const char *program,
                                       const char *name,
                                       int *ret_status);

/* Both free what they hold. */
void postseal_connect_target_clear (PostsealConnectTarget *self);
void postseal_connect_wishes_clear (PostsealConnectWishes *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealConnectTarget, postseal_connect_target_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealConnectWishes, postseal_connect_wishes_clear)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"
#include "net/endpoint.h"

G_BEGIN_DECLS

/* What "postseal check" is to look at, by what was typed. */

typedef enum
{
  POSTSEAL_CHECK_ACCOUNT,
  POSTSEAL_CHECK_HOST,
  POSTSEAL_CHECK_DOMAIN,
} PostsealCheckKind;

typedef struct
{
  PostsealCheckKind kind;
  char *name; /* owned: of an account; NULL: of all of them. Else lower case, A-labels, or an IP
                 literal without brackets */
  guint16 port; /* of a host; 0: all */
  gboolean has_service; /* the next two were told, too */
  PostsealProtocol protocol;
  PostsealTlsStart start;
} PostsealCheckTarget;

/**
 * postseal_check_target_find:
 * @options: (transfer none): where the accounts are
 * @kind: (nullable): "account", "host" or "domain", as the user demands; else it is found out
 * @text: (nullable): as typed: the name of an account; HOST:PORT, [HOST]:PORT, an IP address, or a
 *   URL as accounts have it; a domain, or an address of mail in it
 * @program: for complaints
 *
 * A name is an account if there is one; else it is a domain where mail for it is taken (MX), and a
 * host where not. Blocks for as long as the DNS takes.
 *
 * Returns: FALSE after a complaint, with @ret_status
 */
gboolean postseal_check_target_find (PostsealCheckTarget *self,
                                     const PostsealOptions *options,
                                     const char *kind,
                                     const char *text,
                                     const char *program,
                                     int *ret_status);
void postseal_check_target_clear (PostsealCheckTarget *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealCheckTarget, postseal_check_target_clear)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/latches.h"
#include "net/tls-policy.h"

G_BEGIN_DECLS

/* What a server taught by its successes, and what follows when it does less. */

#define POSTSEAL_LESSON_TLS "tls" /* highest version seen */
#define POSTSEAL_LESSON_VOUCHER                                                                    \
  "voucher" /* "ca" or "dane" once a certificate has been verified                                 \
             */

/* @latches: (nullable): nothing is known. @server: postseal_endpoint_to_string() */
gboolean _postseal_lessons_has (PostsealLatches *latches, const char *server, const char *name);

/**
 * _postseal_lessons_learn:
 * @latches: (nullable): nothing is to be remembered
 * @seal: of a connection that has passed the policy, with all its evidence; gets what there was
 * before and is not now, and what is new
 *
 * Success teaches. A higher version of TLS is not demanded later, since a server may be replaced
 * and TLS 1.3 guards itself against downgrades (RFC 8446 section 4.1.3); that it is missed is told.
 */
void _postseal_lessons_learn (PostsealLatches *latches,
                              const PostsealTlsPolicy *policy,
                              PostsealSeal *seal);

/* For a server that did TLS before: names that. @error: (transfer full): why it does not now.
   Returns: (transfer full) */
GError *
_postseal_lessons_recall_tls (const char *server, const PostsealTlsPolicy *policy, GError *error);

G_END_DECLS

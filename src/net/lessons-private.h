/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/latches.h"
#include "net/tls-policy.h"

G_BEGIN_DECLS

/* What a server taught by its successes, and what follows when it does less. */

/* The highest version seen. */
#define POSTSEAL_LESSON_TLS "tls"
/* "ca" or "dane" once a certificate has been verified. */
#define POSTSEAL_LESSON_VOUCHER "voucher"
/* "keys" once signed DNS names have vouched for it, "none" once they say that they do no more. */
#define POSTSEAL_LESSON_DANE "dane"

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

/**
 * _postseal_lessons_allow:
 * @latches: (nullable): nothing is known
 * @seal: of a connection that has passed the policy, with all its evidence
 *
 * Holds a server that signed DNS names have vouched for against that. Where they say that they do
 * no more, or that they are signed no more, which nobody can forge, its owner has said so. Where
 * they cannot be had, somebody may keep them back: then its key must be one that they did name.
 *
 * Errors: %POSTSEAL_NET_ERROR_DANE where the DNS does not answer, %POSTSEAL_TLS_ERROR_LATCH
 */
gboolean _postseal_lessons_allow (PostsealLatches *latches,
                                  const PostsealTlsPolicy *policy,
                                  PostsealSeal *seal,
                                  GError **error);
/* TRUE when @key, "sha256:BASE64", would not be allowed without an answer from the DNS. */
gboolean
_postseal_lessons_needs_dane (PostsealLatches *latches, const char *server, const char *key);

/* For a server that signed DNS names did vouch for, and nobody does now: a DNS that does not answer
   is the cause. @error: (transfer full): why nobody does. Returns: (transfer full) */
GError *_postseal_lessons_recall_dane (PostsealLatches *latches,
                                       const PostsealTlsPolicy *policy,
                                       const PostsealSeal *seal,
                                       GError *error);

/* For a server that did TLS before: names that. @error: (transfer full): why it does not now.
   Returns: (transfer full) */
GError *
_postseal_lessons_recall_tls (const char *server, const PostsealTlsPolicy *policy, GError *error);

G_END_DECLS

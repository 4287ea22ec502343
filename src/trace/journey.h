/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "trace/message-file.h"
#include "wire/authentication-results.h"
#include "wire/received.h"

G_BEGIN_DECLS

/* How a message came, as its header says, and which of that is to be believed. */

/* One Received field. */
typedef struct
{
  PostsealReceived *received; /* owned */
  guint field; /* its index in the header */
  gboolean is_trusted; /* written by a server of the provider, as far as that can be told */
  gboolean is_own; /* written by this computer, as its record confirms; then no hop of its own */
} PostsealHop;

typedef enum
{
  POSTSEAL_CHECKS_TRUSTED,
  POSTSEAL_CHECKS_NOBODY, /* it does not say who, or in a way that is not understood */
  POSTSEAL_CHECKS_STRANGER, /* by a server that the account does not list */
  POSTSEAL_CHECKS_PLACE, /* by one that it lists, but where strangers write */
  POSTSEAL_CHECKS_REPEATED, /* by one that it lists, which has said another thing above */
} PostsealChecksTrust;

/* One Authentication-Results field. */
typedef struct
{
  PostsealAuthenticationResults *results; /* owned */
  guint field; /* its index in the header */
  PostsealChecksTrust trust;
} PostsealChecks;

typedef struct
{
  GPtrArray *hops; /* owned: (element-type PostsealHop): from the top: the latest first */
  GPtrArray *checks; /* owned: (element-type PostsealChecks): from the top */
  guint n_more; /* further such fields: beyond POSTSEAL_LIMIT_RECEIVED of each */
} PostsealJourney;

/**
 * postseal_journey_new:
 * @trusted: (array zero-terminated=1) (nullable): names of the provider's servers: each stands for
 * itself and what is below it; NULL: nobody is trusted
 * @server: (nullable): the provider's server that the message was fetched from
 * @has_own_field: the first field was put in front by this computer
 *
 * Every server puts what it writes on top (RFC 5321 section 4.4), so that what a stranger has
 * written lies below what the provider has. From the top, hops count as the provider's as long as
 * each says that it was received by one of its servers, and the one above it that it came from
 * within: from the same computer, by name or by a private address and name from a trusted one. What
 * the names say that a client gave itself is no proof.
 *
 * Authentication-Results count of a trusted server above the first Received field that is not the
 * provider's (RFC 8601 sections 1.2, 4.1 and 7.1). A server of whom that is said removes what
 * others have written in its name (section 5); where it does not, what it says itself stands above,
 * so that of two fields about one method the upper one counts.
 *
 * Returns: (transfer full)
 */
PostsealJourney *postseal_journey_new (const PostsealMessageFile *file,
                                       const char *const *trusted,
                                       const char *server,
                                       gboolean has_own_field);
void postseal_journey_free (PostsealJourney *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealJourney, postseal_journey_free)

/* Whether @name is one of @trusted, or below one. NULL-safe. */
gboolean postseal_journey_is_trusted (const char *const *trusted, const char *name);

G_END_DECLS

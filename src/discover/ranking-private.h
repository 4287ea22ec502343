/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/discovery.h"

G_BEGIN_DECLS

/* Puts what the sources propose in order. */

/**
 * _postseal_ranking_merge:
 * @by_source: (array fixed-size=6) (element-type PostsealProposal): each best first
 *
 * By source, in the order of PostsealSource; behind these, in the same order, what knows only one
 * of the two directions; and last what leads to servers that do not answer. A certificate that
 * proves nothing moves nothing: it is to be settled, not to be slid away from. What names the same
 * servers as something better is left out.
 *
 * Returns: (transfer full) (element-type PostsealProposal)
 */
GPtrArray *_postseal_ranking_merge (GPtrArray *const *by_source);

/* A server of it has answered, and no port of it has TLS. Returns: (transfer none) (nullable) */
const PostsealEndpoint *_postseal_ranking_find_in_clear (const PostsealProposal *proposal);

/* Both sides are named, and each was sealed, as it is or at the other usual port. */
gboolean _postseal_ranking_is_good (const PostsealProposal *proposal);

/* Whether a probe is still to come. Foreign hosts are not probed. */
gboolean _postseal_ranking_is_pending (const PostsealProposal *proposal);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/discovery.h"
#include "setup/trouble.h"

G_BEGIN_DECLS

/* Whether both servers of an account can be reached with a seal, before anybody signs in: what a
   search has found out already, or a probe each. No GTK. */

typedef struct
{
  gboolean exists; /* the account has this side */
  gboolean is_sealed;
  PostsealTrouble *trouble; /* owned; NULL: sealed, or not there */
} PostsealServerVerdict;

typedef struct
{
  PostsealServerVerdict sides[2]; /* receiving, sending */
} PostsealServerCheck;

void postseal_server_check_free (PostsealServerCheck *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealServerCheck, postseal_server_check_free)

/* TRUE when every server there is was sealed. */
gboolean postseal_server_check_is_proven (const PostsealServerCheck *self);
/* TRUE when nothing stands in the way but that this computer has no network. */
gboolean postseal_server_check_is_offline (const PostsealServerCheck *self);
/* The first one. Returns: (transfer none) (nullable) */
const PostsealTrouble *postseal_server_check_get_trouble (const PostsealServerCheck *self);

/**
 * postseal_server_check_async:
 * @known: (nullable): its probes are used where they are of the very server
 * @limit_ms: the longest silence in any one wait
 *
 * Errors: %G_IO_ERROR_CANCELLED only.
 */
void postseal_server_check_async (PostsealAccount *account,
                                  const PostsealProposal *known,
                                  guint limit_ms,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* Returns: (transfer full) */
PostsealServerCheck *postseal_server_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/autoconfig.h"
#include "discover/discovery.h"
#include "discover/provider-table-private.h"

G_BEGIN_DECLS

/* Returns: (transfer full): with nothing but these */
PostsealProposal *
_postseal_proposal_new (PostsealSource source, const char *origin, gboolean is_authentic);

/* @address: whose it is. Sets the users that are still missing, foreign_host, and what the table
   knows of the servers. Last step of whoever makes a proposal. */
void _postseal_proposal_complete (PostsealProposal *self,
                                  const char *address,
                                  PostsealProviderTable *providers);

/* The IMAP and the POP3 way that @config offers, in this order; nothing when it has no server for
   receiving or sending. Complete. (element-type PostsealProposal) */
void _postseal_proposal_add_from_autoconfig (GPtrArray *proposals,
                                             const PostsealAutoconfig *config,
                                             PostsealSource source,
                                             const char *origin,
                                             gboolean is_authentic,
                                             const char *address,
                                             PostsealProviderTable *providers);
/* The same of what is known of @provider. */
void _postseal_proposal_add_from_provider (GPtrArray *proposals,
                                           const PostsealProvider *provider,
                                           PostsealSource source,
                                           const char *origin,
                                           gboolean is_authentic,
                                           const char *address,
                                           PostsealProviderTable *providers);

/* Both name the same servers and users. */
gboolean _postseal_proposal_is_same (const PostsealProposal *self, const PostsealProposal *other);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/provider.h"
#include "net/endpoint.h"

G_BEGIN_DECLS

/* All sections of mail-providers.conf, read once. Immutable, so that several threads may ask. */
typedef struct _PostsealProviderTable PostsealProviderTable;

/* Blocks (two small files). What is wrong in them is warned of and left out. Returns: (transfer
   full) */
PostsealProviderTable *_postseal_provider_table_load (void);
void _postseal_provider_table_free (PostsealProviderTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProviderTable, _postseal_provider_table_free)

/* Return: (transfer none) (nullable) */
const PostsealProvider *
_postseal_provider_table_find_by_domain (PostsealProviderTable *self, const char *domain);
const PostsealProvider *
_postseal_provider_table_find_by_host (PostsealProviderTable *self, const char *host);

/* "imaps://imap.example.org:993", of a provider. Returns: (transfer full) (nullable): NULL when it
   is no such URL */
PostsealEndpoint *_postseal_provider_read_url (const char *url);

G_END_DECLS

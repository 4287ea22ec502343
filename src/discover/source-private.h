/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/discovery-settings.h"
#include "discover/discovery.h"
#include "net/lookup.h"
#include "discover/provider-table-private.h"

G_BEGIN_DECLS

/* What all sources of one search share. Immutable once the first is asked. Reference counted. */
typedef struct
{
  char *address; /* owned */
  const char *domain; /* borrowed: of @address */
  gboolean may_ask_list;
  PostsealDiscoverySettings *settings; /* owned */
  PostsealProviderTable *providers; /* owned */
  PostsealLookup *lookup; /* owned */
} PostsealSearchContext;

/* Blocks (small files), so only in a worker thread. The lookup is still to be set. */
PostsealSearchContext *_postseal_search_context_new (const char *address);
PostsealSearchContext *_postseal_search_context_ref (PostsealSearchContext *self);
void _postseal_search_context_unref (PostsealSearchContext *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSearchContext, _postseal_search_context_unref)

/* What a source says. */
typedef struct
{
  PostsealSourceState state; /* never ASKED */
  char *text; /* owned: a translated sentence */
  GPtrArray *proposals; /* owned (element-type PostsealProposal): best first */
} PostsealSourceAnswer;

/* @text: (transfer full). Returns: (transfer full): without proposals */
PostsealSourceAnswer *_postseal_source_answer_new (PostsealSourceState state, char *text);
void _postseal_source_answer_free (PostsealSourceAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSourceAnswer, _postseal_source_answer_free)

/* The words for a server that has no TLS: which, why it is not used, what to ask for. Returns:
   (transfer full) */
char *_postseal_source_describe_in_clear (const PostsealEndpoint *endpoint);

/* Each asks its source; the callback's result is for _postseal_source_ask_finish(). Errors:
   %G_IO_ERROR_CANCELLED only. */
void _postseal_source_provider_async (PostsealSearchContext *context,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
void _postseal_source_known_async (PostsealSearchContext *context,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
void _postseal_source_dns_async (PostsealSearchContext *context,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
void _postseal_source_list_async (PostsealSearchContext *context,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
void _postseal_source_mx_async (PostsealSearchContext *context,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
void _postseal_source_guess_async (PostsealSearchContext *context,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

/* Of all of them. Returns: (transfer full) */
PostsealSourceAnswer *_postseal_source_ask_finish (GAsyncResult *result, GError **error);

G_END_DECLS

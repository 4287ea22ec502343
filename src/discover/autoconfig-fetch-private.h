/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/source-private.h"

G_BEGIN_DECLS

/* Where the owner of @domain keeps the file (draft-ietf-mailmaint-autoconfig section 4), without
   the address in it. Returns: (transfer full): best first */
char **_postseal_autoconfig_list_own_uris (PostsealSearchContext *context, const char *domain);
/* Where the Mozilla list has it. Returns: (transfer full): empty where no list may be asked */
char **_postseal_autoconfig_list_mozilla_uris (PostsealSearchContext *context, const char *domain);

/**
 * _postseal_autoconfig_fetch_async:
 * @uris: (array zero-terminated=1): asked at the same time; the first of them that has something to
 * use wins
 * @source: what the proposals come from
 * @origin: (nullable): who said so; NULL: the host that answers
 * @is_authentic: that the names in @uris are the right ones
 */
void _postseal_autoconfig_fetch_async (PostsealSearchContext *context,
                                       const char *const *uris,
                                       PostsealSource source,
                                       const char *origin,
                                       gboolean is_authentic,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* Returns: (transfer full) */
PostsealSourceAnswer *_postseal_autoconfig_fetch_finish (GAsyncResult *result, GError **error);

/* The file @xml, of @origin, taken apart. Returns: (transfer full) */
PostsealSourceAnswer *_postseal_autoconfig_read_answer (PostsealSearchContext *context,
                                                        GBytes *xml,
                                                        PostsealSource source,
                                                        const char *origin,
                                                        gboolean is_authentic);

G_END_DECLS

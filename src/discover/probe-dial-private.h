/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/probe.h"

G_BEGIN_DECLS

/**
 * _postseal_probe_dial_async:
 * @ca_file: (nullable): whose word counts where the authorities of @policy do not know the server
 *
 * The endpoint as it is named, without looking for another way. Errors and other parameters are
 * those of postseal_probe_async().
 */
void _postseal_probe_dial_async (PostsealEndpoint *endpoint,
                                 PostsealTlsPolicy *policy,
                                 const char *ca_file,
                                 guint limit_ms,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Returns: (transfer full) */
PostsealProbe *_postseal_probe_dial_finish (GAsyncResult *result, GError **error);

/* postseal_probe_async() with further authorities, as above. For postseal_probe_finish(). */
void _postseal_probe_vouched_async (PostsealEndpoint *endpoint,
                                    PostsealTlsPolicy *policy,
                                    const char *ca_file,
                                    guint limit_ms,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/* TRUE for a server that answered and has no TLS: not now, perhaps never. */
gboolean _postseal_probe_is_in_clear (const GError *error);
/* TRUE when nobody is there at all, or never says a word: a server that was switched off, or a name
   that was never its own. */
gboolean _postseal_probe_is_absent (const GError *error);

/* Returns: (transfer full) */
PostsealProbe *_postseal_probe_copy (const PostsealProbe *self);

G_END_DECLS

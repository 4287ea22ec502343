/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Files of https servers, for anybody: no cookie, no password, nothing remembered. */
typedef struct _PostsealHttps PostsealHttps;

/**
 * postseal_https_new:
 * @ca_file: (nullable): who may vouch for a server besides the authorities of the system
 *
 * The proxy of the desktop or of the environment ($https_proxy) is used; it sees no more than the
 * hosts' names.
 */
PostsealHttps *postseal_https_new (const char *ca_file);
void postseal_https_free (PostsealHttps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealHttps, postseal_https_free)

/**
 * postseal_https_get_async:
 * @text: the URI
 * @follows: whether it may be elsewhere; otherwise %POSTSEAL_QUESTION_ERROR_REDIRECTED
 *
 * At most POSTSEAL_LIMIT_AUTOCONFIG bytes and three redirects, to https only.
 *
 * Errors: %POSTSEAL_QUESTION_ERROR, with a 4xx status as %POSTSEAL_QUESTION_ERROR_NOTHING and a
 * redirect out of https as %POSTSEAL_QUESTION_ERROR_UNPROVEN; %G_IO_ERROR_CANCELLED.
 */
void postseal_https_get_async (PostsealHttps *self,
                               const char *text,
                               gboolean follows,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* @ret_host: (out) (transfer full): who has answered in the end. Returns: (transfer full): at least
   one byte */
GBytes *postseal_https_get_finish (GAsyncResult *result, char **ret_host, GError **error);

G_END_DECLS

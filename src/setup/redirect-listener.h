/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where a browser comes back to after the user's consent: plain HTTP on 127.0.0.1, at a port of the
   system's choice, for this one purpose (RFC 8252 section 7.3). */
typedef struct _PostsealRedirectListener PostsealRedirectListener;

/* @query: what stands behind "?". Returns: TRUE when it is the answer that is waited for: the
   browser shows that it is done, and nothing more is listened to; FALSE: the browser is turned away
 */
typedef gboolean (*PostsealRedirectFunc) (const char *query, gpointer user_data);

PostsealRedirectListener *
postseal_redirect_listener_new (PostsealRedirectFunc func, gpointer user_data, GError **error);

/* The port that the system has chosen. */
guint16 postseal_redirect_listener_get_port (PostsealRedirectListener *self);
void postseal_redirect_listener_free (PostsealRedirectListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealRedirectListener, postseal_redirect_listener_free)

G_END_DECLS

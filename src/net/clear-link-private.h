/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/upgrade-private.h"

G_BEGIN_DECLS

/* A connection that has proven nothing. It can hold the conversation of the vestibule, and nothing
   else; it is unrelated to PostsealSealedLink, so that no session takes it. */
typedef struct _PostsealClearLink PostsealClearLink;

/* @socket: connected, not blocking; a reference is taken */
PostsealClearLink *_postseal_clear_link_new (GSocket *socket);
void _postseal_clear_link_free (PostsealClearLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClearLink, _postseal_clear_link_free)

/**
 * _postseal_clear_link_upgrade_async:
 * @script: must outlive the operation
 *
 * Runs @script until its verdict. Success means: agreed, and not one byte behind the answer,
 * neither in our buffer nor in the socket's. There is no deadline but @cancellable.
 *
 * Errors: those of the script, %G_IO_ERROR_CANCELLED
 */
void _postseal_clear_link_upgrade_async (PostsealClearLink *self,
                                         PostsealUpgrade *script,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean _postseal_clear_link_upgrade_finish (GAsyncResult *result, GError **error);

G_END_DECLS

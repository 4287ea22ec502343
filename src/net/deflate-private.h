/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/write-queue-private.h"

G_BEGIN_DECLS

/* Raw DEFLATE in both directions of one connection (RFC 1951, as RFC 4978 section 3 uses it). */
typedef struct _PostsealDeflate PostsealDeflate;

PostsealDeflate *_postseal_deflate_new (void);
void _postseal_deflate_free (PostsealDeflate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDeflate, _postseal_deflate_free)

/* Moves all of @plain, compressed and flushed to a byte boundary, to @wire. */
void _postseal_deflate_compress (PostsealDeflate *self,
                                 PostsealWriteQueue *plain,
                                 PostsealWriteQueue *wire);

/**
 * _postseal_deflate_expand:
 * @ret_consumed: how much of @in was used
 * @room: at most so much is written to @out, however well it was compressed
 *
 * Errors: %G_IO_ERROR_INVALID_DATA
 */
gboolean _postseal_deflate_expand (PostsealDeflate *self,
                                   const guint8 *in,
                                   gsize length,
                                   gsize *ret_consumed,
                                   guint8 *out,
                                   gsize room,
                                   gsize *ret_written,
                                   GError **error);

/* TRUE when the last output filled its room, so that there may be more without any more input. */
gboolean _postseal_deflate_has_more (PostsealDeflate *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/tls-stream-private.h"

G_BEGIN_DECLS

/* The two pollable halves of a PostsealTlsStream. Each points back to the stream without owning it.
 */
GInputStream *_postseal_tls_input_new (PostsealTlsStream *stream);
GOutputStream *_postseal_tls_output_new (PostsealTlsStream *stream);
/* The stream goes: whoever still holds a half reads and writes %G_IO_ERROR_CLOSED from now on. */
void _postseal_tls_pollable_orphan (GInputStream *input, GOutputStream *output);

/* What the halves ask of the stream, which is NULL once they are orphans. They never wait: after
   %G_IO_ERROR_WOULD_BLOCK the _is_ functions say what to wait for, unless they return TRUE. */
gssize
_postseal_tls_stream_read (PostsealTlsStream *self, void *buffer, gsize size, GError **error);
gssize
_postseal_tls_stream_write (PostsealTlsStream *self, const void *data, gsize size, GError **error);
gboolean _postseal_tls_stream_is_readable (PostsealTlsStream *self, GIOCondition *ret_wait);
gboolean _postseal_tls_stream_is_writable (PostsealTlsStream *self, GIOCondition *ret_wait);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* CR LF becomes LF, once; nothing else changes: a lone CR stays, "CR CR LF" is "CR LF", NUL and
   8-bit pass. Streaming: a CR at the end of the input is held until the next byte tells what it
   was. Initialise with { 0 }. */
typedef struct
{
  gboolean has_cr;
} PostsealCrlfDecoder;

/* @out has room for @length + 1 bytes and does not overlap @in. Returns: bytes written to @out */
gsize postseal_crlf_decode (PostsealCrlfDecoder *self, const guint8 *in, gsize length, guint8 *out);

/* The other way: a bare LF becomes CR LF; nothing else changes, a lone CR and a CR LF included.
   Streaming: @had_cr, FALSE at first, is whether the byte before was a CR. Appends to @out. */
void postseal_crlf_encode (gboolean *had_cr, const char *in, gsize length, GString *out);

/* The end of the input to postseal_crlf_decode(): writes the held CR, if any. Returns: 0 or 1 */
gsize postseal_crlf_decode_finish (PostsealCrlfDecoder *self, guint8 *out);

G_END_DECLS

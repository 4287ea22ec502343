/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The body of a POP3 multi-line response (RFC 1939 section 3): ends at a line that is exactly "."
   between CR LFs and nowhere else, one leading dot is removed at true line starts only, whatever
   buffers the bytes came in. The CR LF that ends the last line belongs to the content.
   Initialise with { 0 }. */
typedef struct
{
  guint state; /* private */
} PostsealDotDecoder;

/**
 * postseal_dot_decode:
 * @in: (array length=length): raw input
 * @ret_consumed: how much of @in was used; less than @length only when the end was found
 * @out: room for @length + 4 bytes, not overlapping @in
 * @ret_written: bytes of content written to @out
 *
 * Returns: TRUE when the terminating line has been consumed; the decoder is then ready for the next
 * body
 */
gboolean postseal_dot_decode (PostsealDotDecoder *self,
                              const guint8 *in,
                              gsize length,
                              gsize *ret_consumed,
                              guint8 *out,
                              gsize *ret_written);

/* The same on the way out (RFC 5321 section 4.5.2): a dot that begins a line is doubled. The input
   is canonical (wire/text-canon.h) and begins a message; initialise with { 0 }. */
typedef struct
{
  guint state; /* private: 0 at the start of a line */
} PostsealDotEncoder;

/* @out has room for 2 * @length bytes. Returns: bytes written */
gsize postseal_dot_encode (PostsealDotEncoder *self, const char *in, gsize length, char *out);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text as it may travel (RFC 5321 section 2.3.8, RFC 5322 section 2.1.1): every line ends with CR
   LF, no CR or LF stands alone, no NUL, at most 998 octets in a line. LF becomes CR LF and CR LF
   stays; whatever else would be needed changes the message, and is refused: a lone CR and a NUL are
   the raw material of SMTP smuggling. Streaming; initialise with { 0 }. */

typedef enum
{
  POSTSEAL_TEXT_CANON_OK,
  POSTSEAL_TEXT_CANON_LONE_CR,
  POSTSEAL_TEXT_CANON_NUL,
  POSTSEAL_TEXT_CANON_LONG_LINE,
} PostsealTextCanonProblem;

typedef struct
{
  guint64 line; /* number of the line being read, the first is 0: for messages */
  guint column; /* octets in it */
  gboolean has_cr; /* private: a CR is held until the next byte tells what it was */
  gboolean has_8bit; /* an octet above 127 was seen */
  PostsealTextCanonProblem problem; /* the first; nothing is written after it */
} PostsealTextCanon;

/* @out has room for 2 * @length + 2 bytes and does not overlap @in.
   Returns: bytes written; look at @self->problem afterwards */
gsize postseal_text_canon (PostsealTextCanon *self, const char *in, gsize length, char *out);

/* The end of the input: ends an unfinished last line with CR LF. @out has room for 2 bytes.
   Returns: 0 or 2 */
gsize postseal_text_canon_finish (PostsealTextCanon *self, char *out);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Quoted-printable (RFC 2045 section 6.7) that decodes to exactly the octets that went in: CR LF is
   a line end, a CR or LF that stands alone is data. Streaming; initialise with { 0 }. A soft line
   break never makes a line begin with "-", so that no text becomes a boundary. */
typedef struct
{
  guint column; /* octets in the line being written */
  guint8 held; /* CR, space or tab: the next octet tells what it was */
} PostsealQuotedPrintable;

/* Appends what becomes of @data to @out. */
void _postseal_quoted_printable_append (PostsealQuotedPrintable *self,
                                        const guint8 *data,
                                        gsize length,
                                        GString *out);
/* The end of the data. @ends_line: a line is ended, softly where the data does not end it. */
void
_postseal_quoted_printable_finish (PostsealQuotedPrintable *self, gboolean ends_line, GString *out);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The header of a message (RFC 5322 section 2.2) as the fields it is made of, nothing decoded and
   nothing changed. Line ends are LF or CR LF, mixed or not. */

typedef struct
{
  gsize start; /* of the field in the block */
  gsize length; /* with all its lines and their line ends */
  gsize name_length; /* from start; 0: a line that is no field (not a name and a colon) */
  gsize value_start; /* behind the colon */
  gsize value_length; /* with folding, without the last line end */
} PostsealHeaderField;

/**
 * postseal_header_fields_find_end:
 * @block: the beginning of a message
 * @ret_header_length: the header with the last field's line end, without the empty line
 * @ret_body_start: behind the empty line
 *
 * Returns: FALSE when the empty line has not come yet; at the end of input, all is header
 */
gboolean postseal_header_fields_find_end (const char *block,
                                          gsize length,
                                          gsize *ret_header_length,
                                          gsize *ret_body_start);

/* @header: (array length=length): the header alone. A line that is neither a field nor the
   continuation of one has name_length 0. Returns: (transfer full) (element-type
   PostsealHeaderField): in order */
GArray *postseal_header_fields_split (const char *header, gsize length);

/* Compares the name, without regard to case (RFC 5322 section 1.2.2). */
gboolean
postseal_header_field_is (const PostsealHeaderField *field, const char *header, const char *name);

G_END_DECLS

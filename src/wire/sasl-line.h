/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Base64 as SASL exchanges carry it (RFC 4648 section 4, demanded by RFC 3501, RFC 4954, RFC 5034
   section 4): one line, the plain alphabet, full padding, no white space. */

/**
 * postseal_sasl_line_decode:
 * @line: base64 without "+ " and without a line end
 * @length: its length, or -1 when NUL terminated
 *
 * Strict: a foreign character, missing or misplaced padding and stray bits in the last group are
 * refused. An empty line is an empty challenge.
 *
 * Returns: (transfer full) (nullable): NULL when malformed, or larger than
 * POSTSEAL_LIMIT_SASL_CHALLENGE
 */
GBytes *postseal_sasl_line_decode (const char *line, gssize length);

/* The characters that @length bytes become, without a NUL: what to reserve for the next function.
 */
gsize postseal_sasl_line_encoded_length (gsize length);

/**
 * postseal_sasl_line_encode:
 * @data: (array length=length): a response, which is secret
 * @out: room for postseal_sasl_line_encoded_length() characters; the caller wipes it after use
 *
 * Nothing is allocated and no NUL is added. An empty initial response is "=" on the wire (RFC 5034
 * section 4, RFC 4959 section 3): that is for the caller to write, as it is not base64.
 *
 * Returns: characters written
 */
gsize postseal_sasl_line_encode (const void *data, gsize length, char *out);

G_END_DECLS

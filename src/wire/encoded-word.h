/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_encoded_word_decode:
 * @value: (array length=length): of a field such as Subject, folded or not
 *
 * What a person wrote: encoded words (RFC 2047) become their text, white space between two of them
 * goes (section 6.2), folding goes. What is no encoded word after all, or names an unknown charset
 * or encoding, stays as it is, and so do octets above 127. For showing only: nothing is checked.
 *
 * Returns: (transfer full): NUL-terminated; may hold control characters, and octets that are no
 * UTF-8 when @value did
 */
char *postseal_encoded_word_decode (const char *value, gsize length);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The addresses in a From, Sender, To, Cc, Bcc or Resent-... field (RFC 5322 section 3.4): folding,
   comments, quoted strings, groups, display names and obsolete routes are understood and left out;
   what remains is "local@domain" or a bare name, spelled as in the field, without white space and
   comments. Nothing is checked beyond that: see wire/smtp-path.h. */

/**
 * postseal_address_list_parse:
 * @value: (array length=length): the field's value, folded or not
 * @ret_addresses: (transfer none): what is found is appended, newly allocated; in order, doubles
 * kept
 *
 * An empty group ("undisclosed-recipients:;"), empty list elements and "<>" add nothing. A ";"
 * outside a group parts addresses like ","; a group may lack its end.
 *
 * Returns: FALSE when the value cannot be understood (unbalanced quotes, brackets or comments, text
 * behind an address, nesting beyond POSTSEAL_LIMIT_NESTING): appended is then what was found before
 */
gboolean postseal_address_list_parse (const char *value, gsize length, GPtrArray *ret_addresses);

G_END_DECLS

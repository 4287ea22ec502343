/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Domains as text: lower case, A-labels, without the last dot. There is no list of public suffixes
   here: who the registrable domain belongs to is taken from the last two labels, or three below the
   few registries that are known to sell there. */

/* "mail.example.co.uk" -> "example.co.uk". Returns: (transfer none): the end of @domain */
const char *_postseal_domain_get_base (const char *domain);

/* @host is @domain or below it. */
gboolean _postseal_domain_is_within (const char *host, const char *domain);

/* Whether both belong to the same registrable domain. In doubt they do not, and the user is asked:
   below a country, what is short may be a registry's. */
gboolean _postseal_domain_is_related (const char *host, const char *domain);

/* @host in the form above, or an IP address in its usual spelling. Returns: (transfer full)
   (nullable): NULL when it is neither a host name (RFC 1123 section 2.1, RFC 5890) nor an address
 */
char *_postseal_domain_normalize_host (const char *host);

G_END_DECLS

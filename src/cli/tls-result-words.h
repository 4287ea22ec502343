/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What failures of TLS are, in words. All are static and translated. */

/* Of a result type of RFC 8460 section 4.3, to the people of the domain that was sent to: "the
   certificate had expired". Never NULL */
const char *postseal_tls_result_words_get_type (const char *type);
/* What they can do about it; NULL where nothing is known. */
const char *postseal_tls_result_words_get_remedy (const char *type);

/* Of a reason of ours (net/tls-result.h), to whoever connected. Never NULL */
const char *postseal_tls_result_words_get_reason (const char *reason);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/net-error.h"

G_BEGIN_DECLS

/* What became of the TLS of one connection, in a word: a reason of our own, and the result type of
   RFC 8460 section 4.3 that it is one of. Both are stable: they are written to files. */

/* No error: it was done without TLS, which "opportunistic" allows. */
#define POSTSEAL_TLS_RESULT_IN_CLEAR "in-clear"

/* The word for @error. NULL where it says nothing of the server's TLS: the network as such, a
   mistake of our own, an end that was wished for. */
const char *postseal_tls_result_get_reason (const GError *error);

/* The type of @reason, one of these words. NULL for any other. */
const char *postseal_tls_result_get_type (const char *reason);

/* The inverse of getting the reason, with a message for nobody. Returns: (transfer full)
   (nullable): NULL for a word that stands for no error */
GError *postseal_tls_result_make_error (const char *reason);

G_END_DECLS

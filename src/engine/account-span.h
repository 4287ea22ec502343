/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Times as people write them in accounts.conf: a whole number with one unit, s, m, h, d or w. */

/* Returns: FALSE when @text is no such time, is zero, or is longer than a hundred years */
gboolean postseal_account_span_parse (const char *text, gint64 *ret_seconds);
/* In the largest unit up to days that leaves no fraction: 300 is "5m". Returns: (transfer full) */
char *postseal_account_span_format (gint64 seconds);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_mail_date_parse:
 * @value: (array length=length): "Tue, 3 Nov 2026 10:11:12 +0100 (CET)" (RFC 5322
 * sections 3.3, 4.3)
 * @ret_time: Unix seconds
 *
 * Comments, a missing or wrong day of the week, missing seconds and years of two digits are borne.
 * A zone that is missing or unknown counts as UTC.
 *
 * Returns: FALSE when it is no date
 */
gboolean postseal_mail_date_parse (const char *value, gsize length, gint64 *ret_time);

G_END_DECLS

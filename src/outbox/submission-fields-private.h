/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The values of fields that a message lacks. */

/* RFC 5322 section 3.3, in the local zone as a number: "Sun, 22 Nov 2026 02:01:00 +0100".
   Returns: (transfer full) */
char *_postseal_submission_format_date (GDateTime *time);

/* RFC 5322 section 3.6.4: "<RANDOM@DOMAIN>" with the domain of @address: no host name tells where
   it was written. Returns: (transfer full) */
char *_postseal_submission_make_message_id (const char *address);

/* "Jane Doe <jane@example.org>", quoted (RFC 5322 section 3.2.4) or encoded (RFC 2047) where need
   be. @full_name: (nullable). Returns: (transfer full) */
char *_postseal_submission_format_author (const char *full_name, const char *address);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a string argument is written in a command: as an atom where nothing can mistake it, else
   quoted; 8-bit, NUL, CR, LF and more than 1024 bytes need a literal, which is the caller's
   business. */

/* @out has room for 2 * @length + 2 bytes and does not overlap @bytes; no NUL is written, and
   secrets are nowhere else. Returns: bytes written; 0 when only a literal can carry it */
gsize postseal_imap_quote (const char *bytes, gsize length, char *out);

/* The same for what is no secret. Returns: FALSE when only a literal can carry it; @command is as
 * it was */
gboolean postseal_imap_quote_append (GString *command, const char *bytes, gsize length);

G_END_DECLS

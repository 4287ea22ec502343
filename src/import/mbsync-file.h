/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/rc-section.h"

G_BEGIN_DECLS

/**
 * postseal_mbsync_file_parse:
 *
 * A mbsyncrc (mbsync(1), "Configuration"): sections are begun by a keyword and ended by an empty
 * line. Kinds: "global" (one, first), "imapaccount", "imapstore", "maildirstore", "channel",
 * "group". Names of settings are in lower case, "master" and "slave" have become "far" and "near"
 * in them. A setting has its arguments as values; the command of "passcmd" and "usercmd" is one
 * value, without the "+" before it, and is not run.
 *
 * Errors: %POSTSEAL_IMPORT_ERROR_SYNTAX. Returns: (transfer full) (element-type PostsealRcSection)
 */
GPtrArray *postseal_mbsync_file_parse (const char *text, gsize length, GError **error);

G_END_DECLS

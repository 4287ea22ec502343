/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/rc-section.h"

G_BEGIN_DECLS

/**
 * postseal_fetchmail_file_parse:
 *
 * A fetchmailrc (fetchmail(1), "The run control file"). Sections by kind: "set" (one, first, with
 * all global settings), "defaults", "poll" and "skip" with the server's settings, each followed by
 * its "user" sections; the name of such a one is the user on the server, or NULL. Names are those
 * of fetchmail-words.h without abbreviation. "user X here is Y there" has changed sides already:
 * the setting "is" holds local names, pairs as "remote=local".
 *
 * Errors: %POSTSEAL_IMPORT_ERROR_SYNTAX. Returns: (transfer full) (element-type PostsealRcSection)
 */
GPtrArray *postseal_fetchmail_file_parse (const char *text, gsize length, GError **error);

G_END_DECLS

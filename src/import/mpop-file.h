/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/rc-section.h"

G_BEGIN_DECLS

/**
 * postseal_mpop_file_parse:
 *
 * A configuration file of mpop or msmtp, which share one grammar (mpop(1), "Configuration files"):
 * one command a line. Sections of kind "account", complete: the defaults that were in force, what
 * "account NAME : OTHER, …" inherits, and their own settings, in this order, so that the last one
 * counts; of kind "alias" where "account default : NAME" says nothing of its own. Each setting has
 * one value, perhaps "". One that inherits has a setting "account" with the names. A command that
 * "eval" names is a setting like any other, and is not run.
 *
 * Errors: %POSTSEAL_IMPORT_ERROR_SYNTAX. Returns: (transfer full) (element-type PostsealRcSection)
 */
GPtrArray *postseal_mpop_file_parse (const char *text, gsize length, GError **error);

G_END_DECLS

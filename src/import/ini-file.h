/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/rc-section.h"

G_BEGIN_DECLS

typedef enum
{
  POSTSEAL_INI_GETMAIL, /* Python's RawConfigParser: ":" is "=", indented lines go on, names of
                           settings in any case */
  POSTSEAL_INI_CLAWS, /* nothing of all this */
} PostsealIniStyle;

/**
 * postseal_ini_file_parse:
 *
 * "[section]" and "name=value" lines: a getmailrc, Claws Mail's accountrc. The sections' kinds are
 * what stands in the brackets. Each setting has one value, perhaps "", of a getmailrc with a line
 * feed between its lines; but settings that are called "password" or end in it are secrets.
 *
 * Errors: %POSTSEAL_IMPORT_ERROR_SYNTAX. Returns: (transfer full) (element-type PostsealRcSection)
 */
GPtrArray *
postseal_ini_file_parse (const char *text, gsize length, PostsealIniStyle style, GError **error);

/**
 * postseal_ini_python_strings:
 *
 * What Python would take for strings: a quoted one, or a tuple or list of them, as deep as it may
 * be; None, True, False and numbers are their own words. Text that is no such literal is one string
 * as it stands.
 *
 * Returns: (transfer full) (element-type utf8)
 */
GPtrArray *postseal_ini_python_strings (const char *text);

G_END_DECLS

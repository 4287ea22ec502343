/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-reader.h"

G_BEGIN_DECLS

/* What reading and editing share. */

/**
 * _postseal_account_store_read_file:
 * @ret_is_missing: (out): there is no such file
 *
 * The whole text; refuses what is not a regular file, is changeable by everybody, or is absurdly
 * long. Returns: (transfer full) (nullable)
 */
char *_postseal_account_store_read_file (const char *path,
                                         gsize *ret_length,
                                         gboolean *ret_is_missing,
                                         GError **error);

/* Never fails: what is wrong becomes problems. */
PostsealAccountStore *
_postseal_account_store_parse (const char *path, const char *text, gsize length);

/* The first thing wrong with the account @name. Returns: (transfer none) (nullable) */
const PostsealAccountProblem *
_postseal_account_store_find_problem (PostsealAccountStore *self, const char *name);

/* The name in "account NAME", or NULL when @section is another. Returns: (transfer none) */
const char *_postseal_account_store_name_section (const char *section);

G_END_DECLS

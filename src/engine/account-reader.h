/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-store.h"

G_BEGIN_DECLS

/* One section of accounts.conf, checked and turned into an account. */

typedef struct
{
  guint line; /* from 1 */
  PostsealConfigError code;
  char *message; /* owned: translated, without file and line */
} PostsealAccountProblem;

PostsealAccountProblem *
postseal_account_problem_new (guint line, PostsealConfigError code, char *message);
void postseal_account_problem_free (PostsealAccountProblem *self);

/**
 * postseal_account_reader_read:
 * @name: the account's name, already checked
 * @lines: (element-type PostsealAccountLine): the whole file
 * @first: index of the section's own line
 * @end: index behind the section's last line
 * @problems: (element-type PostsealAccountProblem): what is wrong is added, sorted by line
 *
 * Returns: (transfer full) (nullable): NULL when a problem was added
 */
PostsealAccount *postseal_account_reader_read (
    const char *name, const GPtrArray *lines, guint first, guint end, GPtrArray *problems);

/* NULL when @name may be an account's name, else a translated sentence. Returns: (transfer full)
 * (nullable) */
char *postseal_account_reader_check_name (const char *name);
/* The same as a name may be: what it may not hold becomes "_". Returns: (transfer full) */
char *postseal_account_reader_spell_name (const char *text);

/* TRUE when the value of @key is a ";" list, which keeps its escapes until it is split. */
gboolean postseal_account_reader_is_list (const char *key);

G_END_DECLS

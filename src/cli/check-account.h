/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"

G_BEGIN_DECLS

/* "postseal check [ACCOUNT]": both directions, exactly as they are configured. @name: (nullable):
   NULL: all accounts. @login: signs in, too. Returns: the exit status, the gravest of all */
int postseal_check_account (const char *name, gboolean login, const PostsealOptions *options);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"

G_BEGIN_DECLS

/* "postseal check DOMAIN". @domain: lower case, A-labels. @selectors: (nullable): of DKIM. Returns:
   the exit status */
int postseal_check_domain (const char *domain,
                           const char *const *selectors,
                           const PostsealOptions *options);

G_END_DECLS

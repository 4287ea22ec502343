/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/check-target.h"
#include "cli/options.h"

G_BEGIN_DECLS

/* "postseal check HOST[:PORT]". @ca_file: (nullable): instead of the system's authorities. Returns:
   the exit status */
int postseal_check_host (const PostsealCheckTarget *target,
                         const char *ca_file,
                         gboolean probes_injection,
                         const PostsealOptions *options);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/check-side.h"

G_BEGIN_DECLS

/* What a checked direction comes to: findings with advice, for the account that it belongs to. */

/* Adds to @findings (element-type PostsealFinding). Blocks for a moment, where the provider's own
   pages are looked up. */
void postseal_check_side_judge (const PostsealCheckSide *self, GPtrArray *findings);

/* The gravest exit status of what went wrong on the way; findings are not looked at. */
int postseal_check_side_get_status (const PostsealCheckSide *self);

G_END_DECLS

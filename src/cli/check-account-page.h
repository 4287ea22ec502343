/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "cli/check-side.h"

G_BEGIN_DECLS

/* A checked account, for people and for programs. @sides: (array length=2): receiving, sending;
   NULL where it has none. @findings: (element-type PostsealFinding) */

/* The steps of each side, what was found, and the verdict. @is_verbose: with what was seen */
void postseal_check_account_page_print (const PostsealAccount *account,
                                        PostsealCheckSide *const *sides,
                                        GPtrArray *findings,
                                        gboolean is_verbose);

/* The document of postseal-check(1) about one account, as a value. */
void postseal_check_account_page_add_json (JsonBuilder *builder,
                                           const PostsealAccount *account,
                                           PostsealCheckSide *const *sides,
                                           GPtrArray *findings);

G_END_DECLS

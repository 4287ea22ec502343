/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "cli/page.h"
#include "import/import.h"

G_BEGIN_DECLS

/* What another program's file says, for people and for programs. */

/* "carried", "changed", "impossible", "weaker": for programs */
const char *postseal_import_words_name_verdict (PostsealImportVerdict verdict);

/* An account: what it is, what becomes of each setting, what is known as retrieved, and, with
   @shows_text, the section as it would be written. */
void postseal_import_words_add_account (PostsealPage *page,
                                        const PostsealImportAccount *account,
                                        gboolean shows_text);

/* One object. @state: "imported", "there", "unusable", "left" or "failed"; "found" before */
void postseal_import_words_add_json (JsonBuilder *builder,
                                     const PostsealImportAccount *account,
                                     const char *state);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/overview.h"
#include "cli/page.h"

G_BEGIN_DECLS

/* An overview as people read it. @now: Unix seconds */

/* What is true of all accounts: whether a daemon runs, the network, mistakes in the file. */
void postseal_overview_page_add_head (PostsealPage *page, const PostsealOverview *overview);

/* All there is to say about one account. */
void postseal_overview_page_add_account (PostsealPage *page,
                                         const PostsealOverviewAccount *account,
                                         gint64 now);

/* The same on one line, where there is no room for more. */
void postseal_overview_page_add_line (PostsealPage *page,
                                      const PostsealOverviewAccount *account,
                                      gint64 now);

/* "work: watching INBOX; nothing to send", without anything that is true for a moment only, for
   lines that stay. Returns: (transfer full) */
char *postseal_overview_page_sum_up (const PostsealOverviewAccount *account);

/* TRUE when a time within the last or the next minute was shown: counted in seconds. */
gboolean postseal_overview_page_has_seconds (const PostsealOverviewAccount *account, gint64 now);

G_END_DECLS

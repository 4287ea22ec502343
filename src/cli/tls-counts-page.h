/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/page.h"
#include "engine/account.h"
#include "engine/tls-counts.h"

G_BEGIN_DECLS

/* For each server of @account: how many connections were sealed and refused since @first_day
   ("2026-11-22"), why, when last, and what can be done. Or that there were none. @now:
   Unix time */
void postseal_tls_counts_page_add (PostsealPage *page,
                                   PostsealAccount *account,
                                   const PostsealTlsCounts *counts,
                                   const char *first_day,
                                   gint64 now);

G_END_DECLS

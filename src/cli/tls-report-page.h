/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/page.h"
#include "cli/tls-report-input.h"

G_BEGIN_DECLS

/* Other people's reports on TLS, in words for the people of the domain. */

/* Who reports, for which days, and under each policy what became of the connections: the worst
   first, with what to do. */
void postseal_tls_report_page_add (PostsealPage *page, const PostsealTlsReportInput *input);

/* The same of @reports together. (element-type PostsealTlsReport) */
void postseal_tls_report_page_add_sum (PostsealPage *page, const GPtrArray *reports);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "cli/page.h"

G_BEGIN_DECLS

/* What a check has found, for people and for programs. @findings: (element-type PostsealFinding) */

typedef enum
{
  POSTSEAL_FINDING_PAGE_DOMAIN,
  POSTSEAL_FINDING_PAGE_HOST,
  POSTSEAL_FINDING_PAGE_ACCOUNT,
} PostsealFindingPageKind;

/* The findings by subject, the worst first, and the verdict. @is_verbose: with what was seen, and
   where */
void postseal_finding_page_add (PostsealPage *page,
                                PostsealFindingPageKind kind,
                                const char *target,
                                GPtrArray *findings,
                                gboolean is_verbose);

/* The members of postseal-check(1) that all targets have, to the object being built. */
void postseal_finding_page_add_json (JsonBuilder *builder, const char *target, GPtrArray *findings);

/* The exit status that belongs to the worst: 76 when something is bad; else 75 when the DNS or the
   server did not answer all; else 0. */
int postseal_finding_page_get_status (GPtrArray *findings);

G_END_DECLS

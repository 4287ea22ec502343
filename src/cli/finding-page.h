/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a check has found, for people and for programs. @findings: (element-type PostsealFinding) */

/* @is_verbose: with what was seen, and where */
void postseal_finding_page_print (const char *target, GPtrArray *findings, gboolean is_verbose);

/* The document of postseal-check(1). */
void postseal_finding_page_print_json (const char *target, GPtrArray *findings);

/* The exit status that belongs to the worst: 76 when something is bad; else 75 when the DNS or the
   server did not answer all; else 0. */
int postseal_finding_page_get_status (GPtrArray *findings);

G_END_DECLS

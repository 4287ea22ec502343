/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/page.h"
#include "cli/trace-subject.h"

G_BEGIN_DECLS

/* Adds what servers say to have checked, whom to believe, and how to believe more. */
void postseal_trace_checks_add (PostsealPage *page,
                                const PostsealTraceSubject *subject,
                                gboolean is_verbose);

G_END_DECLS

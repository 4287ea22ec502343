/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/trace-subject.h"

G_BEGIN_DECLS

/* Prints for people how a message came. @is_verbose: the fields as they stand, too */
void postseal_trace_page_print (const PostsealTraceSubject *subject, gboolean is_verbose);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/trace-subject.h"

G_BEGIN_DECLS

/* Prints how a message came, for programs; the manual of "postseal trace" has the members. */
void postseal_trace_json_print (const PostsealTraceSubject *subject);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gunixfdlist.h>

#include "base/transcript.h"

G_BEGIN_DECLS

/**
 * postseal_transcript_pipe_new:
 * @fd: taken over, and closed with the transcript
 *
 * A transcript that goes to a descriptor, one line each: "* ", "> " or "< " and what was said. A
 * reader that is slower than the conversation loses lines, and is told so; nobody waits for it.
 *
 * Returns: (transfer full)
 */
PostsealTranscript *postseal_transcript_pipe_new (int fd);

/* The one that "transcript" (type h) in @arguments asks for. Errors: %POSTSEAL_SERVICE_ERROR.
   Returns: (transfer full) (nullable): NULL without an error when none is asked for */
PostsealTranscript *postseal_transcript_pipe_from_arguments (GVariant *arguments,
                                                             GUnixFDList *descriptors,
                                                             GError **error);

G_END_DECLS

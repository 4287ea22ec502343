/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* What is said on the connections of an account, as it comes out of a pipe, on standard error. */
typedef struct _PostsealTranscriptPrint PostsealTranscriptPrint;

/**
 * postseal_transcript_print_new:
 * @ret_descriptors: (transfer full): with the end of the pipe that the service writes to
 *
 * Prints from now on, in the main loop. Errors: %G_UNIX_ERROR
 */
PostsealTranscriptPrint *
postseal_transcript_print_new (const char *account, GUnixFDList **ret_descriptors, GError **error);
/* Prints what is left in the pipe, then no more. NULL-safe. */
void postseal_transcript_print_free (PostsealTranscriptPrint *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The bytes that come in, up to their end or to a line that is only a dot. Initialise with the
   first three members. */

#define POSTSEAL_SUBMISSION_CHUNK 65536

typedef struct
{
  int fd; /* borrowed */
  gboolean dot_ends;
  gboolean undoes_dots; /* a line that is only ".." becomes "."; not with dot_ends */
  int state; /* private: how far a line that is only dots has been seen */
  gboolean is_over;
  char raw[POSTSEAL_SUBMISSION_CHUNK];
} PostsealSubmissionInput;

/* @out has room for POSTSEAL_SUBMISSION_CHUNK + 3 bytes. Errors: %POSTSEAL_OUTBOX_ERROR_INPUT.
   Returns: their number, 0 at the end, -1 */
gssize _postseal_submission_input_read (PostsealSubmissionInput *self, char *out, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the program is asked: lines on standard input, each a word, a blank and a value that goes to
   the end of the line. "endpoint URL", "ca-file PATH", "limit SECONDS", "field NAME VALUE". */
typedef struct
{
  char *endpoint; /* owned */
  char *ca_file; /* owned, nullable */
  guint limit_s; /* how long all of it may take */
  GString *body; /* owned: application/x-www-form-urlencoded (RFC 6749 appendix B) */
} PostsealForm;

/**
 * postseal_form_read:
 * @fd: read to its end, at most 64 KiB
 *
 * Returns: (transfer full) (nullable): NULL when it makes no sense, with a sentence in
 * @ret_complaint (untranslated, for a programmer)
 */
PostsealForm *postseal_form_read (int fd, const char **ret_complaint);
/* Wipes. */
void postseal_form_free (PostsealForm *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealForm, postseal_form_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A text line by line, without copying more than one. */
typedef struct
{
  const char *next; /* borrowed */
  const char *end;
  guint line; /* of text; 0: before the first */
  char *
      text; /* owned: the line, without its end, NUL terminated; may be changed; wiped at the end */
  gsize size;
} PostsealRcLines;

/* @text must live as long. */
void postseal_rc_lines_init (PostsealRcLines *self, const char *text, gsize length);
/* Wipes the copy. */
void postseal_rc_lines_clear (PostsealRcLines *self);
/* Returns: FALSE at the end. A NUL ends a line early: @text is shorter then. */
gboolean postseal_rc_lines_next (PostsealRcLines *self);

/* Cuts the next word, up to white space, off *@text, which moves on to what follows it. Returns:
   (transfer none): "" when there is none */
char *postseal_rc_lines_cut_word (char **text);

G_END_DECLS

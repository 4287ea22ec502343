/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text for a person, without what terminals obey (postseal_printable): titles, and below them
   entries of a label and a sentence, aligned and folded to the width of the terminal. Colour only
   underlines what the words say. */
typedef struct
{
  GString *text; /* owned */
  guint columns; /* 0: nothing is folded */
  gboolean is_coloured;
} PostsealPage;

typedef enum
{
  POSTSEAL_PAGE_PLAIN,
  POSTSEAL_PAGE_STRONG,
  POSTSEAL_PAGE_NOTABLE, /* worth a look */
  POSTSEAL_PAGE_BAD,
} PostsealPageStyle;

/* For @fd: folded to at most 80 columns and coloured where it is a terminal; NO_COLOR and
   TERM=dumb are respected. */
PostsealPage *postseal_page_new (int fd);
void postseal_page_free (PostsealPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealPage, postseal_page_free)

/* A line at the left edge, in the style of a title. */
void postseal_page_add_title (PostsealPage *self, const char *title, const char *rest);

/* A sentence at the left edge, folded. */
void postseal_page_add_sentence (PostsealPage *self, const char *sentence, PostsealPageStyle style);

/* "  label       text", the further lines of @text below its first. Nothing when @text is NULL or
   empty. */
void postseal_page_add_entry (PostsealPage *self,
                              const char *label,
                              const char *text,
                              PostsealPageStyle style);

/* One line at the left edge, cut to the width, with "…". */
void postseal_page_add_cut (PostsealPage *self, const char *text, PostsealPageStyle style);

/* An empty line, unless it would be the first. */
void postseal_page_add_gap (PostsealPage *self);

/* Lines so far. */
guint postseal_page_count_lines (const PostsealPage *self);

G_END_DECLS
